"""Tables as text: CSV with commas, semicolons or tabs, in whatever encoding, read by the row from any of them; pure.

What offices write is wider than RFC 4180: Excel writes semicolons, "sep=;" before the titles, UTF-16 with tabs or the
code page of the machine, and lines of several programs end up in one file. Quotes must close: a quote that does not
would take the rows below it into one.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingest.loaders.elements import TooLongError
from ingest.loaders.packages import Note, Remark
from ingest.readers.documents import is_utf8
from ingest.readers.plain_text import detect_encoding

BLOCK = 1 << 16
LONGEST_LINE = 1 << 22
JUDGED = 1 << 14
"""Bytes by which an encoding is judged, from the first that is not ASCII."""
SEARCHED = 1 << 23
"""Bytes that are searched for it."""
DELIMITERS = ",;\t|"
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Row:
    """A row: `number` counts from 1 as spreadsheets do, `end` is where the next one begins."""

    number: int
    end: int
    cells: list[str]
    raw: bytes
    remarks: tuple[Remark, ...] = ()
    dates: frozenset[int] = frozenset()
    """The cells that a spreadsheet holds as dates."""


@dataclass(frozen=True)
class Dialect:
    """How a file is written. `newline` are the bytes that end a line, on a multiple of `width` bytes."""

    encoding: str
    delimiter: str
    newline: bytes
    width: int
    start: int
    """Where the titles begin."""


def read_dialect(path: Path, encoding: str = "") -> Dialect:
    """Find out how a file is written; `encoding` "" is detected. Raises LookupError for an encoding nobody knows."""
    with path.open("rb") as file:
        head = file.read(BLOCK)
        encoding = encoding or _judge(_judged(file, head))
    codec, mark = _without_mark(codecs.lookup(encoding).name, head)
    width = 2 if codec.startswith("utf-16") else 1
    text = head[mark : mark + (len(head) - mark) // width * width].decode(codec, "replace")
    ending = "\n" if "\n" in text else "\r"
    newline = ending.encode(codec)
    first = text.split(ending, 1)[0]
    if first.rstrip("\r").lower()[:4] == "sep=" and len(first.rstrip("\r")) == 5:
        start = mark + len(first.encode(codec)) + len(newline)
        return Dialect(codec, first[4], newline, width, start)
    return Dialect(codec, _delimiter(text), newline, width, mark)


def read_rows(path: Path, dialect: Dialect, start: int, number: int) -> Iterator[Row]:
    """The rows from byte `start` on, the first of which has the given number. Raises TooLongError."""
    with path.open("rb") as file:
        lines = _Lines(file, dialect, start)
        reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True, skipinitialspace=True)
        while True:
            fault: tuple[Remark, ...] = ()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                note = Note.TOO_LARGE if "limit" in str(error) else Note.BROKEN
                cells, fault = [], (Remark(note, "", {"lines": lines.count, "why": str(error)}),)
            raw, remarks = lines.taken()
            yield Row(number, lines.at, cells, raw, (*fault, *remarks))
            number += 1


class _Lines:
    """The lines of a file as text, with a memory of their bytes: `at` is where the next line begins."""

    def __init__(self, file: BinaryIO, dialect: Dialect, start: int) -> None:
        self._lines = _split(file, dialect, start)
        self._dialect = dialect
        self._raw: list[bytes] = []
        self._remarks: list[Remark] = []
        self.at = start

    @property
    def count(self) -> int:
        return len(self._raw)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = next(self._lines)
        self._raw.append(raw)
        try:
            return raw.decode(self._dialect.encoding)
        except UnicodeDecodeError:
            return self._decode_anyway(raw)

    def _decode_anyway(self, raw: bytes) -> str:
        """A line in another encoding than the rest: programs that append to a file of others leave such."""
        guess = detect_encoding(raw)
        if guess in ("utf-8", "utf-8-sig") or self._dialect.width > 1 or guess.startswith("utf-16"):
            self._remarks.append(Remark(Note.GARBLED, "", {"encoding": self._dialect.encoding}))
            return raw.decode(self._dialect.encoding, "replace")
        self._remarks.append(Remark(Note.MENDED, "", {"encoding": guess}))
        return raw.decode(guess, "replace")

    def taken(self) -> tuple[bytes, tuple[Remark, ...]]:
        """The bytes of the row that was read, and what was remarked on the way."""
        raw, remarks = b"".join(self._raw), tuple(self._remarks)
        self.at += len(raw)
        self._raw.clear()
        self._remarks.clear()
        return raw, remarks


def _split(file: BinaryIO, dialect: Dialect, start: int) -> Iterator[bytes]:
    file.seek(start)
    newline, width = dialect.newline, dialect.width
    left = b""
    while block := file.read(BLOCK):
        held, begin = left + block, 0
        at = held.find(newline, max(0, len(left) - width))
        while at >= 0:
            if (at - begin) % width == 0:
                yield held[begin : at + width]
                begin = at + width
            at = held.find(newline, max(at + 1, begin))
        left = held[begin:]
        if len(left) > LONGEST_LINE:
            raise TooLongError
    if left:
        yield left


def _judge(content: bytes) -> str:
    """The encoding of most lines: one in another encoding does not decide for all."""
    found = detect_encoding(content)
    lines = [line for line in content.splitlines() if not line.isascii()]
    if not found.startswith("utf") and sum(map(is_utf8, lines)) * 2 >= len(lines) > 0:
        return "utf-8"
    return found


def _judged(file: BinaryIO, head: bytes) -> bytes:
    """The part of a file by which its encoding is judged: the head, and what follows the first letter beyond ASCII."""
    block, read = head, len(head)
    while block.isascii() and read < SEARCHED and (following := file.read(BLOCK)):
        block, read = following, read + len(following)
    at = next((number for number, byte in enumerate(block) if byte > 127), 0)
    judged = block[max(0, at - 64) : at + JUDGED] if block is not head or at > JUDGED else block[:JUDGED]
    return judged.rpartition(b"\n")[0] or judged


def _without_mark(codec: str, head: bytes) -> tuple[str, int]:
    """The codec that reads from any place of a file, and the length of the byte order mark in front."""
    for mark, plain in MARKS:
        if head.startswith(mark) and codec in (plain, "utf-8-sig", "utf-16"):
            return plain, len(mark)
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(codec, codec), 0


def _delimiter(text: str) -> str:
    """What parts the titles: the character of which the first row has most outside of quotes."""
    counts = {}
    for delimiter in DELIMITERS:
        try:
            first = next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            first = []
        counts[delimiter] = len(first)
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])
