"""Works leave the house as a package in one of several formats: a folder, or a ZIP archive for a name that ends so.

Works are taken by the chunk in the order of their ids. After each the package is made durable and how far it is noted,
so that an export that was killed goes on there and ends in the same package. Read `run_export` first.
"""

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ingest.export_reading import Selection, Size, Withdrawn, find_selected, measure, read_chunk
from ingest.export_sinks import FolderSink, SharedFiles, Sink, ZipSink, remove_home
from ingest.exporting import FORMATS
from ingest.exporting.works import REMARKS, Data, Line, Part, Stored, Work, remark
from repo.db import db, now
from repo.errors import MurasError, StorageFullError
from repo.failpoints import failpoint
from repo.items.identifiers import ocfl_id
from repo.settings import current_settings
from repo.storage import store
from repo.storage.disk import locked, opened, replace_file, storage_errors, sync_directory
from repo.storage.ports import ObjectDamaged, ObjectMissing

STATE, MANIFEST, TOMBSTONES = "state.json", "manifest-sha512.txt", "withdrawn.txt"
STRETCH = 256 * 1024 * 1024
"""Bytes of files after which it is noted how far the package is, also within a chunk."""


class ExportRefused(MurasError):
    """The package cannot be written where it was asked for; the message says why."""

    status = 409


@dataclass(frozen=True)
class Order:
    """What is exported, and how."""

    selection: Selection
    format: str
    with_files: bool = True


@dataclass
class Errand:
    """How whoever asked follows the work: `progress(done, total)`, which may raise to stop it, and `late()`, whether it
    should be left at the next works and gone on with later."""

    progress: Callable[[int, int], None] = lambda done, total: None
    late: Callable[[], bool] = lambda: False


@dataclass
class State:
    """How far a package is. `at` is the moment at which all works are looked at; `lengths` and `sink` say what of the
    files that were begun counts; `step`: "works", "end" (only names are missing)."""

    order: dict[str, Any]
    at: str
    size: dict[str, int]
    step: str = "works"
    after: str = ""
    done: int = 0
    withdrawn: int = 0
    remarks: int = 0
    faults: int = 0
    lengths: dict[str, int] = field(default_factory=dict)
    sink: Any = None


def run_export(order: Order, target: Path, errand: Errand | None = None) -> State | None:
    """Write the package at `target`, or go on with it; None when `errand` had it left before the end.

    Outside of transactions. Raises ExportRefused (something else is there), NotFoundError, StorageFullError.
    """
    target = target.absolute()
    home = target.with_name(target.name + ".part")
    with storage_errors():
        _refuse_other(target, home)
        home.mkdir(exist_ok=True)
        with opened(home / "lock", os.O_RDWR | os.O_CREAT) as lock:
            try:
                with locked(lock, wait=False):
                    return _Package(order, target, home, errand or Errand()).write()
            except BlockingIOError:
                raise ExportRefused(f"another export is writing {target} just now") from None


def _refuse_other(target: Path, home: Path) -> None:
    """Raise ExportRefused for a place that holds anything but this very export."""
    if not target.parent.is_dir():
        raise ExportRefused(f"there is no folder {target.parent}")
    if os.path.lexists(target) and not _is_empty_folder(target) and not _is_named(home):
        raise ExportRefused(f"there is something at {target} already")
    if not os.path.lexists(home):
        return
    folder = home.is_dir() and not home.is_symlink()
    # Before its first state there is nothing but these.
    begun = folder and all(path.name.startswith(("lock", "file-")) for path in home.iterdir())
    if not begun and not (folder and (home / STATE).exists()):
        raise ExportRefused(f"there is something at {home} already, which no export left")


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not any(path.iterdir())


def _is_named(home: Path) -> bool:
    """Whether only the removal of `home` was missing when its export ended."""
    try:
        ended = json.loads((home / STATE).read_bytes())["step"] == "end"
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return ended and not any((home / sink.made).exists() for sink in (FolderSink, ZipSink))


