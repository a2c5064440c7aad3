"""What leaves the house: works with all that belongs to them, and the parts that their packages are made of; pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml import etree

from ingest.loaders.own import digest_of
from oai.formats.elements import write_document
from oai.formats.source import Source
from repo.items.access import Access, FileRole


@dataclass(frozen=True)
class WorkFile:
    """A file of a work. `path` is where it lies in the work ("files/…", "private/…", "agreement/…") by a name that
    every system takes, `stored` where it lies in the store, `digest` its SHA-512; `access` and `until` (the first open
    day) say who may read it."""

    name: str
    path: str
    stored: str
    role: FileRole
    digest: str
    size: int
    mime: str
    access: Access
    until: date | None


@dataclass(frozen=True)
class Work:
    """A public work as it stands. `source` is what every format is made from; `record` all that we know of it, as its
    OCFL object holds it (`items.preservation`); `site` the base address of the house that it leaves."""

    source: Source
    record: dict[str, Any]
    files: tuple[WorkFile, ...]
    site: str
    ocfl_version: int

    @property
    def id(self) -> str:
        return self.source.item_id

    @property
    def collection(self) -> str:
        """The code of the owner collection."""
        return str(self.record["item"]["collection"])

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it was known before (`items.old_addresses`), and where it is now."""
        return (*self.record["item"]["addresses"], f"{self.site}/records/{self.id}")

    @property
    def originals(self) -> tuple[WorkFile, ...]:
        return tuple(file for file in self.files if file.role is FileRole.ORIGINAL)

    def packed_record(self, places: Mapping[str, str], described: bytes | None = None) -> bytes:
        """The record as JSON, as `ingest.loaders.own` reads it: `places` maps paths of files in the work to those in
        the package; files that stay have none. `described` is the description that stands beside it."""
        files = [
            {**told, "name": file.name, "path": places.get(file.path)}
            for told, file in zip(self.record["files"], self.files, strict=True)
        ]
        item = {**self.record["item"], "addresses": list(self.addresses)}
        told = {**self.record, "item": item, "files": files}
        if described is not None:
            told["described"] = digest_of(described)
        return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"

    def document(self, element: etree._Element) -> bytes:
        """The bytes of an XML document with the addresses of the house."""
        return write_document(element, self.site)


@dataclass(frozen=True)
class Data:
    """A file that is written for the package."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Stored:
    """A file of the work that is being packed, at `path` in the package."""

    path: str
    file: WorkFile


@dataclass(frozen=True)
class Line:
    """What is added to a file that all works of the package share."""

    path: str
    data: bytes


Part = Data | Stored | Line


REMARKS = "remarks.txt"
"""What whoever exports should know of single works: id, what, detail."""


def remark(work_id: str, what: str, detail: str = "") -> Line:
    return Line(REMARKS, "\t".join((work_id, what, detail)).rstrip().encode() + b"\n")
