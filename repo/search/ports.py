"""What the rooms ask of a search engine, and its errors.

The engine is a projection: whatever it holds can be made again from the rows, so it may be lost, never wrong.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from repo.errors import UnavailableError
from repo.search.document import EVERYTHING, Facet, SearchDocument, library_class
from repo.search.query import Filters, Query, Sort

WINDOW = 1000
"""How many hits of a query can be paged through. Nobody reads on page 41; what lies deeper is for filters."""

MAX_PAGE = 100

FACET_SIZES = {
    Facet.TYPE: 50,
    Facet.LIBRARY: 100,
    Facet.COLLECTION: 100,
    Facet.YEAR: 400,
    Facet.LANGUAGE: 50,
    Facet.SCRIPT: 20,
    Facet.SUBJECT: 30,
    Facet.ACCESS: 10,
}
"""How many values of a facet are listed."""


class SearchUnavailableError(UnavailableError):
    """There is no answer for now: the index is being made, is broken, or its server is away. Try again later."""

    def __init__(self, why: str = "") -> None:
        super().__init__("search")
        self.why = why

    def __str__(self) -> str:
        return f"the search is not available: {self.why}" if self.why else "the search is not available"


class IndexBusyError(SearchUnavailableError):
    """Another process is writing; the same call works when it is done."""


class IndexState(StrEnum):
    READY = "ready"
    MISSING = "missing"  # never built
    OUTDATED = "outdated"  # built by another release: rebuild
    BROKEN = "broken"  # damaged: rebuild


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader may read beside what is open to all: texts for `libraries` (codes), or `everything`."""

    libraries: frozenset[str] = frozenset()
    everything: bool = False

    @property
    def classes(self) -> frozenset[str]:
        """The reader classes beside OPEN."""
        return frozenset({EVERYTHING}) if self.everything else frozenset(map(library_class, self.libraries))


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One page of results. `page` counts from 1; a page holds 1 to MAX_PAGE hits.

    `facets`: which to count; `passages`: how many of the best passages to bring for each hit (0: none).
    """

    query: Query = Query()
    filters: Filters = Filters()
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    limit: int = 20
    reader: Reader = Reader()
    facets: tuple[Facet, ...] = tuple(Facet)
    passages: int = 1

    @property
    def offset(self) -> int:
        return (max(self.page, 1) - 1) * self.size

    @property
    def size(self) -> int:
        return min(max(self.limit, 1), MAX_PAGE)

    @property
    def reachable(self) -> int:
        """How many hits of the page lie within the WINDOW: none beyond it, where the total is all that can be said."""
        return max(min(self.size, WINDOW - self.offset), 0)

    def is_beyond(self, total: int) -> bool:
        """Whether of `total` hits some would stand on this page, but for the WINDOW."""
        return total > WINDOW and self.reachable < self.size

    @property
    def order(self) -> Sort:
        """Without a query nothing is more relevant than another: the newest come first."""
        return Sort.NEWEST if self.sort is Sort.RELEVANCE and not self.query.groups else self.sort


@dataclass(frozen=True, slots=True)
class Passage:
    """A segment with the words of the query, that this reader may read: `place` and `number` as in `Segment`."""

    lang: str
    place: str
    number: int


@dataclass(frozen=True, slots=True)
class Hit:
    id: str
    score: float
    passages: tuple[Passage, ...] = ()


FacetCounts = dict[Facet, list[tuple[str, int]]]


def sort_counts(facet: Facet, counts: list[tuple[str, int]]) -> None:
    """By count, then by value; years are left from the latest on, as engines are asked for them."""
    if facet is not Facet.YEAR:
        counts.sort(key=lambda value_count: (-value_count[1], value_count[0]))


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`facets` are counted without the facet's own choice, so that its other values keep their counts; values
    are sorted by count, years from the latest; what was chosen is always among them.

    `beyond`: the page asked for lies beyond the WINDOW, and `hits` is empty or cut there.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: FacetCounts = field(default_factory=dict)
    understood: str = ""
    beyond: bool = False

    @property
    def reachable(self) -> int:
        """How many of `total` can be paged to."""
        return min(self.total, WINDOW)


class SearchEngine(Protocol):
    """One index of items. Methods raise SearchUnavailableError, writing ones IndexBusyError too."""

    def update(self, documents: Iterable[SearchDocument] = (), remove: Iterable[str] = ()) -> None:
        """Put documents in, in place of older ones with the same id, and take items out, if they are there.

        Durable and seen by the next search of every process when it returns. Documents that cannot be made change
        nothing. When writing itself fails, of each item all is changed or nothing, but a cluster has no commit for
        several: some may be changed. The same call again mends that, so forget what has changed only after it.

        Each call is a commit: call it for a hundred items rather than for one. The documents are made while it
        writes.
        """

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer one page."""

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Make the index anew from `documents` beside the present one, then put it in its place; readers see
        one or the other. Returns how many it holds. What was written meanwhile may be missing in it."""

    def state(self) -> IndexState:
        """Whether it can answer; OUTDATED, BROKEN and MISSING ask for a rebuild."""

    def count(self) -> int:
        """How many items are in the index."""

    def spellings(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The terms of a SPELLING field that begin so, at most `limit`, with the number of items that have them: the
        most frequent first. What was removed a moment ago may still be among them: ask the rows before showing one."""

    def stamps(self, ids: Sequence[str]) -> Mapping[str, int]:
        """The stamps of those of `ids` (at most 1000) that are in the index."""

    def ids(self) -> Iterator[str]:
        """The ids of all items in the index, in any order."""

    def close(self) -> None:
        """Let go of files and locks. The next call opens them again."""
