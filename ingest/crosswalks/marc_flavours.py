"""Which rules a record in the container of MARC follows, and its description by them; pure.

The flavours share the container and nothing else: a title in 245 is MARC 21's, one in 200 UNIMARC's; IRBIS keeps to
UNIMARC as long as nothing speaks against it, and names a worksheet in 920.
"""

import re
from collections.abc import Callable
from enum import StrEnum

from ingest.crosswalks.found import Found
from ingest.crosswalks.irbis import read_irbis
from ingest.crosswalks.marc21 import read_marc21
from ingest.crosswalks.marc_fields import Record
from ingest.crosswalks.unimarc import read_unimarc


class Flavour(StrEnum):
    MARC21 = "marc21"
    UNIMARC = "unimarc"
    IRBIS = "irbis"


READERS: dict[Flavour, Callable[[Record], Found]] = {
    Flavour.MARC21: read_marc21,
    Flavour.UNIMARC: read_unimarc,
    Flavour.IRBIS: read_irbis,
}


def flavour_of(record: Record) -> Flavour:
    if record.fields("245"):
        return Flavour.MARC21
    worksheets = [text for field in record.fields("920") for _, text in field.subfields]
    if any(re.fullmatch(r"[A-Z]{2,6}\d{0,2}", text.strip()) for text in worksheets):
        return Flavour.IRBIS
    return Flavour.UNIMARC if record.fields("200") else Flavour.MARC21


def read_marc(record: Record) -> Found:
    return READERS[flavour_of(record)](record)
