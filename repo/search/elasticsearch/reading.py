"""Walking over an index, however large it is."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

PAGE = 5000
KEEP_ALIVE = "5m"


def scan(client: "Elasticsearch", index: str, query: dict[str, Any]) -> Iterator[str]:
    """The ids of all documents that `query` finds, as they are at the beginning, in any order."""
    from elasticsearch import ApiError, TransportError

    point = client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE).body["id"]
    try:
        after: list[Any] | None = None
        while True:
            answer = client.search(
                pit={"id": point, "keep_alive": KEEP_ALIVE},
                query=query,
                size=PAGE,
                sort=[{"_shard_doc": "asc"}],
                search_after=after,
                source=False,
                track_total_hits=False,
                allow_partial_search_results=False,
            ).body
            hits = answer["hits"]["hits"]
            yield from (hit["_id"] for hit in hits)
            if len(hits) < PAGE:
                return
            point, after = answer["pit_id"], hits[-1]["sort"]
    finally:
        with suppress(ApiError, TransportError):
            client.close_point_in_time(id=point)
