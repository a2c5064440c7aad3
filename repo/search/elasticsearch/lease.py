"""Who makes the next generation: a document that only one process can create, and that runs out.

A process that is killed takes no lock back, so its lease ends by itself; whoever holds it renews it while it works.
Each writing names the version that was read (`if_seq_no`), so of two that find it run out one gets it. Should clocks
differ so much that two work at once, each fills a pair of its own and the aliases are moved by one of them: the
lease saves work, the atomic change of the aliases keeps the index right.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from repo.search.elasticsearch.connection import Connection, translated_errors
from repo.search.ports import IndexBusyError, SearchUnavailableError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

ID = "rebuild"

INDEX: dict[str, Any] = {
    "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},
    "mappings": {
        "dynamic": "strict",
        "properties": {"owner": {"type": "keyword"}, "until": {"type": "double", "index": False}},
    },
}


class Lease:
    """Held by one process until it is given back or `seconds` after its last renewal."""

    def __init__(self, client: "Elasticsearch", index: str, seconds: float) -> None:
        self._client = client
        self._index = index
        self._seconds = seconds
        self._owner = token_hex(8)
        self._until = 0.0
        self._version: dict[str, Any] = {}

    @classmethod
    @contextmanager
    def taken(cls, connection: Connection, index: str, seconds: float) -> Iterator["Lease"]:
        """Take the lease for a block. Raises IndexBusyError when somebody else has it."""
        lease = cls(connection.writing(), index, seconds)
        with translated_errors():
            lease._take()
        try:
            yield lease
        finally:
            with suppress(SearchUnavailableError), translated_errors():
                lease._client.delete(index=index, id=ID, refresh=False, **lease._version)

    def renew(self) -> None:
        """Call it often: it writes once in a third of the time. Raises IndexBusyError when it was lost."""
        if time.time() > self._until - self._seconds * 2 / 3:
            with translated_errors():
                self._write(self._version)

    def _take(self) -> None:
        from elasticsearch import NotFoundError

        self._make_index()
        try:
            held = self._client.get(index=self._index, id=ID).body
        except NotFoundError:
            self._write({"op_type": "create"})
            return
        if held["_source"]["until"] > time.time():
            raise IndexBusyError("a rebuild is going on")
        self._write({"if_seq_no": held["_seq_no"], "if_primary_term": held["_primary_term"]})

    def _make_index(self) -> None:
        from elasticsearch import BadRequestError

        if not self._client.indices.exists(index=self._index):
            try:
                self._client.indices.create(index=self._index, **INDEX)
            except BadRequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise

    def _write(self, condition: dict[str, Any]) -> None:
        until = time.time() + self._seconds
        body = {"owner": self._owner, "until": until}
        written = self._client.index(index=self._index, id=ID, document=body, **condition).body
        self._until = until
        self._version = {"if_seq_no": written["_seq_no"], "if_primary_term": written["_primary_term"]}
