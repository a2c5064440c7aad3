"""What a depositor does with a draft beyond what `items.services` knows: steps, guesses, the own list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.orm import selectinload

from repo.db import db
from repo.deposit.models import Progress
from repo.deposit.steps import FIELDS, Step, faults_of, steps_of
from repo.deposit.typed import Typed
from repo.items.access import Action, Actor, FileRole
from repo.items.checks import Fault, FaultCode
from repo.items.messages import say_faults
from repo.items.metadata import Metadata, read_metadata
from repo.items.models import Event, Item, Version
from repo.items.rights import collection_target, decide
from repo.items.services import drafts
from repo.items.states import VersionState
from repo.members.models import Collection, DepositPolicy, Library, LibraryStatus
from repo.vocabularies import types
from repo.web.paging import Page, load_page

COMMENTED = ("returned", "submitted", "taken back")


# ---------------------------------------------------------------- where to


def open_collections(actor: Actor) -> list[Collection]:
    """Return the collections into which the actor may deposit, with their libraries, in Kyrgyz order.

    Two queries, however many there are.
    """
    if actor.person_id is None:
        return []
    found = db.session.scalars(
        sa.select(Collection)
        .join(Library)
        .where(Collection.closed.is_(False), Library.status == LibraryStatus.ACTIVE, _concerns(actor))
        .options(selectinload(Collection.library))
        .order_by(Library.sort_name, Library.id, Collection.sort_name, Collection.id)
    )
    return [one for one in found if decide(actor, Action.DEPOSIT, collection_target(one)).allowed]


def _concerns(actor: Actor) -> sa.ColumnElement[bool]:
    """A filter so that a person with one library does not load the collections of all: those open to anyone, and
    those in reach of a role. `items.access.may` decides."""
    if actor.is_administrator:
        return sa.true()
    libraries = {grant.library_id for grant in actor.grants if grant.library_id is not None}
    branches = {grant.collection_id for grant in actor.grants if grant.collection_id is not None}
    return sa.or_(
        Collection.deposit_policy == DepositPolicy.ANYONE,
        Collection.library_id.in_(libraries),
        *(Collection.path.contains(f"/{branch}/", autoescape=True) for branch in branches),
    )


def check_choice(collection: Collection | None, kind: str) -> dict[str, list[str]]:
    """What is wrong with the collection and the kind of work chosen for a new draft, by field."""
    faults = []
    if collection is None:
        faults.append(Fault("collection", FaultCode.COLLECTION_MISSING))
    if kind not in types():
        faults.append(Fault("type", FaultCode.TYPE_MISSING))
    elif collection is not None and collection.types and kind not in collection.types:
        faults.append(Fault("collection", FaultCode.TYPE_NOT_TAKEN))
    return say_faults(faults)


# ---------------------------------------------------------------- steps


def save_step(actor: Actor, version: Version, step: Step, typed: Typed) -> None:
    """Save what was typed in a step, and that it was left, if it was. Raises StaleError."""
    drafts.save_draft(actor, version, typed.metadata, typed.edition)
    progress = db.session.get(Progress, version.id) or Progress(version_id=version.id, steps=[], settled=[])
    left = [step] if typed.asked in ("next", "skip") else []
    steps = list(dict.fromkeys([*progress.steps, *left]))
    settled = list(dict.fromkeys([*progress.settled, *typed.settled]))
    if (steps, settled) != (progress.steps, progress.settled):
        progress.steps, progress.settled = steps, settled
        db.session.add(progress)
    db.session.flush()


def move_to(actor: Actor, version: Version, collection_id: str) -> None:
    """Put a draft into the collection that was chosen beside its description, if that is another one. What cannot be
    done (it is closed, say) does not keep the text from being saved: the page then shows the collection as it was."""
    if not collection_id.isdecimal() or len(collection_id) > 9 or version.item.current_id is not None:
        return
    collection = db.session.get(Collection, int(collection_id))
    if collection is None or collection.id == version.item.collection_id:
        return
    if decide(actor, Action.DEPOSIT, collection_target(collection)).allowed:
        drafts.move_draft(actor, version, collection)


@dataclass(frozen=True)
class StepState:
    step: Step
    done: bool


def step_states(version: Version, faults: Sequence[Fault]) -> list[StepState]:
    """Return the steps of a draft in order: done is what was left by "next" and lacks nothing."""
    progress = db.session.get(Progress, version.id)
    left = set(progress.steps) if progress else set()
    return [StepState(step, _is_done(step, step in left, faults)) for step in steps_of(version.revision)]


def _is_done(step: Step, left: bool, faults: Sequence[Fault]) -> bool:
    if step is Step.CHECK or faults_of(step, faults):
        return False
    return left or step in (Step.FILES, Step.AGREEMENT)  # these lack something until they are done


def guesses_for(version: Version) -> dict[str, Any]:
    """Return what the files suggest, by field of the metadata: of several files the first one speaks.

    Fields whose guesses were settled already are left out.
    """
    progress = db.session.get(Progress, version.id)
    settled = set(progress.settled) if progress else set()
    guessed: dict[str, Any] = {}
    for file in version.files:
        if file.role is FileRole.ORIGINAL and file.blob.report:
            for field, value in _read_guesses(file.blob.report.get("guesses") or {}).items():
                guessed.setdefault(field, value)
    return {field: value for field, value in guessed.items() if field not in settled}


def _read_guesses(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The guesses kept with a file are a part of a description; those of an older form are passed over."""
    known = {field for fields in FIELDS.values() for field in fields}
    try:
        metadata = Metadata.model_validate({field: value for field, value in stored.items() if field in known})
    except ValidationError:
        return {}
    return {field: getattr(metadata, field) for field in metadata.model_fields_set}


