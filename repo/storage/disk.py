"""Files and directories that survive a crash: the few operating system calls that make the difference.

A file is durable after fsync of the file and of the directory that names it; a rename after fsync of the directory.
"""

import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from repo.errors import StorageFullError

PIECE = 128 * 1024

# EFBIG: the file system, or the limit of the process, takes no file of this size. To a person it is the same.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

# No hard link across file systems, onto one without links, beyond 65,000 links, or to a file of another owner.
_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP})


class Stream(Protocol):
    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


@contextmanager
def storage_errors() -> Iterator[None]:
    """Say StorageFullError where the operating system says that there is no room."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFullError(str(error)) from error
        raise


@contextmanager
def opened(path: Path, flags: int) -> Iterator[int]:
    """A file descriptor for a block; a file that is made is for everybody who may enter its directory."""
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def sync_directory(directory: Path) -> None:
    """Make the names in `directory` durable."""
    with opened(directory, os.O_RDONLY | os.O_DIRECTORY) as descriptor:
        os.fsync(descriptor)


def sync_tree(top: Path) -> None:
    """Make everything below `top`, and the names in `top`, durable: files first, then their directories."""
    for directory, _, names in os.walk(top, topdown=False):
        for name in names:
            with opened(Path(directory, name), os.O_RDONLY) as descriptor:
                os.fsync(descriptor)
        sync_directory(Path(directory))


class Filesystem:
    """The file system that holds `path`, for syncing all of it at once.

    The descriptor is opened before anything is written and kept, because syncfs(2) tells a descriptor only of write
    errors that happened after it was opened.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        weakref.finalize(self, os.close, self._descriptor)

    def sync(self) -> None:
        """Make every write so far durable; OSError if one of them failed."""
        if ctypes.CDLL(None, use_errno=True).syncfs(self._descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def write_all(descriptor: int, data: bytes) -> None:
    """os.write until all is written: a nearly full disk takes a part first and only then fails."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def write_new(path: Path, data: bytes, *, sync: bool = False) -> None:
    """Make the file `path`, which must not exist, with content `data`."""
    with opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor:
        write_all(descriptor, data)
        if sync:
            os.fsync(descriptor)


def replace_file(path: Path, data: bytes, scratch: Path) -> None:
    """Give `path` the content `data`, whole or not at all, durably; `scratch` lies on the same file system."""
    with scratch_directory(scratch, "file-") as home:
        write_new(home / "file", data, sync=True)
        (home / "file").rename(path)
    sync_directory(path.parent)


@contextmanager
def scratch_directory(parent: Path, prefix: str) -> Iterator[Path]:
    """A new directory in `parent`, gone with all that is still in it when the block ends."""
    home = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` hold the bytes of the regular file `source`: a hard link where possible, else a copy.

    A link and not a rename, so that `source` is still there if what follows fails. Raises OSError(ELOOP) for a
    symbolic link: link(2) would store the link and not the bytes.
    """
    if not stat.S_ISREG(source.lstat().st_mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(source))
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copyfile(source, target, follow_symlinks=False)


def sha512_of(path: Path) -> str:
    """The digest of a file in lower-case hex."""
    with path.open("rb", buffering=0) as stream:
        return sha512_of_stream(stream)


def sha512_of_stream(stream: Stream) -> str:
    """The digest of what is left in `stream` in lower-case hex, read in pieces."""
    hasher = hashlib.sha512()
    while piece := stream.read(PIECE):
        hasher.update(piece)
    return hasher.hexdigest()


@contextmanager
def locked(descriptor: int, *, wait: bool = True) -> Iterator[None]:
    """Hold an open file against every other holder, thread or process.

    Raises BlockingIOError at once if it is held and `wait` is false.
    """
    fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    try:
        yield
    finally:
        # Not left to close(): a child forked meanwhile has the same file open and would hold the lock on.
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Wait for the lock file `path`, made if need be, and hold it."""
    with opened(path, os.O_RDWR | os.O_CREAT) as descriptor, locked(descriptor):
        yield


def prune_empty(directory: Path, top: Path) -> None:
    """Remove `directory` and its parents below `top` as long as they are empty."""
    while directory != top:
        try:
            directory.rmdir()
        except FileNotFoundError:
            pass
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise
            break
        directory = directory.parent
    with suppress(FileNotFoundError):  # another one pruned further
        sync_directory(directory)


def is_older(path: Path, seconds: float) -> bool:
    """Was it last changed at least `seconds` ago? No, if it is gone."""
    try:
        return path.lstat().st_mtime <= time.time() - seconds
    except FileNotFoundError:
        return False
