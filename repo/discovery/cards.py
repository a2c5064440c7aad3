"""Items as lists show them: a card each, made with the same three queries however long the list is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.services import PREVIEW
from repo.items.access import Access
from repo.items.metadata import read_metadata
from repo.items.models import Item, Version
from repo.items.presentation import RecordView, present, stored_files
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


def make_cards(items: Sequence[Item], lang: str, at: datetime) -> list[Card]:
    """Cards of public items, in their order."""
    return [_card(item, item.current, lang, at) for item in items if item.current is not None]


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
