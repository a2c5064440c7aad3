"""Where the index lies: numbered generations, one of them current.

    current               the name of the generation that is read and written
    rebuild.lock          held by the one process that makes the next generation
    <generation>/
        muras.json        which release's fields it has
        items/            the index of items
        passages/         the index of their segments, apart so that it does not change the items' ranking

A rebuild fills a new generation and then writes its name into `current` by a rename: readers see the old one
or the new one, and a crash leaves the old one and a folder that the next rebuild removes.
"""

import fcntl
import json
import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from repo.search.fields import INDEX_VERSION, ITEM_FIELDS, PASSAGE_FIELDS, FieldKind
from repo.search.ports import IndexBusyError, IndexState, SearchUnavailableError
from repo.search.tantivy.clauses import make_schema

if TYPE_CHECKING:
    from tantivy import Index

logger = logging.getLogger(__name__)

MARKER = "muras.json"
PARTS: dict[str, dict[str, FieldKind]] = {"items": ITEM_FIELDS, "passages": PASSAGE_FIELDS}


@contextmanager
def translated_errors() -> Iterator[None]:
    """Tantivy raises ValueError for all that can go wrong, and panics (a BaseException) on damaged bytes."""
    try:
        yield
    except (ValueError, OSError) as error:
        if "LockBusy" in str(error):
            raise IndexBusyError(str(error)) from error
        logger.warning("the index cannot be used: %s", error)
        raise SearchUnavailableError(str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        logger.warning("the index cannot be used: %s", error)
        raise SearchUnavailableError(str(error)) from None


@dataclass(frozen=True)
class Generation:
    """One complete index on disk."""

    path: Path

    def signature(self) -> tuple[tuple[int, int], ...]:
        """Changes with every commit, in any process: Tantivy replaces meta.json by a rename."""
        stats = [(self.path / part / "meta.json").stat() for part in PARTS]
        return tuple((stat.st_ino, stat.st_mtime_ns) for stat in stats)

    def create(self) -> None:
        from tantivy import Index

        for part, fields in PARTS.items():
            (self.path / part).mkdir(parents=True)
            Index(make_schema(fields), str(self.path / part))
        (self.path / MARKER).write_text(json.dumps({"version": INDEX_VERSION}))

    def open(self, part: str) -> "Index":
        from tantivy import Index

        index = Index.open(str(self.path / part))
        # We look at the signature before each search instead: no thread, and seen at once.
        index.config_reader("manual")
        return index

    def state(self) -> IndexState:
        """Opens everything and reads one document, which meets files that are cut, empty, lost or of old format."""
        from tantivy import Index, Query

        try:
            if json.loads((self.path / MARKER).read_text()).get("version") != INDEX_VERSION:
                return IndexState.OUTDATED
            with translated_errors():
                for part in PARTS:
                    if not Index.is_compatible(str(self.path / part)):
                        return IndexState.OUTDATED
                    searcher = self.open(part).searcher()
                    for _, address in searcher.search(Query.all_query(), 1).hits:
                        searcher.doc(address)
        except (OSError, ValueError, SearchUnavailableError):
            return IndexState.BROKEN
        return IndexState.READY


class Generations:
    """The folder of all generations."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def current(self) -> Generation | None:
        """The generation in use; None before the first rebuild."""
        try:
            name = (self._root / "current").read_text().strip()
        except FileNotFoundError:
            return None
        return Generation(self._root / name)

    @contextmanager
    def next(self) -> Iterator[Generation]:
        """A new, empty generation, which becomes the current one when the block ends without an error.

        Raises IndexBusyError when another process is making one.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / "rebuild.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise IndexBusyError("a rebuild is going on") from None
            self._sweep()
            generation = Generation(self._root / f"g-{secrets.token_hex(6)}")
            try:
                with translated_errors():
                    generation.create()
                yield generation
                self._switch(generation)
            finally:
                self._sweep()

    def _switch(self, generation: Generation) -> None:
        draft = self._root / "current.new"
        with draft.open("w") as file:
            file.write(generation.path.name)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._root / "current")
        folder = os.open(self._root, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _sweep(self) -> None:
        """Remove every generation but the current one; whoever still reads it keeps its open files."""
        current = self.current()
        for path in self._root.glob("g-*"):
            if current is None or path != current.path:
                with suppress(OSError):
                    shutil.rmtree(path)
