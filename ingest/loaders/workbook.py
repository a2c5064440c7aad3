"""Spreadsheets (XLSX, ECMA-376 part 1, 18), read by the row in bounded memory, from any row on; pure.

The first sheet that is shown counts. A cell is what the person saw: a date as its format shows it, a number without
exponents, zeros in front where the format has them. A formula counts as the value that the program saved with it,
unless that value may be another by now (`STALE`); then the formula itself is the cell, and no work is made of it.
"""

import posixpath
import re
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from ingest.loaders.cells import Style, column_number, read_styles, show_number
from ingest.loaders.delimited import Row
from ingest.loaders.elements import TooLongError, raw_elements
from ingest.loaders.packages import Note, Remark
from ingest.readers.archives import BrokenError, local_name, parse_xml

SMALL_PART = 1 << 24
IN_MEMORY = 1 << 25
RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
STALE = re.compile(r"\[\d+\]|\b(TODAY|NOW|RAND|RANDBETWEEN|INDIRECT|OFFSET|CELL|INFO|WEBSERVICE)\(", re.I)
"""Formulas whose value depends on the day, on chance or on another file."""
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
FAULTS = (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, RuntimeError, zlib.error, BrokenError)


@contextmanager
def open_workbook(path: Path) -> Iterator["Workbook"]:
    """Raises BrokenError when it is no spreadsheet, TooLongError when it is too large for one."""
    try:
        with zipfile.ZipFile(path) as file, SpooledTemporaryFile(max_size=IN_MEMORY) as texts:
            yield Workbook(file, texts)
    except TooLongError:
        raise
    except FAULTS as error:
        raise BrokenError(str(error)) from error


@dataclass(frozen=True)
class _Cell:
    text: str
    remark: Remark | None = None
    dated: bool = False


class Workbook:
    """`texts` is where the texts that cells share are kept."""

    def __init__(self, file: zipfile.ZipFile, texts: IO[bytes]) -> None:
        self._file = file
        root = parse_xml(self._part("xl/workbook.xml"))
        properties = next((one for one in root if local_name(one) == "workbookPr"), None)
        calculation = next((one for one in root if local_name(one) == "calcPr"), None)
        self._from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self._stale = calculation is not None and calculation.get("fullCalcOnLoad") in ("1", "true")
        self._sheet = self._first_sheet(root)
        names = file.namelist()
        self._styles = read_styles(parse_xml(self._part("xl/styles.xml"))) if "xl/styles.xml" in names else []
        self._strings = _Strings(texts)
        if "xl/sharedStrings.xml" in names:
            with file.open("xl/sharedStrings.xml") as part:
                self._strings.collect(part)

    def rows(self, after: int = 0) -> Iterator[Row]:
        """The rows that hold something, from the one after the given number on."""
        with self._file.open(self._sheet) as part:
            for number, raw, frame in _raw_rows(part):
                if number > after:
                    yield self._row(number, raw, frame)

    def _part(self, name: str) -> bytes:
        with self._file.open(name) as part:
            content = part.read(SMALL_PART + 1)
        if len(content) > SMALL_PART:
            raise TooLongError
        return content

    def _first_sheet(self, root: Any) -> str:
        """The part that holds the first sheet which is not hidden."""
        relations = parse_xml(self._part("xl/_rels/workbook.xml.rels"))
        targets = {one.get("Id"): one.get("Target") or "" for one in relations}
        sheets = [one for one in root.iter() if local_name(one) == "sheet"]
        shown = [sheet for sheet in sheets if sheet.get("state", "visible") == "visible"]
        if not shown:
            raise BrokenError("no sheet")
        return posixpath.normpath(posixpath.join("/xl", targets[shown[0].get(f"{RELATIONS}id")])).lstrip("/")

    def _row(self, number: int, raw: bytes, frame: tuple[bytes, bytes]) -> Row:
        try:
            row = next(iter(parse_xml(frame[0] + raw + frame[1])))
        except (BrokenError, StopIteration) as error:
            return Row(number, 0, [], b"", (Remark(Note.BROKEN, "", {"why": str(error)[:200]}),))
        cells: list[str] = []
        remarks: list[Remark] = []
        dated: set[int] = set()
        for element in row:
            at = column_number(element.get("r") or "", len(cells))
            cell = self._cell(element)
            cells.extend([""] * (at + 1 - len(cells)))
            cells[at] = cell.text
            dated.update({at} if cell.dated else ())
            remarks.extend([cell.remark] if cell.remark else [])
        return Row(number, 0, cells, b"", tuple(remarks), frozenset(dated))

    def _cell(self, element: Any) -> _Cell:
        parts = {local_name(part): part for part in element}
        value = parts["v"].text or "" if "v" in parts else ""
        kind = element.get("t") or "n"
        if "f" in parts and (not value or self._stale or kind == "e" or STALE.search(parts["f"].text or "")):
            return _Cell("=" + (parts["f"].text or value))
        cell = self._value(kind, value, parts, element.get("s") or "")
        if "f" not in parts:
            return cell
        return _Cell(cell.text, Remark(Note.MENDED, element.get("r") or "", {"formula": (parts["f"].text or "")[:200]}))

    def _value(self, kind: str, value: str, parts: dict[str, Any], style: str) -> _Cell:
        match kind:
            case "s":
                return _Cell(self._strings.get(int(value)) if value.isdecimal() else "")
            case "inlineStr":
                return _Cell(_said(parts["is"]) if "is" in parts else "")
            case "b":
                return _Cell("TRUE" if value == "1" else "FALSE")
            case "e":
                return _Cell("=" + value)
            case "n":
                known = self._styles[int(style)] if style.isdecimal() and int(style) < len(self._styles) else Style()
                text = show_number(value, known, self._from_1904)
                return _Cell(text, dated=bool(known.date))
        return _Cell(_unescape(value), dated=kind == "d")


class _Strings:
    """The texts that cells share (18.4.9), each read when it is asked for: a table of a million has hundreds of MB."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._begins = array("Q")
        self._frame = (b"", b"")
        self.get = lru_cache(maxsize=4096)(self._get)

    def collect(self, part: IO[bytes]) -> None:
        at = 0
        for raw, self._frame, _ in raw_elements(part, b"si", b"sst"):
            self._begins.append(at)
            at += self._content.write(raw)
        self._begins.append(at)

    def _get(self, number: int) -> str:
        if number + 1 >= len(self._begins):
            raise BrokenError("a cell without its text")
        self._content.seek(self._begins[number])
        raw = self._content.read(self._begins[number + 1] - self._begins[number])
        return _said(next(iter(parse_xml(self._frame[0] + raw + self._frame[1]))))


def _said(element: Any) -> str:
    """The text of its runs, without the readings of Japanese characters (18.4.6)."""
    if local_name(element) == "rPh":
        return ""
    if local_name(element) == "t":
        return _unescape(element.text or "")
    return "".join(map(_said, element))


def _unescape(text: str) -> str:
    """Characters that XML cannot hold stand as _x000D_ (22.9.2.19)."""
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _raw_rows(part: IO[bytes]) -> Iterator[tuple[int, bytes, tuple[bytes, bytes]]]:
    number = 0
    for raw, frame, _ in raw_elements(part, b"row", b"worksheet"):
        told = re.match(rb"<[^>]*?\sr=[\"'](\d{1,7})[\"']", raw)
        number = int(told[1]) if told else number + 1
        yield number, raw, frame
