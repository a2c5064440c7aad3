"""What follows when collections move in the tree or change their library: their works are told of anew.

The columns that rights and lists read change in the same commit; what is rendered follows in a job, in steps,
because a library that merges may hold tens of thousands of works.
"""

from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from repo.db import db
from repo.items.models import Item, ItemCollection
from repo.items.projections import Change, ChangeKind, announce_change
from repo.items.services.publishing import touch_item
from repo.jobs.services import enqueue_job
from repo.members.changes import TreeChange
from repo.members.models import Collection

STEP = 100


def follow_tree(change: TreeChange) -> None:
    """Registered with `members.changes`, inside the transaction of the change."""
    enqueue_job("registry", "")
    if not change.moved:
        return
    library_id = sa.select(Collection.library_id).where(Collection.id == Item.collection_id).scalar_subquery()
    moved = sorted(change.moved)
    db.session.execute(sa.update(Item).where(Item.collection_id.in_(moved)).values(library_id=library_id))
    # One job for these collections: a key cut short would let another branch's job stand for this one.
    key = sha256(repr(moved).encode()).hexdigest()[:32]
    enqueue_job("relocate", key, {"collection_ids": moved})


def relocate_items(collection_ids: list[int], after: str, at: datetime) -> str | None:
    """Tell of the next public items in or shown in these collections, in the order of their ids.

    Returns the id to go on after, None when all are done.
    """
    shown = sa.select(ItemCollection.item_id).where(ItemCollection.collection_id.in_(collection_ids))
    here = sa.or_(Item.collection_id.in_(collection_ids), Item.id.in_(shown))
    query = sa.select(Item).where(here, Item.current_id.is_not(None), Item.id > after).order_by(Item.id).limit(STEP)
    items = db.session.scalars(query).all()
    for item in items:
        touch_item(item, at)
        enqueue_job("preserve", item.id, {"item_id": item.id})
        announce_change(db.session(), Change(ChangeKind.MOVED, item.id))
    db.session.flush()
    return items[-1].id if items else None
