"""What another Muras wrote into a package beside the description of its format: `muras.json`; pure.

It is the record of the work's OCFL object (`items.preservation`), with the place of each file in the package. It says
what no other format can: every text in full, the collection, who may read which file.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ingest.loaders.elements import read_bytes
from ingest.loaders.folders import Folder, MisplacedError, is_plain_file
from ingest.loaders.packages import Note, Package, PackageFile, Remark
from repo.items.access import Access, FileRole
from repo.items.metadata import read_metadata, write_metadata

RECORD = "muras.json"
OF_FILES = frozenset((Note.FILE_DIFFERS, Note.BAD_PATH, Note.EXTRA_FILE, Note.TOO_LARGE))
"""What a loader says of files holds whatever the description says."""


def with_own_record(package: Package, folder: Path, without_files: bool = False) -> Package:
    """The package as the record in `folder` tells it; as it is, when there is none.

    A record that cannot be read is told and refuses the package: the format alone would lose what it holds.
    """
    path = folder / RECORD
    if not is_plain_file(path):
        return package
    remarks = [remark for remark in package.remarks if remark.note in OF_FILES and remark.about != RECORD]
    try:
        raw = read_bytes(path)
        record = json.loads(raw)
        made = _restored(package, record, raw)
        files = [] if without_files else list(_files(Folder(folder), record["files"], remarks))
    except MisplacedError as error:
        return replace(package, remarks=(*package.remarks, Remark(error.note, error.name[:200])))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ValidationError):
        return replace(package, remarks=(*package.remarks, Remark(Note.BROKEN, RECORD)))
    return replace(made, files=tuple(files), remarks=tuple(remarks))


def _restored(package: Package, record: Any, raw: bytes) -> Package:
    item = record["item"]
    told = [address for address in item["addresses"] if isinstance(address, str)]
    return replace(
        package,
        key=str(item["id"]),
        metadata=write_metadata(read_metadata(record["metadata"])),
        raw=base64.b64encode(raw).decode(),
        raw_name=RECORD,
        collection=str(item["collection"]),
        addresses=tuple(dict.fromkeys((*told, *package.addresses))),
    )


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
        private = FileRole(one["role"]) is not FileRole.ORIGINAL
        yield PackageFile(str(one["name"]), path, {"sha512": str(one["digest"]).lower()}, private, _until(one))


def _until(one: Any) -> str:
    """From when readers may have a file that has rules of its own."""
    access = Access(one["access"]) if one["access"] else Access.OPEN
    if access is Access.EMBARGOED and one["until"]:
        return str(one["until"])
    return "" if access is Access.OPEN else "never"
