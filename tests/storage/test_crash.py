"""Killed at every named step, at random, on a full disk, in competition: an object is the old one or the new one."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from repo.failpoints import FAILPOINTS
from repo.storage.derivatives import Derivatives
from repo.storage.fixity import verify_all, verify_object
from repo.storage.ocfl import OcflStore
from repo.storage.ports import FromBytes
from repo.storage.uploads import UploadMissing, Uploads
from tests.storage.child import CHUNKS, DIGEST, UPLOAD, open_store
from tests.storage.material import ABOUT, NEW, OLD, Trickle, bytes_of

CHECKOUT = Path(__file__).parents[2]


def run(*arguments: object, failpoint: str = "", prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [*prefix, sys.executable, "-m", "tests.storage.child", *map(str, arguments)]
    environment = {**os.environ, "MURAS_FAILPOINT": failpoint}
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True)


def killed_at(failpoint: str, *arguments: object) -> tuple[bool, list[str]]:
    """Run a scenario; was it killed, and what had it promised by then?"""
    done = run(*arguments, failpoint=failpoint)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0, done.stdout.splitlines()


def put(store: OcflStore, object_id: str, files: Mapping[str, bytes]) -> None:
    store.place(store.stage(object_id, {path: FromBytes(data) for path, data in files.items()}, **ABOUT))


def named(*rooms: str) -> list[str]:
    return [name for name in FAILPOINTS if name.split(":")[0] in rooms]


# ---------------------------------------------------------------- objects


@dataclass(frozen=True)
class Publishing:
    """Objects `before`, of which some and perhaps new ones get a version NEW, one alone or all at once."""

    folder: Path
    before: tuple[str, ...]
    placed: tuple[str, ...]

    def run(self, failpoint: str) -> bool:
        """Publish; return whether it was killed there."""
        scenario = "place" if len(self.placed) == 1 else "place_many"
        killed, promised = killed_at(failpoint, scenario, self.folder, *self.placed)
        assert killed == (promised == [])
        return killed

    def check(self, *, killed: bool) -> None:
        """Every object is the old one or the new one, before and after recovery, and nothing is left over."""
        store = open_store(self.folder)
        heads = {object_id: store.head(object_id) for object_id in self.placed}
        for object_id in filter(heads.get, self.placed):
            assert bytes_of(store, object_id) == self.expected(object_id, heads[object_id])
        store.discard_staging(0)
        assert [path.name for path in store.staging.iterdir()] == ["locks"]
        for object_id in self.placed:
            head = store.recover(object_id)
            assert head in self.heads(object_id)[0 if killed else 1 :]
            assert (head or 0) >= (heads[object_id] or 0)
            if head is not None:
                assert bytes_of(store, object_id) == self.expected(object_id, head)
                assert verify_object(store, object_id) == []
        # What was to be placed still lies where the uploads are, whether it was placed or not.
        incoming = {path.read_bytes() for path in self.folder.glob("incoming/*")}
        assert incoming in (set(), set(NEW.values())) and (incoming or killed)

    def heads(self, object_id: str) -> tuple[int | None, int]:
        """Its head before and after."""
        return (1, 2) if object_id in self.before else (None, 1)

    def expected(self, object_id: str, head: int | None) -> Mapping[str, bytes]:
        return NEW if head == self.heads(object_id)[1] else OLD


@pytest.mark.parametrize("failpoint", named("root", "stage", "place"))
def test_killed_while_publishing(tmp_path: Path, failpoint: str, assert_valid: Callable[..., None]) -> None:
    cases = [
        Publishing(tmp_path / "new", (), ("muras:a",)),
        Publishing(tmp_path / "further", ("muras:a",), ("muras:a",)),
        Publishing(tmp_path / "chunk", ("muras:a", "muras:c"), ("muras:a", "muras:b", "muras:c")),
        Publishing(tmp_path / "chunk-2", ("muras:a", "muras:c"), ("muras:a", "muras:b", "muras:c")),
    ]
    killed = []
    for case in cases:
        for object_id in case.before:
            put(open_store(case.folder), object_id, OLD)
        killed.append(case.run(f"{failpoint}:2" if case.folder.name == "chunk-2" else failpoint))
        case.check(killed=killed[-1])
    assert any(killed), f"nothing passes {failpoint}"
    assert_valid(*tmp_path.glob("*/ocfl"))
    for case in cases:
        for object_id in case.placed:
            put(open_store(case.folder), object_id, {"again": b"again"})


@pytest.mark.parametrize("failpoint", named("recover", "place"))
def test_killed_while_recovering(tmp_path: Path, failpoint: str, assert_valid: Callable[..., None]) -> None:
    """The crash after the crash. Of the steps of placing, those that recovery takes too."""
    killed = []
    for name in ("half-placed", "torn"):
        folder = tmp_path / name
        put(open_store(folder), "muras:a", OLD)
        assert killed_at("place:after-version", "place", folder, "muras:a")[0]
        if name == "torn":
            next((folder / "ocfl").rglob("v2/content/*")).write_bytes(b"")
        killed.append(killed_at(failpoint, "recover", folder, "muras:a")[0])
        store = open_store(folder)
        assert bytes_of(store, "muras:a") in (OLD, NEW)
        assert store.recover("muras:a") == (2 if name == "half-placed" else 1)
        assert bytes_of(store, "muras:a") == (NEW if name == "half-placed" else OLD)
        store.discard_staging(0)
        assert [path.name for path in store.staging.iterdir()] == ["locks"]
    assert_valid(*tmp_path.glob("*/ocfl"))
    recovers = failpoint in ("recover:after-rollback", "place:after-sidecar", "place:after-inventory")
    assert any(killed) == recovers


@pytest.mark.parametrize("failpoint", named("purge"))
def test_killed_while_expunging(tmp_path: Path, failpoint: str, assert_valid: Callable[..., None]) -> None:
    put(open_store(tmp_path), "muras:a", {"a": b"personal"})
    assert killed_at(failpoint, "purge", tmp_path, "muras:a") == (True, [])
    store = open_store(tmp_path)
    if store.head("muras:a") is not None:
        assert bytes_of(store, "muras:a") == {"a": b"personal"}
    store.discard_staging(0)
    store.purge("muras:a")
    assert not any(b"personal" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert_valid(store.root)


def test_killed_at_random(tmp_path: Path, assert_valid: Callable[..., None]) -> None:
    command = [sys.executable, "-m", "tests.storage.child", "write_on", str(tmp_path)]
    promised: dict[str, int] = {}
    for _ in range(10):
        with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline()  # it writes: any moment will do from now on
            time.sleep(random.uniform(0, 0.15))
            child.send_signal(signal.SIGKILL)
            for line in child.stdout:
                if line.endswith("\n"):
                    name, number = line.split()
                    promised[name] = int(number)
        store = open_store(tmp_path)
        store.discard_staging(0)
        assert [path.name for path in store.staging.iterdir()] == ["locks"]
        for object_id, version in promised.items():
            assert (store.head(object_id) or 0) >= version
    for object_id, faults in verify_all(store):
        assert faults == []
        for version in store.inventory(object_id).versions:
            expected = {"n.txt": f"{object_id} {version}".encode(), "same.txt": b"same"}
            assert bytes_of(store, object_id, version) == expected
    assert_valid(store.root)


def test_writers_in_competition_lose_nothing(tmp_path: Path, assert_valid: Callable[..., None]) -> None:
    store = open_store(tmp_path)
    put(store, "muras:a", {"first": b"first"})
    names = ["x", "y", "z"]
    command = [sys.executable, "-m", "tests.storage.child", "compete", str(tmp_path)]
    writers = [subprocess.Popen([*command, name, "8"], cwd=CHECKOUT) for name in names]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert store.head("muras:a") == 1 + 3 * 8
    expected = {f"{name}-{number}": f"{name} {number}".encode() for name in names for number in range(8)}
    assert bytes_of(store, "muras:a") == {"first": b"first", **expected}
    assert [path.name for path in store.staging.iterdir()] == ["locks"]
    assert_valid(store.root)


# ---------------------------------------------------------------- a full disk


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """A file system of 4 MB in a mount namespace, which ends with the process."""
    namespace = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if shutil.which("unshare") is None or subprocess.run([*namespace, "true"], capture_output=True).returncode != 0:
        pytest.skip("mount namespaces (unshare) are not allowed here")
    mount = ["sh", "-ec", 'mount -t tmpfs -o size=4m none "$0"; exec "$@"', str(tmp_path)]
    done = run("fill_disk", tmp_path, prefix=(*namespace, *mount))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["upload refused", "object refused", "announced upload refused", "went on"]


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    done = run("limit_files", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["upload refused", "object refused", "went on"]


# ---------------------------------------------------------------- uploads and derivatives


@pytest.mark.parametrize("failpoint", [*named("upload"), "upload:after-data:3", "upload:after-offset:3"])
def test_killed_while_uploading(tmp_path: Path, failpoint: str) -> None:
    whole = b"".join(CHUNKS)
    killed = []
    for scenario in ("upload", "upload_form", "discard_upload"):
        folder = tmp_path / scenario
        uploads = Uploads(folder / "uploads")
        if scenario == "discard_upload":
            uploads.store_stream(UPLOAD, Trickle(whole), len(whole))
        died, promised = killed_at(failpoint, scenario, folder)
        killed.append(died)
        acknowledged = [int(line) for line in promised if line.isdigit()]
        try:
            offset = uploads.offset(UPLOAD)
        except UploadMissing:
            assert acknowledged == [], "what was acknowledged is gone"
            # What is left of it is found and removed.
            assert list(uploads.stale(0)) in ([], [UPLOAD])
            uploads.discard(UPLOAD)
            assert list(uploads.root.iterdir()) == []
            continue
        assert offset >= max(acknowledged, default=0)
        uploads.append(UPLOAD, offset, Trickle(whole[offset:]))
        assert uploads.finish(UPLOAD).path.read_bytes() == whole
    assert any(killed), f"nothing passes {failpoint}"


@pytest.mark.parametrize("failpoint", named("derivative"))
def test_killed_while_deriving(tmp_path: Path, failpoint: str) -> None:
    killed = []
    for scenario in ("derive", "discard_derivatives"):
        derivatives = Derivatives(tmp_path / scenario / "derivatives")
        derivatives.put(DIGEST, "thumbnail.webp", b"old")
        killed.append(killed_at(failpoint, scenario, tmp_path / scenario)[0])
        path = derivatives.get(DIGEST, "thumbnail.webp")
        if scenario == "derive":
            assert path is not None and path.read_bytes() in (b"old", b"new" * 10_000)
        derivatives.discard_scratch(0)
        derivatives.discard(DIGEST)
        assert [path.name for path in derivatives.root.rglob("*") if path.is_file()] == []
    assert any(killed), f"nothing passes {failpoint}"
