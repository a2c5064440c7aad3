"""The text of a file beside its other derivatives: packed, and yet a piece of it is read alone.

A piece is a page, or a part of a long one, so that a book of a thousand pages is not unpacked to show a line of one.
The file is gzip (RFC 1952): a first member that holds nothing but, in its extra field, where the others begin, then a
member for each piece, a JSON list of its page and its text.
"""

import gzip
import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

from repo.storage import derivatives

RECIPE = "text-2.gz"
FORMER_RECIPE = "text.json.gz"
"""A JSON list with a string for each page, packed as one: what earlier releases made, and of more pages than the table
holds."""

PIECE = 16_384
"""Characters of a piece, unless there are too many pieces for the table."""

HEAD = struct.Struct("<BBBBIBBHBBH")  # RFC 1952, 2.3: with the extra field, which has one subfield
SUBFIELD = b"Mu"
OFFSET = struct.Struct("<I")
MOST_PIECES = (0xFFFF - 4) // OFFSET.size - 1
"""How many fit into the extra field, whose length is a 16-bit number."""

DAMAGE = (OSError, EOFError, ValueError, TypeError, IndexError, struct.error, zlib.error)
"""What reading damaged bytes raises."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`page` counts from 1."""

    page: int
    text: str


def write_text(digest: str, pages: Sequence[str]) -> None:
    """Keep the pages of the file with this SHA-512. Raises StorageFullError."""
    if len(pages) > MOST_PIECES:
        said = json.dumps(pages, ensure_ascii=False).encode(errors="replace")
        derivatives().put(digest, FORMER_RECIPE, gzip.compress(said, 6, mtime=0))
    else:
        derivatives().put(digest, RECIPE, pack(pages))


def has_text(digest: str) -> bool:
    return _find(digest) is not None


def read_pages(digest: str) -> list[str]:
    """The pages of a file, or the parts of a document without pages; empty if its text was not kept, or is damaged or
    gone: it can be made again."""
    pages: list[str] = []
    for piece in read_pieces(digest):
        pages += [""] * (piece.page - len(pages))
        pages[-1] += piece.text
    return pages


def read_pieces(digest: str) -> list[Piece]:
    """The same in pieces."""
    path = _find(digest)
    try:
        return [] if path is None else list(_all_pieces(path))
    except DAMAGE:
        return []


def read_piece(digest: str, number: int) -> str:
    """The text of one piece, counted from 0; "" if there is none any more."""
    path = _find(digest)
    try:
        if path is None:
            return ""
        return _one_piece(path, number) if path.name == RECIPE else list(_all_pieces(path))[number].text
    except DAMAGE:
        return ""


def pack(pages: Sequence[str]) -> bytes:
    """The file of at most MOST_PIECES pages."""
    pieces = _cut_all(pages, PIECE)
    if len(pieces) > MOST_PIECES:
        pieces = _cut_all(pages, max(map(len, pages)))
    members = [_pack_piece(piece) for piece in pieces]
    empty = gzip.compress(b"", mtime=0)[10:]  # without its head
    room = OFFSET.size * (len(members) + 1)
    head = HEAD.pack(0x1F, 0x8B, 8, 4, 0, 0, 255, room + 4, *SUBFIELD, room)
    first = len(head) + room + len(empty)
    table = accumulate(map(len, members), initial=first)
    return b"".join([head, *map(OFFSET.pack, table), empty, *members])


def _cut_all(pages: Sequence[str], length: int) -> list[Piece]:
    return [piece for page, text in enumerate(pages, 1) for piece in _cut(page, text, length)]


def _cut(page: int, text: str, length: int) -> Iterator[Piece]:
    """A page in pieces, between words if possible."""
    at = 0
    while at < len(text) or at == 0:
        end = at + length
        if end < len(text):
            end = max(text.rfind(" ", at, end), text.rfind("\n", at, end)) + 1 or end
        yield Piece(page, text[at:end])
        at = max(end, 1)


def _pack_piece(piece: Piece) -> bytes:
    said = json.dumps([piece.page, piece.text], ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(said.encode(errors="replace"), 6, mtime=0)


def _find(digest: str) -> Path | None:
    return derivatives().get(digest, RECIPE) or derivatives().get(digest, FORMER_RECIPE)


def _all_pieces(path: Path) -> Iterator[Piece]:
    content = path.read_bytes()
    if path.name == FORMER_RECIPE:
        yield from (Piece(page, str(text)) for page, text in enumerate(json.loads(gzip.decompress(content)), 1))
        return
    count = HEAD.unpack_from(content)[-1] // OFFSET.size
    offsets = struct.unpack_from(f"<{count}I", content, HEAD.size)
    for start, end in pairwise(offsets):
        yield _read_member(content[start:end])


def _one_piece(path: Path, number: int) -> str:
    with path.open("rb") as file:
        head = file.read(HEAD.size)
        if not 0 <= number < HEAD.unpack(head)[-1] // OFFSET.size - 1:
            return ""
        file.seek(HEAD.size + number * OFFSET.size)
        start, end = struct.unpack("<2I", file.read(2 * OFFSET.size))
        file.seek(start)
        return _read_member(file.read(end - start)).text


def _read_member(member: bytes) -> Piece:
    page, text = json.loads(gzip.decompress(member))
    return Piece(int(page), str(text))
