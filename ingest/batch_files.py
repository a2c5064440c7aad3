"""The files of a bulk load: looked at by the check, brought into the house by the import.

Loaders say where files lie; that is believed of nobody. A file is read only below the folder that is loaded, where it
is a regular file and no link leads to it, and its bytes are held against what the package says of them.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from flask import Flask, current_app

from ingest.loaders.packages import Note, PackageFile
from ingest.services import describe_flag, describe_report, read_file
from repo.db import db, now
from repo.items.access import Access, FileRole
from repo.items.services.importing import Brought
from repo.storage import uploads
from repo.storage.disk import PIECE, Stream
from repo.storage.uploads import Finished

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 2
"""Files that are read at the same time: as many as the sandbox has children."""


@dataclass(frozen=True)
class Found:
    """A file as it lies there: SHA-512 and bytes; or why it cannot be taken, {code, about, data}."""

    name: str
    digest: str = ""
    size: int = 0
    fault: dict[str, Any] | None = None


class FileRefused(Exception):  # noqa: N818 - one work is left out
    """`said` tells why, as a row of the report does."""

    def __init__(self, code: str, about: str, **data: Any) -> None:
        super().__init__(code)
        self.said = {"code": code, "about": about, "data": data}


def at_once(work: Callable[[T], R], things: Sequence[T]) -> Iterator[R]:
    """Do `work` for each of the things, two at a time, each with the application; results in their order."""
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]

    def inside(thing: T) -> R:
        with app.app_context():
            try:
                return work(thing)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(AT_ONCE, "load-file") as pool:
        yield from pool.map(inside, things)


def look_at_file(root: Path, file: PackageFile) -> Found:
    """Read a file once for all its digests."""
    try:
        with open_inside(root, file) as stream:
            hashers = {name: hashlib.new(name, usedforsecurity=False) for name in {"sha512", *_known(file)}}
            size = 0
            while piece := stream.read(PIECE):
                size += len(piece)
                for hasher in hashers.values():
                    hasher.update(piece)
    except FileRefused as refused:
        return Found(file.name, fault=refused.said)
    except OSError:
        return Found(file.name, fault=FileRefused(Note.FILE_MISSING, file.name).said)
    for name in _known(file):
        if hashers[name].hexdigest() != file.digests[name].strip().lower():
            return Found(file.name, size=size, fault=FileRefused(Note.FILE_DIFFERS, file.name, algorithm=name).said)
    return Found(file.name, hashers["sha512"].hexdigest(), size)


def _known(file: PackageFile) -> list[str]:
    return [name for name in ("md5", "sha1", "sha256", "sha512") if file.digests.get(name)]


@contextmanager
def open_inside(root: Path, file: PackageFile) -> Iterator[BinaryIO]:
    """A file of a package, open for reading. Raises FileRefused, OSError."""
    path = file.path if file.path.is_absolute() else root / file.path
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise FileRefused(Note.FILE_MISSING, file.name) from None
    if not resolved.is_relative_to(root.resolve()):
        raise FileRefused(Note.BAD_PATH, file.name)
    if path.is_symlink() or not resolved.is_file():
        raise FileRefused(Note.NOT_A_FILE, file.name)
    descriptor = os.open(resolved, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        yield stream


def bring_file(root: Path, file: PackageFile, expected: str, upload_id: str) -> Brought:
    """Copy a file into the house's uploads and have it read. Raises FileRefused, StorageFullError, OSError.

    `expected` is the digest that the check saw: what differs is not what a person agreed to.
    """
    with open_inside(root, file) as stream:
        finished = store_again(upload_id, stream, os.fstat(stream.fileno()).st_size)
    try:
        if finished.sha512 != expected:
            raise FileRefused("changed", file.name)
        is_original = file.role is FileRole.ORIGINAL
        report = read_file(finished.sha512, finished.path, file.name) if is_original else None
        refusal = next((flag for flag in report.flags if flag.refuses), None) if report is not None else None
        if refusal is not None:
            raise FileRefused("file_refused", file.name, flag=describe_flag(refusal))
    except FileRefused:
        with suppress(OSError):
            uploads().discard(upload_id)
        raise
    access, until = access_of(file)
    return Brought(
        file.name,
        finished.sha512,
        finished.size,
        upload_id=upload_id,
        report=describe_report(report) if report is not None else None,
        role=file.role,
        access=access,
        until=until,
    )


def bring_record(name: str, data: bytes, upload_id: str) -> Brought:
    """What was sent, as an upload: of a work that waits for its reviewer."""
    finished = store_again(upload_id, BytesIO(data), len(data))
    return Brought(name, finished.sha512, finished.size, upload_id=upload_id, mime="application/octet-stream")


def store_again(upload_id: str, stream: Stream, limit: int) -> Finished:
    """Store a stream under an id that a run before a crash may have used."""
    uploads().discard(upload_id)
    try:
        return uploads().store_stream(upload_id, stream, limit)
    except FileExistsError:  # only a folder was left
        return uploads().store_stream(upload_id, stream, limit)


def upload_name(batch_id: int, number: int, place: int) -> str:
    """The id of the upload of a file: the same when a chunk is taken again after a crash."""
    return hashlib.sha256(f"load {batch_id} {number} {place}".encode()).hexdigest()[:32]


def access_of(file: PackageFile) -> tuple[Access | None, date | None]:
    """The rule of a file; an embargo that is over has opened it, as it does here (`open_embargoed_items`)."""
    if file.access is not Access.EMBARGOED:
        return file.access, None
    until = date.fromisoformat(file.until[:10])
    return (Access.EMBARGOED, until) if until > now().date() else (Access.OPEN, None)
