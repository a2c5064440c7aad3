"""Files on their way in: nothing acknowledged is lost, nothing else counts."""

import hashlib
import io
import os
import tempfile
import tracemalloc
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repo.errors import NotFoundError, StorageFullError, TooLargeError
from repo.failpoints import armed
from repo.storage.uploads import (
    CHECKSUMS,
    ChecksumMismatch,
    Finished,
    OffsetConflict,
    UploadBusy,
    UploadMissing,
    Uploads,
)
from tests.storage.material import Trickle

ID = "0123456789abcdef"
DATA = bytes(range(256)) * 40


def checksum(data: bytes, algorithm: str = "sha1") -> tuple[str, bytes]:
    return algorithm, hashlib.new(algorithm, data).digest()


@pytest.fixture
def begun(uploads: Uploads) -> Uploads:
    """With one upload, of which the first 1,000 bytes are here."""
    uploads.create(ID, len(DATA))
    assert uploads.append(ID, 0, io.BytesIO(DATA[:1000])) == 1000
    return uploads


def finish(uploads: Uploads, offset: int) -> None:
    assert uploads.offset(ID) == offset
    assert uploads.append(ID, offset, io.BytesIO(DATA[offset:])) == len(DATA)
    finished = uploads.finish(ID)
    assert finished == uploads.finish(ID)
    assert finished == Finished(finished.path, len(DATA), hashlib.sha512(DATA).hexdigest())
    assert finished.path.read_bytes() == DATA


# ---------------------------------------------------------------- chunks


def test_chunk_by_chunk(begun: Uploads) -> None:
    finish(begun, 1000)


def test_an_empty_file(uploads: Uploads) -> None:
    uploads.create(ID, 0)
    assert uploads.finish(ID).sha512 == hashlib.sha512(b"").hexdigest()


@pytest.mark.parametrize("offset", [0, 999, 1001, len(DATA)])
def test_a_chunk_that_does_not_follow_is_refused(begun: Uploads, offset: int) -> None:
    with pytest.raises(OffsetConflict) as refused:
        begun.append(ID, offset, io.BytesIO(b"xx"))
    assert refused.value.offset == 1000
    finish(begun, 1000)


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_checked_chunk(begun: Uploads, algorithm: str) -> None:
    assert begun.append(ID, 1000, Trickle(DATA[1000:3000]), checksum=checksum(DATA[1000:3000], algorithm)) == 3000
    with pytest.raises(ChecksumMismatch) as refused:
        begun.append(ID, 3000, Trickle(b"changed on the way"), checksum=checksum(DATA[3000:4000], algorithm))
    assert refused.value.offset == 3000
    finish(begun, 3000)


def test_an_algorithm_that_nobody_announced(begun: Uploads) -> None:
    with pytest.raises(ValueError, match="crc32"):
        begun.append(ID, 1000, io.BytesIO(b""), checksum=("crc32", b""))


def test_the_client_goes_away(begun: Uploads) -> None:
    with pytest.raises(ConnectionResetError):
        begun.append(ID, 1000, Trickle(DATA[1000:2500], error=ConnectionResetError()))
    finish(begun, 2500)


def test_the_client_goes_away_in_a_checked_chunk(begun: Uploads) -> None:
    """Also when all of its bytes had arrived: nobody waits for the answer any more."""
    for sent in (DATA[1000:1500], DATA[1000:2500]):
        with pytest.raises(ConnectionResetError):
            begun.append(ID, 1000, Trickle(sent, error=ConnectionResetError()), checksum=checksum(DATA[1000:2500]))
        assert begun.offset(ID) == 1000
    finish(begun, 1000)


def test_more_than_was_announced_is_refused(begun: Uploads) -> None:
    with pytest.raises(TooLargeError) as refused:
        begun.append(ID, 1000, Trickle(DATA[1000:] + b"x"))
    assert refused.value.limit == len(DATA)
    finish(begun, 1000)
    with pytest.raises(TooLargeError):
        begun.append(ID, len(DATA), Trickle(b"x"))
    assert begun.append(ID, len(DATA), Trickle(b"")) == len(DATA)
    assert begun.finish(ID).path.read_bytes() == DATA


