"""Member libraries: made by the administrator, described by their librarians, merged and closed when life does so."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from repo.db import db
from repo.errors import ForbiddenError, InvalidError, StaleError, StateError
from repo.members.actors import Actor
from repo.members.changes import TreeChange, announce_tree_change
from repo.members.checking import (
    Faults,
    check_code,
    check_isil,
    check_names,
    check_ror,
    check_texts,
    check_website,
)
from repo.members.history import differences, record_event
from repo.members.models import Collection, Library, LibraryStatus, Role, text_for
from repo.members.networks import read_networks
from repo.web.collation import sort_key

DESCRIBED = ("names", "about", "city", "website", "ror", "isil", "networks")


def create_library(actor: Actor, *, code: str, names: Mapping[str, str], **more: Any) -> Library:
    """Make a member library. `more` as in `change_library`. Raises InvalidError beside the fields."""
    if not actor.is_administrator:
        raise ForbiddenError("no_role")
    faults = Faults()
    code = check_code(faults, code, 32)
    if code and db.session.scalar(sa.select(Library.id).where(Library.code == code)) is not None:
        faults.add("code", _("This code is taken. Choose another one."))
    described = _check(faults, names=names, **more)
    faults.tell()
    library = Library(code=code, sort_name=sort_key(text_for(described["names"], "ky")), **described)
    db.session.add(library)
    db.session.flush()
    record_event(actor, "library created", subject=library, after=described)
    announce_tree_change(TreeChange(library_ids=frozenset({library.id})))
    return library


def change_library(
    actor: Actor,
    library: Library,
    edition: int,
    *,
    names: Mapping[str, str],
    about: Mapping[str, str] | None = None,
    city: Mapping[str, str] | None = None,
    website: str = "",
    ror: str = "",
    isil: str = "",
    networks: Sequence[str] = (),
) -> None:
    """Change what is known of a library. `edition` is what the form was filled from.

    Raises InvalidError beside the fields, StaleError when somebody saved meanwhile.
    """
    require_manager(actor, library.id)
    _lock(library, edition)
    faults = Faults()
    described = _check(
        faults, names=names, about=about, city=city, website=website, ror=ror, isil=isil, networks=networks
    )
    faults.tell()
    old, new = differences({key: getattr(library, key) for key in DESCRIBED}, described)
    if not new:
        return
    for key, value in described.items():
        setattr(library, key, value)
    library.sort_name = sort_key(text_for(library.names, "ky"))
    _touch(actor, "library changed", library, before=old, after=new)


def merge_library(actor: Actor, source: Library, target: Library) -> None:
    """Let `target` take over the collections, roles and networks of `source`, whose page leads there from now on."""
    if not actor.is_administrator:
        raise ForbiddenError("no_role")
    if source.id == target.id:
        raise InvalidError({"target": [_("Choose another library.")]})
    for library in (source, target):
        if library.status is not LibraryStatus.ACTIVE:
            raise StateError(library.status.value, "merge")
    moved = list(db.session.scalars(sa.select(Collection).where(Collection.library_id == source.id)))
    for collection in moved:
        collection.library = target
        collection.edition += 1
    _move_roles(source, target)
    target.networks = [*target.networks, *(net for net in source.networks if net not in target.networks)]
    source.networks = []
    source.status, source.merged_into = LibraryStatus.MERGED, target
    # Whoever was merged into the source before is now part of the target: an old address leads there at once.
    for earlier in db.session.scalars(sa.select(Library).where(Library.merged_into_id == source.id)):
        earlier.merged_into = target
    ids = frozenset(collection.id for collection in moved)
    _touch(actor, "library merged", source, moved=ids, after={"into": target.code})
    _touch(actor, "library took over", target, after={"from": source.code})


def close_library(actor: Actor, library: Library) -> None:
    """End a membership: nothing more is deposited, its networks open nothing; what is published stays."""
    if not actor.is_administrator:
        raise ForbiddenError("no_role")
    if library.status is not LibraryStatus.ACTIVE:
        raise StateError(library.status.value, "close")
    library.status = LibraryStatus.CLOSED
    for collection in db.session.scalars(sa.select(Collection).where(Collection.library_id == library.id)):
        collection.closed = True
        collection.edition += 1
    _touch(actor, "library closed", library)


def reopen_library(actor: Actor, library: Library) -> None:
    """Make a closed library a member again; its collections are opened one by one."""
    if not actor.is_administrator:
        raise ForbiddenError("no_role")
    if library.status is not LibraryStatus.CLOSED:
        raise StateError(library.status.value, "reopen")
    library.status = LibraryStatus.ACTIVE
    _touch(actor, "library reopened", library)


def require_manager(actor: Actor, library_id: int) -> None:
    """Raise ForbiddenError unless the actor looks after the library."""
    if not actor.manages(library_id):
        raise ForbiddenError("no_role")


def _check(
    faults: Faults,
    *,
    names: Mapping[str, str],
    about: Mapping[str, str] | None = None,
    city: Mapping[str, str] | None = None,
    website: str = "",
    ror: str = "",
    isil: str = "",
    networks: Sequence[str] = (),
) -> dict[str, Any]:
    read, unread = read_networks(networks)
    for line in unread:
        faults.add("networks", _("This is not a network: %(network)s", network=line))
    return {
        "names": check_names(faults, names),
        "about": check_texts(faults, about, "about", 5000, lines=True),
        "city": check_texts(faults, city, "city", 100),
        "website": check_website(faults, website),
        "ror": check_ror(faults, ror),
        "isil": check_isil(faults, isil),
        "networks": [str(network) for network in read],
    }


def _lock(library: Library, edition: int) -> None:
    db.session.refresh(library, with_for_update={"of": Library})
    if library.edition != edition:
        raise StaleError(library)


def _move_roles(source: Library, target: Library) -> None:
    there = sa.select(Role.person_id, Role.name).where(Role.library_id == target.id)
    held = {(person_id, name) for person_id, name in db.session.execute(there)}
    for role in db.session.scalars(sa.select(Role).where(Role.library_id == source.id)):
        if (role.person_id, role.name) in held:
            db.session.delete(role)
        else:
            role.library = target


def _touch(
    actor: Actor,
    verb: str,
    library: Library,
    *,
    moved: frozenset[int] = frozenset(),
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Every change raises the edition: it is what the processes compare to know that networks changed."""
    library.edition += 1
    db.session.flush()
    record_event(actor, verb, subject=library, before=before, after=after)
    announce_tree_change(TreeChange(library_ids=frozenset({library.id}), collection_ids=moved, moved=moved))
