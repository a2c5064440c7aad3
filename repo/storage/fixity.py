"""Are the bytes still those that were given to us? SHA-512 of every file against what the object says of itself.

Needs the store alone: neither database nor any other part of the house.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from repo.storage.disk import sha512_of_stream
from repo.storage.ocfl import inventory as inventories
from repo.storage.ocfl.layout import OBJECT_DECLARATION
from repo.storage.ports import Inventory, ObjectDamaged, ObjectMissing, ObjectStore


class FaultKind(enum.StrEnum):
    UNREADABLE = "unreadable"  # the root inventory cannot be used; nothing further was looked at
    SIDECAR = "sidecar"  # an inventory is not the one that its sidecar vouches for
    DIFFERENT = "different"  # the newest version's inventory is not the object's (OCFL E064)
    MISSING = "missing"
    CHANGED = "changed"
    EXTRA = "extra"  # nobody put it there
    UNFINISHED = "unfinished"  # a version beyond the head: `ObjectStore.recover` sees to it


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the file at `path` within an object."""

    object_id: str
    kind: FaultKind
    path: str


def verify_all(store: ObjectStore, after: str | None = None) -> Iterator[tuple[str, list[Fault]]]:
    """Each object with its faults, in the order of `store.objects`; a walk that was stopped goes on `after` an id."""
    for object_id in store.objects(after):
        yield object_id, verify_object(store, object_id)


def verify_object(store: ObjectStore, object_id: str) -> list[Fault]:
    """The faults of one object, none if all is well; reads every byte of it. Raises ObjectMissing."""
    survey = store.survey(object_id)
    if survey is None:
        raise ObjectMissing(object_id)
    try:
        inventory = store.inventory(object_id)
    except ObjectDamaged:
        return [Fault(object_id, FaultKind.UNREADABLE, inventories.FILE_NAME)]
    return [
        Fault(object_id, kind, path)
        for faults in (
            _unexpected(inventory, survey.files),
            _wrong_records(store, inventory, survey.files),
            _wrong_content(store, inventory, survey.files),
        )
        for kind, path in faults
    ]


def _records(head: int) -> Iterator[str]:
    """The directories that hold an inventory, as prefixes."""
    yield ""
    yield from (f"v{number}/" for number in range(1, head + 1))


def _unexpected(inventory: Inventory, files: frozenset[str]) -> Iterator[tuple[FaultKind, str]]:
    names = (inventories.FILE_NAME, inventories.SIDECAR_NAME)
    expected = {prefix + name for prefix in _records(inventory.head) for name in names}
    expected |= {path for paths in inventory.manifest.values() for path in paths}
    expected.add(OBJECT_DECLARATION)
    for path in sorted(expected - files):
        yield FaultKind.MISSING, path
    beyond = f"v{inventory.head + 1}/"
    for path in sorted(files - expected):
        yield FaultKind.UNFINISHED if path.startswith(beyond) else FaultKind.EXTRA, path


def _wrong_records(store: ObjectStore, inventory: Inventory, files: frozenset[str]) -> Iterator[tuple[FaultKind, str]]:
    digests: dict[str, str] = {}
    for prefix in _records(inventory.head):
        path, sidecar = prefix + inventories.FILE_NAME, prefix + inventories.SIDECAR_NAME
        if path not in files:
            continue  # already said to be missing, as is a sidecar
        data = _content(store, inventory.id, path)
        digests[prefix] = inventories.digest_of(data)
        if sidecar in files and _content(store, inventory.id, sidecar) != inventories.sidecar_of(data):
            yield FaultKind.SIDECAR, path
    newest = f"v{inventory.head}/"
    if newest in digests and digests[newest] != digests.get(""):
        yield FaultKind.DIFFERENT, newest + inventories.FILE_NAME


def _wrong_content(store: ObjectStore, inventory: Inventory, files: frozenset[str]) -> Iterator[tuple[FaultKind, str]]:
    for digest, paths in inventory.manifest.items():
        for path in files.intersection(paths):
            with store.open_content(inventory.id, path) as stream:
                if sha512_of_stream(stream) != digest:
                    yield FaultKind.CHANGED, path


def _content(store: ObjectStore, object_id: str, path: str) -> bytes:
    with store.open_content(object_id, path) as stream:
        return stream.read()
