"""What another Muras wrote into a package beside the description of its format: `muras.json`; pure.

It is the record of the work's OCFL object (`items.preservation`), with the place of each file in the package. It says
what no other format can: every text in full, the collection, who may read which file. Where it says which description
stood beside it ("described", SHA-512), one that was edited since is believed, and the record only for the rest.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ingest.loaders.elements import read_bytes
from ingest.loaders.folders import Folder, MisplacedError, is_plain_file
from ingest.loaders.packages import Note, Package, PackageFile, Remark
from repo.items.access import Access, FileRole
from repo.items.metadata import Metadata, read_metadata, write_metadata

RECORD = "muras.json"
OF_FILES = frozenset((Note.FILE_DIFFERS, Note.BAD_PATH, Note.EXTRA_FILE, Note.TOO_LARGE))
"""What a loader says of files holds whatever the description says."""


@dataclass(frozen=True)
class OwnRecord:
    """The record in a folder: `files` are those that came along, `remarks` say which of them cannot be taken."""

    id: str
    raw: bytes
    metadata: Metadata
    collection: str
    shown_in: tuple[str, ...]
    addresses: tuple[str, ...]
    described: str
    files: tuple[PackageFile, ...]
    remarks: tuple[Remark, ...]


def read_own_record(folder: Path) -> OwnRecord | Remark | None:
    """The record in `folder`, None when there is none; a remark that refuses the package when it cannot be read."""
    path = folder / RECORD
    if not is_plain_file(path):
        return None
    remarks: list[Remark] = []
    try:
        raw = read_bytes(path)
        told = json.loads(raw)
        item = told["item"]
        return OwnRecord(
            id=str(item["id"]),
            raw=raw,
            metadata=read_metadata(told["metadata"]),
            collection=str(item["collection"]),
            shown_in=tuple(map(str, item["shown_in"])),
            addresses=tuple(address for address in item["addresses"] if isinstance(address, str)),
            described=str(told.get("described", "")),
            files=tuple(_files(Folder(folder), told["files"], remarks)),
            remarks=tuple(remarks),
        )
    except MisplacedError as error:
        return Remark(error.note, error.name[:200])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ValidationError):
        return Remark(Note.BROKEN, RECORD)


def with_own_record(
    package: Package, folder: Path, without_files: bool = False, described: bytes | None = None
) -> Package:
    """The package as the record in `folder` tells it; as it is, when there is none.

    `described` are the bytes that describe the work in the package's own format. A record that cannot be read refuses
    the package: the format alone would lose what it holds.
    """
    own = read_own_record(folder)
    if own is None:
        return package
    if isinstance(own, Remark):
        return replace(package, remarks=(*package.remarks, own))
    whole = replace(
        package,
        key=own.id,
        files=() if without_files else own.files,
        collection=own.collection,
        shown_in=own.shown_in,
        addresses=tuple(dict.fromkeys((*own.addresses, *package.addresses))),
        remarks=() if without_files else own.remarks,
    )
    if described is not None and own.described not in ("", digest_of(described)):
        return replace(whole, remarks=(*package.remarks, *whole.remarks, Remark(Note.RECORD_LOST)))
    remarks = (remark for remark in package.remarks if remark.note in OF_FILES and remark.about != RECORD)
    return replace(
        whole,
        metadata=write_metadata(own.metadata),
        raw=base64.b64encode(own.raw).decode(),
        raw_name=RECORD,
        remarks=(*remarks, *whole.remarks),
    )


def digest_of(described: bytes) -> str:
    """By which it is known whether a description was edited; what stands between records does not count."""
    return hashlib.sha512(described.strip(b"\x1d \r\n")).hexdigest()


def _files(folder: Folder, told: Any, remarks: list[Remark]) -> Iterator[PackageFile]:
    """The files that came along, in their order; those without a place stayed at home."""
    for one in told:
        if one["path"] is None:
            continue
        try:
            path = folder.find(str(one["path"]))
        except MisplacedError as error:
            remarks.append(Remark(error.note, error.name[:200]))
            continue
        role = FileRole(one["role"])
        access = Access(one["access"]) if one["access"] else None
        until = date.fromisoformat(one["until"]).isoformat() if access is Access.EMBARGOED else ""
        yield PackageFile(str(one["name"]), path, {"sha512": str(one["digest"]).lower()}, role, access, until)
