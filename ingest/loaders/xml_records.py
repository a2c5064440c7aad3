"""`<record>`s of MARC in a file of XML of any size, with the bytes where they lie; pure.

expat tells the byte of every tag, so that a record is kept as it came and a load goes on in the middle of a file: the
parser is given the beginning of the file up to its first record, and then the rest from there. Entities are not
declared, nothing is fetched, and no record is larger or deeper than a record may be.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from lxml import etree
from lxml.etree import _Element

from ingest.loaders.iso2709 import LARGEST
from ingest.loaders.packages import Note, Remark

CHUNK = 1 << 16
HEAD = 1 << 20
"""Bytes before the first record that are read."""
DEEPEST = 40
BEGIN = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?record[\s>]")
CHILDREN = ("leader", "controlfield", "datafield")


@dataclass(frozen=True)
class Found:
    """A record and its bytes, or why there is none; `end` is the byte to go on from."""

    end: int
    raw: bytes = b""
    element: _Element | None = None
    remark: Remark | None = None
    encoding: str = ""


class _RefusedError(Exception):
    def __init__(self, note: Note) -> None:
        super().__init__(note)
        self.note = note


class _Parser:
    """Feeds expat and builds the innermost `record` that is open."""

    def __init__(self, encoding: str, head: bytes, offset: int) -> None:
        self.expat = expat.ParserCreate(encoding or None, "}")
        self.expat.buffer_text = True
        self.expat.StartElementHandler = self._start
        self.expat.EndElementHandler = self._end
        self.expat.CharacterDataHandler = self._text
        self.expat.EntityDeclHandler = self._entity
        self.expat.XmlDeclHandler = self._declaration
        self.encoding = encoding or "utf-8"
        self.told = bool(encoding)
        self.window = bytearray()
        self.window_at = offset  # the byte of the file where the window begins
        self.shift = offset - len(head)  # what lies between expat's count and the file's
        self.found: list[Found] = []
        self.names: list[str] = []
        self.builder: etree.TreeBuilder | None = None
        self.begin = self.depth = 0
        self.is_marc = False
        self.live = not head
        self.little = head.startswith(codecs.BOM_UTF16_LE)
        if head:
            self.expat.Parse(head, False)
            self.live = True

    def feed(self, chunk: bytes) -> list[Found]:
        """The records that end in this chunk; b"" is the end of the file. Raises expat.ExpatError and _RefusedError."""
        self.little |= self.window_at == 0 and chunk.startswith(codecs.BOM_UTF16_LE)
        self.window += chunk
        self.expat.Parse(chunk, not chunk)
        found, self.found = self.found, []
        needed = self.begin if self.builder is not None else self._here()
        if self.window_at + len(self.window) - needed > LARGEST:
            raise _RefusedError(Note.TOO_LARGE)
        del self.window[: needed - self.window_at]
        self.window_at = max(self.window_at, needed)
        return found

    def trouble(self) -> int:
        """The byte where what is damaged begins: the record that is open, or what stands between records."""
        return self.begin if self.builder is not None else self._here()

    def _here(self) -> int:
        return max(self.window_at, self.expat.CurrentByteIndex + self.shift)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.names.append(name)
        if len(self.names) > DEEPEST:
            raise _RefusedError(Note.BROKEN)
        local = name.rpartition("}")[2]
        if local == "record" and self.live:
            self.builder, self.begin, self.depth = etree.TreeBuilder(), self._here(), len(self.names)
            self.is_marc = False
        if self.builder is not None:
            self.is_marc |= local in CHILDREN and len(self.names) == self.depth + 1
            self.builder.start(_tag(name), {_tag(key): value for key, value in attributes.items()})

    def _text(self, text: str) -> None:
        if self.builder is not None:
            self.builder.data(text)

    def _end(self, name: str) -> None:
        self.names.pop()
        if self.builder is None:
            return
        self.builder.end(_tag(name))
        if len(self.names) == self.depth - 1:
            builder, self.builder = self.builder, None
            if self.is_marc:
                self._keep(builder.close())

    def _keep(self, element: _Element) -> None:
        close = self.window.find(b">", self._here() - self.window_at) + (2 if self.little else 1)
        raw = bytes(self.window[self.begin - self.window_at : close])
        self.found.append(Found(self.window_at + close, raw, element, encoding=self.encoding))

    def _declaration(self, _version: str, encoding: str | None, _alone: int) -> None:
        if encoding and not self.told:
            self.encoding = encoding.lower()

    def _entity(self, *_told: object) -> None:
        raise _RefusedError(Note.BROKEN)


def _tag(name: str) -> str:
    return "{" + name if "}" in name else name


def find_records(path: Path, encoding: str = "", offset: int = 0) -> Iterator[Found]:
    """The records from a byte on; after damage it goes on at the next one that begins."""
    with path.open("rb") as file:
        size = path.stat().st_size
        begin = _first_record(file, encoding)
        if begin is None or begin > HEAD:
            yield from [Found(size, remark=Remark(Note.BROKEN))] if offset < size else []
            return
        file.seek(0)
        head = file.read(begin)
        offset = max(offset, begin)
        while offset < size:
            parser = _Parser(encoding, head, offset)
            file.seek(offset)
            try:
                while chunk := file.read(CHUNK):
                    yield from parser.feed(chunk)
                yield from parser.feed(b"")
                return
            except (expat.ExpatError, _RefusedError, ValueError) as error:
                yield from parser.found
                begin = parser.trouble()
                offset = _next_record(file, begin + 1, size)
                if remark := _remark(parser, error, file, at_end=offset == size):
                    yield Found(offset, _raw(file, begin, offset), remark=remark)


def _first_record(file: BinaryIO, encoding: str) -> int | None:
    """The byte where the first record begins; None if there is none that can be reached."""
    parser = _Parser(encoding, b"", 0)
    try:
        while chunk := file.read(CHUNK):
            if found := parser.feed(chunk):
                return found[0].end - len(found[0].raw)
        found = parser.feed(b"")
    except (expat.ExpatError, _RefusedError, ValueError):
        if parser.found:
            return parser.found[0].end - len(parser.found[0].raw)
        return parser.begin if parser.builder is not None else None
    return None


def _raw(file: BinaryIO, begin: int, end: int) -> bytes:
    """What is damaged, unless it is too much to be kept."""
    file.seek(begin)
    return file.read(end - begin) if end - begin <= LARGEST else b""


def _next_record(file: BinaryIO, offset: int, size: int) -> int:
    """Where the next tag of a record begins, or the end of the file."""
    file.seek(offset)
    kept = b""
    while chunk := file.read(CHUNK):
        kept += chunk
        if found := BEGIN.search(kept):
            return offset + found.start()
        offset += max(0, len(kept) - 256)
        kept = kept[-256:]
    return size


def _remark(parser: _Parser, error: Exception, file: BinaryIO, *, at_end: bool) -> Remark | None:
    """What is wrong, if it is more than that there is something between records or behind them."""
    if isinstance(error, _RefusedError):
        most = {"most": LARGEST} if error.note is Note.TOO_LARGE else {}
        return Remark(error.note, data={**most})
    if parser.builder is not None:
        return Remark(Note.CUT_OFF if at_end and _ends(error) else Note.BROKEN)
    if not parser.names or not at_end or _is_closed(file, parser.names[0]):
        return None
    return Remark(Note.CUT_OFF)


def _ends(error: Exception) -> bool:
    """Whether the parser wanted more than there is."""
    names = ("XML_ERROR_NO_ELEMENTS", "XML_ERROR_UNCLOSED_TOKEN", "XML_ERROR_PARTIAL_CHAR")
    wanted = [expat.errors.codes[getattr(expat.errors, name)] for name in names]
    return isinstance(error, expat.ExpatError) and error.code in wanted


def _is_closed(file: BinaryIO, root: str) -> bool:
    """Whether the last thing in a file is the end of its root: then nothing behind the last record is lost."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - 1024))
    local = re.escape(root.rpartition("}")[2].encode())
    return re.search(rb"</(?:[^<>:]*:)?" + local + rb"\s*>[\s\x00]*$", file.read()) is not None
