"""Who may do what to an item: one pure function, `may`. Every screen, download, feed, search and harvest asks here.

`items/filters.py` makes the SQL filter from the same rules; a property test compares the two.
"""

import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from repo.items.states import VersionState
from repo.members.actors import ANYBODY as ANYBODY
from repo.members.actors import SYSTEM as SYSTEM
from repo.members.actors import Actor
from repo.members.actors import Grant as Grant


class Access(enum.StrEnum):
    """Who may read the files of an item (COAR Access Rights 1.0). Its description is public in any case."""

    OPEN = "open"
    EMBARGOED = "embargoed"
    RESTRICTED = "restricted"
    CLOSED = "closed"


class FileRole(enum.StrEnum):
    ORIGINAL = "original"
    PRIVATE = "private"
    AGREEMENT = "agreement"


class Action(enum.StrEnum):
    SEE = "see"  # the description of a version
    READ = "read"  # a file
    EDIT = "edit"  # a draft
    REVIEW = "review"  # decide on what was submitted
    CORRECT = "correct"  # change what is published, withdraw it
    NEW_VERSION = "new_version"
    DEPOSIT = "deposit"  # into a collection
    LOAD = "load"  # in bulk, into a collection
    MANAGE = "manage"  # a library, its collections and people
    ADMINISTER = "administer"  # the house


class Reason(enum.StrEnum):
    ALLOWED = "allowed"
    HIDDEN = "hidden"  # not to be told that it exists: 404
    WITHDRAWN = "withdrawn"
    EMBARGOED = "embargoed"
    MEMBERS_ONLY = "members_only"
    CLOSED = "closed"
    NO_ROLE = "no_role"


@dataclass(frozen=True)
class Decision:
    """`until` is the moment an embargo ends, when that is the reason."""

    reason: Reason
    until: datetime | None = None

    @property
    def allowed(self) -> bool:
        return self.reason is Reason.ALLOWED


@dataclass(frozen=True)
class Target:
    """What is asked about: a version, a file of it, or a collection (then `state` and `role` mean nothing).

    `collection_ids` runs from the root of the tree to the owner collection.
    """

    library_id: int
    collection_ids: tuple[int, ...] = ()
    depositor_id: int | None = None
    state: VersionState = VersionState.DRAFT
    withdrawn: bool = False
    access: Access = Access.OPEN
    until: date | None = None
    role: FileRole = FileRole.ORIGINAL
    deposit_policy: str = "anyone"
    closed: bool = False


ALLOWED = Decision(Reason.ALLOWED)
HIDDEN = Decision(Reason.HIDDEN)
NO_ROLE = Decision(Reason.NO_ROLE)


def may(actor: Actor, networks: frozenset[int], action: Action, target: Target, at: datetime) -> Decision:
    """Decide whether `actor`, who comes from the networks of these libraries, may do `action` at that moment."""
    match action:
        case Action.SEE:
            return _may_see(actor, target)
        case Action.READ:
            return _may_read(actor, networks, target, at)
        case Action.EDIT | Action.NEW_VERSION:
            return _allow(_is_depositor(actor, target) or is_staff(actor, target), target)
        case Action.REVIEW:
            return _allow(is_staff(actor, target), target)
        case Action.CORRECT:
            return _allow(is_staff(actor, target), target)
        case Action.DEPOSIT:
            return _may_deposit(actor, target)
        case Action.LOAD:
            return _may_load(actor, target)
        case Action.MANAGE:
            return _allow(actor.manages(target.library_id), target)
        case Action.ADMINISTER:
            return ALLOWED if actor.is_administrator else NO_ROLE


def effective_access(access: Access, until: date | None, at: datetime) -> Access:
    """An embargo whose first open day (UTC) has come is open access."""
    if access is Access.EMBARGOED and until is not None and until <= at.astimezone(UTC).date():
        return Access.OPEN
    return access


def is_staff(actor: Actor, target: Target) -> bool:
    """Whoever looks after the target: administrator, librarian of the library, reviewer of a collection."""
    return (
        actor.is_administrator
        or actor.holds("librarian", target.library_id)
        or actor.holds("reviewer", target.library_id, target.collection_ids)
    )


def _is_depositor(actor: Actor, target: Target) -> bool:
    return actor.person_id is not None and actor.person_id == target.depositor_id


def _allow(allowed: bool, target: Target) -> Decision:
    if allowed:
        return ALLOWED
    return NO_ROLE if target.state is VersionState.PUBLISHED else HIDDEN


def _may_see(actor: Actor, target: Target) -> Decision:
    if is_staff(actor, target):
        return ALLOWED
    if target.state is not VersionState.PUBLISHED:
        return ALLOWED if _is_depositor(actor, target) else HIDDEN
    return Decision(Reason.WITHDRAWN) if target.withdrawn else ALLOWED


def _may_read(actor: Actor, networks: frozenset[int], target: Target, at: datetime) -> Decision:
    seen = _may_see(actor, target)
    if not seen.allowed:
        return seen
    if is_staff(actor, target):
        return ALLOWED
    if target.role is not FileRole.ORIGINAL:
        # The depositor sees the own agreement, but not what staff keep privately.
        own = _is_depositor(actor, target) and target.role is FileRole.AGREEMENT
        return ALLOWED if own else HIDDEN
    if _is_depositor(actor, target):
        return ALLOWED
    match effective_access(target.access, target.until, at):
        case Access.OPEN:
            return ALLOWED
        case Access.EMBARGOED:
            until = datetime.combine(target.until, time(), UTC) if target.until else None
            return Decision(Reason.EMBARGOED, until)
        case Access.RESTRICTED:
            inside = target.library_id in networks or actor.belongs_to(target.library_id)
            return ALLOWED if inside else Decision(Reason.MEMBERS_ONLY)
        case Access.CLOSED:
            return Decision(Reason.CLOSED)


def _may_load(actor: Actor, target: Target) -> Decision:
    """Whoever scans or describes for the library, and whoever looks after the collection."""
    staff = is_staff(actor, target) or actor.holds("digitizer", target.library_id)
    return ALLOWED if staff and not target.closed else NO_ROLE


def _may_deposit(actor: Actor, target: Target) -> Decision:
    if target.closed:
        return NO_ROLE
    if is_staff(actor, target) or actor.holds("digitizer", target.library_id):
        return ALLOWED
    if actor.person_id is None:
        return NO_ROLE
    match target.deposit_policy:
        case "anyone":
            return ALLOWED
        case "members":
            return ALLOWED if actor.belongs_to(target.library_id) else NO_ROLE
    invited = actor.holds("depositor", target.library_id, target.collection_ids)
    return ALLOWED if invited else NO_ROLE
