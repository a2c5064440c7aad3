"""Documents for tests of search, made from a few words."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from repo.items.access import Access
from repo.search.document import (
    IndexSource,
    LangText,
    SearchDocument,
    SourceText,
    build_document,
    library_class,
)
from repo.search.parser import parse_query
from repo.search.ports import Reader, SearchEngine, SearchRequest, SearchResult
from repo.web.collation import sort_key

PUBLISHED = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)


def source(item: str, title: str, lang: str = "ky", **more: object) -> IndexSource:
    """An open article of the National Library; `more` are fields of IndexSource."""
    plain = IndexSource(
        id=item,
        stamp=1,
        lang=lang,
        titles=(LangText(title, lang),),
        type="article",
        library="nlkr",
        access=Access.OPEN,
        published=PUBLISHED,
        sort_title=sort_key(title),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def document(item: str, title: str, lang: str = "ky", **more: object) -> SearchDocument:
    return build_document(source(item, title, lang, **more))


def texts(*values: str, lang: str = "ky") -> tuple[LangText, ...]:
    return tuple(LangText(value, lang) for value in values)


def full_text(value: str, lang: str = "ky", place: str = "") -> tuple[SourceText, ...]:
    return (SourceText(value, lang, place=place),)


def text_for(libraries: Iterable[str], value: str, lang: str = "ky", place: str = "") -> tuple[SourceText, ...]:
    """A text that only the people of these libraries may read."""
    return (SourceText(value, lang, frozenset(map(library_class, libraries)), place),)


def fill(engine: SearchEngine, *documents: SearchDocument) -> None:
    engine.rebuild(documents)


def search(engine: SearchEngine, text: str = "", **request: object) -> SearchResult:
    return engine.search(SearchRequest(query=parse_query(text), **request))  # type: ignore[arg-type]


def found(engine: SearchEngine, text: str = "", **request: object) -> list[str]:
    """The ids of the hits, best first."""
    return [hit.id for hit in search(engine, text, **request).hits]


def reader(*libraries: str) -> Reader:
    return Reader(libraries=frozenset(libraries))


STAFF = Reader(everything=True)
