"""MARCXML of MARC 21 or UNIMARC, also inside of answers of OAI-PMH and SRU, loaded record by record; pure.

A position is the number of the next record and a byte between that and the one before: "13:20480".
"""

from collections.abc import Iterator
from pathlib import Path

from ingest.crosswalks.marcxml import read_record
from ingest.loaders.encodings import MARC8, read_encoding
from ingest.loaders.entry import read_rules
from ingest.loaders.marc_packages import Reading, make_packages
from ingest.loaders.packages import Note, Package, Remark
from ingest.loaders.profile import Profile
from ingest.loaders.xml_records import Found, find_records


def load(path: Path, profile: Profile, position: str = "") -> Iterator[Package]:
    return make_packages(read(path, profile, position), read_rules(profile), "record.xml")


def read(path: Path, profile: Profile, position: str = "") -> Iterator[Reading]:
    """The records of a file with what was noticed about each; without a told encoding the file tells its own."""
    told = read_encoding(profile.encoding)
    if profile.encoding and told in ("", MARC8):
        yield Reading("1", "", remarks=(Remark(Note.WRONG_VALUE, "encoding", {"value": profile.encoding}),))
        return
    number, _, offset = (position or "1:0").partition(":")
    for at, found in enumerate(find_records(path, told, int(offset)), start=int(number)):
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
