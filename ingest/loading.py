"""A slice of a bulk load, read in a child: what the loader found, and what is to be known of it without a database.

Pure. The child checks each description, too: two processes work then, and a hostile value breaks nothing but a child.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ingest.loaders.packages import Note, Package, PackageFile, Remark
from ingest.loaders.profile import Profile
from repo.items.checks import check_metadata
from repo.items.metadata import Text, read_metadata, write_metadata
from repo.items.traits import Traits, traits_of

SLICE_BYTES = 16_000_000
"""Of descriptions and records, after which a slice ends: records of 200 KB are known."""
LONGEST_KEY = 400
LONGEST_PLACE = 200


@dataclass(frozen=True)
class Record:
    """A package that was looked at. `faults` are codes of `items.checks`; `digest` is of description and record.

    `raw` is Base64 of what was sent, "" where it was not asked for.
    """

    key: str
    place: str
    position: str
    title: str
    metadata: dict[str, Any] | None
    digest: str
    raw: str
    raw_name: str
    files: tuple[PackageFile, ...]
    collection: str
    shown_in: tuple[str, ...]
    addresses: tuple[str, ...]
    remarks: tuple[Remark, ...]
    faults: tuple[str, ...]
    traits: Traits

    @property
    def refused(self) -> bool:
        return any(remark.fatal for remark in self.remarks)


@dataclass(frozen=True)
class Slice:
    """`last`: nothing comes after these."""

    records: tuple[Record, ...]
    last: bool


def read_slice(
    path: Path, format: str, profile: Profile, position: str, count: int, today: str, with_raw: bool
) -> Slice:
    """Read at most `count` packages after `position`. `today` (ISO) is what an embargo is held against."""
    from ingest.loaders.registry import LOADERS

    packages = LOADERS[format](path, profile, position)
    records, size = [], 0
    for package in islice(packages, count):
        record = look_at(package, date.fromisoformat(today), with_raw=with_raw)
        records.append(record)
        size += len(package.raw) + len(record.raw) + _weight(package)
        if size >= SLICE_BYTES:
            break
    else:
        return Slice(tuple(records), last=len(records) < count)
    return Slice(tuple(records), last=False)


def _weight(package: Package) -> int:
    """About how long the description is."""
    return 200 * len(package.files) + len(str(package.metadata)) if package.metadata else 200


def look_at(package: Package, today: date, *, with_raw: bool) -> Record:
    remarks = list(package.remarks)
    metadata, faults, traits, title = None, [], Traits(), ""
    if len(package.key) > LONGEST_KEY:
        remarks.append(Remark(Note.TOO_LARGE, about="key", data={"limit": LONGEST_KEY}))
    elif not package.key and not package.refused:
        remarks.append(Remark(Note.NO_KEY))
    if package.metadata is None and not package.refused:
        remarks.append(Remark(Note.NO_METADATA))
    if package.metadata is not None:
        try:
            read = read_metadata(package.metadata)
        except ValidationError as error:
            remarks += _wrong_values(error)
        else:
            faults = list(dict.fromkeys(fault.code.value for fault in check_metadata(read, today)))
            traits = traits_of(read)
            if not read.title().value:  # whoever reads a list must have something to press
                read.titles = [Text(value=package.key or package.place)]
            title = read.title().value
            metadata = write_metadata(read)
    return Record(
        key=package.key[:LONGEST_KEY],
        place=package.place[:LONGEST_PLACE],
        position=package.position,
        title=title,
        metadata=metadata,
        digest=_digest(metadata, package),
        raw=package.raw if with_raw else "",
        raw_name=package.raw_name,
        files=package.files,
        collection=package.collection,
        shown_in=package.shown_in,
        addresses=package.addresses,
        remarks=tuple(remarks),
        faults=tuple(faults),
        traits=traits,
    )


def _wrong_values(error: ValidationError) -> Iterator[Remark]:
    for fault in error.errors()[:5]:
        about = ".".join(str(part) for part in fault["loc"])
        yield Remark(Note.WRONG_VALUE, about=about, data={"value": str(fault.get("input", ""))[:100]})


def _digest(metadata: dict[str, Any] | None, package: Package) -> str:
    """SHA-256 of what would be written: it tells whether the source is still what was checked."""
    told = json.dumps(
        [metadata, [[file.name, file.role, file.access, file.until] for file in package.files]], sort_keys=True
    )
    hasher = hashlib.sha256(told.encode(errors="replace"))
    hasher.update(base64.b64decode(package.raw, validate=False))
    return hasher.hexdigest()


@dataclass(frozen=True)
class Cells:
    """Rows of a table as they are, `places` their numbers; `position` is where the next ones begin, "" at the end."""

    places: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    position: str


def read_cells(path: Path, profile: Profile, position: str, count: int) -> Cells:
    """Read at most `count` rows of a table after `position`; at the beginning the first one holds the titles."""
    from ingest.loaders.table import find_table, is_filled, open_rows

    table = find_table(path)
    if table is None:
        return Cells((), (), "")
    number, _, end = position.partition(":")
    with open_rows(table, profile.encoding) as rows:
        found = rows(int(number), int(end)) if position else rows(0, -1)
        taken = list(islice((row for row in found if is_filled(row)), count))
    last = f"{taken[-1].number}:{taken[-1].end}" if len(taken) == count else ""
    return Cells(tuple(str(row.number) for row in taken), tuple(tuple(row.cells) for row in taken), last)
