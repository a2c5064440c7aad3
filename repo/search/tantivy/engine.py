"""The engine: `ports.SearchEngine` over Tantivy."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from repo.search.document import SearchDocument
from repo.search.ports import (
    IndexBusyError,
    IndexState,
    SearchRequest,
    SearchResult,
    SearchUnavailableError,
)
from repo.search.tantivy.generations import Generation, Generations, translated_errors
from repo.search.tantivy.searching import Search, Snapshot, open_snapshot
from repo.search.tantivy.writers import REBUILD_BYTES, UPDATE_BYTES, Writers

IDS_PAGE = 5000


class TantivyEngine:
    """An index in the folder `root`. May be used from several threads; a process keeps one of them.

    Any number of processes search. The first that writes keeps the writers until `close` or its end, so that
    segments are merged behind its back; others wait `patience` seconds and get IndexBusyError.
    """

    def __init__(self, root: Path, patience: float = 10.0) -> None:
        self._generations = Generations(root)
        self._patience = patience
        self._writing = threading.Lock()
        self._writers: Writers | None = None
        self._snapshot: Snapshot | None = None

    # Writing -------------------------------------------------------------------------------------------

    def update(self, documents: Iterable[SearchDocument] = (), remove: Iterable[str] = ()) -> None:
        with self._writing:
            writers = self._open_writers()
            try:
                for item in remove:
                    writers.remove(item)
                for document in documents:
                    writers.replace(document)
                if self._generations.current() != writers.generation:
                    raise IndexBusyError("the index was rebuilt meanwhile")
                writers.commit()
            except BaseException:
                self._forget(writers)
                raise

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        number = 0
        with self._generations.next() as generation:
            writers = Writers(generation, REBUILD_BYTES)
            for document in documents:
                writers.replace(document)
                number += 1
            writers.finish()
        return number

    def close(self) -> None:
        with self._writing:
            self._writers = None
            self._snapshot = None

    def _forget(self, writers: Writers) -> None:
        """Drop what was not committed; writers that cannot even do that are let go."""
        try:
            writers.rollback()
        except SearchUnavailableError:
            self._writers = None

    def _open_writers(self) -> Writers:
        current = self._generations.current()
        if current is None:
            raise SearchUnavailableError("there is no index yet")
        if self._writers is None or self._writers.generation != current:
            self._writers = None  # lets go of the lock of an index that was replaced
            self._writers = self._wait_for_writers(current)
        return self._writers

    def _wait_for_writers(self, generation: Generation) -> Writers:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return Writers(generation, UPDATE_BYTES)
            except IndexBusyError:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(0.1)

    # Searching -----------------------------------------------------------------------------------------

    def search(self, request: SearchRequest) -> SearchResult:
        snapshot = self._look()
        with translated_errors():
            return Search(snapshot, request).answer()

    def state(self) -> IndexState:
        generation = self._generations.current()
        return IndexState.MISSING if generation is None else generation.state()

    def count(self) -> int:
        return self._look().items.num_docs

    def spellings(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        snapshot = self._look()
        with translated_errors():
            return snapshot.items.terms_with_prefix(field, prefix, limit=limit)

    def stamps(self, ids: Sequence[str]) -> Mapping[str, int]:
        from tantivy import Query

        snapshot = self._look()
        if not ids:
            return {}
        with translated_errors():
            wanted = Query.term_set_query(snapshot.item_schema, "id", list(ids))
            addresses = [address for _, address in snapshot.items.search(wanted, len(ids), count=False).hits]
            values = snapshot.items.fast_field_values("stamp", addresses)
            return {
                snapshot.item_id(address): int(value or 0) for address, value in zip(addresses, values, strict=True)
            }

    def ids(self) -> Iterator[str]:
        from tantivy import Query

        snapshot = self._look()
        for offset in range(0, snapshot.items.num_docs, IDS_PAGE):
            with translated_errors():
                page = snapshot.items.search(Query.all_query(), IDS_PAGE, count=False, offset=offset)
                found = [snapshot.item_id(address) for _, address in page.hits]
            yield from found

    def _look(self) -> Snapshot:
        """The newest commit. A generation may be swept away while it is opened: then there is a newer one."""
        for attempt in (1, 2):
            try:
                return self._open_snapshot()
            except (SearchUnavailableError, OSError) as error:
                if attempt == 2:
                    raise SearchUnavailableError(str(error)) from error
        raise AssertionError("not reached")

    def _open_snapshot(self) -> Snapshot:
        generation = self._generations.current()
        if generation is None:
            raise SearchUnavailableError("there is no index yet")
        snapshot = self._snapshot
        if snapshot is None or (snapshot.generation, snapshot.signature) != (generation, generation.signature()):
            self._snapshot = snapshot = open_snapshot(generation)
        return snapshot
