"""The embedded engine: Tantivy, in the process that searches; one process at a time writes."""

from repo.search.tantivy.engine import TantivyEngine as TantivyEngine
