"""Items as lists show them: a card each, made with the same three queries however long the list is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ingest.services import PREVIEW
from repo.db import db
from repo.items.access import Access
from repo.items.metadata import read_metadata
from repo.items.models import File, Item, Version
from repo.items.presentation import RecordView, present, stored_files
from repo.items.rights import is_public
from repo.members.models import Collection
from repo.storage import derivatives


@dataclass(frozen=True)
class Card:
    """`picture`: whether there is one of the first page that anybody may see."""

    item_id: str
    number: int
    view: RecordView
    published: datetime
    library_names: dict[str, Any]
    library_code: str
    picture: bool


def card_options() -> tuple[Any, ...]:
    """What a query for items has to load so that cards cost no query of their own."""
    return (
        joinedload(Item.collection).joinedload(Collection.library),
        joinedload(Item.current).selectinload(Version.files).joinedload(File.blob),
    )


def make_cards(items: Sequence[Item], lang: str, at: datetime) -> list[Card]:
    """Cards of public items, in their order."""
    return [_card(item, item.current, lang, at) for item in items if item.current is not None]


def load_cards(item_ids: Sequence[str], lang: str, at: datetime) -> list[Card]:
    """Cards of those items that are public at this moment, in the order of the ids: rights hold here too, whatever
    an index said."""
    found = db.session.scalars(sa.select(Item).where(Item.id.in_(item_ids), is_public()).options(*card_options()))
    by_id = {item.id: item for item in found}
    return make_cards([by_id[item_id] for item_id in item_ids if item_id in by_id], lang, at)


def _card(item: Item, version: Version, lang: str, at: datetime) -> Card:
    view = present(read_metadata(version.meta), stored_files(version), lang, at)
    first = version.files[0] if version.files else None
    open_to_all = bool(view.files) and view.files[0].access is Access.OPEN
    return Card(
        item_id=item.id,
        number=version.number,
        view=view,
        published=item.published_at or at,
        library_names=item.collection.library.names,
        library_code=item.collection.library.code,
        picture=open_to_all and first is not None and derivatives().get(first.digest, PREVIEW) is not None,
    )
