"""What an import meets here: read for a whole chunk of records at once, whatever their number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from repo.db import db
from repo.items.models import Blob, File, Item, Version
from repo.items.services.drafts import new_ids


@dataclass(frozen=True)
class Here:
    """What a chunk meets here, read at once: the works by their keys, the blobs of the files that come along by their
    digests (`importing.make_version` adds those that it writes down), and ids that no work has."""

    items: dict[str, Item]
    blobs: dict[str, Blob]
    ids: Iterator[str]


def look_here(source: str, keys: Sequence[str], digests: set[str]) -> Here:
    """What is here of the works of `source` with these keys, and of the files with these digests (SHA-512)."""
    items = find_items(source, keys)
    blobs = {blob.digest: blob for blob in db.session.scalars(sa.select(Blob).where(Blob.digest.in_(digests)))}
    return Here(items, blobs, iter(new_ids(len(keys) - len(items))))


def find_items(source: str, keys: Sequence[str]) -> dict[str, Item]:
    """The works of `source` by their keys."""
    files = selectinload(Item.versions).selectinload(Version.files).joinedload(File.blob)
    query = sa.select(Item).where(Item.source == source, Item.source_key.in_(keys))
    found = db.session.scalars(query.options(files, selectinload(Item.shown_in)))
    return {item.source_key or "": item for item in found}
