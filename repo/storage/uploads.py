"""Files on their way in: resumable uploads (tus 1.0: offsets, checksums) and the plain form's stream.

    <root>/<upload id>/state    length announced and offset acknowledged; locked by whoever writes
    <root>/<upload id>/data     the bytes; after the acknowledged offset there may be some that count for nothing

An offset is acknowledged, in `state` and to the client, only after fsync of the bytes before it. What a crash
leaves beyond it is cut off by the next chunk: with a checksum it may not have been checked.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from repo.errors import MurasError, NotFoundError, StorageFullError, TooLargeError
from repo.failpoints import failpoint
from repo.storage.disk import (
    PIECE,
    Stream,
    is_older,
    locked,
    opened,
    sha512_of,
    storage_errors,
    sync_directory,
    write_all,
    write_new,
)

CHECKSUMS = ("sha512", "sha256", "sha1", "md5")

# A client may send a whole file as one chunk: this often it is acknowledged on the way, so that a crash costs no more.
SYNC_EVERY = 16 * 1024 * 1024

_ID = re.compile(r"[0-9a-f]{16,64}")


class UploadMissing(NotFoundError):
    """No such upload: never begun, discarded, or not an id at all."""


class UploadBusy(MurasError):
    """Another request is writing to this upload."""

    status = 423


class OffsetConflict(MurasError):
    """The bytes do not follow what is here already: `offset` is where to go on."""

    status = 409

    def __init__(self, offset: int) -> None:
        super().__init__(str(offset))
        self.offset = offset


class ChecksumMismatch(MurasError):
    """The chunk arrived changed and was dropped; `offset` is where to send it again."""

    status = 460  # tus 1.0, extension "checksum"

    def __init__(self, offset: int) -> None:
        super().__init__(str(offset))
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Finished:
    """A whole file, `size` bytes with digest `sha512`, that is not written to any more."""

    path: Path
    size: int
    sha512: str


@dataclass(slots=True)
class _Upload:
    """An upload that this process alone holds."""

    data: Path
    state: int
    length: int
    offset: int

    def acknowledge(self, descriptor: int, offset: int) -> None:
        """Make the bytes before `offset` durable, then the offset."""
        failpoint("upload:after-data")
        os.fdatasync(descriptor)
        failpoint("upload:after-data-sync")
        # In place: 42 bytes at the start of a file lie in one sector and are written whole or not at all.
        os.pwrite(self.state, _state_line(self.length, offset), 0)
        os.fdatasync(self.state)
        self.offset = offset
        failpoint("upload:after-offset")


class Uploads:
    """The uploads below `root`, which is made if it is missing. Ids are 16 to 64 hex digits, chosen by the caller."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with storage_errors():
            root.mkdir(mode=0o750, parents=True, exist_ok=True)

    def create(self, upload_id: str, length: int) -> None:
        """Begin an upload of `length` bytes.

        Raises StorageFullError if the disk has not that much room now, FileExistsError if the id is taken.
        """
        directory = self._directory(upload_id)
        with storage_errors():
            if shutil.disk_usage(self.root).free < length:
                raise StorageFullError(f"{length} bytes announced")
            directory.mkdir()
            failpoint("upload:after-directory")
            try:
                write_new(directory / "data", b"")
                self._begin(directory, length, 0)
            except OSError:
                shutil.rmtree(directory, ignore_errors=True)
                raise
            failpoint("upload:after-create")

    def _begin(self, directory: Path, length: int, offset: int) -> None:
        """Write the state, with which the upload comes to be."""
        write_new(directory / "state", _state_line(length, offset), sync=True)
        sync_directory(directory)
        sync_directory(self.root)

    def offset(self, upload_id: str) -> int:
        """How many bytes are acknowledged: where the client goes on. Raises UploadMissing."""
        return self._read_state(upload_id)[1]

    def append(self, upload_id: str, offset: int, stream: Stream, *, checksum: tuple[str, bytes] | None = None) -> int:
        """Add the bytes of `stream` at `offset`; return the new offset, which survives a crash from then on.

        With `checksum` (one of CHECKSUMS, and the digest) the chunk counts whole or not at all. Without, what arrived
        before the client went away counts; the error that `stream` raised is passed on.
        Raises UploadMissing, UploadBusy, OffsetConflict, ChecksumMismatch, TooLargeError, StorageFullError.
        """
        hasher = hashlib.new(_known(checksum[0]), usedforsecurity=False) if checksum else None
        with storage_errors(), self._held(upload_id) as upload:
            if upload.offset != offset:
                raise OffsetConflict(upload.offset)
            descriptor = os.open(upload.data, os.O_WRONLY)
            try:
                os.lseek(descriptor, offset, os.SEEK_SET)
                end, gone = _receive(upload, descriptor, stream, hasher)
                if hasher is None or (gone is None and checksum and hasher.digest() == checksum[1]):
                    upload.acknowledge(descriptor, end)
                elif gone is None:
                    raise ChecksumMismatch(upload.offset)
                if gone is not None:
                    raise gone
            finally:
                # Also on a full disk: what nobody acknowledged makes room again.
                if os.fstat(descriptor).st_size != upload.offset:
                    os.ftruncate(descriptor, upload.offset)
                os.close(descriptor)
            return upload.offset

    def finish(self, upload_id: str) -> Finished:
        """The whole file, read once for its digest. May be called again.

        Raises OffsetConflict if bytes are missing, UploadMissing, UploadBusy.
        """
        with storage_errors(), self._held(upload_id) as upload:
            if upload.offset != upload.length:
                raise OffsetConflict(upload.offset)
            return Finished(upload.data, upload.length, sha512_of(upload.data))

    def path(self, upload_id: str) -> Path:
        """Where the bytes of a finished upload lie, for reading and linking. Raises UploadMissing."""
        self._read_state(upload_id)
        return self._directory(upload_id) / "data"

    def store_stream(self, upload_id: str, stream: Stream, limit: int) -> Finished:
        """A file that comes in one piece, of unknown length but at most `limit` bytes: a form's, or a loader's.

        All or nothing. Raises TooLargeError, StorageFullError, FileExistsError, and what `stream` raises.
        """
        directory = self._directory(upload_id)
        with storage_errors():
            directory.mkdir()
            try:
                size, digest = _write_stream(directory / "data", stream, limit)
                failpoint("upload:after-stream")
                self._begin(directory, size, size)
            except BaseException:
                shutil.rmtree(directory, ignore_errors=True)
                raise
        return Finished(directory / "data", size, digest)

    def discard(self, upload_id: str) -> None:
        """Remove an upload, finished or not; nothing happens if there is none. Raises UploadBusy."""
        directory = self._directory(upload_id)
        with suppress(UploadMissing), self._held(upload_id):
            failpoint("upload:before-discard")
            # First: without its state an upload is no more, and `stale` finds the rest after a crash.
            (directory / "state").unlink()
            failpoint("upload:after-discard-state")
        with suppress(FileNotFoundError):
            shutil.rmtree(directory)

    def stale(self, older_than: float) -> Iterator[str]:
        """The ids of uploads, whole ones too, to which nothing was added for `older_than` seconds."""
        for directory in sorted(self.root.iterdir()):
            state = directory / "state"
            if is_older(directory, older_than) and (not state.exists() or is_older(state, older_than)):
                yield directory.name

    def _directory(self, upload_id: str) -> Path:
        if _ID.fullmatch(upload_id) is None:
            raise UploadMissing(upload_id)
        return self.root / upload_id

    def _read_state(self, upload_id: str) -> tuple[int, int]:
        try:
            return _parse_state((self._directory(upload_id) / "state").read_bytes())
        except FileNotFoundError:
            raise UploadMissing(upload_id) from None

    @contextmanager
    def _held(self, upload_id: str) -> Iterator[_Upload]:
        """The upload, locked. Raises UploadMissing, UploadBusy."""
        directory = self._directory(upload_id)
        try:
            descriptor = os.open(directory / "state", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            raise UploadMissing(upload_id) from None
        with ExitStack() as stack:
            stack.callback(os.close, descriptor)
            try:
                stack.enter_context(locked(descriptor, wait=False))
            except BlockingIOError:
                raise UploadBusy(upload_id) from None
            if os.fstat(descriptor).st_nlink == 0:  # discarded between open and lock
                raise UploadMissing(upload_id)
            length, offset = _parse_state(os.pread(descriptor, 64, 0))
            yield _Upload(directory / "data", descriptor, length, offset)


def _state_line(length: int, offset: int) -> bytes:
    return f"{length:020d} {offset:020d}\n".encode()


def _parse_state(line: bytes) -> tuple[int, int]:
    length, offset = line.split()
    return int(length), int(offset)


def _known(algorithm: str) -> str:
    if algorithm not in CHECKSUMS:
        raise ValueError(algorithm)
    return algorithm


def _receive(
    upload: _Upload, descriptor: int, stream: Stream, hasher: "hashlib._Hash | None"
) -> tuple[int, Exception | None]:
    """Write what `stream` gives; return where it ends and, if the client went away, the error it raised."""
    end = upload.offset
    while True:
        try:
            piece = stream.read(PIECE)
        except Exception as error:  # every web server has its own
            return end, error
        if not piece:
            return end, None
        if end + len(piece) > upload.length:
            raise TooLargeError(upload.length)
        write_all(descriptor, piece)
        end += len(piece)
        if hasher is not None:
            hasher.update(piece)
        elif end - upload.offset >= SYNC_EVERY:
            upload.acknowledge(descriptor, end)


def _write_stream(path: Path, stream: Stream, limit: int) -> tuple[int, str]:
    """Write a stream to the new file `path`, durably; return its size and digest."""
    hasher = hashlib.sha512()
    size = 0
    with opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > limit:
                raise TooLargeError(limit)
            write_all(descriptor, piece)
            hasher.update(piece)
        os.fdatasync(descriptor)
    return size, hasher.hexdigest()
