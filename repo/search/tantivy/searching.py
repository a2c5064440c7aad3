"""Answering one request from one state of the index."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repo.search.document import OPEN, Facet
from repo.search.fields import ITEM_FIELDS, PASSAGE_FIELDS, facet_field
from repo.search.ports import FACET_SIZES, FacetCounts, Hit, Passage, SearchRequest, SearchResult, sort_counts
from repo.search.query import Sort
from repo.search.ranking import Has, filter_clauses, passage_clause, query_clause
from repo.search.tantivy.clauses import Translator
from repo.search.tantivy.generations import Generation, translated_errors

if TYPE_CHECKING:
    from tantivy import DocAddress, Query, Schema, Searcher
    from tantivy import SearchResult as TantivyResult

SEGMENT_VALUES = 2000
"""How many values Tantivy carries over from each of its segments: more values than that, and counts of the rarer
ones may come out too small."""


@dataclass(frozen=True)
class Snapshot:
    """What a search sees: the state of one commit, whatever is written meanwhile."""

    generation: Generation
    signature: object
    item_schema: "Schema"
    passage_schema: "Schema"
    items: "Searcher"
    passages: "Searcher"

    def item_id(self, address: "DocAddress") -> str:
        return str(self.items.doc(address).get_first("id"))


def open_snapshot(generation: Generation) -> Snapshot:
    """The newest commit of `generation`."""
    signature = generation.signature()
    with translated_errors():
        items, passages = generation.open("items"), generation.open("passages")
        return Snapshot(generation, signature, items.schema, passages.schema, items.searcher(), passages.searcher())


class Search:
    """One request on one snapshot."""

    def __init__(self, snapshot: Snapshot, request: SearchRequest) -> None:
        self._snapshot = snapshot
        self._request = request
        self._passages = Translator(snapshot.passage_schema, PASSAGE_FIELDS, snapshot.passages)
        self._items = Translator(snapshot.item_schema, ITEM_FIELDS, snapshot.items)
        self._words = self._items.translate(query_clause(request.query, request.reader.classes))
        chosen = filter_clauses(request.filters)
        self._filters = {facet: self._items.translate(clause) for facet, clause in chosen.items()}

    def answer(self) -> SearchResult:
        total, addresses = self._page()
        return SearchResult(
            hits=tuple(self._hit(score, address) for score, address in addresses),
            total=total,
            facets=self._facets(),
            understood=self._request.query.understood,
            beyond=self._request.is_beyond(total),
        )

    # Hits ----------------------------------------------------------------------------------------------

    def _page(self) -> tuple[int, list[tuple[float, "DocAddress"]]]:
        size = self._request.reachable
        offset = self._request.offset if size else 0
        found = self._snapshot.items.search(self._narrowed(), max(size, 1), offset=offset, **self._order())
        scored = self._request.order is Sort.RELEVANCE
        hits = [(score if scored else 0.0, address) for score, address in found.hits]
        return _total(found), hits if size else []

    def _order(self) -> dict[str, Any]:
        from tantivy import Order

        match self._request.order:
            case Sort.RELEVANCE:
                return {}
            case Sort.NEWEST:
                return {"order_by_field": "order_date", "order": Order.Desc}
            case Sort.OLDEST:
                return {"order_by_field": "order_date", "order": Order.Asc}
            case Sort.TITLE:
                return {"order_by_field": "order_title", "order": Order.Asc}

    def _hit(self, score: float, address: "DocAddress") -> Hit:
        item = self._snapshot.item_id(address)
        return Hit(item, score, self._best_passages(item) if self._request.passages else ())

    def _best_passages(self, item: str) -> tuple[Passage, ...]:
        clause = passage_clause(self._request.query, item, self._request.reader.classes | {OPEN})
        found = self._snapshot.passages.search(self._passages.translate(clause), self._request.passages, count=False)
        return tuple(self._passage(address) for _, address in found.hits)

    def _passage(self, address: "DocAddress") -> Passage:
        document = self._snapshot.passages.doc(address)
        lang, place, number = (bytes(document[name][0]).decode() for name in ("lang", "place", "number"))
        return Passage(lang, place, int(number))

    # Facets --------------------------------------------------------------------------------------------

    def _facets(self) -> FacetCounts:
        """Facets in which nothing was chosen are counted together, each of the others without its own choice."""
        together = tuple(facet for facet in self._request.facets if facet not in self._filters)
        counts = self._count(together, self._narrowed()) if together else {}
        for facet in self._request.facets:
            if facet in self._filters:
                counts |= self._count((facet,), self._narrowed(without=facet))
                self._add_chosen(facet, counts[facet])
        return {facet: counts[facet] for facet in self._request.facets}

    def _count(self, facets: tuple[Facet, ...], query: "Query") -> FacetCounts:
        answer = self._snapshot.items.aggregate(query, {facet.value: _terms(facet) for facet in facets})
        counts: FacetCounts = {}
        for facet in facets:
            found = [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in answer[facet.value]["buckets"]]
            sort_counts(facet, found)
            counts[facet] = found
        return counts

    def _add_chosen(self, facet: Facet, counts: list[tuple[str, int]]) -> None:
        """What was chosen stays in the list, so that the choice can be seen and undone, even with no item."""
        listed = {value for value, _ in counts}
        for value in sorted(self._request.filters.values(facet) - listed):
            of_value = self._items.translate(Has(facet_field(facet), value))
            query = self._narrowed(without=facet).and_must_match(of_value)
            counts.append((value, _total(self._snapshot.items.search(query, 1))))

    def _narrowed(self, without: Facet | None = None) -> "Query":
        """The query and every chosen filter, or all but that of one facet."""
        filters = [query for facet, query in self._filters.items() if facet is not without]
        return self._words.and_must_match(*filters) if filters else self._words


def _total(found: "TantivyResult") -> int:
    return int(found.count)  # type: ignore[attr-defined]  # it is there, but missing in Tantivy's stub


def _terms(facet: Facet) -> dict[str, Any]:
    order = {"_key": "desc"} if facet is Facet.YEAR else {"_count": "desc"}
    size = FACET_SIZES[facet]
    return {"terms": {"field": facet_field(facet), "size": size, "segment_size": SEGMENT_VALUES, "order": order}}
