"""The engine: `ports.SearchEngine` over a cluster of Elasticsearch."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from repo.addresses import ClusterAddress
from repo.search.document import SearchDocument
from repo.search.elasticsearch.bulk import BULK_BYTES, Bulk, Operation
from repo.search.elasticsearch.clauses import ANYTHING
from repo.search.elasticsearch.connection import Connection, translated_errors
from repo.search.elasticsearch.generations import Generation, Generations, still_current
from repo.search.elasticsearch.lease import Lease
from repo.search.elasticsearch.reading import scan
from repo.search.elasticsearch.searching import ReplacedError, Search
from repo.search.elasticsearch.writing import Update, new_operations
from repo.search.ports import IndexState, SearchRequest, SearchResult, SearchUnavailableError

_LUCENE_SIGNS = re.compile(r'[.?+*|{}\[\]()"\\#@&<>~^$-]')
"""What means something in a regular expression of Lucene's."""

RARE = 3
"""Letters with which not many words begin."""

PATIENCE = 60.0
LEASE = 60.0


class ElasticsearchEngine:
    """The index of one house in a cluster, which others may share. May be used from several threads and processes.

    `patience`: seconds for which writes are repeated while the cluster is too busy for them; `lease`: seconds after
    which a rebuild that says nothing is taken for dead; `bulk_bytes`: size of a request that writes.
    """

    def __init__(
        self, address: ClusterAddress, patience: float = PATIENCE, lease: float = LEASE, bulk_bytes: int = BULK_BYTES
    ) -> None:
        self._connection = Connection(address)
        self._generations = Generations(self._connection, address.prefix, lease)
        self._patience = patience
        self._bulk_bytes = bulk_bytes

    # Writing -------------------------------------------------------------------------------------------

    def update(self, documents: Iterable[SearchDocument] = (), remove: Iterable[str] = ()) -> None:
        generation = self._current()
        Update(self._connection, generation, self._bulk()).apply(documents, remove)
        still_current(self._generations, generation)

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        with self._generations.next() as (generation, lease):
            filling = Filling(generation, lease)
            self._bulk().send(filling.operations(documents))
        return filling.number

    def close(self) -> None:
        self._connection.close()

    def _bulk(self) -> Bulk:
        return Bulk(self._connection, self._patience, self._bulk_bytes)

    # Searching -----------------------------------------------------------------------------------------

    def search(self, request: SearchRequest) -> SearchResult:
        search = Search(self._connection.searching(), self._generations.items, request)
        try:
            return search.answer()
        except ReplacedError:
            # The index was put away between the question for hits and that for passages: there is a new one.
            return search.answer()

    def state(self) -> IndexState:
        return self._generations.state()

    def count(self) -> int:
        with translated_errors():
            return int(self._connection.reading().count(index=self._generations.items).body["count"])

    def spellings(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        # Few rows are counted by their values; for many, ordinals are worth what making them costs after each writing.
        hint = "map" if len(prefix) >= RARE else "global_ordinals"
        begun = _LUCENE_SIGNS.sub(r"\\\g<0>", prefix) + ".*"
        terms = {"field": field, "size": limit, "include": begun, "execution_hint": hint}
        with translated_errors():
            found = self._connection.searching().search(
                index=self._generations.items,
                query={"bool": {"filter": [{"prefix": {field: prefix}}]}},
                aggs={"terms": {"terms": terms}},
                size=0,
                track_total_hits=False,
                allow_partial_search_results=False,
            )
        return [(bucket["key"], bucket["doc_count"]) for bucket in found.body["aggregations"]["terms"]["buckets"]]

    def stamps(self, ids: Sequence[str]) -> Mapping[str, int]:
        if not ids:
            return {}
        with translated_errors():
            found = self._connection.reading().search(
                index=self._generations.items,
                query={"ids": {"values": list(ids)}},
                size=len(ids),
                source=False,
                docvalue_fields=[{"field": "stamp"}],
                track_total_hits=False,
                allow_partial_search_results=False,
            )
        return {hit["_id"]: int(hit["fields"]["stamp"][0]) for hit in found.body["hits"]["hits"]}

    def ids(self) -> Iterator[str]:
        with translated_errors():
            yield from scan(self._connection.reading(), self._generations.items, ANYTHING)

    def _current(self) -> Generation:
        generation = self._generations.current()
        if generation is None:
            raise SearchUnavailableError("there is no index yet")
        return generation


class Filling:
    """The documents of a rebuild on their way."""

    def __init__(self, generation: Generation, lease: Lease) -> None:
        self._generation = generation
        self._lease = lease
        self.number = 0

    def operations(self, documents: Iterable[SearchDocument]) -> Iterator[Operation]:
        for document in documents:
            self._lease.renew()
            self.number += 1
            yield from new_operations(self._generation, document, self.number)