def is_published(item_id: str) -> bool:
    """Whether readers see the item, and nothing newer of it is being written."""
    public = sa.select(Item.id).where(Item.id == item_id, Item.current_id.is_not(None))
    return drafts.open_version(item_id) is None and db.session.scalar(public) is not None


# ---------------------------------------------------------------- the own list


@dataclass(frozen=True)
class OwnDeposit:
    """A version in the list of its depositor; `comment` is why it was returned."""

    version: Version
    title: str
    comment: str


def list_deposits(actor: Actor, cursor: str = "", size: int = 20) -> Page[OwnDeposit]:
    """Return a page of what the actor deposits or deposited, what was touched last first: open drafts and, of what is
    published, the newest version."""
    # Each by its own index: "this or that" of two tables would be looked for in all versions that there are.
    deposited = sa.select(Version.id).join(Item, Version.item_id == Item.id)
    deposited = deposited.where(Item.depositor_id == actor.person_id)
    edited = sa.select(Version.id).where(Version.editor_id == actor.person_id)
    mine = (
        sa.select(Version)
        .join(Item, Version.item_id == Item.id)
        .where(
            Version.id.in_(sa.union(deposited, edited)),
            sa.or_(Version.state != VersionState.PUBLISHED, Item.current_id == Version.id),
        )
        .options(selectinload(Version.item).selectinload(Item.collection))
    )
    page = load_page(db.session(), mine, (Version.saved_at, Version.id), cursor, size=size, descending=True)
    comments = return_comments([version.id for version in page.rows if version.state is VersionState.DRAFT])
    rows = [
        OwnDeposit(version, read_metadata(version.meta).title().value, comments.get(version.id, ""))
        for version in page.rows
    ]
    return Page(rows, page.before, page.after)


def return_comments(version_ids: Sequence[int]) -> dict[int, str]:
    """Return why drafts were returned, by version; those whose last move was another are left out."""
    if not version_ids:
        return {}
    items = sa.select(Version.item_id).where(Version.id.in_(version_ids))  # a history is found by its item
    last = (
        sa.select(sa.func.max(Event.id))
        .where(Event.item_id.in_(items), Event.version_id.in_(version_ids), Event.verb.in_(COMMENTED))
        .group_by(Event.version_id)
    )
    events = db.session.scalars(sa.select(Event).where(Event.id.in_(last), Event.verb == "returned"))
    return {event.version_id: event.comment or "" for event in events if event.version_id is not None}
