"""What a format is made from: an item as harvesters may see it; pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from repo.items.access import Access
from repo.items.metadata import Metadata

BASE = "https://base.invalid"
"""Stands for the base address in rendered bytes and is replaced when they are sent (RFC 2606: it names no host)."""

# What XML 1.0 cannot hold (2.2, Char), not even as a reference.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class SourceFile:
    """A file that readers know of; `address` is permanent."""

    address: str
    mime: str
    size: int
    access: Access
    until: date | None


@dataclass(frozen=True)
class Source:
    """`access` is what holds at this moment; `embargo_until` the first open day, when there was or is an embargo."""

    item_id: str
    metadata: Metadata
    files: tuple[SourceFile, ...]
    access: Access
    embargo_until: date | None
    published: datetime
    library_names: dict[str, str]
    collection_names: dict[str, str]

    @property
    def address(self) -> str:
        return f"{BASE}/records/{self.item_id}"


def xml_text(text: str) -> str:
    """Return `text` as XML can hold it: forbidden characters are left out."""
    return NOT_XML.sub("", text)
