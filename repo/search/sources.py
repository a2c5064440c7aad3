"""What the index should hold of public items, read from their rows."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from repo.db import db, now
from repo.items.access import Access, FileRole, effective_access
from repo.items.metadata import read_metadata
from repo.items.models import File, Item, ItemCollection, Version
from repo.items.rights import is_public
from repo.members.models import Collection, Library
from repo.search.description import describe
from repo.search.document import OPEN, IndexSource, SourceText, library_class
from repo.search.passages import Place
from repo.storage.texts import read_pieces

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Text:
    """A file whose text is indexed, and for whom."""

    digest: str
    name: str
    lang: str
    audience: frozenset[str]


def load_sources(item_ids: Sequence[str]) -> list[IndexSource]:
    """What is to be indexed of those of the items that are public now. Their texts are read from disk only when
    they are asked for: not inside a transaction."""
    at = now()
    items = db.session.scalars(
        sa.select(Item)
        .where(Item.id.in_(item_ids), is_public())
        .options(
            # By queries of their own: joined, what many items share would be read anew for each.
            selectinload(Item.collection).selectinload(Collection.library),
            selectinload(Item.shown_in),
            joinedload(Item.current).selectinload(Version.files).joinedload(File.blob),
        )
    ).all()
    codes = _collection_codes(items)
    stamps = load_stamps([item.id for item in items])
    sources: list[IndexSource] = []
    for item in items:
        if item.current is not None and item.id in stamps:  # not, if withdrawn between the two queries
            try:
                sources.append(_source(item, item.current, stamps[item.id], codes, at))
            except ValueError:  # pydantic's: one damaged description keeps no other item out of the index
                logger.exception("%s has no description that can be read", item.id)
    return sources


def load_stamps(item_ids: Sequence[str]) -> dict[str, int]:
    """For each public item a number that changes whenever its document should: also when an embargo ends or its
    library or collection changes, of which the item's own row knows nothing."""
    at = now()
    columns = (Item.id, Item.stamp, Item.current_id, Item.access, Item.embargo_until, Library.code, Collection.path)
    rows = db.session.execute(
        sa.select(*columns)
        .join(Collection, Item.collection_id == Collection.id)
        .join(Library, Item.library_id == Library.id)
        .where(Item.id.in_(item_ids), is_public())
    ).all()
    shown = _shown_paths(item_ids)
    rules = _file_rules([row.current_id for row in rows])
    return {
        row.id: _hash(
            row.stamp,
            _now_access(row.access, row.embargo_until, at),
            row.code,
            row.path,
            shown.get(row.id, []),
            [(file, effective_access(access, until, at)) for file, access, until in rules.get(row.current_id, [])],
        )
        for row in rows
    }


def _shown_paths(item_ids: Sequence[str]) -> dict[str, list[str]]:
    query = (
        sa.select(ItemCollection.item_id, Collection.path)
        .join(Collection, ItemCollection.collection_id == Collection.id)
        .where(ItemCollection.item_id.in_(item_ids))
        .order_by(ItemCollection.item_id, Collection.path)
    )
    found: dict[str, list[str]] = {}
    for item_id, path in db.session.execute(query):
        found.setdefault(item_id, []).append(path)
    return found


def _file_rules(version_ids: Sequence[int | None]) -> dict[int, list[tuple[int, Access, date | None]]]:
    """Files with a rule of their own."""
    query = (
        sa.select(File.version_id, File.id, File.access, File.until)
        .where(File.version_id.in_(version_ids), File.access.is_not(None))
        .order_by(File.version_id, File.id)
    )
    found: dict[int, list[tuple[int, Access, date | None]]] = {}
    for version_id, file_id, access, until in db.session.execute(query):
        found.setdefault(version_id, []).append((file_id, access or Access.OPEN, until))
    return found


def _hash(*facts: object) -> int:
    return int.from_bytes(blake2b(repr(facts).encode(), digest_size=7).digest())


def _now_access(access: Access | None, until: date | None, at: datetime) -> Access:
    return effective_access(access or Access.OPEN, until, at)


def _collection_codes(items: Iterable[Item]) -> dict[int, str]:
    """Codes of all collections in which the items stand or are shown, and of those above them."""
    wanted = {
        ancestor
        for item in items
        for collection in (item.collection, *item.shown_in)
        for ancestor in collection.ancestor_ids
    }
    query = sa.select(Collection.id, Collection.code).where(Collection.id.in_(wanted))
    return {row.id: row.code for row in db.session.execute(query)}


def _source(item: Item, version: Version, stamp: int, codes: dict[int, str], at: datetime) -> IndexSource:
    metadata = read_metadata(version.meta)
    places = (item.collection, *item.shown_in)
    return IndexSource(
        id=item.id,
        stamp=stamp,
        library=item.collection.library.code,
        access=_now_access(item.access, item.embargo_until, at),
        published=item.published_at or at,
        sort_title=item.title_sort or "",
        collections=tuple(codes[above] for place in places for above in place.ancestor_ids if above in codes),
        texts=_file_texts(list(_readable(item, version, next(iter(metadata.languages), ""), at))),
        **describe(metadata),
    )


def _readable(item: Item, version: Version, lang: str, at: datetime) -> Iterator[_Text]:
    """The files whose text somebody besides the staff may read: the others are not indexed at all.

    `lang` stands for the language of a file in which the pipeline found none.
    """
    for file in version.files:
        rule, until = (file.access, file.until) if file.access is not None else (item.access, item.embargo_until)
        audience = {
            Access.OPEN: frozenset({OPEN}),
            Access.RESTRICTED: frozenset({library_class(item.collection.library.code)}),
        }.get(_now_access(rule, until, at))
        if file.role is FileRole.ORIGINAL and audience:
            found = (file.blob.report or {}).get("language")
            yield _Text(file.digest, file.name, found or lang, audience)


def _file_texts(files: Sequence[_Text]) -> Iterator[SourceText]:
    """A text for each page or part of one, read when it is asked for."""
    for file in files:
        for number, piece in enumerate(read_pieces(file.digest)):
            yield SourceText(piece.text, file.lang, file.audience, str(Place(file.name, piece.page, number)))
