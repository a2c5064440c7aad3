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
    """A whole page, plain and packed with gzip, and its header `Link`."""

    plain: bytes
    packed: bytes
    links: str = ""


class PageStore:
    """Pages below `root`, one file a page: a line with the key and two lengths, then links and both forms."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, item_id: str, name: str, key: str) -> StoredPage | None:
        """The page of an item that was kept under `name`, if it was rendered for `key`."""
        try:
            content = (self.root / item_id[:2] / item_id / name).read_bytes()
        except FileNotFoundError:
            return None
        head, _, body = content.partition(b"\n")
        said, *lengths = head.split(b" ")
        if said != key.encode() or len(lengths) != 2 or not all(map(bytes.isdigit, lengths)):
            return None
        links, plain = map(int, lengths)
        if len(body) < links + plain:
            return None
        return StoredPage(body[links : links + plain], body[links + plain :], body[:links].decode())

    def put(self, item_id: str, name: str, key: str, html: str, links: str = "") -> StoredPage:
        """Keep a page in place of an earlier one. A full disk only means that it is rendered again next time."""
        plain = html.encode()
        page = StoredPage(plain, gzip.compress(plain, LEVEL, mtime=0), links)
        head = f"{key} {len(links.encode())} {len(plain)}\n{links}".encode()
        folder = self.root / item_id[:2] / item_id
        draft = folder / f".{name}.{secrets.token_hex(4)}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(head + page.plain + page.packed)
            draft.replace(folder / name)
        except OSError:
            draft.unlink(missing_ok=True)
        return page

    def discard(self, item_id: str) -> None:
        """Remove all pages of an item."""
        shutil.rmtree(self.root / item_id[:2] / item_id, ignore_errors=True)
