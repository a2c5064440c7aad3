"""By which of their loaders catalogue records are read; pure."""

import re
from pathlib import Path

from ingest.loaders.catalogue import list_files
from ingest.loaders.encodings import mark_of
from ingest.loaders.irbis import ENDINGS as OF_IRBIS
from ingest.loaders.iso2709 import NOTHING
from ingest.loaders.marc import ENDINGS as OF_ISO
from ingest.loaders.marcxml import ENDINGS as OF_XML

HEAD = 1 << 16
ISO = re.compile(rb"\d{5}[ -~]{5}\d\d[ -~]{8}45[\d ]{2}")
IRBIS = re.compile(r"\s*#\d{1,5}: ?\S")
XML = re.compile(r"<(?:[\w.-]+:)?record[\s>].*?<(?:[\w.-]+:)?(?:leader|controlfield|datafield)[\s>]", re.S)


def detect_catalogue(path: Path) -> str:
    """ "marc", "marcxml" or "irbis" by how a file begins, of a folder its first file of the kind; "" of none."""
    files = list_files(path, (*OF_ISO, *OF_XML, *OF_IRBIS)) if path.is_dir() else [path]
    return next(filter(None, map(_detect, files)), "")


def _detect(file: Path) -> str:
    with file.open("rb") as opened:
        head = opened.read(HEAD)
    if ISO.match(head.lstrip(NOTHING)) and b"\x1e" in head:
        return "marc"
    text = head.decode(mark_of(head) or "latin-1", errors="replace").lstrip("\ufeff")
    if text.lstrip(" \r\n\tï»¿").startswith("<"):
        return "marcxml" if XML.search(text) else ""
    return "irbis" if IRBIS.match(text.removeprefix("ï»¿")) else ""
