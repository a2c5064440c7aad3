"""What the crash tests run and kill: `python -m tests.storage.child SCENARIO FOLDER [ARGUMENT…]`.

A scenario prints a line for each thing that it may promise to somebody, once it is done.
"""

import itertools
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from repo.errors import StorageFullError
from repo.storage.derivatives import Derivatives
from repo.storage.fixity import verify_object
from repo.storage.ocfl import OcflStore
from repo.storage.ports import FromBytes, FromPath, Keep, ObjectConflict
from repo.storage.uploads import Uploads
from tests.storage.material import ABOUT, NEW, Trickle, sources

UPLOAD = "0123456789abcdef"
CHUNKS = [bytes([65 + number]) * 50_000 for number in range(4)]
DIGEST = "ab" * 64


def open_store(folder: Path) -> OcflStore:
    return OcflStore(folder / "ocfl", folder / "staging")


def promise(*what: object) -> None:
    print(*what, flush=True)


def place(folder: Path, object_id: str) -> None:
    store = open_store(folder)
    promise("placed", store.place(store.stage(object_id, sources(folder / "incoming", NEW), **ABOUT)))


def place_many(folder: Path, *object_ids: str) -> None:
    store = open_store(folder)
    files = sources(folder / "incoming", NEW)
    batch = [store.stage(object_id, files, durable=False, **ABOUT) for object_id in object_ids]
    promise("placed", *store.place_many(batch))


def recover(folder: Path, object_id: str) -> None:
    promise("head", open_store(folder).recover(object_id))


def purge(folder: Path, object_id: str) -> None:
    open_store(folder).purge(object_id)
    promise("purged")


def upload(folder: Path) -> None:
    uploads = Uploads(folder / "uploads")
    uploads.create(UPLOAD, sum(map(len, CHUNKS)))
    promise(0)
    for number, chunk in enumerate(CHUNKS):
        promise(uploads.append(UPLOAD, number * 50_000, Trickle(chunk, 10_000)))


def upload_form(folder: Path) -> None:
    promise(Uploads(folder / "uploads").store_stream(UPLOAD, Trickle(b"".join(CHUNKS)), 10**6).size)


def discard_upload(folder: Path) -> None:
    Uploads(folder / "uploads").discard(UPLOAD)
    promise("discarded")


def derive(folder: Path) -> None:
    Derivatives(folder / "derivatives").put(DIGEST, "thumbnail.webp", b"new" * 10_000)
    promise("made")


def discard_derivatives(folder: Path) -> None:
    Derivatives(folder / "derivatives").discard(DIGEST)
    promise("discarded")


def write_on(folder: Path) -> None:
    """Place versions of five objects in turn, until killed: by one, or all five at once."""
    store = open_store(folder)
    ids = [f"muras:{name}" for name in "abcde"]
    for turn in itertools.count():
        heads = {object_id: store.recover(object_id) or 0 for object_id in ids}
        chosen = ids if turn % 3 == 0 else [ids[turn % 5]]
        batch = []
        for object_id in chosen:
            text = f"{object_id} {heads[object_id] + 1}".encode()
            files = {"n.txt": FromBytes(text), "same.txt": FromBytes(b"same")}
            batch.append(store.stage(object_id, files, durable=len(chosen) == 1, **ABOUT))
        placed = store.place_many(batch) if len(batch) > 1 else [store.place(batch[0])]
        for object_id, version in zip(chosen, placed, strict=True):
            promise(object_id, version)


def compete(folder: Path, name: str, times: str) -> None:
    """Add `times` files to one object, each in a version of its own, against others that do the same."""
    store = open_store(folder)
    for number in range(int(times)):
        while True:
            inventory = store.inventory("muras:a")
            files = {path: Keep(digest) for path, digest in inventory.versions[inventory.head].state.items()}
            mine = {f"{name}-{number}": FromBytes(f"{name} {number}".encode())}
            try:
                store.place(store.stage("muras:a", {**files, **mine}, follows=inventory.head, **ABOUT))
            except ObjectConflict:
                continue
            break


def fill_disk(folder: Path) -> None:
    """On a disk of 4 MB: an upload and an object meet its end, and go on when there is room again."""
    store, uploads = open_store(folder), Uploads(folder / "uploads")
    data = bytes(range(256)) * 8192
    uploads.create(UPLOAD, len(data))
    half = len(data) // 2
    assert uploads.append(UPLOAD, 0, Trickle(data[:half], 65536)) == half
    _fill(folder / "filler")

    try:
        uploads.append(UPLOAD, half, Trickle(data[half:], 65536))
    except StorageFullError:
        assert uploads.offset(UPLOAD) == half
        assert (folder / "uploads" / UPLOAD / "data").read_bytes() == data[:half]
        promise("upload refused")
    _fill(folder / "filler-2")
    try:
        store.stage("muras:b", {"b": FromBytes(data)}, **ABOUT)
    except StorageFullError:
        assert [path.name for path in store.staging.iterdir()] == ["locks"]
        promise("object refused")
    try:
        uploads.create("f" * 16, 1_000_000)
    except StorageFullError:
        assert list(uploads.stale(-1)) == [UPLOAD]
        promise("announced upload refused")

    (folder / "filler").unlink()
    (folder / "filler-2").unlink()
    assert uploads.append(UPLOAD, half, Trickle(data[half:], 65536)) == len(data)
    finished = uploads.finish(UPLOAD)
    store.place(store.stage("muras:a", {"a": FromPath(finished.path, finished.sha512, finished.size)}, **ABOUT))
    assert verify_object(store, "muras:a") == []
    promise("went on")


def limit_files(folder: Path) -> None:
    """With a limit on the size of a file, which fails like a full disk and needs no mount."""
    store, uploads = open_store(folder), Uploads(folder / "uploads")
    uploads.create(UPLOAD, 300_000)
    uploads.append(UPLOAD, 0, Trickle(b"a" * 60_000))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    try:
        uploads.append(UPLOAD, 60_000, Trickle(b"b" * 240_000))
    except StorageFullError:
        assert uploads.offset(UPLOAD) == 60_000
        promise("upload refused")
    try:
        store.stage("muras:b", {"b": FromBytes(b"b" * 240_000)}, **ABOUT)
    except StorageFullError:
        promise("object refused")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert uploads.append(UPLOAD, 60_000, Trickle(b"b" * 240_000)) == 300_000
    promise("went on")


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"\0" * 4096)
        except OSError:
            return


SCENARIOS: dict[str, Callable[..., None]] = {
    "place": place,
    "place_many": place_many,
    "recover": recover,
    "purge": purge,
    "upload": upload,
    "upload_form": upload_form,
    "discard_upload": discard_upload,
    "derive": derive,
    "discard_derivatives": discard_derivatives,
    "write_on": write_on,
    "compete": compete,
    "fill_disk": fill_disk,
    "limit_files": limit_files,
}

if __name__ == "__main__":
    SCENARIOS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
