"""Writing one generation."""

import threading

from repo.search.document import SearchDocument
from repo.search.fields import ITEM_FIELDS, PASSAGE_FIELDS, indexed_item
from repo.search.tantivy.clauses import make_document
from repo.search.tantivy.generations import Generation, translated_errors

UPDATE_BYTES = 15_000_000
"""What a writer gathers before it writes a segment: Tantivy's least, it is held as long as the process lives."""

REBUILD_BYTES = 60_000_000


class Writers:
    """Writes one generation; only one process at a time can have them."""

    def __init__(self, generation: Generation, heap: int) -> None:
        self.generation = generation
        self._lock = threading.Lock()
        with translated_errors():
            self._items = generation.open("items").writer(heap, num_threads=1)
            self._passages = generation.open("passages").writer(heap, num_threads=1)

    def replace(self, document: SearchDocument) -> None:
        row = indexed_item(document)
        item = make_document(row.fields, ITEM_FIELDS)
        passages = [make_document(values, PASSAGE_FIELDS) for values in row.passages]
        with self._lock, translated_errors():
            self._remove(row.id)
            for passage in passages:
                self._passages.add_document(passage)
            self._items.add_document(item)

    def remove(self, item: str) -> None:
        with self._lock, translated_errors():
            self._remove(item)

    def commit(self) -> None:
        # Passages first: when the power fails between the two, a withdrawn item has lost its texts already.
        with self._lock, translated_errors():
            self._passages.commit()
            self._items.commit()

    def finish(self) -> None:
        """Commit, and let merging end."""
        self.commit()
        with translated_errors():
            self._passages.wait_merging_threads()
            self._items.wait_merging_threads()

    def _remove(self, item: str) -> None:
        self._passages.delete_documents_by_term("id", item)
        self._items.delete_documents_by_term("id", item)
