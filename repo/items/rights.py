"""Rights on rows: makes the `Target` of a row and asks `items.access.may`; filters that say the same in SQL."""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from repo.db import now
from repo.errors import ForbiddenError, GoneError, MurasError, NotFoundError, NotSignedInError
from repo.items.access import Access, Action, Actor, Decision, FileRole, Reason, Target, may
from repo.items.models import File, Item, Version
from repo.members.models import Collection

NOWHERE: frozenset[int] = frozenset()


def collection_target(collection: Collection) -> Target:
    """The target of a collection: for depositing into it and for looking after it."""
    return Target(
        library_id=collection.library_id,
        collection_ids=collection.ancestor_ids,
        deposit_policy=collection.deposit_policy.value,
        closed=collection.closed,
    )


def with_files() -> tuple[ExecutableOption, ...]:
    """What a query for items has to load so that rights, and a line in a list, cost no query of their own."""
    return (
        joinedload(Item.collection).joinedload(Collection.library),
        joinedload(Item.current).selectinload(Version.files).joinedload(File.blob),
    )


def version_target(version: Version, file: File | None = None) -> Target:
    """The target of a version, or of a file of it. Access of the files is that of the item's newest version:
    a right that was taken back holds for older versions too."""
    item = version.item
    rules = item.current if item.current is not None and version.published_at is not None else version
    access = Access(rules.meta.get("access", Access.OPEN))
    until = _day(rules.meta.get("embargo_until"))
    if file is not None and file.access is not None:
        access, until = file.access, file.until
    return Target(
        library_id=item.library_id,
        collection_ids=item.collection.ancestor_ids,
        depositor_id=item.depositor_id,
        state=version.state,
        withdrawn=item.withdrawn_at is not None,
        access=access,
        until=until,
        role=file.role if file is not None else FileRole.ORIGINAL,
    )


def decide(
    actor: Actor, action: Action, target: Target, networks: frozenset[int] = NOWHERE, at: datetime | None = None
) -> Decision:
    return may(actor, networks, action, target, at or now())


def require(
    actor: Actor, action: Action, target: Target, networks: frozenset[int] = NOWHERE, *, item_id: str = ""
) -> None:
    """Raise the error that tells why not, if the actor may not do this."""
    decision = decide(actor, action, target, networks)
    if not decision.allowed:
        raise refusal(actor, decision, item_id)


def refusal(actor: Actor, decision: Decision, item_id: str = "") -> MurasError:
    """The error for a decision: what is hidden does not exist; whoever is not signed in is asked to."""
    match decision.reason:
        case Reason.HIDDEN:
            return NotFoundError()
        case Reason.WITHDRAWN:
            return GoneError(item_id)
    error = ForbiddenError(decision.reason.value, decision.until)
    if actor.person_id is None:
        signed_out = NotSignedInError(decision.reason.value)
        signed_out.__cause__ = error
        return signed_out
    return error


def is_public() -> sa.ColumnElement[bool]:
    """The filter of items whose description anybody may see: `may(SEE)` for a stranger."""
    return sa.and_(Item.current_id.is_not(None), Item.withdrawn_at.is_(None))


def is_looked_after_by(actor: Actor) -> sa.ColumnElement[bool]:
    """The filter of items (joined with their owner collection) that the actor is staff for: `access.is_staff`."""
    if actor.is_administrator:
        return sa.true()
    clauses: list[sa.ColumnElement[bool]] = []
    for grant in actor.grants:
        if grant.role in ("librarian", "reviewer") and grant.library_id is not None:
            clauses.append(Item.library_id == grant.library_id)
        elif grant.role == "reviewer" and grant.collection_id is not None:
            clauses.append(Collection.path.contains(f"/{grant.collection_id}/", autoescape=True))
    return sa.or_(sa.false(), *clauses)


def has_open_files(at: datetime) -> sa.ColumnElement[bool]:
    """The filter of items whose files anybody may read, as far as no file has a rule of its own."""
    return sa.or_(
        Item.access == Access.OPEN,
        sa.and_(Item.access == Access.EMBARGOED, Item.embargo_until <= at.astimezone(UTC).date()),
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
