"""The tree of collections of a library. `path` holds the ids from the root, for every question about a branch."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from repo import vocabularies
from repo.db import db
from repo.errors import StaleError, StateError
from repo.members.actors import Actor
from repo.members.changes import TreeChange, announce_tree_change
from repo.members.checking import Faults, check_code, check_names, check_texts
from repo.members.history import differences, record_event
from repo.members.models import Collection, DepositPolicy, Library, LibraryStatus, ReviewPolicy, text_for
from repo.members.services.libraries import require_manager
from repo.web.collation import sort_key

DEEPEST = 8
"""Levels of a tree: deeper ones nobody can browse, and `path` is bounded."""


def create_collection(
    actor: Actor,
    library: Library,
    *,
    code: str,
    names: Mapping[str, str],
    parent: Collection | None = None,
    **more: Any,
) -> Collection:
    """Make a collection, below `parent` or at the top of its library. `more` as in `change_collection`.

    Raises InvalidError beside the fields, StateError when the library takes no part any more.
    """
    require_manager(actor, library.id)
    _require_active(library)
    faults = Faults()
    code = check_code(faults, code, 64)
    if code and db.session.scalar(sa.select(Collection.id).where(Collection.code == code)) is not None:
        faults.add("code", _("This code is taken. Choose another one."))
    _check_parent(faults, library, parent)
    described = _check(faults, names=names, **more)
    faults.tell()
    collection = Collection(
        library=library,
        parent=parent,
        code=code,
        sort_name=sort_key(text_for(described["names"], "ky")),
        **described,
    )
    db.session.add(collection)
    db.session.flush()
    collection.path = _path_below(parent, collection)
    db.session.flush()
    record_event(actor, "collection created", subject=collection, after=_history(described))
    announce_tree_change(TreeChange(collection_ids=frozenset({collection.id})))
    return collection


def change_collection(
    actor: Actor,
    collection: Collection,
    edition: int,
    *,
    names: Mapping[str, str],
    about: Mapping[str, str] | None = None,
    licence: str = "",
    deposit_policy: DepositPolicy = DepositPolicy.MEMBERS,
    review_policy: ReviewPolicy = ReviewPolicy.REVIEW,
    types: Sequence[str] = (),
) -> None:
    """Change what is known of a collection and its rules. `edition` is what the form was filled from.

    Raises InvalidError beside the fields, StaleError when somebody saved meanwhile.
    """
    require_manager(actor, collection.library_id)
    db.session.refresh(collection, with_for_update={"of": Collection})
    if collection.edition != edition:
        raise StaleError(collection)
    faults = Faults()
    described = _check(
        faults,
        names=names,
        about=about,
        licence=licence,
        deposit_policy=deposit_policy,
        review_policy=review_policy,
        types=types,
    )
    faults.tell()
    old, new = differences({key: getattr(collection, key) for key in described}, described)
    if not new:
        return
    for key, value in described.items():
        setattr(collection, key, value)
    collection.sort_name = sort_key(text_for(collection.names, "ky"))
    _touch(actor, "collection changed", collection, before=_history(old), after=_history(new))


def move_collection(
    actor: Actor, collection: Collection, *, parent: Collection | None = None, library: Library | None = None
) -> None:
    """Hang a collection, with all below it, under `parent`, or at the top of `library` (by default its own).

    Into another library only by somebody who looks after both. Raises InvalidError beside the field "parent".
    """
    target = parent.library if parent is not None else library or collection.library
    require_manager(actor, collection.library_id)
    require_manager(actor, target.id)
    _require_active(target)
    branch = load_branch(collection)
    faults = Faults()
    if parent is not None and parent.id in {below.id for below in branch}:
        faults.add("parent", _("A collection cannot lie inside itself. Choose another place."))
    _check_parent(faults, target, parent, levels=_levels(collection, branch))
    faults.tell()
    if (collection.parent_id, collection.library_id) == (parent.id if parent else None, target.id):
        return
    before, old_path = {"library": collection.library.code, "path": collection.path}, collection.path
    collection.parent = parent
    new_path = _path_below(parent, collection)
    for below in branch:
        below.path = new_path + below.path.removeprefix(old_path)
        below.library = target
        below.edition += 1
    after = {"library": target.code, "path": new_path}
    ids = frozenset(below.id for below in branch)
    _touch(actor, "collection moved", collection, ids=ids, moved=ids, before=before, after=after)


def close_collection(actor: Actor, collection: Collection) -> None:
    """Take no more deposits, here and below; what is published stays."""
    require_manager(actor, collection.library_id)
    branch = [below for below in load_branch(collection) if not below.closed]
    for below in branch:
        below.closed = True
        below.edition += 1
    if branch:
        ids = frozenset(below.id for below in branch)
        _touch(actor, "collection closed", collection, ids=ids)


def reopen_collection(actor: Actor, collection: Collection) -> None:
    """Take deposits again, here only."""
    require_manager(actor, collection.library_id)
    _require_active(collection.library)
    if collection.closed:
        collection.closed = False
        _touch(actor, "collection reopened", collection)


def load_branch(collection: Collection) -> list[Collection]:
    """Return the collection and all below it, parents first."""
    here = sa.select(Collection).where(Collection.path.startswith(collection.path, autoescape=True))
    return list(db.session.scalars(here.order_by(sa.func.length(Collection.path), Collection.id)))


def load_tree(library: Library) -> list[Collection]:
    """Return all collections of a library in the order of its tree, each followed by what lies below it."""
    return load_trees([library])[0][1]


def load_trees(libraries: Sequence[Library]) -> list[tuple[Library, list[Collection]]]:
    """Return each library with its tree."""
    here = sa.select(Collection).where(Collection.library_id.in_([library.id for library in libraries]))
    # Branches of different libraries never meet: whatever has a parent has it in the same library.
    tops: dict[int, list[Collection]] = {}
    below: dict[int, list[Collection]] = {}
    for collection in db.session.scalars(here.order_by(Collection.sort_name, Collection.id)):
        if collection.parent_id is None:
            tops.setdefault(collection.library_id, []).append(collection)
        else:
            below.setdefault(collection.parent_id, []).append(collection)
    return [(library, _walk(tops.get(library.id, []), below)) for library in libraries]


def _walk(tops: list[Collection], below: dict[int, list[Collection]]) -> list[Collection]:
    ordered: list[Collection] = []
    waiting = tops[::-1]
    while waiting:
        ordered.append(waiting.pop())
        waiting += below.get(ordered[-1].id, [])[::-1]
    return ordered


def _check(
    faults: Faults,
    *,
    names: Mapping[str, str],
    about: Mapping[str, str] | None = None,
    licence: str = "",
    deposit_policy: DepositPolicy = DepositPolicy.MEMBERS,
    review_policy: ReviewPolicy = ReviewPolicy.REVIEW,
    types: Sequence[str] = (),
) -> dict[str, Any]:
    if licence and licence not in vocabularies.licences():
        faults.add("licence", _("Choose a licence."))
    if not set(types) <= set(vocabularies.types()):
        faults.add("types", _("Choose what kind of work this is."))
    return {
        "names": check_names(faults, names),
        "about": check_texts(faults, about, "about", 5000, lines=True),
        "licence": licence or None,
        "deposit_policy": DepositPolicy(deposit_policy),
        "review_policy": ReviewPolicy(review_policy),
        "types": [code for code in vocabularies.types() if code in types],
    }


def _history(described: dict[str, Any]) -> dict[str, Any]:
    """JSON has no enums."""
    return {key: str(value) if isinstance(value, str) else value for key, value in described.items()}


def _check_parent(faults: Faults, library: Library, parent: Collection | None, levels: int = 1) -> None:
    if parent is None:
        return
    if parent.library_id != library.id:
        faults.add("parent", _("Choose a collection of this library."))
    elif len(parent.ancestor_ids) + levels > DEEPEST:
        faults.add("parent", _("The tree is too deep here. Choose a place further up."))


def _levels(collection: Collection, branch: Sequence[Collection]) -> int:
    return max(len(below.ancestor_ids) for below in branch) - len(collection.ancestor_ids) + 1


def _path_below(parent: Collection | None, collection: Collection) -> str:
    return f"{parent.path if parent is not None else '/'}{collection.id}/"


def _require_active(library: Library) -> None:
    if library.status is not LibraryStatus.ACTIVE:
        raise StateError(library.status.value, "change")


def _touch(
    actor: Actor,
    verb: str,
    collection: Collection,
    *,
    ids: frozenset[int] = frozenset(),
    moved: frozenset[int] = frozenset(),
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    collection.edition += 1
    db.session.flush()
    record_event(actor, verb, subject=collection, before=before, after=after)
    announce_tree_change(TreeChange(collection_ids=ids | {collection.id}, moved=moved))
