"""Writing one generation."""

from repo.search.document import SearchDocument
from repo.search.fields import ITEM_FIELDS, PASSAGE_FIELDS, indexed_item
from repo.search.tantivy.clauses import make_document
from repo.search.tantivy.generations import Generation, translated_errors

UPDATE_BYTES = 15_000_000
"""What a writer gathers before it writes a segment: Tantivy's least, it is held as long as the process lives."""

REBUILD_BYTES = 60_000_000


class Writers:
    """The writers of both parts of a generation. One process at a time can have them, and in it one thread."""

    def __init__(self, generation: Generation, heap: int) -> None:
        self.generation = generation
        with translated_errors():
            self._items = generation.open("items").writer(heap, num_threads=1)
            self._passages = generation.open("passages").writer(heap, num_threads=1)

    def replace(self, document: SearchDocument) -> None:
        self.remove(document.id)
        row = indexed_item(document)
        with translated_errors():
            for values in row.passages:
                self._passages.add_document(make_document(values, PASSAGE_FIELDS))
            self._items.add_document(make_document(row.fields, ITEM_FIELDS))

    def remove(self, item: str) -> None:
        with translated_errors():
            self._passages.delete_documents_by_term("id", item)
            self._items.delete_documents_by_term("id", item)

    def commit(self) -> None:
        # Passages first: when the power fails between the two, a withdrawn item has lost its texts already.
        with translated_errors():
            self._passages.commit()
            self._items.commit()

    def rollback(self) -> None:
        """Drop what was not committed."""
        with translated_errors():
            self._passages.rollback()
            self._items.rollback()

    def finish(self) -> None:
        """Commit and let merging end; the writers cannot be used any more."""
        self.commit()
        with translated_errors():
            self._passages.wait_merging_threads()
            self._items.wait_merging_threads()