class _Package:
    """One package while it is written."""

    def __init__(self, order: Order, target: Path, home: Path, errand: Errand) -> None:
        self._target, self._home, self._errand = target, home, errand
        self._format = FORMATS[order.format]
        self._with_files = order.with_files
        self._selection = order.selection
        self._kind = ZipSink if target.suffix.lower() == ".zip" else FolderSink
        told = {**asdict(order), "target": target.name, "site": current_settings().base_url}
        self._told = json.loads(json.dumps(told))  # as it is kept
        self._written = 0

    def write(self) -> State | None:
        try:
            selected = find_selected(db.session(), self._selection)
            self._state = self._load() or self._begin(measure(db.session(), selected))
        finally:
            db.session.rollback()
        if self._state.step == "works" and not self._write_works(selected):
            return None
        with suppress(FileNotFoundError):  # it has its name already
            (self._home / self._kind.made).rename(self._target)
        sync_directory(self._target.parent)
        failpoint("export:named")
        remove_home(self._home)
        return self._state

    def _write_works(self, selected: sa.ColumnElement[bool]) -> bool:
        """False when it was left before the last one."""
        self._shared = SharedFiles(self._home / "shared", dict(self._format.heads))
        self._sink: Sink = self._kind(self._home, self._beat)
        try:
            self._go_back()
            ended = self._add_works(selected)
            if ended:
                self._end()
        finally:
            db.session.rollback()
            self._shared.close()
            self._sink.close()
        return ended

    # ------------------------------------------------------------ how far it is

    def _begin(self, size: Size) -> State:
        free = shutil.disk_usage(self._home).free
        if self._with_files and size.bytes > free:
            raise StorageFullError(f"{size.bytes} bytes are needed at {self._target.parent}, {free} are free")
        state = State(self._told, now().replace(microsecond=0).isoformat(), asdict(size))
        self._keep(state)
        return state

    def _load(self) -> State | None:
        try:
            state = State(**json.loads((self._home / STATE).read_bytes()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise ExportRefused(f"{self._home / STATE} cannot be read: remove {self._home} to begin anew") from error
        if state.order != self._told:
            raise ExportRefused(f"another export was begun at {self._home}: end that one, or remove the folder")
        return state

    def _go_back(self) -> None:
        """To the moment that was noted last."""
        try:
            self._shared.go_back(self._state.lengths)
            self._sink.go_back(self._state.sink)
        except ValueError as error:
            raise ExportRefused(f"{error}: remove {self._home} to begin anew") from error

    def _keep(self, state: State) -> None:
        replace_file(self._home / STATE, json.dumps(asdict(state)).encode(), self._home)

    def _note(self) -> None:
        self._state.sink = self._sink.note()
        self._state.lengths = self._shared.note()
        failpoint("export:written")
        self._keep(self._state)
        self._written = 0
        failpoint("export:noted")

    # ------------------------------------------------------------ the works

    def _add_works(self, selected: sa.ColumnElement[bool]) -> bool:
        """False when it was left before the last one."""
        state, at, site = self._state, datetime.fromisoformat(self._state.at), current_settings().base_url
        while chunk := read_chunk(db.session(), selected, state.after, at, site):
            db.session.rollback()  # files may take long: nothing is read meanwhile
            db.session.expunge_all()
            for work in chunk:
                self._add(work)
                state.after = work.id
                state.done += 1
                if self._written > STRETCH:
                    self._note()
            self._note()
            self._beat()
            if self._errand.late():
                return False
        return True

    def _add(self, work: Work | Withdrawn) -> None:
        if isinstance(work, Withdrawn):
            self._add_withdrawn(work)
            return
        for part in self._format.pack(work, self._with_files):
            self._add_part(part, work)

    def _add_part(self, part: Part, work: Work) -> None:
        if isinstance(part, Line):
            self._add_line(part)
        elif isinstance(part, Data):
            self._add_file(part.path, BytesIO(part.data), len(part.data), work.source.changed)
        else:
            self._add_stored(part, work)

    def _add_line(self, line: Line) -> None:
        self._state.remarks += line.path == REMARKS
        self._shared.add(line.path, line.data)

    def _add_stored(self, part: Stored, work: Work) -> None:
        """A file as it lies in the store. What is not there, or not as it was, is told, and the others go on."""
        try:
            stream = store().open(ocfl_id(work.id), part.file.stored, work.ocfl_version)
        except (ObjectMissing, ObjectDamaged, FileNotFoundError):
            self._tell_fault(work, "the file is not in the store: run muras verify", part.path)
            return
        with stream:
            digest = self._add_file(part.path, stream, part.file.size, work.source.changed)
        if digest != part.file.digest:
            self._tell_fault(work, "the file differs from its checksum: run muras verify", part.path)

    def _tell_fault(self, work: Work, what: str, path: str) -> None:
        self._state.faults += 1
        self._add_part(remark(work.id, what, path), work)

    def _add_file(self, path: str, stream: Any, size: int, at: datetime) -> str:
        digest = self._sink.add(path, stream, size, at)
        self._shared.add(MANIFEST, f"{digest}  {path}\n".encode())
        self._written += size
        return digest

    def _add_withdrawn(self, work: Withdrawn) -> None:
        told = (work.id, work.at.date().isoformat(), work.reason, work.replaced_by, work.title, *work.addresses)
        self._shared.add(TOMBSTONES, "\t".join(" ".join(text.split()) for text in told).encode() + b"\n")
        self._state.withdrawn += 1

    # ------------------------------------------------------------ the end

    def _end(self) -> None:
        """Put the shared files into the package, the manifest last, and note that all but its name is there."""
        at = datetime.fromisoformat(self._state.at)
        for path, tail in self._format.tails.items():
            self._shared.add(path, tail)
        self._shared.close()
        if self._format.finish:
            self._format.finish(self._shared.folder)
        self._shared.add(MANIFEST, b"")
        for name in sorted(self._shared.names(), key=lambda name: name == MANIFEST):
            self._add_shared(name, at)
        self._sink.end()
        failpoint("export:whole")
        self._state.sink, self._state.step = self._sink.note(), "end"
        self._keep(self._state)
        failpoint("export:ended")

    def _add_shared(self, name: str, at: datetime) -> None:
        path = self._shared.folder / name
        with path.open("rb") as stream:
            digest = self._sink.add(name, stream, path.stat().st_size, at)
        if name != MANIFEST:
            self._shared.add(MANIFEST, f"{digest}  {name}\n".encode())
            self._shared.close()

    def _beat(self) -> None:
        self._errand.progress(self._state.done, self._state.size["works"])
