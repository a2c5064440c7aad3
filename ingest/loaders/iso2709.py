"""ISO 2709:2008 as bytes: records found in a file whatever its leaders say, and their fields; pure.

A record ends with 0x1D, which no encoding of a catalogue holds otherwise: that is what is trusted. Lengths in leader
and directory are counted in bytes by the standard, in characters or not at all by some systems. Where they do not fit,
fields are taken in the order of the directory, each to its 0x1E, and the record counts as mended.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingest.loaders.packages import Note, Remark

END, FIELD, SUBFIELD = b"\x1d", b"\x1e", b"\x1f"
LEADER = 24
ENTRY = 12
"""Bytes of an entry of the directory: a tag of 3, a length of 4, a start of 5 (leader, positions 20 to 22)."""
LARGEST = 2 << 20
"""Bytes of a record that is read: the standard's 99,999 and room for those that break it."""
CHUNK = 1 << 18
BEGIN = re.compile(rb"\d{5}[a-z][a-z0-9][ -~]{3}22\d{5}[ -~]{3}45[\d ]{2}(?=[0-9A-Z]{3}\d)")
"""A leader of any MARC and the first entry's tag, as it stands inside of a record whose end was lost."""
NOTHING = b" \t\r\n\x00\x1a\xef\xbb\xbf"
"""What may stand between records: line ends, DOS' end of file, padding, the mark of UTF-8."""


@dataclass(frozen=True)
class Piece:
    """The bytes of a record, `end` the offset behind them. `whole`: it had its 0x1D."""

    content: bytes
    end: int
    whole: bool = True
    size: int = 0
    """Its bytes, if they were too many to be kept."""


@dataclass(frozen=True)
class RawField:
    tag: str
    content: bytes


@dataclass(frozen=True)
class RawRecord:
    leader: bytes
    fields: tuple[RawField, ...]
    remarks: tuple[Remark, ...] = ()


def find_records(path: Path, offset: int = 0) -> Iterator[Piece]:
    """The records of a file from a byte on, at most two chunks and one record in memory."""
    with path.open("rb") as file:
        file.seek(offset)
        for content, end, whole, size in _find_ends(file, offset):
            if size:
                yield Piece(b"", end, whole, size)
            else:
                yield from _parts(content, end, whole)


def _find_ends(file: BinaryIO, offset: int) -> Iterator[tuple[bytes, int, bool, int]]:
    """What lies between ends of records: its bytes, where it ends, whether by 0x1D, its size if it is left out."""
    kept, lost = bytearray(), 0
    while chunk := file.read(CHUNK):
        *ended, rest = chunk.split(END)
        for part in ended:
            size = lost + len(kept) + len(part) + 1
            offset += len(part) + 1
            too_large = size > LARGEST
            yield (b"" if too_large else bytes(kept) + part + END), offset, True, (size if too_large else 0)
            kept, lost = bytearray(), 0
        offset += len(rest)
        kept += rest
        if len(kept) > LARGEST:
            lost, kept = lost + len(kept), bytearray()
    if lost or kept:
        yield bytes(kept), offset, False, (lost + len(kept) if lost else 0)


def _parts(content: bytes, end: int, whole: bool) -> Iterator[Piece]:
    """One record, or several where the ends of those before were lost."""
    found = content.lstrip(NOTHING)
    start = end - len(found)
    cuts = [0]
    if found[:5] != b"%05d" % len(found):
        cuts += [begin.start() for begin in BEGIN.finditer(found) if begin.start() > 0]
    for begin, until in zip(cuts, [*cuts[1:], len(found)], strict=True):
        ended = whole and until == len(found)
        part = found[begin:until] if ended else found[begin:until].rstrip(NOTHING)
        if part.strip(NOTHING + END):
            yield Piece(part, start + until, ended)


def read_record(piece: Piece) -> RawRecord | Remark:
    """The fields of a record, or why there are none."""
    content = piece.content
    if piece.size:
        return Remark(Note.TOO_LARGE, data={"bytes": piece.size, "most": LARGEST})
    if not re.match(rb"[\d ]{0,4}$|[\d ]{5}", content):
        return Remark(Note.BROKEN)
    leader = content[:LEADER]
    told = int(leader[12:17]) if leader[12:17].isdigit() else 0
    base = content.find(FIELD, LEADER) + 1
    if base == 0:
        return Remark(Note.BROKEN if piece.whole else Note.CUT_OFF)
    directory, body = content[LEADER : base - 1], content[base:].removesuffix(END)
    fields = _fields_by_directory(directory, body)
    exact = fields is not None
    if fields is None:
        fields = _fields_by_ends(directory, body) if piece.whole else None
    if fields is None:
        return Remark(Note.BROKEN if piece.whole else Note.CUT_OFF)
    right = exact and told == base and piece.whole and leader[:5] == b"%05d" % len(content)
    return RawRecord(leader, tuple(fields), () if right else (_mended(leader, content, exact),))


def _mended(leader: bytes, content: bytes, exact: bool) -> Remark:
    about = "leader" if exact else "directory"
    return Remark(Note.MENDED, about, {"told": leader[:5].decode("ascii", "replace"), "bytes": len(content)})


def _fields_by_directory(directory: bytes, body: bytes) -> list[RawField] | None:
    """The fields where the directory says, None if it is not so that each of them ends there and nowhere before."""
    if len(directory) % ENTRY or not directory:
        return None
    fields = []
    for at in range(0, len(directory), ENTRY):
        entry = directory[at : at + ENTRY]
        if not entry[3:].isdigit():
            return None
        length, start = int(entry[3:7]), int(entry[7:])
        content = body[start : start + length]
        if len(content) != length or content.find(FIELD) != length - 1:
            return None
        fields.append(RawField(_tag(entry), content[:-1]))
    return fields


def _fields_by_ends(directory: bytes, body: bytes) -> list[RawField] | None:
    """The fields in the order of the directory, None unless there are as many, and half of them as long as it says."""
    parts = body.removesuffix(FIELD).split(FIELD)
    entries = [directory[at : at + ENTRY] for at in range(0, len(directory), ENTRY)]
    if len(directory) % ENTRY or len(entries) != len(parts):
        return None
    if not all(re.match(rb"[0-9A-Za-z]{3}", entry) for entry in entries):
        return None
    fitting = sum(_fits(entry[3:7], part) for entry, part in zip(entries, parts, strict=True))
    if 2 * fitting < len(parts):
        return None
    return [RawField(_tag(entry), part) for entry, part in zip(entries, parts, strict=True)]


def _fits(told: bytes, part: bytes) -> bool:
    """Whether a field is as long as told: in bytes, in characters of UTF-8, or in the bytes UTF-8 would take."""
    if not told.isdigit():
        return False
    beyond = sum(byte >= 0x80 for byte in part)
    inner = sum(0x80 <= byte < 0xC0 for byte in part)
    return int(told) - 1 in (len(part), len(part) - inner, len(part) + beyond)


def _tag(entry: bytes) -> str:
    return entry[:3].decode("ascii", errors="replace")
