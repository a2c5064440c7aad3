"""Many writes in requests of bounded size, repeated while the cluster is busy."""

import json
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from repo.search.elasticsearch.connection import TOO_BUSY, Connection, translated_errors
from repo.search.ports import IndexBusyError, SearchUnavailableError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

BULK_BYTES = 5_000_000
"""A request is sent when it has so many bytes; one row may be larger."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
BUSY = (TOO_BUSY, 503)
LOST = (404, 409)
"""Of a single write: its index is gone, or somebody else has written the row."""

Operation = tuple[bytes, ...]


def operation(verb: str, index: str, key: str, body: bytes | None = None, **condition: Any) -> Operation:
    """A write as its lines: `verb` is index, create or delete."""
    action = {verb: {"_index": index, "_id": key, "require_alias": True, **condition}}
    if verb == "delete":
        del action[verb]["require_alias"]  # nothing is made by a deletion
    line = json.dumps(action).encode()
    return (line,) if body is None else (line, body)


class Bulk:
    """Sends operations in order. What the cluster is too busy for is sent again with growing pauses, for `patience`
    seconds; then it is IndexBusyError. What it refuses is an error at once."""

    def __init__(self, connection: Connection, patience: float, limit: int = BULK_BYTES) -> None:
        self._client: Elasticsearch = connection.writing()
        self._patience = patience
        self._limit = limit

    def send(self, operations: Iterable[Operation]) -> None:
        for batch in self._batches(operations):
            self._send_batch(batch)

    def _batches(self, operations: Iterable[Operation]) -> Iterator[list[Operation]]:
        batch: list[Operation] = []
        size = 0
        for each in operations:
            length = sum(map(len, each)) + len(each)
            if batch and size + length > self._limit:
                yield batch
                batch, size = [], 0
            batch.append(each)
            size += length
        if batch:
            yield batch

    def _send_batch(self, batch: list[Operation]) -> None:
        deadline, pause = time.monotonic() + self._patience, FIRST_PAUSE
        while batch := self._try(batch):
            if time.monotonic() + pause > deadline:
                raise IndexBusyError(f"the cluster is too busy for {len(batch)} writes")
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _try(self, batch: list[Operation]) -> list[Operation]:
        """Send once; return what the cluster was too busy for."""
        from elasticsearch import ApiError

        lines = [line for each in batch for line in each]
        with translated_errors():
            try:
                answer = self._client.bulk(operations=lines)  # type: ignore[arg-type]  # lines pass as they are
            except ApiError as error:
                if error.status_code in BUSY:
                    return batch
                raise
        if not answer["errors"]:
            return []
        said = [next(iter(item.items())) for item in answer["items"]]
        return [each for each, (verb, result) in zip(batch, said, strict=True) if _is_too_busy(verb, result)]


def _is_too_busy(verb: str, result: dict[str, Any]) -> bool:
    """Whether a write has to be sent again. Raises what is wrong with it, if it was refused."""
    status = result["status"]
    if status < 300 or (verb == "delete" and status == 404 and "error" not in result):
        return False
    if status in BUSY:
        return True
    error = result.get("error", {})
    why = f"{result.get('_id')}: {error.get('type')}: {error.get('reason')}"[:500]
    raise IndexBusyError(why) if status in LOST else SearchUnavailableError(why)
