"""What the index knows about one item: pure, the same for every engine.

`IndexSource` is filled by whoever knows the item; `build_document` cleans it, cuts its texts into segments and
leaves out every text that nobody may read (embargoed, closed): what is not indexed cannot be leaked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from repo.items.access import Access
from repo.search.analysis import clean, normal_code

SEGMENT_BYTES = 4096
"""Longest segment of a text in UTF-8: marking a hit costs the same in a leaflet and in a book."""

MAX_VALUE = 200
"""Characters of a facet value, which is also what a list beside the results can show."""


class Area(StrEnum):
    """The parts of an item in which words are looked for."""

    TITLE = "title"
    AUTHOR = "author"
    SUBJECT = "subject"
    ABSTRACT = "abstract"
    DETAIL = "detail"  # the rest of the description: other people, journal, publisher, places, notes
    TEXT = "text"


class Facet(StrEnum):
    """What results can be narrowed by and counted in."""

    TYPE = "type"
    LIBRARY = "library"
    COLLECTION = "collection"
    YEAR = "year"
    LANGUAGE = "language"
    SCRIPT = "script"
    SUBJECT = "subject"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class LangText:
    """`lang` is a BCP 47 tag, "" where it is not known."""

    value: str
    lang: str = ""


OPEN = "open"
"""The reader class of everybody."""

EVERYTHING = "everything"
"""The reader class of those who may read every text that is indexed at all."""


def library_class(code: str) -> str:
    """The reader class of the people of one library."""
    return f"library:{code}"


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text of a file or page. `audience` holds reader classes; empty: nobody, so it is not indexed.

    `place` says where the text stands, so that what was found in it can be read and shown: the index does not keep it.
    """

    value: str
    lang: str = ""
    audience: frozenset[str] = frozenset({OPEN})
    place: str = ""


@dataclass(frozen=True, slots=True)
class IndexSource:
    """One published item as its metadata and files say now.

    `stamp` changes whenever the document would; `collections` includes all ancestors; `codes` are pairs of
    scheme ("isbn", "doi", "udc" …) and value; `sort_title` is a key of `repo.web.collation.sort_key`.
    """

    id: str
    stamp: int
    lang: str
    titles: tuple[LangText, ...]
    type: str
    library: str
    access: Access
    published: datetime
    sort_title: str
    creators: tuple[LangText, ...] = ()
    subjects: tuple[LangText, ...] = ()
    keywords: tuple[LangText, ...] = ()
    abstracts: tuple[LangText, ...] = ()
    details: tuple[LangText, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    year: int | None = None
    languages: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    texts: Iterable[SourceText] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """At most SEGMENT_BYTES of a text, for the reader classes in `audience`; the `number`th of its place, from 0."""

    text: str
    lang: str
    audience: frozenset[str]
    place: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One item as engines take it: texts are clean and cut, codes in normal form, values without doubles."""

    id: str
    stamp: int
    lang: str
    titles: tuple[LangText, ...]
    creators: tuple[LangText, ...]
    subjects: tuple[LangText, ...]
    keywords: tuple[LangText, ...]
    abstracts: tuple[LangText, ...]
    details: tuple[LangText, ...]
    codes: tuple[str, ...]
    year: int | None
    type: str
    languages: tuple[str, ...]
    scripts: tuple[str, ...]
    library: str
    collections: tuple[str, ...]
    access: Access
    published: datetime
    sort_title: str
    text_open: tuple[Segment, ...] = field(repr=False)
    text_restricted: tuple[Segment, ...] = field(repr=False)


def build_document(source: IndexSource) -> SearchDocument:
    """The document of `source`; texts without an audience are left out."""
    segments = [segment for text in source.texts for segment in _segments_of(text)]
    return SearchDocument(
        id=source.id,
        stamp=source.stamp,
        lang=source.lang,
        titles=_clean_texts(source.titles),
        creators=_clean_texts(source.creators),
        subjects=_clean_texts(source.subjects),
        keywords=_clean_texts(source.keywords),
        abstracts=_clean_texts(source.abstracts),
        details=_clean_texts(source.details),
        codes=_unique(f"{scheme}:{code}" for scheme, value in source.codes if (code := normal_code(scheme, value))),
        year=source.year,
        type=source.type,
        languages=_unique(source.languages),
        scripts=_unique(source.scripts),
        library=source.library,
        collections=_unique(source.collections),
        access=source.access,
        published=source.published,
        sort_title=source.sort_title,
        text_open=tuple(segment for segment in segments if OPEN in segment.audience),
        text_restricted=tuple(segment for segment in segments if OPEN not in segment.audience),
    )


def abstract_segments(abstracts: Iterable[LangText]) -> Iterator[Segment]:
    """The abstracts of an item, which everybody reads, as one place ""."""
    pieces = ((piece, text.lang) for text in _clean_texts(abstracts) for piece in split_segments(text.value))
    for number, (piece, lang) in enumerate(pieces):
        yield Segment(piece, lang, frozenset({OPEN}), number=number)


def facet_value(text: str) -> str:
    """A text as a facet shows and compares it."""
    return " ".join(clean(text).split())[:MAX_VALUE]


def split_segments(text: str) -> Iterator[str]:
    """Pieces of at most SEGMENT_BYTES with single spaces, cut after a sentence or between words if possible."""
    rest = " ".join(clean(text).split())
    at = 0
    while at < len(rest):
        window = rest[at : at + SEGMENT_BYTES].encode()[:SEGMENT_BYTES].decode(errors="ignore")
        end = at + len(window)
        if end < len(rest):
            end = at + _cut(window)
        yield rest[at:end].strip()
        at = end


def _cut(window: str) -> int:
    """Where to end a segment: after the last sentence or word of its second half, else where it is full."""
    half = len(window) // 2
    for stop in (". ", "? ", "! ", " "):
        if (found := window.rfind(stop, half)) > 0:
            return found + len(stop)
    return len(window)


def _segments_of(text: SourceText) -> Iterator[Segment]:
    if not text.audience:
        return
    for number, piece in enumerate(split_segments(text.value)):
        yield Segment(piece, text.lang, text.audience, text.place, number)


def _clean_texts(texts: Iterable[LangText]) -> tuple[LangText, ...]:
    """Clean, not empty, each value once."""
    cleaned: dict[str, str] = {}
    for text in texts:
        cleaned.setdefault(" ".join(clean(text.value).split()), text.lang)
    return tuple(LangText(value, lang) for value, lang in cleaned.items() if value)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cleaned for value in values if (cleaned := clean(value).strip())))
