"""Who loads in bulk, and where: whoever scans or describes for a library, or looks after one of its collections."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ingest.batch import loads_anywhere
from repo.db import db
from repo.errors import ForbiddenError, NotSignedInError
from repo.items.access import Action, Actor, Reason
from repo.items.rights import collection_target, decide
from repo.members.current import current_actor, current_person
from repo.members.models import Collection, Library, LibraryStatus


def may_load_anywhere() -> bool:
    return loads_anywhere(current_actor())


def require_loader() -> Actor:
    """Return who asks, if they load anywhere. Raises NotSignedInError or ForbiddenError."""
    if current_person() is None:
        raise NotSignedInError
    if not may_load_anywhere():
        raise ForbiddenError(Reason.NO_ROLE.value)
    return current_actor()


def trees_to_load(actor: Actor) -> list[tuple[Library, list[Collection]]]:
    """The collections into which the actor may load, by library."""
    query = sa.select(Collection).join(Library, Collection.library_id == Library.id)
    query = query.where(Library.status == LibraryStatus.ACTIVE).options(joinedload(Collection.library))
    found: dict[int, tuple[Library, list[Collection]]] = {}
    for collection in db.session.scalars(query.order_by(Library.sort_name, Collection.path)):
        if decide(actor, Action.LOAD, collection_target(collection)).allowed:
            found.setdefault(collection.library_id, (collection.library, []))[1].append(collection)
    return list(found.values())


def libraries_to_load(actor: Actor) -> Sequence[Library]:
    """The libraries into which the actor may load."""
    return [library for library, _collections in trees_to_load(actor)]
