"""PDF by PDFium: the text of its pages, the look of the first lines, the picture of the first page.

What PDFium cannot open is repaired by qpdf (through pikepdf) and tried again.
"""

import ctypes
import itertools
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.flags import Code, Flag
from ingest.readers.documents import LINES, Line, Text, clean, clean_line
from ingest.readers.pdf_metadata import read_metadata
from ingest.stages.context import Context

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["draw_cover", "read_metadata", "read_text"]

PASSWORD_ERROR = raw.FPDF_ERR_PASSWORD
FOREIGN = re.compile("[\ufffd\ue000-\uf8ff]")
"""Letters of fonts that do not say which letters they are."""
REPAIRED = Path("repaired.pdf")
LOOKED_AT = 2
"""Pages whose lines are looked at for a title: a cover sheet and the beginning."""
LETTERS_OF_A_PAGE = 8
"""Fewer letters a page, on average, are a stamp or a page number on a scan, not a text."""
SAMPLES = 3
"""Letters of a line that are asked for their font: each question is a call into PDFium."""


class UnreadableError(Exception):
    """The document cannot be opened; `flag` says why."""

    def __init__(self, flag: Flag) -> None:
        super().__init__(flag.code)
        self.flag = flag


@contextmanager
def open_document(context: Context) -> Iterator[tuple[pdfium.PdfDocument, list[Flag]]]:
    """The document, repaired if need be, and what there is to say about that. Raises UnreadableError."""
    flags: list[Flag] = []
    try:
        document = pdfium.PdfDocument(context.path)
    except pdfium.PdfiumError as error:
        if error.err_code == PASSWORD_ERROR:
            raise UnreadableError(Flag(Code.ENCRYPTED)) from error
        document = _repair(context.path)
        flags.append(Flag(Code.DAMAGED_REPAIRED))
    try:
        if not len(document):
            raise UnreadableError(Flag(Code.DAMAGED))
        yield document, flags
    finally:
        document.close()


def _repair(path: Path) -> pdfium.PdfDocument:
    import pikepdf

    try:
        with pikepdf.open(path) as damaged:
            damaged.save(REPAIRED)
        return pdfium.PdfDocument(REPAIRED)
    except pikepdf.PasswordError as error:
        raise UnreadableError(Flag(Code.ENCRYPTED)) from error
    # qpdf gives up in several ways, and what it saved may be no better.
    except (pikepdf.PdfError, pdfium.PdfiumError, RuntimeError, ValueError) as error:
        raise UnreadableError(Flag(Code.DAMAGED)) from error


def read_text(context: Context) -> Text:
    """Flags: encrypted, damaged, damaged_repaired, too_many_pages, too_big_text, timeout, no_text_layer,
    garbled_text, active_content."""
    try:
        with open_document(context) as (document, flags):
            pages, lines = _read_pages(document, context, flags)
            flags += _quality(pages, flags)
            if raw.FPDFDoc_GetJavaScriptActionCount(document) > 0:
                flags.append(Flag(Code.ACTIVE_CONTENT))
            return Text(tuple(pages), tuple(lines), tuple(flags))
    except UnreadableError as error:
        return Text(flags=(error.flag,))


def _read_pages(document: pdfium.PdfDocument, context: Context, flags: list[Flag]) -> tuple[list[str], list[Line]]:
    """The text of all pages and the first lines, until a limit is met; the limit is flagged."""
    limits = context.limits
    until = time.monotonic() + limits.seconds
    count, characters = len(document), 0
    pages: list[str] = []
    lines: list[Line] = []
    for number in range(count):
        if number == limits.pages:
            flags.append(Flag(Code.TOO_MANY_PAGES, {"read": number, "pages": count}))
            break
        if time.monotonic() > until:
            flags.append(Flag(Code.TIMEOUT, {"read": number, "pages": count}))
            break
        text, seen = _read_page(document, number, look=number < LOOKED_AT and len(lines) < LINES)
        characters += len(text)
        if characters > limits.characters:
            flags.append(Flag(Code.TOO_BIG_TEXT, {"characters": limits.characters}))
            break
        pages.append(text)
        lines += seen
    return pages, lines[:LINES]


