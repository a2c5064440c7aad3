"""Where an object lies in the storage root: OCFL 1.1, section 4, with the storage layout extension 0003.

    0=ocfl_1.1
    ocfl_layout.json
    extensions/0003-hash-and-id-n-tuple-storage-layout/config.json
    3c/0f/muras%3a2d8kq0zt7/            <- the first four hex digits of sha256(id), then the id

https://ocfl.github.io/extensions/0003-hash-and-id-n-tuple-storage-layout.html. The name of an object's directory
gives its id back, so that the ids of all objects are had without opening one file.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from repo.errors import SettingsError
from repo.failpoints import failpoint
from repo.storage.disk import replace_file

ROOT_DECLARATION = "0=ocfl_1.1"
OBJECT_DECLARATION = "0=ocfl_object_1.1"

LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
TUPLE_SIZE = 2
TUPLES = 2
CONFIG = {
    "extensionName": LAYOUT,
    "digestAlgorithm": "sha256",
    "tupleSize": TUPLE_SIZE,
    "numberOfTuples": TUPLES,
}

# A longer encoded id is cut here and its digest follows.
_LONGEST_NAME = 100


@lru_cache(maxsize=1024)  # asked four times while a version is written
def object_path(object_id: str) -> PurePosixPath:
    """Where the object lies, relative to the storage root. ValueError for what cannot be an id."""
    if not object_id:
        raise ValueError("an object needs an id")
    digest = hashlib.sha256(object_id.encode()).hexdigest()
    tuples = (digest[start : start + TUPLE_SIZE] for start in range(0, TUPLE_SIZE * TUPLES, TUPLE_SIZE))
    return PurePosixPath(*tuples, _directory_name(object_id, digest))


def _directory_name(object_id: str, digest: str) -> str:
    # Not urllib.parse.quote: it leaves `.` and `~` as they are and writes upper-case hex.
    name = re.sub(r"[^A-Za-z0-9_-]", lambda found: "".join(f"%{byte:02x}" for byte in found[0].encode()), object_id)
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}-{digest}"


def object_id_of(directory_name: str) -> str | None:
    """The id of the object in a directory of this name; None if the id was too long to be kept in it."""
    return unquote(directory_name, errors="strict") if len(directory_name) <= _LONGEST_NAME else None


def prepare_root(root: Path, staging: Path) -> None:
    """Make a storage root and its staging directory, or check that they can be used.

    Raises SettingsError: the two lie on different file systems, the root holds something else, or has another layout.
    """
    for directory in (root, staging):
        # Drafts and embargoed files lie here: nothing for other users of the machine.
        directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    if root.stat().st_dev != staging.stat().st_dev:
        raise SettingsError(f"{staging} must lie on the same file system as {root}, so that a version can be moved")
    config = root / "extensions" / LAYOUT / "config.json"
    if (root / ROOT_DECLARATION).exists():
        if not config.exists() or json.loads(config.read_bytes()) != CONFIG:
            raise SettingsError(f"{root} is an OCFL storage root of another layout than {json.dumps(CONFIG)}")
        return
    if {entry.name for entry in root.iterdir()} - {"extensions", "ocfl_layout.json"}:
        raise SettingsError(f"{root} is neither empty nor an OCFL 1.1 storage root")
    config.parent.mkdir(parents=True, exist_ok=True)
    replace_file(config, _json(CONFIG), staging)
    described = {"extension": LAYOUT, "description": "First four digits of the SHA-256 of the id, then the id"}
    replace_file(root / "ocfl_layout.json", _json(described), staging)
    failpoint("root:before-declaration")
    replace_file(root / ROOT_DECLARATION, b"ocfl_1.1\n", staging)


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2).encode() + b"\n"


def object_directories(root: Path, after: str | None = None) -> Iterator[Path]:
    """The directories of all objects in the order of their paths, beginning behind the object `after`."""
    return _directories(root, TUPLES, object_path(after).parts if after is not None else ())


def _directories(directory: Path, tuples: int, after: tuple[str, ...]) -> Iterator[Path]:
    """Those `tuples` levels further down, without those whose path is not greater than `after`."""
    tuple_name = re.compile(f"[0-9a-f]{{{TUPLE_SIZE}}}")
    for name in sorted(entry.name for entry in directory.iterdir() if entry.is_dir()):
        if tuples and not tuple_name.fullmatch(name):
            continue  # extensions/
        if after and name < after[0]:
            continue
        rest = after[1:] if after and name == after[0] else ()
        if tuples:
            yield from _directories(directory / name, tuples - 1, rest)
        elif not after or name != after[0]:
            yield directory / name
