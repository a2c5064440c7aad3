"""What readers give back: text by page with the look of its first lines, and what a document says of itself."""

import codecs
import re
import unicodedata
from dataclasses import dataclass, field

from ingest.flags import Flag


@dataclass(frozen=True)
class Line:
    """A line of the first pages as a reader sees it: what tells a title from an address."""

    page: int
    """From 0."""
    text: str
    size: float = 0.0
    """Of the letters, in points; 0 where unknown."""
    bold: bool = False
    centred: bool = False
    top: float = 0.0
    """Distance from the top of the page, as a share of its height."""
    style: str = ""
    """The name of the paragraph's style, where the format has such ("Title")."""


@dataclass(frozen=True)
class Text:
    """`pages` holds the text of each page (of each slide, chapter or part where there are no pages)."""

    pages: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    flags: tuple[Flag, ...] = ()
    encoding: str | None = None
    """Of plain text."""


@dataclass(frozen=True)
class Metadata:
    """What the document itself says; unchecked, and often wrong."""

    page_count: int | None = None
    """Pages, slides or pictures; None where the format does not know pages."""
    width: int | None = None
    """Of a picture, in pixels, upright."""
    height: int | None = None
    title: str = ""
    authors: tuple[str, ...] = ()
    subject: str = ""
    keywords: str = ""
    language: str = ""
    identifier: str = ""
    producer: str = ""
    created: str = ""
    """ISO 8601, as far as it is known."""
    modified: str = ""
    flags: tuple[Flag, ...] = field(default=())


LONGEST_LINE = 5_000
"""Characters of a line whose look is kept: a DOCX has whole abstracts in one, a longer one is no front matter."""
LINES = 300
"""Lines whose look is kept, of the first pages; a title is not found later."""

# Line break after a hyphen that the reader marked as one (PDFium: U+0002 or U+FFFE), or a soft hyphen.
SPLIT_WORD = re.compile("[\x02\ufffe\u00ad]\\s*\n?")
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\u200b\ufeff]")
SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f]+")


def clean(text: str) -> str:
    """Text fit to be kept and searched: NFC, LF, no control characters, words at line ends joined again."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = SPLIT_WORD.sub("", text)
    return unicodedata.normalize("NFC", CONTROL.sub("", text))


def clean_line(text: str) -> str:
    """As `clean`, on one line, with single spaces; cut where it is longer than any title or abstract."""
    text = text[: 2 * LONGEST_LINE]
    return SPACES.sub(" ", clean(text).replace("\n", " ")).strip()[:LONGEST_LINE]


def is_utf8(content: bytes) -> bool:
    """Whether bytes, perhaps cut inside of a character, are UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return False
    return True
