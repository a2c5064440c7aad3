"""By which of their loaders catalogue records are read, and what they look like; pure."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ingest.crosswalks.marc_flavours import flavour_of
from ingest.loaders import irbis, marc, marcxml
from ingest.loaders.catalogue import ReadFile, list_files, read_files
from ingest.loaders.encodings import mark_of, read_encoding
from ingest.loaders.folders import main_folder
from ingest.loaders.iso2709 import NOTHING

READERS: dict[str, tuple[ReadFile, tuple[str, ...]]] = {
    "marc": (marc.read_file, marc.ENDINGS),
    "marcxml": (marcxml.read_file, marcxml.ENDINGS),
    "irbis": (irbis.read_file, irbis.ENDINGS),
}
HEAD = 1 << 16
TABLES = (".csv", ".tsv", ".xlsx")
TRIED = 20
"""Files of a folder that are looked into."""
ISO = re.compile(rb"\d{5}[ -~]{5}\d\d[ -~]{8}45[\d ]{2}")
IRBIS = re.compile(r"\s*#\d{1,5}: ?\S")
XML = re.compile(r"<(?:[\w.-]+:)?(?:leader|controlfield|datafield)[\s>]")


def detect_catalogue(path: Path) -> str:
    """ "marc", "marcxml" or "irbis" by how a file begins, of a folder its first file of the kind; "" of none.

    A folder with a table is none: its records may be files of the works that the table describes.
    """
    if not path.is_dir():
        return _detect(path)
    if list_files(path, TABLES):
        return ""
    endings = sum((endings for _, endings in READERS.values()), ())
    return next(filter(None, map(_detect, list_files(path, endings)[:TRIED])), "")


@dataclass(frozen=True)
class Look:
    """What was found in the first records of a catalogue, each with how many of them it is true of."""

    records: int
    encodings: dict[str, int]
    flavours: dict[str, int]


def look_into(path: Path, format: str, encoding: str = "", count: int = 20) -> Look:
    """The encodings and flavours of the first records, so that people see them before they load; `encoding` "" is
    detected."""
    read_file, endings = READERS[format]
    place = main_folder(path) if path.is_dir() else path
    readings = list(islice(read_files(place, read_encoding(encoding), "", read_file, endings), count))
    read = [(reading, reading.record) for reading in readings if reading.record is not None]
    encodings = Counter(reading.encoding for reading, _ in read)
    flavours = Counter((reading.flavour or flavour_of(record)).value for reading, record in read)
    return Look(len(readings), dict(encodings), dict(flavours))


def _detect(file: Path) -> str:
    with file.open("rb") as opened:
        head = opened.read(HEAD)
    if ISO.match(head.lstrip(NOTHING)) and b"\x1e" in head:
        return "marc"
    text = head.decode(mark_of(head) or "latin-1", errors="replace").lstrip("\ufeff")
    if text.lstrip(" \r\n\tï»¿").startswith("<"):
        return "marcxml" if XML.search(text) else ""
    return "irbis" if IRBIS.match(text.removeprefix("ï»¿")) else ""
