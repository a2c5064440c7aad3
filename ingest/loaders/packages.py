"""What a loader finds: packages, each a work with its files; pure, and plain enough to cross the sandbox's pipe.

A loader reads in one order that never changes and can go on after any package (`Package.position`), so that a load is
read in slices by limited children, in bounded memory, and is gone on with after a crash.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ingest.loaders.profile import Profile
from repo.items.access import Access, FileRole


class Note(StrEnum):
    """What is to be said of a package. The sentences are in `ingest/load_messages.py`."""

    # The package cannot be loaded.
    BROKEN = "broken"
    CUT_OFF = "cut_off"
    TOO_LARGE = "too_large"
    NO_KEY = "no_key"
    NO_METADATA = "no_metadata"
    FILE_MISSING = "file_missing"
    FILE_DIFFERS = "file_differs"
    BAD_PATH = "bad_path"
    NOT_A_FILE = "not_a_file"
    WRONG_VALUE = "wrong_value"
    UNKNOWN_TERM = "unknown_term"
    FORMULA = "formula"
    # It is loaded, and somebody should look at it.
    MENDED = "mended"
    EXTRA_FILE = "extra_file"
    NOT_MAPPED = "not_mapped"
    GARBLED = "garbled"
    LEFT_OUT = "left_out"
    NOT_OPEN = "not_open"
    RECORD_LOST = "record_lost"


FATAL = frozenset(list(Note)[: list(Note).index(Note.MENDED)])


@dataclass(frozen=True)
class Remark:
    """A note with the numbers and names its sentence needs; `about` is the column, field or file it is about."""

    note: Note
    about: str = ""
    data: dict[str, str | int] = field(default_factory=dict)

    @property
    def fatal(self) -> bool:
        return self.note in FATAL


@dataclass(frozen=True)
class PackageFile:
    """A file of a work. `path` lies inside the folder that is loaded, is a regular file and no link to one.

    `digests` are what the package itself says, by algorithm ("md5", "sha1", "sha256", "sha512"), in hexadecimal.
    `access`: who may read it, None for whoever may read the work; `until` (ISO date) is the first open day
    of an embargo.
    """

    name: str
    path: Path
    digests: dict[str, str] = field(default_factory=dict)
    role: FileRole = FileRole.ORIGINAL
    access: Access | None = None
    until: str = ""


@dataclass(frozen=True)
class Package:
    """A work as its source describes it.

    `key` says in all loads from one source which work this is; `place` tells people where it stands ("12", "item_003").
    `metadata` is a description of ours as JSON (`items.metadata.write_metadata`), None when it cannot be read.
    """

    key: str
    place: str
    position: str
    metadata: dict[str, Any] | None = None
    raw: str = ""
    """Base64 of the record's bytes as they came."""
    raw_name: str = "record.txt"
    files: tuple[PackageFile, ...] = ()
    collection: str = ""
    """Code of the collection it names, "" when it names none."""
    shown_in: tuple[str, ...] = ()
    """Codes of further collections in which a new work is shown."""
    addresses: tuple[str, ...] = ()
    """Where it was known before: addresses ("https://…"), handles ("hdl:123/4")."""
    remarks: tuple[Remark, ...] = ()

    @property
    def refused(self) -> bool:
        return any(remark.fatal for remark in self.remarks)


Loader = Callable[[Path, Profile, str], Iterator[Package]]
"""`(what is loaded: a file or an unpacked folder, how to read it, the position to go on after or "")`."""


def refuse(note: Note, about: str = "", **data: str | int) -> Package:
    """What a loader yields, alone and last, when what it is given cannot be read at all."""
    return Package(key="", place="", position="end", remarks=(Remark(note, about, data),))
