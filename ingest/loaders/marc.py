"""ISO 2709 of any MARC (MARC 21, UNIMARC, RUSMARC, the export of IRBIS), loaded record by record; pure."""

from collections.abc import Iterator
from pathlib import Path

from ingest.crosswalks.marc_fields import Field, Record, by_own_tag
from ingest.loaders.catalogue import load_catalogue
from ingest.loaders.encodings import SAMPLE, decode, find_encoding, usual_encoding
from ingest.loaders.iso2709 import END, FIELD, SUBFIELD, Piece, RawField, RawRecord, find_records, read_record
from ingest.loaders.marc_packages import Reading
from ingest.loaders.packages import Note, Package, Remark
from ingest.loaders.profile import Profile

ENDINGS = (".mrc", ".iso", ".marc", ".dat", ".rsm")


def load(path: Path, profile: Profile, position: str = "") -> Iterator[Package]:
    return load_catalogue(path, profile, position, read_file, ENDINGS, "record.mrc")


def read_file(path: Path, encoding: str, number: int = 1, offset: int = 0) -> Iterator[Reading]:
    """The records of a file from a byte on, with what was noticed about each; `encoding` "" is detected."""
    usual = encoding or usual_encoding(_sample(path))
    for at, piece in enumerate(find_records(path, offset), start=number):
        yield _reading(piece, str(at), f"{at + 1}:{piece.end}", usual, told=bool(encoding))


def _sample(path: Path) -> list[bytes]:
    """The records at the beginning of a file, without their directories."""
    with path.open("rb") as file:
        return [record.partition(FIELD)[2] for record in file.read(SAMPLE).split(END)]


def _reading(piece: Piece, place: str, position: str, usual: str, *, told: bool) -> Reading:
    raw = read_record(piece)
    if isinstance(raw, Remark):
        return Reading(place, position, piece.content, remarks=(raw,))
    content = FIELD.join(field.content for field in raw.fields)
    encoding = usual if told else find_encoding(content, usual, marc=raw.leader[9:10] != b"a")
    record, damaged = _decode(raw, encoding, told=told)
    garbled = tuple(Remark(Note.GARBLED, tag, {"encoding": encoding}) for tag in damaged)
    return Reading(place, position, piece.content, record, encoding, raw.remarks + garbled)


def _decode(raw: RawRecord, encoding: str, *, told: bool) -> tuple[Record, list[str]]:
    """The record in Unicode, and the tags of fields that hold what has no meaning in this encoding."""
    record = Record(leader=raw.leader.decode("ascii", errors="replace"))
    damaged: dict[str, None] = {}
    for field in raw.fields:
        parts = [decode(part, encoding, told=told) for part in _parts(field)]
        if any(part.damaged for part in parts) or any(not part.text[:1].isascii() for part in parts[1:]):
            damaged[field.tag] = None
        if field.tag < "010" and field.tag.isdigit():
            record.controls.setdefault(field.tag, parts[0].text)
        else:
            record.data.append(by_own_tag(_field(field.tag, [part.text for part in parts])))
    return record, list(damaged)


def _parts(field: RawField) -> list[bytes]:
    """What stands before the first 0x1F, and each subfield with its code."""
    return field.content.split(SUBFIELD)


def _field(tag: str, parts: list[str]) -> Field:
    """Before the first subfield stand two indicators; some systems leave them out, or have no subfields at all."""
    before, *subfields = parts
    found = [(text[0], text[1:]) for text in subfields if text]
    plain = before if not subfields or len(before) > 3 else ""
    indicators = ("" if plain else before).ljust(2)
    if plain:
        found.insert(0, ("", plain))
    return Field(tag, (indicators[0], indicators[1]), found)
