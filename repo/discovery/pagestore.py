"""Landing pages as they were rendered, kept as files: asked for a thousand times, changed once a year.

A stored page is valid for one key (what is shown, to whom, in which release): another key, and it is written anew.
The files may be deleted at any time.
"""

import gzip
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

LEVEL = 6


@dataclass(frozen=True)
class StoredPage:
    """A whole page, plain and packed with gzip."""

    plain: bytes
    packed: bytes


class PageStore:
    """Pages below `root`, one file a page: a line with the key and two lengths, then both forms."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, item_id: str, name: str, key: str) -> StoredPage | None:
        """The page of an item that was kept under `name`, if it was rendered for `key`."""
        try:
            content = (self.root / item_id[:2] / item_id / name).read_bytes()
        except FileNotFoundError:
            return None
        head, _, body = content.partition(b"\n")
        said, _, lengths = head.rpartition(b" ")
        if said != key.encode() or not lengths.isdigit() or len(body) < int(lengths):
            return None
        return StoredPage(body[: int(lengths)], body[int(lengths) :])

    def put(self, item_id: str, name: str, key: str, html: str) -> StoredPage:
        """Keep a page in place of an earlier one. A full disk only means that it is rendered again next time."""
        plain = html.encode()
        page = StoredPage(plain, gzip.compress(plain, LEVEL, mtime=0))
        folder = self.root / item_id[:2] / item_id
        draft = folder / f".{name}.{secrets.token_hex(4)}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(f"{key} {len(plain)}\n".encode() + page.plain + page.packed)
            draft.replace(folder / name)
        except OSError:
            draft.unlink(missing_ok=True)
        return page

    def discard(self, item_id: str) -> None:
        """Remove all pages of an item."""
        shutil.rmtree(self.root / item_id[:2] / item_id, ignore_errors=True)