def test_an_incomplete_file_cannot_be_finished(begun: Uploads) -> None:
    with pytest.raises(OffsetConflict) as refused:
        begun.finish(ID)
    assert refused.value.offset == 1000


def test_a_long_chunk_is_acknowledged_on_the_way(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("repo.storage.uploads"), "SYNC_EVERY", 3000)
    uploads.create(ID, len(DATA))
    seen = []

    class Watched(Trickle):
        def read(self, size: int = -1) -> bytes:
            seen.append(uploads.offset(ID))
            return super().read(size)

    uploads.append(ID, 0, Watched(DATA[:8000]))
    assert seen == [0, 0, 0, 3000, 3000, 3000, 6000, 6000, 6000]
    finish(uploads, 8000)


def test_one_writer_at_a_time(begun: Uploads) -> None:
    refused = []

    class Rival(Trickle):
        def read(self, size: int = -1) -> bytes:
            attempts: list[Callable[[], object]] = [
                lambda: begun.append(ID, 1000, io.BytesIO(b"rival")),
                lambda: begun.finish(ID),
                lambda: begun.discard(ID),
            ]
            for attempt in attempts:
                with pytest.raises(UploadBusy):
                    attempt()
                refused.append(attempt)
            return super().read(size)

    begun.append(ID, 1000, Rival(DATA[1000:1500]))
    assert len(refused) == 6
    finish(begun, 1500)


def test_an_error_of_the_client_is_not_taken_for_a_rival(begun: Uploads) -> None:
    with pytest.raises(BlockingIOError):
        begun.append(ID, 1000, Trickle(b"", error=BlockingIOError()))


def test_what_a_crash_left_behind_the_offset_does_not_count(begun: Uploads) -> None:
    with (begun.root / ID / "data").open("ab") as data:
        data.write(b"never acknowledged" * 100)
    assert begun.offset(ID) == 1000
    assert begun.append(ID, 1000, io.BytesIO(DATA[1000:1010])) == 1010
    assert (begun.root / ID / "data").read_bytes() == DATA[:1010]
    finish(begun, 1010)


@pytest.mark.parametrize("step", ["upload:after-data", "upload:after-data-sync", "upload:after-offset"])
def test_a_full_disk_keeps_what_was_acknowledged(begun: Uploads, step: str) -> None:
    with armed(f"{step}=raise:ENOSPC"), pytest.raises(StorageFullError):
        begun.append(ID, 1000, Trickle(DATA[1000:5000]))
    assert begun.offset(ID) == (5000 if step == "upload:after-offset" else 1000)
    assert (begun.root / ID / "data").stat().st_size == begun.offset(ID)
    finish(begun, begun.offset(ID))


def test_memory_does_not_grow_with_the_file(uploads: Uploads) -> None:
    size = 40 * 1024 * 1024

    class Zeros:
        left = size

        def read(self, wanted: int, /) -> bytes:
            given = min(wanted, self.left)
            self.left -= given
            return bytes(given)

    tracemalloc.start()
    try:
        uploads.create(ID, size)
        uploads.append(ID, 0, Zeros())
        uploads.finish(ID)
        uploads.store_stream("f" * 16, Zeros(), size)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1024 * 1024


CHUNK = st.tuples(
    st.integers(0, 900),  # bytes sent
    st.sampled_from(["whole", "checked", "changed", "cut", "cut and checked", "ahead", "behind"]),
)


@settings(max_examples=60)
@given(chunks=st.lists(CHUNK, max_size=12))
def test_any_network_whatever(chunks: list[tuple[int, str]]) -> None:
    """However chunks arrive, the bytes before the offset are those of the file."""
    with tempfile.TemporaryDirectory() as folder:
        uploads = Uploads(Path(folder))
        uploads.create(ID, len(DATA))
        offset = 0
        for length, fate in chunks:
            sent = DATA[offset : offset + length]
            error = ConnectionResetError() if "cut" in fate else None
            check = (
                checksum(sent + b"?" * (fate == "changed"))
                if fate in ("checked", "changed", "cut and checked")
                else None
            )
            shift = {"ahead": 1, "behind": -1}.get(fate, 0)
            try:
                answer = uploads.append(ID, offset + shift, Trickle(sent, 100, error), checksum=check)
            except (ConnectionResetError, ChecksumMismatch, OffsetConflict):
                kept = length if fate == "cut" else 0
                assert uploads.offset(ID) == offset + min(kept, len(sent))
            else:
                assert fate in ("whole", "checked") and answer == offset + len(sent)
            offset = uploads.offset(ID)
            assert (Path(folder) / ID / "data").read_bytes() == DATA[:offset]
        finish(uploads, offset)


