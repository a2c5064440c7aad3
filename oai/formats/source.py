"""What a format is made from: an item as harvesters may see it; pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from repo.items.access import Access
from repo.items.metadata import Metadata
from repo.items.origin import Origin

BASE = "https://base.invalid"
"""Stands for the base address in rendered bytes and is replaced when they are sent (RFC 2606: it names no host)."""

# What XML 1.0 cannot hold (2.2, Char), not even as a reference.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class SourceFile:
    """A file that readers know of; `address` is permanent, `digest` its SHA-512 in hexadecimal."""

    name: str
    address: str
    mime: str
    size: int
    digest: str
    access: Access
    until: date | None
    pages: int | None = None


@dataclass(frozen=True)
class SourcePage:
    """A page of a scanned book in its order; `id` is stable, `label` as printed ("iv"), `file` the name of its file."""

    id: str
    label: str
    file: str


@dataclass(frozen=True)
class SourceLibrary:
    """The library that the owner collection belongs to; names by language."""

    code: str
    names: dict[str, str]
    ror: str = ""
    isil: str = ""


@dataclass(frozen=True)
class Source:
    """`access` is what holds at this moment; `embargo_until` the first open day, when there was or is an embargo.

    `version` is the public number, `published` the first publication here, `changed` the last change of what is public.
    `origin` says where an item was harvested from.
    """

    item_id: str
    version: int
    metadata: Metadata
    files: tuple[SourceFile, ...]
    access: Access
    embargo_until: date | None
    published: datetime
    changed: datetime
    library: SourceLibrary
    collection_names: dict[str, str]
    namespace: str
    pages: tuple[SourcePage, ...] = ()
    origin: Origin | None = None

    @property
    def address(self) -> str:
        """The landing page."""
        return f"{BASE}/records/{self.item_id}"

    @property
    def identifier(self) -> str:
        """The OAI identifier (guidelines "oai-identifier", 2.1)."""
        return f"oai:{self.namespace}:{self.item_id}"

    @property
    def open_files(self) -> tuple[SourceFile, ...]:
        """The files that anybody may read now."""
        return tuple(file for file in self.files if file.access is Access.OPEN)
