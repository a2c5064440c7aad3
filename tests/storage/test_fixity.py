"""Every kind of damage is found, named, and told apart."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from repo.storage.fixity import Fault, FaultKind, verify_all, verify_object
from repo.storage.ocfl import OcflStore
from repo.storage.ocfl.layout import object_path
from repo.storage.ports import FromBytes, ObjectMissing
from tests.storage.material import ABOUT, NEW, OLD


@pytest.fixture
def home(store: OcflStore) -> Path:
    for files in (OLD, NEW):
        store.place(store.stage("muras:a", {path: FromBytes(data) for path, data in files.items()}, **ABOUT))
    return store.root / object_path("muras:a")


def flip_one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


but_for_records = shutil.ignore_patterns("content")
but_for_the_inventory = shutil.ignore_patterns("content", "*.sha512")


@pytest.mark.parametrize(
    ("harm", "faults"),
    [
        (lambda home: None, []),
        (lambda home: flip_one_bit(home / "v1/content/0002.pdf"), [("changed", "v1/content/0002.pdf")]),
        (lambda home: (home / "v1/content/0001.json").unlink(), [("missing", "v1/content/0001.json")]),
        (lambda home: (home / "v2/content/stray.txt").touch(), [("extra", "v2/content/stray.txt")]),
        (lambda home: (home / "link").symlink_to("/etc"), [("extra", "link")]),
        (lambda home: (home / "0=ocfl_object_1.1").unlink(), [("missing", "0=ocfl_object_1.1")]),
        (lambda home: (home / "inventory.json.sha512").write_text("0\n"), [("sidecar", "inventory.json")]),
        (lambda home: (home / "inventory.json.sha512").unlink(), [("missing", "inventory.json.sha512")]),
        (lambda home: flip_one_bit(home / "v1/inventory.json"), [("sidecar", "v1/inventory.json")]),
        (
            lambda home: shutil.copytree(home / "v1", home / "v2", ignore=but_for_records, dirs_exist_ok=True),
            [("different", "v2/inventory.json")],
        ),
        (
            lambda home: shutil.copytree(home / "v2", home / "v3", ignore=but_for_the_inventory),
            [("unfinished", "v3/inventory.json")],
        ),
    ],
)
def test_what_is_found(
    store: OcflStore, home: Path, harm: Callable[[Path], object], faults: list[tuple[str, str]]
) -> None:
    harm(home)
    assert verify_object(store, "muras:a") == [Fault("muras:a", FaultKind(kind), path) for kind, path in faults]


def test_an_object_that_is_not_there(store: OcflStore) -> None:
    with pytest.raises(ObjectMissing):
        verify_object(store, "muras:a")


def test_a_stopped_walk_goes_on(store: OcflStore) -> None:
    for number in range(10):
        store.place(store.stage(f"muras:{number}", {"n": FromBytes(b"n")}, **ABOUT))
    store.path("muras:7", "n").unlink()
    everything = dict(verify_all(store))
    assert {object_id for object_id, faults in everything.items() if faults} == {"muras:7"}
    order = list(everything)
    assert [object_id for object_id, _ in verify_all(store, after=order[3])] == order[4:]
