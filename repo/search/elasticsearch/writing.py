"""Putting items in and taking them out, so that nobody sees half of it.

Elasticsearch has no transactions, so what belongs together is tied by a value: each time an item is written, its row
and its passages get a new value of the field `write`, and readers only ask for passages of the row that they found.
Passages are written first, where nobody asks for them; then the rows, which is the moment that counts, for each item
by itself; then the old passages go. Whoever is killed between these leaves passages that nobody can reach, and the
next writing of the item takes them away. Rows are kept in a file until all documents are made, so that documents
that cannot be made change nothing.

Several processes may write. A row is written on condition that it is still the one that was read at the beginning
(`if_seq_no`); of two that write an item at once, one is told IndexBusyError. Old passages are looked for *before* rows
are read: whoever else is writing one of these then has read its row before us and will be refused, or was done.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from secrets import token_hex
from typing import Any

from repo.search.document import SearchDocument
from repo.search.elasticsearch.bulk import Bulk, Operation, operation
from repo.search.elasticsearch.connection import Connection, translated_errors
from repo.search.elasticsearch.generations import Generation, rows_of
from repo.search.elasticsearch.mapping import ITEMS, PASSAGES, WRITE, row_body
from repo.search.elasticsearch.reading import scan
from repo.search.fields import IndexedItem, indexed_item
from repo.search.ports import SearchUnavailableError

CHUNK = 200
CHUNK_CHARACTERS = 2_000_000
"""How many documents, and how much of their text, are in memory at once."""

IN_MEMORY = 16_000_000
"""Bytes of rows that wait in memory; more wait in a file."""

MANY = 10_000
"""More than there can be different writings of the items of a chunk."""

DELETIONS = 1000


class Update:
    """One call of `update` on a generation."""

    def __init__(self, connection: Connection, generation: Generation, bulk: Bulk) -> None:
        self._client = connection.writing()
        self._generation = generation
        self._bulk = bulk
        self._mark = token_hex(8)
        self._number = 0
        self._rows = Rows()
        self._old: list[tuple[list[str], list[str]]] = []

    def apply(self, documents: Iterable[SearchDocument], remove: Iterable[str]) -> None:
        try:
            with self._rows:
                ids = iter(remove)
                while some := list(islice(ids, DELETIONS)):
                    self._take_out(some)
                for chunk in _chunks(documents):
                    self._put_in(chunk)
                if self._rows.number:
                    self._commit()
        except BaseException:
            if not self._rows.sent:
                with suppress(SearchUnavailableError):
                    self._discard()
            raise
        for ids_of, writes in self._old:
            self._delete_passages({"terms": {"id": ids_of}}, {"terms": {WRITE: writes}})

    def _take_out(self, ids: list[str]) -> None:
        for item, version in self._look_up(ids).items():
            if version:
                self._rows.add(item, operation("delete", rows_of(self._generation.items), item, None, **version))

    def _put_in(self, chunk: Sequence[SearchDocument]) -> None:
        versions = self._look_up([document.id for document in chunk])
        self._bulk.send(self._prepare(chunk, versions))

    def _prepare(self, chunk: Sequence[SearchDocument], versions: dict[str, dict[str, int]]) -> Iterator[Operation]:
        """The passages of the documents; their rows are put aside."""
        for document in chunk:
            self._number += 1
            write = f"{self._mark}.{self._number}"
            row = indexed_item(document)
            yield from passage_operations(self._generation, row, write)
            version = versions[document.id]
            body = row_body(ITEMS, row.fields, write)
            verb = "index" if version else "create"
            self._rows.add(row.id, operation(verb, rows_of(self._generation.items), row.id, body, **version))

    def _commit(self) -> None:
        with translated_errors():
            self._client.indices.refresh(index=self._generation.passages)
            self._bulk.send(self._rows)
            self._client.indices.refresh(index=self._generation.items)

    def _look_up(self, ids: list[str]) -> dict[str, dict[str, int]]:
        """The version of each item's row, empty where there is none; notes which passages are theirs now."""
        with translated_errors():
            if writes := self._writes_of(ids):
                self._old.append((ids, writes))
            found = self._client.mget(index=self._generation.items, ids=ids, source=False).body["docs"]
        return {row["_id"]: _version_of(row) for row in found}

    def _writes_of(self, ids: list[str]) -> list[str]:
        answer = self._client.search(
            index=self._generation.passages,
            size=0,
            query={"bool": {"filter": [{"terms": {"id": ids}}]}},
            aggs={WRITE: {"terms": {"field": WRITE, "size": MANY}}},
            track_total_hits=False,
            allow_partial_search_results=False,
        ).body
        return [bucket["key"] for bucket in answer["aggregations"][WRITE]["buckets"]]

    def _discard(self) -> None:
        """Take back passages whose rows will not be written."""
        with translated_errors():
            self._client.indices.refresh(index=self._generation.passages)
        self._delete_passages({"prefix": {WRITE: self._mark}})

    def _delete_passages(self, *filters: dict[str, Any]) -> None:
        index = self._generation.passages
        with translated_errors():
            keys = scan(self._client, index, {"bool": {"filter": list(filters)}})
            self._bulk.send(operation("delete", rows_of(index), key) for key in keys)


def _version_of(row: dict[str, Any]) -> dict[str, int]:
    if "error" in row:
        raise SearchUnavailableError(f"{row['_id']}: {row['error'].get('reason')}")
    return {"if_seq_no": row["_seq_no"], "if_primary_term": row["_primary_term"]} if row["found"] else {}


class Rows:
    """Writes of rows that wait, the last of each item, in memory or in a file."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed by `with`
        self._places: dict[str, tuple[int, int]] = {}
        self.sent = False

    def __enter__(self) -> "Rows":
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    @property
    def number(self) -> int:
        return len(self._places)

    def add(self, item: str, lines: Operation) -> None:
        self._places[item] = (self._file.tell(), len(lines))
        for line in lines:
            self._file.write(line + b"\n")

    def __iter__(self) -> Iterator[Operation]:
        self.sent = True
        for place, number in self._places.values():
            self._file.seek(place)
            yield tuple(self._file.readline()[:-1] for _ in range(number))


def passage_operations(generation: Generation, row: IndexedItem, write: str) -> Iterator[Operation]:
    index = rows_of(generation.passages)
    for number, values in enumerate(row.passages):
        yield operation("index", index, f"{row.id}-{write}-{number}", row_body(PASSAGES, values, write))


def new_operations(generation: Generation, document: SearchDocument, number: int) -> Iterator[Operation]:
    """What puts the document with this number into a generation that nobody reads yet."""
    row, write = indexed_item(document), str(number)
    yield from passage_operations(generation, row, write)
    yield operation("index", rows_of(generation.items), row.id, row_body(ITEMS, row.fields, write))


def _chunks(documents: Iterable[SearchDocument]) -> Iterator[list[SearchDocument]]:
    """Documents, some at a time: fewer when they are long."""
    chunk: list[SearchDocument] = []
    characters = 0
    for document in documents:
        chunk.append(document)
        characters += sum(len(segment.text) for segment in (*document.text_open, *document.text_restricted))
        if len(chunk) >= CHUNK or characters >= CHUNK_CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk
