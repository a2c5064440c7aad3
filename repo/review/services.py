"""What waits for a reviewer, and what is known about it."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from repo.db import db
from repo.errors import NotFoundError
from repo.items.access import Action, Actor
from repo.items.models import File, Item, Version
from repo.items.rights import decide, is_looked_after_by, is_public, require, version_target
from repo.items.states import VersionState
from repo.members.models import Collection, Event
from repo.web.paging import Page, load_page

PAGE = 25


def reviews_anything(actor: Actor) -> bool:
    """Whether the actor looks after some collection: who does not has no queue."""
    return actor.is_administrator or any(grant.role in ("librarian", "reviewer") for grant in actor.grants)


def list_waiting(actor: Actor, cursor: str = "", collection_id: int | None = None) -> Page[Version]:
    """Submissions in the collections that the actor looks after, the longest waiting first."""
    query = (
        sa.select(Version)
        .join(Item, Version.item_id == Item.id)
        .join(Collection, Item.collection_id == Collection.id)
        .where(Version.state == VersionState.SUBMITTED, is_looked_after_by(actor))
        .options(
            joinedload(Version.item).joinedload(Item.collection),
            joinedload(Version.item).joinedload(Item.depositor),
            selectinload(Version.files).joinedload(File.blob),
        )
    )
    if collection_id is not None:
        query = query.where(Item.collection_id == collection_id)
    return load_page(db.session(), query, [Version.submitted_at, Version.id], cursor, size=PAGE)


def list_withdrawn(actor: Actor, cursor: str = "") -> Page[Item]:
    """Withdrawn items of the actor's collections, the newest withdrawal first."""
    query = (
        sa.select(Item)
        .join(Collection, Item.collection_id == Collection.id)
        .where(Item.withdrawn_at.is_not(None), is_looked_after_by(actor))
        .options(joinedload(Item.current), joinedload(Item.collection))
    )
    return load_page(db.session(), query, [Item.withdrawn_at, Item.id], cursor, size=PAGE, descending=True)


def load_submission(actor: Actor, item_id: str) -> Version:
    """Return what was submitted for an item. Raises NotFoundError, as for one that is not there."""
    version = db.session.scalar(
        sa.select(Version)
        .where(Version.item_id == item_id, Version.state.in_((VersionState.SUBMITTED, VersionState.ACCEPTED)))
        .options(selectinload(Version.files).joinedload(File.blob), joinedload(Version.item))
    )
    if version is None or not decide(actor, Action.REVIEW, version_target(version)).allowed:
        raise NotFoundError()
    return version


def load_looked_after(actor: Actor, item_id: str) -> Item:
    """Return a public (or withdrawn) item that the actor looks after. Raises NotFoundError."""
    item = db.session.get(Item, item_id)
    if item is None or item.current is None:
        raise NotFoundError()
    if not decide(actor, Action.CORRECT, version_target(item.current)).allowed:
        raise NotFoundError()
    return item


def load_file(actor: Actor, version: Version, file_id: int) -> File:
    """Return a file of a submission for whoever may read it. Raises NotFoundError and what refuses."""
    file = next((file for file in version.files if file.id == file_id), None)
    if file is None:
        raise NotFoundError()
    require(actor, Action.READ, version_target(version, file), item_id=version.item_id)
    return file


def history_of(item_id: str) -> list[Event]:
    """What happened to an item, oldest first."""
    query = sa.select(Event).where(Event.item_id == item_id).order_by(Event.id).options(joinedload(Event.actor))
    return list(db.session.scalars(query))


def same_bytes(version: Version) -> list[Item]:
    """Public items that hold one of the files of this submission."""
    digests = [file.digest for file in version.files]
    query = (
        sa.select(Item)
        .join(Version, Version.item_id == Item.id)
        .join(File, File.version_id == Version.id)
        .where(is_public(), Version.latest, Item.id != version.item_id, File.digest.in_(digests))
        .distinct()
        .limit(5)
    )
    return list(db.session.scalars(query))
