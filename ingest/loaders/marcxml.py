"""MARCXML of MARC 21 or UNIMARC, also inside of answers of OAI-PMH and SRU, loaded record by record; pure."""

from collections.abc import Iterator
from pathlib import Path

from ingest.crosswalks.marcxml import read_record
from ingest.loaders.catalogue import load_catalogue
from ingest.loaders.encodings import MARC8, read_encoding
from ingest.loaders.marc_packages import Reading
from ingest.loaders.packages import Note, Package, Remark, refuse
from ingest.loaders.profile import Profile
from ingest.loaders.xml_records import Found, find_records

ENDINGS = (".xml", ".marcxml", ".mrcx")


def load(path: Path, profile: Profile, position: str = "") -> Iterator[Package]:
    if read_encoding(profile.encoding) == MARC8:
        return iter([refuse(Note.WRONG_VALUE, "encoding", value=profile.encoding)] if position != "end" else [])
    return load_catalogue(path, profile, position, read_file, ENDINGS, "record.xml")


def read_file(path: Path, encoding: str, number: int = 1, offset: int = 0) -> Iterator[Reading]:
    """The records of a file from a byte on, with what was noticed about each; without `encoding` it tells its own."""
    for at, found in enumerate(find_records(path, encoding, offset), start=number):
        yield _reading(found, str(at), f"{at + 1}:{found.end}")


def _reading(found: Found, place: str, position: str) -> Reading:
    if found.element is None:
        return Reading(place, position, found.raw, remarks=tuple(filter(None, [found.remark])))
    record = read_record(found.element)
    garbled = {
        one.tag: None for one in record.data for code, text in one.subfields if "\ufffd" in text or not code.isascii()
    }
    remarks = tuple(Remark(Note.GARBLED, tag, {"encoding": found.encoding}) for tag in garbled)
    return Reading(place, position, found.raw, record, found.encoding, remarks)
