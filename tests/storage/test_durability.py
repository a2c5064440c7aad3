"""What kill -9 cannot show, because the kernel lives on: that bytes are on the disk before anything names them.

Each fsync, rename and syncfs of this process is watched. Content counts as durable once its inode was synced, a name
once its directory was synced after the rename.
"""

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from repo.storage.derivatives import Derivatives
from repo.storage.disk import Filesystem, locked
from repo.storage.ocfl import OcflStore
from repo.storage.ocfl.inventory import FILE_NAME, SIDECAR_NAME
from repo.storage.ocfl.layout import object_path
from repo.storage.ports import FromBytes
from repo.storage.uploads import Uploads
from tests.storage.material import ABOUT, NEW, OLD, sources


class Watch:
    """Fails as soon as something is renamed that is not on the disk yet."""

    def __init__(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.top = top
        self.synced: set[int] = {path.stat().st_ino for path in top.rglob("*")}
        self.unsynced_names: set[Path] = set()
        self.renamed: list[Path] = []
        for name in ("fsync", "fdatasync"):
            monkeypatch.setattr(os, name, self._sync(getattr(os, name)))
        for name in ("rename", "replace"):
            monkeypatch.setattr(os, name, self._rename(getattr(os, name)))
        monkeypatch.setattr(Filesystem, "sync", self._sync_all)

    def _sync(self, real: Any) -> Any:
        def sync(descriptor: int) -> None:
            real(descriptor)
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            self.synced.add(os.fstat(descriptor).st_ino)
            self.unsynced_names = {name for name in self.unsynced_names if name.parent != path}

        return sync

    def _rename(self, real: Any) -> Any:
        def rename(source: Path, target: Path) -> None:
            assert self.missing(Path(source)) == []
            real(source, target)
            self.renamed.append(Path(target))
            self.unsynced_names.add(Path(target))

        return rename

    def _sync_all(self) -> None:
        self.synced = {path.stat().st_ino for path in self.top.rglob("*")}
        self.unsynced_names.clear()

    def missing(self, path: Path) -> list[Path]:
        """What of `path` and below it is not on the disk."""
        return [each for each in (path, *path.rglob("*")) if each.stat().st_ino not in self.synced]


@pytest.fixture
def watch(store: OcflStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    (tmp_path / "staging" / "locks").mkdir(exist_ok=True)
    yield Watch(tmp_path, monkeypatch)


def test_an_object_is_on_the_disk(store: OcflStore, watch: Watch, tmp_path: Path) -> None:
    home = store.root / object_path("muras:a")
    # Written just now, and not by us: the sync of whoever wrote it is not relied upon.
    first = store.stage("muras:a", sources(tmp_path / "incoming", OLD), **ABOUT)
    assert store.place(first) == 1
    assert watch.renamed == [home] and watch.unsynced_names == set()
    assert watch.missing(home) == []
    assert {home.parent.stat().st_ino, home.parent.parent.stat().st_ino, store.root.stat().st_ino} <= watch.synced

    watch.synced -= {home.stat().st_ino}
    second = store.stage("muras:a", {path: FromBytes(data) for path, data in NEW.items()}, **ABOUT)
    assert store.place(second) == 2
    assert watch.renamed[1:] == [home / "v2", home / SIDECAR_NAME, home / FILE_NAME]
    assert watch.unsynced_names == set() and watch.missing(home) == []


def test_the_inventory_waits_for_its_version(store: OcflStore, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    for durable in (True, False):
        object_id = f"muras:{durable}"
        store.place(store.stage(object_id, {"n": FromBytes(b"1")}, **ABOUT))
        staged = store.stage(object_id, {"n": FromBytes(b"2")}, durable=durable, **ABOUT)
        waiting: list[set[Path]] = []
        real = os.rename

        def rename(source: Path, target: Path, waiting: list[set[Path]] = waiting, real: Any = real) -> None:
            if Path(target).name == FILE_NAME:
                waiting.append({name for name in watch.unsynced_names if name.name == "v2"})
            real(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(os, "rename", rename)
            store.place_many([staged])
        assert waiting == [set()]


def test_a_chunk_is_on_the_disk(store: OcflStore, watch: Watch) -> None:
    for text in (b"1", b"2"):
        batch = [store.stage(f"muras:{n}", {"n": FromBytes(text)}, durable=False, **ABOUT) for n in range(3)]
        store.place_many(batch)
        assert watch.unsynced_names == set() and watch.missing(store.root) == []


def test_an_acknowledged_chunk_is_on_the_disk(uploads: Uploads, watch: Watch) -> None:
    home = uploads.root / "0123456789abcdef"
    watch.synced -= {uploads.root.stat().st_ino}
    uploads.create(home.name, 10)
    assert {home.stat().st_ino, uploads.root.stat().st_ino, (home / "state").stat().st_ino} <= watch.synced
    for offset in (0, 5):
        watch.synced -= {(home / name).stat().st_ino for name in ("state", "data")}
        uploads.append(home.name, offset, io.BytesIO(b"12345"))
        assert watch.missing(home) == []
    uploads.store_stream("f" * 16, io.BytesIO(b"12345"), 10)
    assert watch.missing(uploads.root) == []


def test_an_upload_ends_before_its_bytes_go(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a crash could leave a state that promises bytes which are gone."""
    finished = uploads.store_stream("f" * 16, io.BytesIO(b"12345"), 10)
    real = shutil.rmtree

    def rmtree(path: Path) -> None:
        assert finished.path.exists() and not (path / "state").exists()
        real(path)

    monkeypatch.setattr(shutil, "rmtree", rmtree)
    uploads.discard("f" * 16)
    assert list(uploads.root.iterdir()) == []


def test_a_derivative_is_whole_before_it_has_its_name(watch: Watch, tmp_path: Path) -> None:
    path = Derivatives(tmp_path / "derivatives").put("ab" * 64, "thumbnail.webp", b"image")
    assert watch.renamed == [path]


def test_an_expunged_object_has_left_before_its_bytes_go(
    store: OcflStore, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a power cut could bring back its directory with a part of its files."""
    store.place(store.stage("muras:a", {"n": FromBytes(b"n")}, **ABOUT))
    parent = (store.root / object_path("muras:a")).parent
    watch.synced -= {parent.stat().st_ino}
    removed: list[Path] = []
    real = shutil.rmtree

    def rmtree(path: Path, **how: Any) -> None:
        removed.append(path)
        assert parent.stat().st_ino in watch.synced
        real(path, **how)

    monkeypatch.setattr(shutil, "rmtree", rmtree)
    store.purge("muras:a")
    assert len(removed) == 1 and not parent.exists()


def test_a_lock_ends_with_its_block(tmp_path: Path) -> None:
    """Also when a child process, forked meanwhile, has the file open still."""
    (tmp_path / "lock").touch()
    first, second = (os.open(tmp_path / "lock", os.O_RDWR) for _ in range(2))
    inherited = os.dup(first)
    with locked(first), pytest.raises(BlockingIOError), locked(second, wait=False):
        pass
    os.close(first)
    with locked(second, wait=False):
        pass
    os.close(second)
    os.close(inherited)
