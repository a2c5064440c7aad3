"""What an object says of itself: OCFL 1.1, section 3.5 (inventory) and 3.7 (its sidecar)."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from repo.storage.ports import Inventory, ObjectDamaged, PathRefused, Version

FILE_NAME = "inventory.json"
SIDECAR_NAME = "inventory.json.sha512"

_TYPE = "https://ocfl.io/1.1/spec/#inventory"
_DIGEST = re.compile(r"[0-9a-f]{128}")
_VERSION = re.compile(r"v([1-9][0-9]*)")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}")


def check_logical_path(path: str) -> None:
    """Raise PathRefused for what OCFL 1.1, 3.5.3.1 forbids, and for what no file system could hold.

    Everything else is kept as it came, byte for byte: a name in NFD stays in NFD.
    """
    if any(part in ("", ".", "..") for part in path.split("/")) or "\0" in path:
        raise PathRefused(path)
    try:
        path.encode()
    except UnicodeEncodeError:  # a lone surrogate: bytes of a file name that were not UTF-8
        raise PathRefused(path) from None


def check_logical_paths(paths: Iterable[str]) -> None:
    """Raise PathRefused unless all can be files of one version: no file may be a directory of another (E095)."""
    known = set(paths)
    for path in known:
        check_logical_path(path)
        parts = path.split("/")
        if any("/".join(parts[:length]) in known for length in range(1, len(parts))):
            raise PathRefused(path)


def is_digest(text: str) -> bool:
    """A SHA-512 digest as we write it. OCFL takes both cases; one alone makes digests comparable as strings."""
    return _DIGEST.fullmatch(text) is not None


def digest_of(data: bytes) -> str:
    return hashlib.sha512(data).hexdigest()


def sidecar_of(data: bytes) -> bytes:
    """The content of the sidecar of an inventory (section 3.7)."""
    return f"{digest_of(data)} {FILE_NAME}\n".encode()


def content_name(number: int, logical_path: str) -> str:
    """The name of the `number`th new file of a version: safe on every file system, with an extension if it has one.

    People's names stay in the inventory: they may be longer than a file system takes, or differ in case alone.
    """
    stem, dot, extension = logical_path.rpartition(".")
    suffix = dot + extension.lower()
    return f"{number:04d}{suffix if stem and _EXTENSION.fullmatch(suffix) else ''}"


def follow(base: Inventory | None, object_id: str, version: Version, added: Mapping[str, str]) -> Inventory:
    """The inventory after `base` with one more version, whose new content `added` lies at digest → path."""
    if base is None:
        return Inventory(object_id, 1, {digest: (path,) for digest, path in added.items()}, {1: version})
    manifest = {**base.manifest, **{digest: (path,) for digest, path in added.items()}}
    return Inventory(object_id, base.head + 1, manifest, {**base.versions, base.head + 1: version})


def write_inventory(inventory: Inventory) -> bytes:
    """inventory.json; indented, because people read it when nothing else is left."""
    return to_json(
        {
            "id": inventory.id,
            "type": _TYPE,
            "digestAlgorithm": "sha512",
            "head": f"v{inventory.head}",
            "manifest": {digest: list(paths) for digest, paths in sorted(inventory.manifest.items())},
            "versions": {f"v{number}": _version_block(each) for number, each in inventory.versions.items()},
        },
        indent=1,
    )


def _version_block(version: Version) -> dict[str, object]:
    by_digest: dict[str, list[str]] = {}
    for logical_path, digest in sorted(version.state.items()):
        by_digest.setdefault(digest, []).append(logical_path)
    user = {"name": version.person} | ({"address": version.address} if version.address else {})
    created = version.created.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {"created": created, "message": version.message, "user": user, "state": by_digest}


def read_inventory(data: bytes, object_id: str) -> Inventory:
    """Read an inventory of ours. Raises ObjectDamaged unless it is one, of this object, and consistent in itself.

    A restored root may come from anywhere: paths are checked, so that no content path leads out of the object.
    """
    try:
        inventory = _parse(json.loads(data))
        for paths in inventory.manifest.values():
            check_logical_paths(paths)
        for version in inventory.versions.values():
            check_logical_paths(version.state)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, PathRefused) as error:
        raise ObjectDamaged(object_id, f"inventory: {type(error).__name__} {error}") from error
    if inventory.id != object_id:
        raise ObjectDamaged(object_id, f"inventory of {inventory.id}")
    return inventory


def read_id(path: Path) -> str | None:
    """The id in an inventory file; None if there is no such file or a crash cut it short."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    object_id = found.get("id") if isinstance(found, dict) else None
    return object_id if isinstance(object_id, str) else None


def _parse(said: dict[str, Any]) -> Inventory:
    if said["type"] != _TYPE or said["digestAlgorithm"] != "sha512":
        raise ValueError(f"{said['type']} with {said['digestAlgorithm']}")
    manifest = {digest: tuple(paths) for digest, paths in said["manifest"].items()}
    if not all(is_digest(digest) and paths for digest, paths in manifest.items()):
        raise ValueError("manifest")
    versions = {_number(name): _parse_version(block) for name, block in said["versions"].items()}
    head = _number(said["head"])
    if sorted(versions) != list(range(1, head + 1)):
        raise ValueError("versions")
    if not all(manifest.keys() >= set(version.state.values()) for version in versions.values()):
        raise ValueError("state")
    return Inventory(said["id"], head, manifest, versions)


def _number(name: str) -> int:
    found = _VERSION.fullmatch(name)
    if found is None:
        raise ValueError(name)
    return int(found[1])


def _parse_version(block: dict[str, Any]) -> Version:
    state = {path: digest for digest, paths in block["state"].items() for path in paths}
    user = block.get("user", {})
    return Version(
        created=datetime.fromisoformat(block["created"]),
        message=block.get("message", ""),
        person=user.get("name", ""),
        address=user.get("address"),
        state=state,
    )