def _read_page(document: pdfium.PdfDocument, number: int, look: bool) -> tuple[str, list[Line]]:
    try:
        page = document[number]
    except pdfium.PdfiumError:
        return "", []  # a broken page; the others may be whole
    try:
        textpage = page.get_textpage()
        text = textpage.get_text_range()
        return clean(text), _look(page, textpage, text, number) if look else []
    except pdfium.PdfiumError:
        return "", []
    finally:
        page.close()  # closes its text page, too


def _look(page: pdfium.PdfPage, textpage: pdfium.PdfTextPage, text: str, number: int) -> list[Line]:
    """The lines of a page with the size, weight and place of their letters."""
    width, height = page.get_size()
    lines = []
    start = 0
    for line in itertools.islice(text.split("\r\n"), LINES):
        end = start + len(line)
        if shown := clean_line(line):
            letters = [at for at in range(start, end) if not text[at].isspace()]
            if letters:
                lines.append(_measure(textpage, letters, shown, number, width, height))
        start = end + 2
    return lines


def _measure(
    textpage: pdfium.PdfTextPage, letters: list[int], shown: str, number: int, width: float, height: float
) -> Line:
    step = max(1, len(letters) // SAMPLES)
    indices = [raw.FPDFText_GetCharIndexFromTextIndex(textpage, at) for at in letters[::step]]
    sizes = sorted(raw.FPDFText_GetFontSize(textpage, at) * _scale(textpage, at) for at in indices)
    bold = sum(_is_bold(textpage, at) for at in indices) * 2 > len(indices)
    left = _box(textpage, indices[0])
    right = _box(textpage, raw.FPDFText_GetCharIndexFromTextIndex(textpage, letters[-1]))
    # Equal margins, and wider ones than a full line has.
    margins = left[0], width - right[1]
    centred = abs(margins[0] - margins[1]) < 0.04 * width and margins[0] > 0.14 * width
    size = round(sizes[len(sizes) // 2], 1)
    return Line(number, shown, size, bold, centred, round(1 - left[3] / height, 4) if height else 0.0)


def _box(textpage: pdfium.PdfTextPage, index: int) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of a letter."""
    sides = [ctypes.c_double() for _ in range(4)]
    raw.FPDFText_GetCharBox(textpage, index, *(ctypes.byref(side) for side in sides))
    return sides[0].value, sides[1].value, sides[2].value, sides[3].value


def _scale(textpage: pdfium.PdfTextPage, index: int) -> float:
    """What the text matrix makes of the font size: some programs write size 1 and scale the matrix."""
    matrix = raw.FS_MATRIX()
    if not raw.FPDFText_GetMatrix(textpage, index, matrix):
        return 1.0
    return float((matrix.c**2 + matrix.d**2) ** 0.5) or 1.0


def _is_bold(textpage: pdfium.PdfTextPage, index: int) -> bool:
    if raw.FPDFText_GetFontWeight(textpage, index) >= 600:
        return True
    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(textpage, index, name, len(name), ctypes.c_int())
    return b"bold" in name.value.lower()


def _quality(pages: list[str], flags: list[Flag]) -> list[Flag]:
    """Whether there is a text at all, and whether its letters are letters."""
    if any(flag.code is Code.TIMEOUT for flag in flags) and not pages:
        return []
    sample = "".join(pages)[:50_000]
    letters = sum(map(str.isalnum, sample))
    foreign = len(FOREIGN.findall(sample))
    if foreign > letters:
        return [Flag(Code.GARBLED_TEXT)]
    return [Flag(Code.NO_TEXT_LAYER)] if letters < LETTERS_OF_A_PAGE * min(len(pages), 25) else []


def draw_cover(context: Context, size: int) -> "Image | None":
    """The first page, its longer side `size` pixels; None where it cannot be drawn."""
    try:
        with open_document(context) as (document, _):
            page = document[0]
            longer = max(page.get_size())
            # Elongated pages and pages of no size are drawn by their longer side, never larger than asked.
            return page.render(scale=size / longer, may_draw_forms=False).to_pil() if longer > 0 else None
    except (UnreadableError, pdfium.PdfiumError):
        return None
