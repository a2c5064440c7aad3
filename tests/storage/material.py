"""What the tests of this room, and the processes that they start and kill, agree on."""

import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repo.storage.ports import FromPath, ObjectStore

ABOUT: dict[str, Any] = {
    "message": "Бет коюлду",
    "person": "Айгүл Сыдыкова",
    "address": "https://orcid.org/0000-0002-1825-0097",
    "created": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
}

OLD = {"тезис.pdf": b"%PDF-1.7 old", "metadata.json": b'{"n": 1}'}
NEW = {"тезис.pdf": b"%PDF-1.7 old", "metadata.json": b'{"n": 2}', "тиркеме/маалымат.csv": b"a;b\n" * 10_000}


def bytes_of(store: ObjectStore, object_id: str, version: int | None = None) -> dict[str, bytes]:
    """Every file of a version."""
    inventory = store.inventory(object_id)
    found = {}
    for path in inventory.versions[version or inventory.head].state:
        with store.open(object_id, path, version) as stream:
            found[path] = stream.read()
    return found


def sources(folder: Path, files: Mapping[str, bytes]) -> dict[str, FromPath]:
    """Write `files` into `folder`, as finished uploads lie there."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for logical_path, data in files.items():
        digest = hashlib.sha512(data).hexdigest()
        path = folder / digest[:16]
        path.write_bytes(data)
        made[logical_path] = FromPath(path, digest, len(data))
    return made


class Trickle(io.RawIOBase):
    """A client that sends `data` in pieces of `piece` bytes and then, with `error`, goes away."""

    def __init__(self, data: bytes, piece: int = 1000, error: Exception | None = None) -> None:
        self._rest = io.BytesIO(data)
        self._piece = piece
        self._error = error

    def read(self, size: int = -1) -> bytes:
        given = self._rest.read(min(size, self._piece))
        if not given and self._error is not None:
            raise self._error
        return given
