"""How fast objects are stored, as ratios to simpler work on the same bytes in the same run.

    python -m bench.storage [FOLDER]        on the disk of FOLDER, else of this one

An object is a file of 100 KB and a metadata.json of 2 KB, a little more than an article's. Compared with: hashing
and copying the same files without OCFL, with and without fsync, and ocfl-py (scripts/ocfl-validator), which does
not sync. Rounds are interleaved and the median is given, because a disk has moods. Chunks gain where the file system
has a journal, which each fsync has to wait for.
"""

import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repo.storage.fixity import verify_all
from repo.storage.ocfl import OcflStore
from repo.storage.ports import FromBytes, FromPath, Source, Staged
from repo.storage.uploads import Uploads

OBJECTS = 300
CHUNK = 100
ROUNDS = 3
UPLOAD = 256 * 1024 * 1024
ABOUT: dict[str, Any] = {
    "message": "Measured",
    "person": "Muras",
    "address": "https://muras.example.org/",
    "created": datetime(2026, 1, 1, tzinfo=UTC),
}

OCFL_PY = """
import sys, time, pathlib, ocfl
source, target, count = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
target.mkdir()
about = ocfl.VersionMetadata(message="Measured", name="Muras", address="https://muras.example.org/")
start = time.perf_counter()
for number in range(count):
    ocfl.Object(identifier=f"muras:{number}").create(
        srcdir=f"{source}/{number}", metadata=about, objdir=str(target / str(number)))
print(time.perf_counter() - start)
"""


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else ".") as folder:
        measure(Path(folder))


def measure(folder: Path) -> None:
    sources = [write_source(folder / "source" / str(number)) for number in range(OBJECTS)]
    ways: dict[str, Callable[[Path], float]] = {
        "hash and copy": lambda target: copy(sources, target, sync=False),
        "hash and copy, fsync": lambda target: copy(sources, target, sync=True),
        "ocfl-py (no sync)": lambda target: ocfl_py(folder / "source", target),
        "one by one, fsync": lambda target: one_by_one(sources, target),
        "in chunks, syncfs": lambda target: in_chunks(sources, target),
        "verify": lambda target: verify(sources, target),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            os.sync()
            seconds[name].append(way(folder / "target"))
            shutil.rmtree(folder / "target", ignore_errors=True)
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    for name, median in medians.items():
        ratios = (
            f"{medians[other] / median:6.2f} of {other}" for other in ("hash and copy, fsync", "ocfl-py (no sync)")
        )
        print(f"{name:22} {OBJECTS / median:7.0f} objects/s", *ratios)
    upload(folder / "target")


def write_source(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "article.pdf").write_bytes(os.urandom(100_000))
    (folder / "metadata.json").write_bytes(b"{}" * 1000)
    return folder


def copy(sources: list[Path], target: Path, *, sync: bool) -> float:
    start = time.perf_counter()
    for number, source in enumerate(sources):
        home = target / str(number)
        home.mkdir(parents=True)
        for path in source.iterdir():
            data = path.read_bytes()
            hashlib.sha512(data).hexdigest()
            with (home / path.name).open("wb") as stream:
                stream.write(data)
                stream.flush()
                if sync:
                    os.fsync(stream.fileno())
    return time.perf_counter() - start


def ocfl_py(source: Path, target: Path) -> float:
    validator = subprocess.run(["scripts/ocfl-validator"], capture_output=True, text=True, check=True).stdout.strip()
    command = [str(Path(validator).parent / "python"), "-c", OCFL_PY, str(source), str(target), str(OBJECTS)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def staging(store: OcflStore, number: int, source: Path, *, durable: bool) -> Staged:
    """Stage what an upload and a rendered record make: one file by path, one by its bytes."""
    data = (source / "article.pdf").read_bytes()
    article = FromPath(source / "article.pdf", hashlib.sha512(data).hexdigest(), len(data))
    record = FromBytes((source / "metadata.json").read_bytes())
    files: dict[str, Source] = {"article.pdf": article, "metadata.json": record}
    return store.stage(f"muras:{number}", files, follows=0, durable=durable, **ABOUT)


def one_by_one(sources: list[Path], target: Path) -> float:
    store = OcflStore(target / "ocfl", target / "staging")
    start = time.perf_counter()
    for number, source in enumerate(sources):
        store.place(staging(store, number, source, durable=True))
    return time.perf_counter() - start


def in_chunks(sources: list[Path], target: Path) -> float:
    store = OcflStore(target / "ocfl", target / "staging")
    start = time.perf_counter()
    for first in range(0, len(sources), CHUNK):
        chunk = enumerate(sources[first : first + CHUNK], first)
        store.place_many([staging(store, number, source, durable=False) for number, source in chunk])
    return time.perf_counter() - start


def verify(sources: list[Path], target: Path) -> float:
    in_chunks(sources, target)
    store = OcflStore(target / "ocfl", target / "staging")
    start = time.perf_counter()
    for _, faults in verify_all(store):
        if faults:
            raise SystemExit(f"damaged: {faults}")
    return time.perf_counter() - start


def upload(target: Path) -> None:
    """A large upload in chunks of 8 MiB, each synced, and its digest, against copying the same bytes with one fsync."""
    data = os.urandom(8 * 1024 * 1024)
    target.mkdir()
    start = time.perf_counter()
    with (target / "plain").open("wb") as stream:
        for _ in range(UPLOAD // len(data)):
            stream.write(data)
        os.fsync(stream.fileno())
    plain = time.perf_counter() - start
    (target / "plain").unlink()
    start = time.perf_counter()
    uploads = Uploads(target / "uploads")
    uploads.create("a" * 32, UPLOAD)
    for offset in range(0, UPLOAD, len(data)):
        uploads.append("a" * 32, offset, Repeated(data))
    received = time.perf_counter() - start
    start = time.perf_counter()
    uploads.finish("a" * 32)
    digested = time.perf_counter() - start
    for name, taken in (("plain write", plain), ("upload", received), ("its digest", digested)):
        print(f"{name:22} {UPLOAD / 1e6 / taken:7.0f} MB/s")


class Repeated:
    """A stream of some bytes, without copying them first."""

    def __init__(self, data: bytes) -> None:
        self._rest = memoryview(data)

    def read(self, size: int, /) -> bytes:
        piece, self._rest = self._rest[:size], self._rest[size:]
        return bytes(piece)


if __name__ == "__main__":
    main()
