"""ZIP archives (APPNOTE 6.3.10, with ZIP64) that can be gone on with after a crash, in bounded memory; pure.

Files are stored as they are. The directory, which comes last in an archive, is kept in a file beside it until then: cut
both to the lengths of a moment when all was well, and they go on from there.
"""

import os
import struct
import zlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END64 = struct.Struct("<4sQ2H2I4Q")
LOCATOR64 = struct.Struct("<4sIQI")
END = struct.Struct("<4s4H2IH")

UTF8 = 0x800  # general purpose bit 11: names are in UTF-8
PLAIN, ZIP64 = 20, 45  # version needed to extract
UNIX = 3 << 8
REGULAR = 0o100644 << 16
FULL, FULL_COUNT = 0xFFFFFFFF, 0xFFFF


class ZipArchive:
    """An archive at `path` that is being written, with its directory at `directory`; both are made if need be."""

    def __init__(self, path: Path, directory: Path) -> None:
        self._file = _open(path)
        self._directory = _open(directory)
        self.count = 0

    @property
    def lengths(self) -> tuple[int, int, int]:
        """Of the archive, of its directory, and how many files it holds."""
        return self._file.tell(), self._directory.tell(), self.count

    def cut(self, length: int, directory: int, count: int) -> None:
        """Go back to earlier `lengths`. Raises ValueError when less than that is left."""
        for stream, size in ((self._file, length), (self._directory, directory)):
            if os.fstat(stream.fileno()).st_size < size:
                raise ValueError(f"the archive is shorter than {size} bytes")
            stream.seek(size)
            stream.truncate()
        self.count = count

    def add(self, name: str, size: int, pieces: Iterable[bytes], at: datetime) -> None:
        """Add a file of about `size` bytes: 4 GB and more are announced as such before they come."""
        offset, encoded, large = self._file.tell(), name.encode(), size >= FULL
        stamp = _stamp(at)
        self._file.write(_local(encoded, stamp, 0, 0, large))
        length = checksum = 0
        for piece in pieces:
            self._file.write(piece)
            length += len(piece)
            checksum = zlib.crc32(piece, checksum)
        if length >= FULL and not large:
            raise ValueError(f"{name} is longer than was said")
        end = self._file.tell()
        self._file.seek(offset)
        self._file.write(_local(encoded, stamp, checksum, length, large))
        self._file.seek(end)
        self._directory.write(_central(encoded, stamp, checksum, length, offset))
        self.count += 1

    def sync(self) -> None:
        """Make all that was added durable."""
        for stream in (self._file, self._directory):
            stream.flush()
            os.fsync(stream.fileno())

    def finish(self) -> None:
        """Write the directory and what says where it is; the archive is whole then."""
        begin = self._file.tell()
        self._directory.flush()
        self._directory.seek(0)
        while piece := self._directory.read(1 << 20):
            self._file.write(piece)
        self._file.write(_end(begin, self._file.tell() - begin, self.count))
        self.sync()

    def close(self) -> None:
        self._file.close()
        self._directory.close()


def _open(path: Path):  # type: ignore[no-untyped-def]
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    return os.fdopen(descriptor, "r+b", buffering=1 << 20)


def _stamp(at: datetime) -> tuple[int, int]:
    """Time and date of MS-DOS, in steps of two seconds from 1980 on."""
    year = min(max(at.year, 1980), 2107) - 1980
    return at.hour << 11 | at.minute << 5 | at.second // 2, year << 9 | at.month << 5 | at.day


def _local(name: bytes, stamp: tuple[int, int], checksum: int, size: int, large: bool) -> bytes:
    extra = struct.pack("<2H2Q", 1, 16, size, size) if large else b""
    shown = FULL if large else size
    needed = ZIP64 if large else PLAIN
    head = LOCAL.pack(b"PK\3\4", needed, UTF8, 0, *stamp, checksum, shown, shown, len(name), len(extra))
    return head + name + extra


def _central(name: bytes, stamp: tuple[int, int], checksum: int, size: int, offset: int) -> bytes:
    values = [*([size, size] if size >= FULL else []), *([offset] if offset >= FULL else [])]
    extra = struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values) if values else b""
    needed, shown = ZIP64 if values else PLAIN, min(size, FULL)
    fixed = (UNIX | ZIP64, needed, UTF8, 0, *stamp, checksum, shown, shown, len(name), len(extra), 0, 0, 0)
    return CENTRAL.pack(b"PK\1\2", *fixed, REGULAR, min(offset, FULL)) + name + extra


def _end(begin: int, size: int, count: int) -> bytes:
    head = b""
    if count >= FULL_COUNT or begin >= FULL or size >= FULL:
        head = END64.pack(b"PK\6\6", END64.size - 12, UNIX | ZIP64, ZIP64, 0, 0, count, count, size, begin)
        head += LOCATOR64.pack(b"PK\6\7", 0, begin + size, 1)
    shown = min(count, FULL_COUNT)
    return head + END.pack(b"PK\5\6", 0, 0, shown, shown, min(size, FULL), min(begin, FULL), 0)
