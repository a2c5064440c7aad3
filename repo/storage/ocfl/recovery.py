"""The root of an object: reading it, replacing it, and setting it right after a crash.

A further version is placed by three renames into the object's directory: the version's directory, the sidecar, the
inventory. The inventory is the commit: before it readers see the old version, after it the new. What a crash (or a
power cut, which may keep later renames and lose earlier ones) leaves is therefore one of

1. a version directory beyond the head: whole, because it was synced before it was moved. Roll forward.
2. the same, and the sidecar belongs to it. Roll forward.
3. the new inventory with the old sidecar. Write the sidecar.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from repo.failpoints import failpoint
from repo.storage.disk import scratch_directory, sha512_of, sync_directory, write_new
from repo.storage.ocfl import inventory as inventories
from repo.storage.ports import Inventory, ObjectDamaged


@dataclass(frozen=True, slots=True)
class ObjectRoot:
    """The root inventory of an object: its bytes, and what they say."""

    data: bytes
    inventory: Inventory

    @property
    def digest(self) -> str:
        return inventories.digest_of(self.data)


def read_root(directory: Path, object_id: str) -> ObjectRoot | None:
    """The root of the object in `directory`; None if there is no such directory. Raises ObjectDamaged.

    The sidecar is not asked: between two renames of a writer it is ahead of the inventory.
    """
    try:
        data = (directory / inventories.FILE_NAME).read_bytes()
    except FileNotFoundError:
        if directory.is_dir():
            raise ObjectDamaged(object_id, "no inventory") from None
        return None
    return ObjectRoot(data, inventories.read_inventory(data, object_id))


def replace_root(directory: Path, prepared: Path) -> None:
    """Move sidecar and inventory from `prepared`, on the same file system and synced, to the root of the object."""
    (prepared / inventories.SIDECAR_NAME).rename(directory / inventories.SIDECAR_NAME)
    failpoint("place:after-sidecar")
    (prepared / inventories.FILE_NAME).rename(directory / inventories.FILE_NAME)
    failpoint("place:after-inventory")


def settle(directory: Path, object_id: str, scratch: Path) -> ObjectRoot | None:
    """Finish or take back what a crash left, and return the root that stands; the caller holds the object's lock.

    Raises ObjectDamaged for what is not of the three kinds above.
    """
    root = read_root(directory, object_id)
    if root is None:
        return None
    while (beyond := directory / f"v{root.inventory.head + 1}").exists():
        following = _complete_version(beyond, root.inventory)
        if following is None:
            # Kept in staging until that is swept, should somebody wish to know what it was.
            beyond.rename(scratch / f"unfinished-{os.urandom(8).hex()}")
            sync_directory(directory)
            failpoint("recover:after-rollback")
            break
        _write_root(directory, following, scratch)
        root = following
    if _read(directory / inventories.SIDECAR_NAME) != inventories.sidecar_of(root.data):
        if _read(directory / f"v{root.inventory.head}" / inventories.FILE_NAME) != root.data:
            raise ObjectDamaged(object_id, "neither sidecar nor newest version agree with the inventory")
        _write_root(directory, root, scratch)
    return root


def _complete_version(beyond: Path, base: Inventory) -> ObjectRoot | None:
    """What the version directory `beyond` makes of its object, if it follows `base` and all its bytes are there."""
    data = _read(beyond / inventories.FILE_NAME)
    if data is None or _read(beyond / inventories.SIDECAR_NAME) != inventories.sidecar_of(data):
        return None
    try:
        inventory = inventories.read_inventory(data, base.id)
    except ObjectDamaged:
        return None
    follows = (
        inventory.head == base.head + 1
        and base.versions.items() <= inventory.versions.items()
        and base.manifest.items() <= inventory.manifest.items()
    )
    return ObjectRoot(data, inventory) if follows and _holds_content(beyond, inventory) else None


def _holds_content(beyond: Path, inventory: Inventory) -> bool:
    announced = {
        path: digest
        for digest, paths in inventory.manifest.items()
        for path in paths
        if path.startswith(f"{beyond.name}/")
    }
    found = {path.relative_to(beyond.parent).as_posix() for path in beyond.glob("content/**/*") if not path.is_dir()}
    return found == announced.keys() and all(
        sha512_of(beyond.parent / path) == digest for path, digest in announced.items()
    )


def _write_root(directory: Path, root: ObjectRoot, scratch: Path) -> None:
    with scratch_directory(scratch, "recover-") as prepared:
        write_new(prepared / inventories.SIDECAR_NAME, inventories.sidecar_of(root.data), sync=True)
        write_new(prepared / inventories.FILE_NAME, root.data, sync=True)
        replace_root(directory, prepared)
        sync_directory(directory)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
