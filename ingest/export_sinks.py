"""Where packages are written: a folder, or a ZIP archive; both go on after a crash from the last moment that was noted.

`<target>.part` holds what is being written until the package is whole and is given its name at once.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from ingest.exporting.ziparchive import ZipArchive
from repo.storage.disk import Filesystem, Stream, sync_directory

PIECE = 1 << 20
Beat = Callable[[], None]
"""Called after each piece: a sign of life."""


class Sink(Protocol):
    """`add` writes one file of about `size` bytes and returns the SHA-512 of what was written; `made` is the name of
    what becomes the package."""

    made: str

    def add(self, path: str, stream: Stream, size: int, at: datetime) -> str: ...

    def note(self) -> Any:
        """Make everything so far durable; what is returned brings `go_back` to this moment, also through JSON."""
        ...

    def go_back(self, noted: Any) -> None:
        """Raises ValueError when what was noted is not there any more."""
        ...

    def end(self) -> None:
        """Nothing will be added any more."""
        ...

    def close(self) -> None: ...


class FolderSink:
    """Files in a folder. What was written after the last note is written again."""

    made = "content"

    def __init__(self, home: Path, beat: Beat) -> None:
        self._content = home / self.made
        self._content.mkdir(exist_ok=True)
        self._filesystem = Filesystem(self._content)
        self._beat = beat

    def add(self, path: str, stream: Stream, size: int, at: datetime) -> str:
        target = self._content / path
        target.parent.mkdir(parents=True, exist_ok=True)
        hasher = hashlib.sha512()
        with target.open("wb") as file:
            for piece in _pieces(stream, self._beat):
                file.write(piece)
                hasher.update(piece)
        return hasher.hexdigest()

    def note(self) -> None:
        self._filesystem.sync()

    def go_back(self, noted: Any) -> None:
        """Nothing: paths are the same when they are written again."""

    def end(self) -> None: ...

    def close(self) -> None: ...


class ZipSink:
    made = "archive.zip"

    def __init__(self, home: Path, beat: Beat) -> None:
        self._archive = ZipArchive(home / self.made, home / "directory")
        self._beat = beat

    def add(self, path: str, stream: Stream, size: int, at: datetime) -> str:
        hasher = hashlib.sha512()

        def pieces() -> Iterator[bytes]:
            for piece in _pieces(stream, self._beat):
                hasher.update(piece)
                yield piece

        self._archive.add(path, size, pieces(), at)
        return hasher.hexdigest()

    def note(self) -> list[int]:
        self._archive.sync()
        return list(self._archive.lengths)

    def go_back(self, noted: Any) -> None:
        self._archive.cut(*(noted or (0, 0, 0)))

    def end(self) -> None:
        self._archive.finish()

    def close(self) -> None:
        self._archive.close()


class SharedFiles:
    """The files that all works of a package add lines to."""

    def __init__(self, folder: Path, heads: dict[str, bytes]) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._heads = heads
        self._open: dict[str, Any] = {}

    def add(self, path: str, data: bytes) -> None:
        if path not in self._open:
            self._open[path] = (self.folder / path).open("ab")
            if not self._open[path].tell():
                self._open[path].write(self._heads.get(path, b""))
        self._open[path].write(data)

    def note(self) -> dict[str, int]:
        """Make all lines durable; the lengths of the files."""
        for file in self._open.values():
            file.flush()
            os.fsync(file.fileno())
        sync_directory(self.folder)
        return {path.name: path.stat().st_size for path in self.folder.iterdir()}

    def go_back(self, lengths: dict[str, int]) -> None:
        """Cut all files to the lengths that were noted. Raises ValueError when one is shorter."""
        self.close()
        for path in self.folder.iterdir():
            if path.name not in lengths:
                path.unlink()
        for name, length in lengths.items():
            path = self.folder / name
            if not path.exists() or path.stat().st_size < length:
                raise ValueError(f"{name} is shorter than {length} bytes")
            os.truncate(path, length)

    def names(self) -> list[str]:
        """Those that are part of the package."""
        self.close()
        return sorted(path.name for path in self.folder.iterdir() if not path.name.startswith("_"))

    def close(self) -> None:
        for file in self._open.values():
            file.close()
        self._open.clear()


def remove_home(home: Path) -> None:
    """Remove what is left of the making of a package, its state last: a crash in between leaves what is known."""
    for path in home.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "state.json":
            path.unlink()
    shutil.rmtree(home)


def _pieces(stream: Stream, beat: Beat) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece
        beat()
