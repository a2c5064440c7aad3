"""The text of a file, page by page, as it was read from it once; kept with the file's other derivatives.

Gzip of JSON lines: first the language ({"lang": "ky"}, "" where it is not known), then one text a page.
"""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass

from repo.storage import derivatives

RECIPE = "text-1.jsonl.gz"


@dataclass(frozen=True)
class FileText:
    """`pages` from the first on; of a document without pages, its parts. `lang` as BCP 47."""

    pages: tuple[str, ...]
    lang: str = ""


def keep_text(digest: str, pages: Iterable[str], lang: str = "") -> None:
    """Keep the text of the file with this SHA-512. Raises StorageFullError."""
    lines = [json.dumps({"lang": lang}), *(json.dumps(page, ensure_ascii=False) for page in pages)]
    content = "\n".join(lines).encode("utf-8", "replace")
    derivatives().put(digest, RECIPE, gzip.compress(content, compresslevel=6, mtime=0))


def read_text(digest: str) -> FileText | None:
    """The text of a file; None if none was kept, or if what was kept is damaged: it can be made again."""
    path = derivatives().get(digest, RECIPE)
    if path is None:
        return None
    try:
        lines = gzip.decompress(path.read_bytes()).decode().split("\n")
        return FileText(tuple(json.loads(line) for line in lines[1:]), json.loads(lines[0])["lang"])
    except (OSError, EOFError, ValueError, KeyError):
        return None
