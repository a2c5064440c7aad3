"""Archives unpacked into a folder of their own, completely or not at all; pure.

ZIP (with its 64-bit extension), TAR and TAR.GZ. Whatever would be written elsewhere, or be something else than a file
with one name, is refused and said by name, and so is an archive that grows out of proportion.
"""

import gzip
import io
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO
from unicodedata import normalize

from ingest.loaders.folders import MisplacedError, split_name
from ingest.readers.archives import count_entries
from ingest.readers.plain_text import detect_encoding

BLOCK = 1 << 20
LARGEST_HEADER = 1 << 20
LONGEST_PART = 255  # bytes, of most file systems
DEEPEST = 40
BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError, ValueError)


class UnpackFault(StrEnum):
    UNKNOWN = "unknown"  # neither ZIP nor TAR
    BROKEN = "broken"
    ENCRYPTED = "encrypted"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    BOMB = "bomb"
    NO_ROOM = "no_room"
    BAD_PATH = "bad_path"
    LINK = "link"
    DEVICE = "device"
    SAME_NAME = "same_name"


class UnpackError(Exception):
    """The archive is refused; `name` is the entry that is the reason, "" when it is the whole."""

    def __init__(self, fault: UnpackFault, name: str = "") -> None:
        super().__init__(f"{fault}: {name}")
        self.fault = fault
        self.name = name


@dataclass(frozen=True)
class UnpackLimits:
    """`ratio` counts beyond `small` bytes: tables and blank scans shrink a lot."""

    entries: int = 500_000
    unpacked: int = 1 << 40
    ratio: int = 200
    small: int = 1 << 28


def unpack(archive: Path, folder: Path, limits: UnpackLimits = UnpackLimits()) -> int:  # noqa: B008 - frozen
    """Unpack into `folder`, which appears when all is there, and return the number of files. Raises UnpackError.

    What an earlier attempt left behind is removed.
    """
    partly = folder.with_name(folder.name + ".part")
    shutil.rmtree(partly, ignore_errors=True)
    partly.mkdir(parents=True)
    try:
        with _opened(archive, limits) as opened:
            count = opened.unpack(partly)
        partly.rename(folder)
    except UnpackError:
        raise
    except BROKEN as error:
        raise UnpackError(UnpackFault.BROKEN, str(error)[:200]) from error
    finally:
        shutil.rmtree(partly, ignore_errors=True)
    return count


@contextmanager
def _opened(archive: Path, limits: UnpackLimits) -> Iterator["_Zip | _Tar"]:
    with archive.open("rb") as file:
        head = file.read(512)
        file.seek(0)
        if head[:4] in (b"PK\3\4", b"PK\5\6"):
            if count_entries(archive) > limits.entries:
                raise UnpackError(UnpackFault.TOO_MANY)
            with zipfile.ZipFile(file) as zipped:
                yield _Zip(zipped, archive.stat().st_size, limits)
        elif head[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=file) as plain:
                yield _Tar(plain, archive.stat().st_size, limits)
        elif head[257:262] == b"ustar":
            yield _Tar(file, archive.stat().st_size, limits)
        else:
            raise UnpackError(UnpackFault.UNKNOWN)


class _Names:
    """The names of an archive, of which no two may be the same file on any system."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def accept(self, name: str, is_folder: bool = False) -> list[str]:
        """The parts of the path to write to. Raises UnpackError."""
        try:
            parts = split_name(name)
        except MisplacedError as error:
            raise UnpackError(UnpackFault.BAD_PATH, name[:200]) from error
        if len(parts) > DEEPEST or any(len(part.encode(errors="replace")) > LONGEST_PART for part in parts):
            raise UnpackError(UnpackFault.BAD_PATH, name[:200])
        folded = [part.casefold() for part in parts]
        above = {"/".join(folded[:depth]) for depth in range(1, len(folded) + is_folder)}
        whole = "/".join(folded)
        taken = not is_folder and (whole in self._files or whole in self._folders)
        if taken or not above.isdisjoint(self._files):
            raise UnpackError(UnpackFault.SAME_NAME, name[:200])
        self._folders |= above
        if not is_folder:
            self._files.add(whole)
        return parts


class _Zip:
    def __init__(self, file: zipfile.ZipFile, packed: int, limits: UnpackLimits) -> None:
        self._file = file
        self._packed = packed
        self._limits = limits

    def unpack(self, folder: Path) -> int:
        """Everything is looked at before anything is written."""
        infos = self._file.infolist()
        decoded = _decode_names(infos)
        names, wanted = _Names(), []
        for info, name in zip(infos, decoded, strict=True):
            self._check(info, name)
            is_folder = name.endswith(("/", "\\"))
            parts = names.accept(name, is_folder)
            if not is_folder:
                wanted.append((info, parts))
        _check_size(sum(info.file_size for info in infos), self._packed, self._limits, folder)
        if sum(info.compress_size for info in infos) > self._packed:
            raise UnpackError(UnpackFault.BOMB)
        for info, parts in wanted:
            try:
                with self._file.open(info) as source:
                    _write(source, folder, parts, info.file_size)
            except RuntimeError as error:
                raise UnpackError(UnpackFault.ENCRYPTED, info.filename[:200]) from error
        return len(wanted)

    def _check(self, info: zipfile.ZipInfo, name: str) -> None:
        if info.flag_bits & 0x1:
            raise UnpackError(UnpackFault.ENCRYPTED, name[:200])
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind == stat.S_IFLNK:
            raise UnpackError(UnpackFault.LINK, name[:200])
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise UnpackError(UnpackFault.DEVICE, name[:200])


def _decode_names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Names as they were meant: Windows writes them in the code page of its console, unsaid (APPNOTE.TXT D.1)."""
    plain = [None if info.flag_bits & 0x800 else info.orig_filename.encode("cp437", "replace") for info in infos]
    judged = b"\n".join(name for name in plain if name is not None and not name.isascii())
    encoding = detect_encoding(judged[: 1 << 16]) if judged else "utf-8"
    encoding = encoding if encoding in ("utf-8", "cp866", "cp1251", "koi8-r") else "cp866"
    return [
        info.orig_filename if name is None else name.decode(encoding, "replace")
        for info, name in zip(infos, plain, strict=True)
    ]


