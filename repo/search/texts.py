"""The text of a file, page by page, as the ingest pipeline keeps it with the file's other derivatives."""

import gzip
import json

from repo.storage import derivatives

RECIPE = "text.json.gz"
"""A JSON list with a string for each page, packed."""


def read_text(digest: str) -> list[str]:
    """The pages of the file with this SHA-512, or the parts of a document without pages.

    Empty if its text was not kept, or is damaged or gone: it can be made again, and the item then be indexed again.
    """
    path = derivatives().get(digest, RECIPE)
    if path is None:
        return []
    try:
        pages = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError):
        return []
    return [page for page in pages if isinstance(page, str)] if isinstance(pages, list) else []
