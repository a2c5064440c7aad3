"""What may be found after a crash or a power cut, made by hand, and what may not."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from repo.storage import ports
from repo.storage.fixity import verify_object
from repo.storage.ocfl import OcflStore
from repo.storage.ocfl.inventory import FILE_NAME, SIDECAR_NAME, read_inventory, sidecar_of
from repo.storage.ocfl.layout import object_path
from repo.storage.ports import FromBytes
from tests.storage.material import ABOUT, NEW, OLD, bytes_of


@pytest.fixture
def home(store: OcflStore) -> Path:
    """The directory of an object with two versions."""
    for files in (OLD, NEW):
        store.place(store.stage("muras:a", {path: FromBytes(data) for path, data in files.items()}, **ABOUT))
    return store.root / object_path("muras:a")


def take_back_root(home: Path, *names: str) -> None:
    """As if the rename of these root files had not reached the disk."""
    for name in names:
        shutil.copy(home / "v1" / name, home / name)


@pytest.mark.parametrize("lost", [(FILE_NAME, SIDECAR_NAME), (FILE_NAME,), (SIDECAR_NAME,)])
def test_a_version_that_lacks_only_its_root_is_finished(
    store: OcflStore, home: Path, lost: tuple[str, ...], assert_valid: Callable[..., None]
) -> None:
    take_back_root(home, *lost)
    assert store.head("muras:a") == (1 if FILE_NAME in lost else 2)
    assert store.recover("muras:a") == 2
    assert bytes_of(store, "muras:a") == NEW
    assert_valid(store.root)


def change_inventory(home: Path, change: Callable[[dict[str, object]], object]) -> None:
    said = json.loads((home / "v2" / FILE_NAME).read_bytes())
    change(said)
    data = json.dumps(said).encode()
    (home / "v2" / FILE_NAME).write_bytes(data)
    (home / "v2" / SIDECAR_NAME).write_bytes(sidecar_of(data))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "content cut short": lambda home: next(home.glob("v2/content/*")).write_bytes(b""),
    "content missing": lambda home: next(home.glob("v2/content/*")).unlink(),
    "content that nobody knows": lambda home: (home / "v2" / "content" / "stray").touch(),
    "no inventory": lambda home: (home / "v2" / FILE_NAME).unlink(),
    "no sidecar": lambda home: (home / "v2" / SIDECAR_NAME).unlink(),
    "inventory cut short": lambda home: (home / "v2" / FILE_NAME).write_bytes(b'{"id": "mur'),
    "nothing but content": lambda home: [path.unlink() for path in home.glob("v2/inventory*")],  # type: ignore[func-returns-value]
    "another object": lambda home: change_inventory(home, lambda said: said.update(id="muras:b")),
    "another history": lambda home: change_inventory(
        home,
        lambda said: said["versions"]["v1"].update(message="another"),  # type: ignore[index]
    ),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_version_that_is_not_whole_is_taken_back(
    store: OcflStore, home: Path, damage: Callable[[Path], object], assert_valid: Callable[..., None]
) -> None:
    take_back_root(home, FILE_NAME, SIDECAR_NAME)
    damage(home)
    assert store.recover("muras:a") == 1
    assert bytes_of(store, "muras:a") == OLD
    assert_valid(store.root)
    (kept,) = store.staging.glob("unfinished-*")
    assert store.discard_staging(3600) == 0 and kept.exists()
    assert store.discard_staging(0) == 1 and not kept.exists()


def test_placing_sets_right_what_it_finds(store: OcflStore, home: Path) -> None:
    """Whoever staged before the crash was noticed learns that the interrupted version stands after all."""
    take_back_root(home, FILE_NAME, SIDECAR_NAME)
    late = store.stage("muras:a", {"late": FromBytes(b"")}, **ABOUT)
    assert late.version == 2
    with pytest.raises(ports.ObjectConflict) as refused:
        store.place(late)
    assert refused.value.head == 2
    assert bytes_of(store, "muras:a") == NEW


def test_damage_that_no_crash_does_is_not_painted_over(store: OcflStore, home: Path) -> None:
    data = (home / FILE_NAME).read_bytes().replace("Айгүл".encode(), b"Nobody")
    (home / FILE_NAME).write_bytes(data)
    with pytest.raises(ports.ObjectDamaged):
        store.recover("muras:a")
    with pytest.raises(ports.ObjectDamaged):
        store.place(store.stage("muras:a", {"n": FromBytes(b"")}, **ABOUT))
    assert (home / FILE_NAME).read_bytes() == data


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(id="muras:b"),
        lambda said: said.update(type="https://ocfl.io/1.0/spec/#inventory"),
        lambda said: said.update(digestAlgorithm="sha256"),
        lambda said: said.update(head="v3"),
        lambda said: said.update(head="v01"),
        lambda said: said.update(head=2),
        lambda said: said.pop("manifest"),
        lambda said: said.update(manifest=[]),
        lambda said: said["manifest"].clear(),
        lambda said: said["versions"].pop("v1"),
        lambda said: said["versions"]["v1"].update(created="yesterday"),
        lambda said: said["versions"]["v1"].update(state={"a" * 128: ["../../etc/passwd"]}),
        lambda said: said["manifest"].update({"a" * 128: ["../../../../etc/passwd"]}),
        lambda said: said["manifest"].update({"a" * 128: []}),
        lambda said: said["manifest"].update({"A" * 128: ["v1/content/1"]}),
    ],
)
def test_an_inventory_is_read_with_suspicion(
    store: OcflStore, home: Path, change: Callable[[dict[str, object]], object]
) -> None:
    said = json.loads((home / FILE_NAME).read_bytes())
    assert read_inventory(json.dumps(said).encode(), "muras:a").head == 2
    change(said)
    (home / FILE_NAME).write_text(json.dumps(said))
    with pytest.raises(ports.ObjectDamaged):
        store.inventory("muras:a")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_inventory(store: OcflStore, home: Path, data: bytes) -> None:
    (home / FILE_NAME).write_bytes(data)
    with pytest.raises(ports.ObjectDamaged):
        store.head("muras:a")
    assert [fault.kind for fault in verify_object(store, "muras:a")] == ["unreadable"]


def test_an_object_without_inventory_is_damaged(store: OcflStore, home: Path) -> None:
    (home / FILE_NAME).unlink()
    with pytest.raises(ports.ObjectDamaged):
        store.head("muras:a")


def test_staging_that_was_cut_short_is_discarded(store: OcflStore) -> None:
    """Without a sync a power cut may leave an inventory without its end."""
    staged = store.stage("muras:a", {"n": FromBytes(b"")}, durable=False, **ABOUT)
    Path(staged.location, FILE_NAME).write_bytes(b'{"id": "muras')
    (store.staging / "file-left").mkdir()
    assert store.discard_staging(3600) == 0
    assert store.discard_staging(0) == 2
    assert list(store.objects()) == []


def test_staging_for_a_damaged_object_is_kept(store: OcflStore, home: Path) -> None:
    store.stage("muras:a", {"n": FromBytes(b"")}, **ABOUT)
    (home / FILE_NAME).write_bytes(b"")
    assert store.discard_staging(0) == 0
