"""What the house asks of a place that keeps objects for ever: the port, its nouns and its errors.

An object is a chain of numbered versions. A version's *state* maps logical paths, the names that people gave their
files, to SHA-512 digests in lower-case hex; the bytes of one digest are kept once in an object (OCFL 1.1, 3.5).
The vocabulary is OCFL's because every store writes OCFL; where it lies (a disk, S3) is the store's own affair.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from repo.errors import MurasError, NotFoundError


class ObjectMissing(NotFoundError):
    """No such object, version, or logical path in it."""

    def __init__(self, object_id: str, path: str = "") -> None:
        super().__init__(f"{object_id} {path}".rstrip())
        self.object_id = object_id
        self.path = path


class ObjectConflict(MurasError):
    """The object changed after the version was staged; `head` is its newest version now, None without one.

    Read the object again and stage again; what was staged is gone.
    """

    status = 409

    def __init__(self, object_id: str, head: int | None) -> None:
        super().__init__(f"{object_id} is at version {head}")
        self.object_id = object_id
        self.head = head


class ObjectDamaged(MurasError):
    """The object's own records contradict each other in a way that no crash leaves: restore it from a backup."""

    def __init__(self, object_id: str, why: str) -> None:
        super().__init__(f"{object_id}: {why}")
        self.object_id = object_id
        self.why = why


class SourceChanged(MurasError):
    """The file at `path` is not the file whose digest and size were announced; nothing was stored."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class PathRefused(MurasError):
    """`path` cannot be the logical path of a file: see `repo.storage.ocfl.inventory.check_logical_path`."""

    status = 422

    def __init__(self, path: str) -> None:
        super().__init__(repr(path))
        self.path = path


@dataclass(frozen=True, slots=True)
class FromPath:
    """A finished file of ours, `size` bytes with digest `sha512`, that nobody will write to again."""

    path: Path
    sha512: str
    size: int


@dataclass(frozen=True, slots=True)
class FromBytes:
    data: bytes


@dataclass(frozen=True, slots=True)
class Keep:
    """Content that the object already holds, by its digest."""

    sha512: str


Source = FromPath | FromBytes | Keep


@dataclass(frozen=True, slots=True)
class Staged:
    """A version that is written but not yet part of its object; `base` is the digest of the inventory it follows."""

    object_id: str
    version: int
    base: str | None
    location: str
    durable: bool


@dataclass(frozen=True, slots=True)
class Version:
    """One version: who made it when and why, and `state`, logical path → digest. `created` is aware."""

    created: datetime
    message: str
    person: str
    address: str | None
    state: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything an object says of itself (OCFL 1.1, 3.5); `manifest` maps digest → paths within the object."""

    id: str
    head: int
    manifest: Mapping[str, Sequence[str]]
    versions: Mapping[int, Version]

    def content_path(self, logical_path: str, version: int | None = None) -> str | None:
        """Where the bytes of `logical_path` lie within the object, as of `version` (the newest without)."""
        found = self.versions.get(self.head if version is None else version)
        digest = found.state.get(logical_path) if found else None
        return self.manifest[digest][0] if digest else None


@dataclass(frozen=True, slots=True)
class Survey:
    """What lies in an object at one moment, between two writers: the paths of its files."""

    files: frozenset[str]


class ObjectStore(Protocol):
    """Keeps objects. Every method may raise StorageFullError (the disk is full, nothing was lost) and OSError."""

    def stage(
        self,
        object_id: str,
        files: Mapping[str, Source],
        *,
        message: str,
        person: str,
        address: str | None,
        created: datetime,
        follows: int | None = None,
        durable: bool = True,
    ) -> Staged:
        """Write the next version of an object, or its first, where no reader sees it.

        `files` is the whole state of the new version; a logical path that is left out is not in it. `person` is a
        name and `address` a URI (OCFL 1.1, 3.5.3: `mailto:` or an ORCID). `follows` is the version that `files` was
        made from, 0 for a new object; without it, whatever is the newest now, which is right only for a caller that
        knows itself alone. With `durable` the version is on the disk when this returns; without, placing sees to it.
        Raises ObjectConflict (the newest is not `follows`), PathRefused, SourceChanged, ObjectMissing (a Keep of
        content that the object lacks), ObjectDamaged.
        """
        ...

    def place(self, staged: Staged) -> int:
        """Make a staged version the newest of its object, durably, and return its number.

        Raises ObjectConflict when the object changed after staging, ObjectDamaged. After any other error the version
        may be half-placed: `recover` says which version stands.
        """
        ...

    def place_many(self, batch: Sequence[Staged]) -> list[int]:
        """`place` for a chunk of versions of different objects (some hundreds) at the price of a few syncs.

        A conflict is raised before any of them is placed. Any other error may leave some placed.
        """
        ...

    def head(self, object_id: str) -> int | None:
        """The number of the newest version; None without an object."""
        ...

    def inventory(self, object_id: str) -> Inventory:
        """Raises ObjectMissing, ObjectDamaged."""
        ...

    def open(self, object_id: str, logical_path: str, version: int | None = None) -> BinaryIO:
        """The bytes of a file as of `version` (the newest without). Raises ObjectMissing."""
        ...

    def path(self, object_id: str, logical_path: str, version: int | None = None) -> Path | None:
        """Where `open` would read, for sendfile; None if this store has no files. Raises ObjectMissing."""
        ...

    def objects(self, after: str | None = None) -> Iterator[str]:
        """The ids of all objects, read from the store alone, in an order that lets a walk go on `after` an id."""
        ...

    def survey(self, object_id: str) -> Survey | None:
        """What lies in an object; None without one. Waits for a writer to finish."""
        ...

    def open_content(self, object_id: str, content_path: str) -> BinaryIO:
        """One of the files of a survey. Raises ObjectMissing."""
        ...

    def purge(self, object_id: str) -> None:
        """Remove an object with all its versions and bytes; nothing happens if there is none."""
        ...

    def recover(self, object_id: str) -> int | None:
        """Finish or take back what a crash left half-placed, and return the head that stands then.

        To be asked before staging again after a crash: a version whose placing was interrupted may be the head now.
        Raises ObjectDamaged.
        """
        ...

    def discard_staging(self, older_than: float) -> int:
        """Remove what was staged more than `older_than` seconds ago, recover its objects; return how many."""
        ...