# ---------------------------------------------------------------- in one piece


def test_a_form_sends_a_file_in_one_piece(uploads: Uploads) -> None:
    finished = uploads.store_stream(ID, Trickle(DATA), limit=len(DATA))
    assert finished == uploads.finish(ID)
    assert finished.path.read_bytes() == DATA
    assert uploads.offset(ID) == len(DATA)


@pytest.mark.parametrize(
    ("stream", "error"),
    [
        (Trickle(DATA + b"x"), TooLargeError),
        (Trickle(DATA[:5000], error=ConnectionResetError()), ConnectionResetError),
    ],
)
def test_a_piece_that_fails_leaves_nothing(uploads: Uploads, stream: Trickle, error: type[Exception]) -> None:
    with pytest.raises(error):
        uploads.store_stream(ID, stream, limit=len(DATA))
    assert list(uploads.root.iterdir()) == []


# ---------------------------------------------------------------- beginning and end


def test_an_id_is_taken_once(begun: Uploads) -> None:
    with pytest.raises(FileExistsError):
        begun.create(ID, 1)
    with pytest.raises(FileExistsError):
        begun.store_stream(ID, io.BytesIO(b""), 1)
    finish(begun, 1000)


def test_an_announcement_beyond_the_disk_is_refused(uploads: Uploads) -> None:
    with pytest.raises(StorageFullError):
        uploads.create(ID, 1 << 60)
    assert list(uploads.root.iterdir()) == []


@pytest.mark.parametrize(
    "upload_id", ["", "..", "../" + ID, ID + "/..", ID.upper(), ID[:15], "g" * 16, ID + "\n", "a" * 65]
)
def test_an_id_is_no_path(begun: Uploads, upload_id: str) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: begun.create(upload_id, 1),
        lambda: begun.offset(upload_id),
        lambda: begun.append(upload_id, 0, io.BytesIO(b"")),
        lambda: begun.finish(upload_id),
        lambda: begun.store_stream(upload_id, io.BytesIO(b""), 1),
        lambda: begun.discard(upload_id),
    ]
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()
    finish(begun, 1000)


def test_discarded_is_gone(begun: Uploads) -> None:
    begun.discard(ID)
    begun.discard(ID)
    with pytest.raises(UploadMissing):
        begun.offset(ID)
    with pytest.raises(UploadMissing):
        begun.append(ID, 1000, io.BytesIO(b""))
    assert list(begun.root.iterdir()) == []


def test_discarded_between_two_steps_of_another(begun: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that has been removed can still be locked and written to, for nobody."""
    module = import_module("repo.storage.uploads")
    real = module.locked

    def discarded_first(descriptor: int, *, wait: bool) -> AbstractContextManager[None]:
        monkeypatch.setattr(module, "locked", real)
        begun.discard(ID)
        held: AbstractContextManager[None] = real(descriptor, wait=wait)
        return held

    monkeypatch.setattr(module, "locked", discarded_first)
    with pytest.raises(UploadMissing):
        begun.append(ID, 1000, io.BytesIO(b"lost"))


def test_what_nobody_adds_to_is_stale(begun: Uploads) -> None:
    begun.create("f" * 16, 1)
    (begun.root / ("e" * 16)).mkdir()  # what a crash leaves of a beginning
    an_hour_ago = (begun.root / ID).stat().st_mtime - 3600
    for path in (begun.root / ID, begun.root / ID / "state", begun.root / ("e" * 16)):
        os.utime(path, (an_hour_ago, an_hour_ago))
    assert list(begun.stale(1800)) == [ID, "e" * 16]
    begun.append(ID, 1000, io.BytesIO(DATA[1000:1001]))
    assert list(begun.stale(1800)) == ["e" * 16]
    assert list(begun.stale(7200)) == []
    begun.discard("e" * 16)
    assert list(begun.stale(0)) == [ID, "f" * 16]