class _Metered(io.RawIOBase):
    """What comes out of a compressed stream, with an end: more than is allowed is refused where it comes out."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile, packed: int, limits: UnpackLimits) -> None:
        self._file = file
        self._packed = packed
        self._limits = limits

    def read(self, size: int = -1) -> bytes:
        # A header may tell of gigabytes of its own, which would be read at once.
        if size < 0 or size > LARGEST_HEADER:
            raise UnpackError(UnpackFault.BOMB)
        return self._checked(self._file.read(size))

    def seek(self, offset: int, whence: int = 0) -> int:
        while self._file.tell() < offset and whence == 0:
            if not self.read(min(LARGEST_HEADER, offset - self._file.tell())):
                break
        return self._file.tell() if self._file.tell() == offset else self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def _checked(self, data: bytes) -> bytes:
        at = self._file.tell()
        if at > self._limits.unpacked or (at > self._limits.small and at > self._packed * self._limits.ratio):
            raise UnpackError(UnpackFault.BOMB)
        return data


class _Tar:
    def __init__(self, file: IO[bytes] | gzip.GzipFile, packed: int, limits: UnpackLimits) -> None:
        self._file = _Metered(file, packed, limits)
        self._limits = limits
        self._packed = packed

    def unpack(self, folder: Path) -> int:
        names, count, files, total = _Names(), 0, 0, 0
        with tarfile.open(fileobj=self._file, mode="r:", encoding="utf-8") as tar:
            for info in tar:
                count, total = count + 1, total + info.size
                name = _tar_name(info.name)
                self._check(info, name, count)
                _check_size(total, self._packed, self._limits, folder, already=total - info.size)
                parts = names.accept(name, info.isdir()) if name not in (".", "./") else []
                if info.isreg() and (source := tar.extractfile(info)) is not None:
                    _write(source, folder, parts, info.size)
                    files += 1
                # What was read is kept for going back, which nobody does here.
                tar.members = []  # type: ignore[attr-defined]
        return files

    def _check(self, info: tarfile.TarInfo, name: str, count: int) -> None:
        if count > self._limits.entries:
            raise UnpackError(UnpackFault.TOO_MANY)
        if info.issym() or info.islnk():
            raise UnpackError(UnpackFault.LINK, name[:200])
        if info.issparse() or not (info.isreg() or info.isdir()):
            raise UnpackError(UnpackFault.DEVICE, name[:200])


def _tar_name(name: str) -> str:
    """The name in UTF-8, or else in what it looks like."""
    raw = name.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(detect_encoding(raw), "replace")


def _check_size(total: int, packed: int, limits: UnpackLimits, folder: Path, already: int = 0) -> None:
    if total > limits.unpacked:
        raise UnpackError(UnpackFault.TOO_LARGE)
    if total > limits.small and total > packed * limits.ratio:
        raise UnpackError(UnpackFault.BOMB)
    if total - already > shutil.disk_usage(folder).free:
        raise UnpackError(UnpackFault.NO_ROOM)


def _write(source: IO[bytes], folder: Path, parts: list[str], size: int) -> None:
    """Write one file of exactly `size` bytes, where none is yet."""
    path = folder.joinpath(*(normalize("NFC", part) for part in parts))
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb") as out:
        while block := source.read(BLOCK):
            written += out.write(block)
    if written != size:
        raise UnpackError(UnpackFault.BROKEN, "/".join(parts)[:200])
