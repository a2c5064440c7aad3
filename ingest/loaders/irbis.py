"""The text export of IRBIS64 ("#200: ^AМанас^EЭпос", a record ends with "*****"), loaded record by record; pure.

Codes of subfields are letters of either case; "^^" is a circumflex that was doubled or a line end of long ago, and
becomes a blank. Exports of RUSMARC in the same dress have two indicators before the first "^".
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ingest.crosswalks.marc_fields import Field, Record
from ingest.crosswalks.marc_flavours import Flavour, flavour_of
from ingest.loaders.catalogue import load_catalogue
from ingest.loaders.encodings import SAMPLE, Decoded, decode, find_encoding, mark_of, usual_encoding
from ingest.loaders.iso2709 import LARGEST, NOTHING, Piece
from ingest.loaders.marc_packages import Reading
from ingest.loaders.packages import Note, Package, Remark
from ingest.loaders.profile import Profile

LINE = re.compile(r"\s*#(\d{1,5}): ?(.*)", re.S)
SUBFIELD = re.compile(r"\^([^\s^])")
LAST = "*****"
ENDINGS = (".txt", ".irb")
WIDE = 1 << 16
"""Bytes of a line that are read at once."""


def load(path: Path, profile: Profile, position: str = "") -> Iterator[Package]:
    return load_catalogue(path, profile, position, read_file, ENDINGS, "record.txt")


def read_file(path: Path, encoding: str, number: int = 1, offset: int = 0) -> Iterator[Reading]:
    """The records of a file from a byte on, with what was noticed about each; `encoding` "" is detected."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
        mark = mark_of(head)
        wide = mark if mark.startswith("utf-16") else ""
        usual = wide or encoding or usual_encoding(re.split(rb"(?m)^\*{5}", head))
        file.seek(offset)
        for at, piece in enumerate(_find_records(file, offset, wide), start=number):
            yield _reading(piece, str(at), f"{at + 1}:{piece.end}", usual, told=bool(encoding or wide))


# ---------------------------------------------------------------- bytes


def _find_records(file: BinaryIO, offset: int, wide: str) -> Iterator[Piece]:
    """Records up to and with their last lines; of too large ones only the size."""
    last = LAST.encode(wide or "ascii")
    kept, size = bytearray(), 0
    for line in _lines(file, wide):
        size += len(line)
        kept += line[: max(0, LARGEST + 1 - len(kept))]
        if line.lstrip(codecs.BOM_UTF8).startswith(last) or line.removeprefix(b"\x00").startswith(last):
            offset += size
            yield Piece(bytes(kept) if size <= LARGEST else b"", offset, True, size if size > LARGEST else 0)
            kept, size = bytearray(), 0
    if kept.strip(NOTHING):
        yield Piece(bytes(kept) if size <= LARGEST else b"", offset + size, False, size if size > LARGEST else 0)


def _lines(file: BinaryIO, wide: str) -> Iterator[bytes]:
    """Lines with their ends, long ones in pieces; in UTF-16 a line ends with a whole unit of two bytes."""
    if not wide:
        while line := file.readline(WIDE):
            yield line
        return
    end = "\n".encode(wide)
    rest = b""
    while chunk := file.read(WIDE):
        rest += chunk
        at = 0
        while (found := rest.find(end, at)) >= 0:
            if found % 2:
                at = found + 1
            else:
                yield rest[: found + 2]
                rest, at = rest[found + 2 :], 0
        if len(rest) > WIDE:
            yield rest[:WIDE]
            rest = rest[WIDE:]
    if rest:
        yield rest


# ---------------------------------------------------------------- records


def _reading(piece: Piece, place: str, position: str, usual: str, *, told: bool) -> Reading:
    if piece.size:
        remark = Remark(Note.TOO_LARGE, data={"bytes": piece.size, "most": LARGEST})
        return Reading(place, position, remarks=(remark,))
    encoding = usual if told else find_encoding(piece.content, usual)
    record, damaged, orphan = _record(piece.content, encoding, told=told)
    if not piece.whole and not piece.content.endswith((b"\n", b"\n\x00")):
        return Reading(place, position, piece.content, encoding=encoding, remarks=(Remark(Note.CUT_OFF),))
    if orphan or not (record.data or record.controls):
        return Reading(place, position, piece.content, encoding=encoding, remarks=(Remark(Note.BROKEN, orphan),))
    remarks = [Remark(Note.GARBLED, tag, {"encoding": encoding}) for tag in damaged]
    remarks += [] if piece.whole else [Remark(Note.MENDED, LAST)]
    return Reading(place, position, piece.content, record, encoding, tuple(remarks), _flavour(record))


def _flavour(record: Record) -> Flavour:
    """IRBIS, unless the record has the coded data of UNIMARC (100) or fields of MARC 21."""
    coded = any(len(text) > 20 for one in record.fields("100") for code, text in one.subfields if code == "a")
    return flavour_of(record) if coded or record.fields("245") else Flavour.IRBIS


def _record(content: bytes, encoding: str, *, told: bool) -> tuple[Record, list[str], str]:
    """The record, the tags of fields with damage, and the beginning of a first line that belongs to no field."""
    record, damaged = Record(), dict[str, None]()
    for line in _folded(_decoded_lines(content, encoding, told=told)):
        if not (found := LINE.fullmatch(line.text)):
            return record, [], line.text[:40]
        tag = found[1].lstrip("0").zfill(3)
        if line.damaged:
            damaged[tag] = None
        text = found[2].rstrip("\r\n").replace("^^", " ")
        if tag < "010" and "^" not in text:
            record.controls.setdefault(tag, text.strip())
        else:
            record.data.append(_field(tag, text))
    return record, list(damaged), ""


def _decoded_lines(content: bytes, encoding: str, *, told: bool) -> Iterator[Decoded]:
    """The lines that say something, without the last one; each is decoded by itself."""
    if encoding.startswith("utf-16"):
        text = content.decode(encoding, errors="replace")
        lines = [Decoded(line, "\ufffd" in line) for line in text.split("\n")]
    else:
        lines = [decode(line, encoding, told=told) for line in content.split(b"\n")]
    for line in lines:
        text = line.text.lstrip("\ufeff").strip("\r\x00\x1a")
        if text.strip() and not text.startswith(LAST):
            yield Decoded(text, line.damaged)


def _folded(lines: Iterator[Decoded]) -> Iterator[Decoded]:
    """Lines that go on with a field are put to its end."""
    field: Decoded | None = None
    for line in lines:
        if field is not None and not LINE.fullmatch(line.text):
            field = Decoded(f"{field.text} {line.text}", field.damaged or line.damaged)
            continue
        if field is not None:
            yield field
        field = line
    if field is not None:
        yield field


def _field(tag: str, text: str) -> Field:
    before, *parts = SUBFIELD.split(text)
    found = [(code.lower(), part) for code, part in zip(parts[::2], parts[1::2], strict=True)]
    if found and len(before) <= 2:
        return Field(tag, (before.ljust(2)[0], before.ljust(2)[1]), found)
    return Field(tag, (" ", " "), [("", before.strip()), *found] if before.strip() else found)
