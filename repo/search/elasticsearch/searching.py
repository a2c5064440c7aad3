"""Answering one request: one search for hits and counts, and one for the passages of all hits."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from repo.search.document import OPEN, Facet
from repo.search.elasticsearch.clauses import ANYTHING, Dsl, translate
from repo.search.elasticsearch.connection import reason_of, translated_errors
from repo.search.elasticsearch.mapping import ITEMS, PASSAGES, WRITE
from repo.search.fields import PASSAGE_FIELDS, FieldKind, facet_field
from repo.search.ports import (
    FACET_SIZES,
    FacetCounts,
    Hit,
    Passage,
    SearchRequest,
    SearchResult,
    SearchUnavailableError,
    sort_counts,
)
from repo.search.query import Sort
from repo.search.ranking import Nothing, filter_clauses, passage_clause, query_clause

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

ORDERS: dict[Sort, list[dict[str, str]] | None] = {
    Sort.RELEVANCE: None,
    Sort.NEWEST: [{"order_date": "desc"}],
    Sort.OLDEST: [{"order_date": "asc"}],
    Sort.TITLE: [{"order_title": "asc"}],
}
SHOWN = [name for name, kind in PASSAGE_FIELDS.items() if kind is FieldKind.STORED]
CHOSEN = "chosen_"


class ReplacedError(SearchUnavailableError):
    """The index went away in the middle: a rebuild has put another in its place, or there is none."""


class Search:
    """One request on the generation that the alias `items` names."""

    def __init__(self, client: "Elasticsearch", items: str, request: SearchRequest) -> None:
        self._client = client
        self._items = items
        self._request = request
        self._filters = {facet: translate(clause) for facet, clause in filter_clauses(request.filters).items()}

    def answer(self) -> SearchResult:
        """Raises SearchUnavailableError."""
        from elasticsearch import NotFoundError

        with translated_errors():
            try:
                return self._ask()
            except NotFoundError as error:
                raise ReplacedError(reason_of(error)) from error

    def _ask(self) -> SearchResult:
        found = self._client.search(
            index=self._items,
            allow_partial_search_results=False,
            # Of several copies always the same one: equal scores come in its order, on every page.
            preference=sha256(self._request.query.understood.encode()).hexdigest()[:16],
            **self._body(),
        ).body
        hits = found["hits"]["hits"]
        passages = self._passages(hits) if hits and self._request.passages else {}
        total = int(found["hits"]["total"]["value"])
        return SearchResult(
            hits=tuple(Hit(hit["_id"], hit["_score"] or 0.0, passages.get(hit["_id"], ())) for hit in hits),
            total=total,
            facets=self._counts(found.get("aggregations", {})),
            understood=self._request.query.understood,
            beyond=self._request.is_beyond(total),
        )

    def _body(self) -> dict[str, Any]:
        """What is chosen in a facet that is counted narrows the hits alone: its other values keep their counts."""
        request = self._request
        counted = [facet for facet in self._filters if facet in request.facets]
        always = [self._filters[facet] for facet in self._filters if facet not in counted]
        words = translate(query_clause(request.query, request.reader.classes))
        size = request.reachable
        return {
            "query": {"bool": {"must": [words], "filter": always}},
            "post_filter": {"bool": {"filter": [self._filters[facet] for facet in counted]}} if counted else None,
            "aggs": {name: agg for facet in request.facets for name, agg in self._counting(facet, counted).items()},
            "from_": request.offset if size else 0,
            "size": size,
            "sort": ORDERS[request.order],
            "source": False,
            "docvalue_fields": [{"field": WRITE}],
            "track_total_hits": True,
        }

    # Facets --------------------------------------------------------------------------------------------

    def _counting(self, facet: Facet, counted: Sequence[Facet]) -> dict[str, Dsl]:
        """The values of a facet among what was found without its own choice; then how often its chosen values are."""
        order = {"_key": "desc"} if facet is Facet.YEAR else {"_count": "desc"}
        counting: dict[str, Dsl] = {facet.value: {"size": FACET_SIZES[facet], "order": order}}
        if chosen := sorted(self._request.filters.values(facet)):
            counting[CHOSEN + facet.value] = {"size": len(chosen), "include": chosen}
        others = [self._filters[other] for other in counted if other is not facet]
        return {
            name: {
                "filter": {"bool": {"filter": others}} if others else ANYTHING,
                "aggs": {"values": {"terms": {"field": facet_field(facet), **terms}}},
            }
            for name, terms in counting.items()
        }

    def _counts(self, counted: Mapping[str, Any]) -> FacetCounts:
        counts: FacetCounts = {}
        for facet in self._request.facets:
            found = _buckets(counted[facet.value])
            sort_counts(facet, found)
            # What was chosen stays in the list, so that the choice can be seen and undone, even with no item.
            if missing := sorted(self._request.filters.values(facet) - dict(found).keys()):
                of_them = dict(_buckets(counted[CHOSEN + facet.value]))
                found += [(value, of_them.get(value, 0)) for value in missing]
            counts[facet] = found
        return counts

    # Passages ------------------------------------------------------------------------------------------

    def _passages(self, hits: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Passage, ...]]:
        """The best passages of each hit, of the same generation and writing as its row."""
        searches: list[dict[str, Any]] = []
        for hit in hits:
            clause = passage_clause(self._request.query, hit["_id"], self._request.reader.classes | {OPEN})
            if isinstance(clause, Nothing):
                return {}
            written = {"term": {WRITE: hit["fields"][WRITE][0]}}
            query = {"bool": {"must": [translate(clause)], "filter": [written]}}
            size = self._request.passages
            index = hit["_index"].replace(f"{self._items}.", f"{self._items.removesuffix(ITEMS)}{PASSAGES}.", 1)
            searches.append({"index": index, "allow_partial_search_results": False})
            searches.append({"query": query, "size": size, "_source": SHOWN, "track_total_hits": False})
        answers = self._client.msearch(searches=searches).body["responses"]
        return {hit["_id"]: _read_passages(answer) for hit, answer in zip(hits, answers, strict=True)}


def _buckets(counted: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in counted["values"]["buckets"]]


def _read_passages(answer: Mapping[str, Any]) -> tuple[Passage, ...]:
    if "error" in answer:
        raise ReplacedError(f"passages: {answer['status']} {answer['error'].get('type')}")
    sources = [hit["_source"] for hit in answer["hits"]["hits"]]
    return tuple(Passage(each["lang"][0], each["place"][0], int(each["number"][0])) for each in sources)
