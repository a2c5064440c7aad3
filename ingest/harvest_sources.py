"""Sources: written down, changed, asked for, removed. Functions flush; the edge commits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from ingest.addresses import looks_public
from ingest.harvest_messages import deletion_reason
from ingest.models import HarvestRecord, HarvestSource, HarvestState, HarvestStatus
from repo.db import db, transaction
from repo.errors import InvalidError, NotFoundError, StaleError, StateError
from repo.items.access import SYSTEM, Action, Actor
from repo.items.models import Item
from repo.items.rights import collection_target, require
from repo.items.services.lifecycle import withdraw_item
from repo.jobs.models import Job, JobState
from repo.jobs.services import enqueue_job, find_going_job
from repo.members.history import record_event
from repo.members.models import Collection
from repo.web.paging import Page, load_page


@dataclass(frozen=True)
class Plan:
    """What an office writes down of a source."""

    base_url: str
    collection: Collection
    set_spec: str = ""
    prefix: str = "oai_dc"
    full_texts: bool = False
    hours: int = 24


def create_source(actor: Actor, plan: Plan, name: str = "") -> HarvestSource:
    """Write a source down and ask for its first harvest. Raises InvalidError when it is there already."""
    require(actor, Action.MANAGE, collection_target(plan.collection))
    _require_free(plan, None)
    source = HarvestSource(trusted=actor.is_administrator, name=name[:300])
    _fill(source, plan)
    db.session.add(source)
    db.session.flush()
    record_event(actor, "source added", subject=plan.collection, comment=plan.base_url)
    request_harvest(actor, source)
    return source


def change_source(actor: Actor, source: HarvestSource, edition: int, plan: Plan) -> None:
    """Raises StaleError, InvalidError. With another format or set the next harvest begins from the start."""
    require(actor, Action.MANAGE, collection_target(source.collection))
    require(actor, Action.MANAGE, collection_target(plan.collection))
    if source.edition != edition:
        raise StaleError(source)
    _require_free(plan, source)
    if source.base_url != plan.base_url:
        source.trusted = actor.is_administrator
    if (source.base_url, source.set_spec, source.prefix) != (plan.base_url, plan.set_spec, plan.prefix) or (
        plan.full_texts and not source.full_texts
    ):
        source.since = source.run_date = source.token = ""
        source.state = HarvestState.NEW if source.state is HarvestState.NEW else HarvestState.DONE
        # What was taken is looked at again, in its new form.
        everything = sa.update(HarvestRecord).where(HarvestRecord.source_id == source.id)
        db.session.execute(everything.values(digest="", links=""))
    _fill(source, plan)
    source.edition += 1
    db.session.flush()
    record_event(actor, "source changed", subject=source.collection, comment=plan.base_url)


def _fill(source: HarvestSource, plan: Plan) -> None:
    source.collection_id = plan.collection.id
    source.base_url, source.set_spec, source.prefix = plan.base_url, plan.set_spec, plan.prefix
    source.full_texts, source.hours = plan.full_texts, plan.hours


def _require_free(plan: Plan, source: HarvestSource | None) -> None:
    same = sa.select(HarvestSource).where(
        HarvestSource.base_url == plan.base_url, HarvestSource.set_spec == plan.set_spec
    )
    found = db.session.scalar(same)
    if found is not None and found is not source:
        raise InvalidError({"base_url": [_("This source is harvested already.")]})


def request_harvest(actor: Actor, source: HarvestSource) -> Job:
    """Ask for a harvest now, or for going on with one."""
    require(actor, Action.MANAGE, collection_target(source.collection))
    source.tries = 0
    return enqueue_job("harvest", str(source.id), {"source_id": source.id}, person_id=actor.person_id)


def pause_source(actor: Actor, source: HarvestSource, *, enabled: bool) -> None:
    """Stop coming back by itself, or do so again."""
    require(actor, Action.MANAGE, collection_target(source.collection))
    source.enabled = enabled
    verb = "source resumed" if enabled else "source paused"
    record_event(actor, verb, subject=source.collection, comment=source.base_url)
    db.session.flush()


def remove_source(actor: Actor, source: HarvestSource, *, withdraw: bool) -> None:
    """Forget a source; its works stay, or are withdrawn. A job does it: there may be many."""
    require(actor, Action.MANAGE, collection_target(source.collection))
    if is_harvesting(source):
        raise StateError("running", "remove")
    source.enabled = False
    record_event(actor, "source removed", subject=source.collection, comment=source.base_url)
    enqueue_job("forget source", str(source.id), {"source_id": source.id, "withdraw": withdraw})


def forget_source(source_id: int, alive: Callable[[], None], *, withdraw: bool) -> None:
    """Withdraw the works of a source, a hundred at a time, if they are to go; then remove its rows."""
    while withdraw:
        with transaction() as session:
            source = session.get(HarvestSource, source_id)
            items = _public_items(source_id)
            for item in items:
                withdraw_item(SYSTEM, item, deletion_reason(source) if source else "")
            withdraw = bool(items)
        alive()
    with transaction() as session:
        session.execute(sa.delete(HarvestRecord).where(HarvestRecord.source_id == source_id))
        session.execute(sa.delete(HarvestSource).where(HarvestSource.id == source_id))


def _public_items(source_id: int) -> Sequence[Item]:
    mine = sa.select(Item).join(HarvestRecord, HarvestRecord.item_id == Item.id)
    public = sa.and_(Item.withdrawn_at.is_(None), Item.current_id.is_not(None))
    return db.session.scalars(mine.where(HarvestRecord.source_id == source_id, public).limit(100)).all()


def list_sources(actor: Actor) -> Sequence[HarvestSource]:
    """The sources that the actor looks after, in the order in which they were written down."""
    query = sa.select(HarvestSource).join(Collection, HarvestSource.collection_id == Collection.id)
    if not actor.is_administrator:
        query = query.where(Collection.library_id.in_(actor.librarian_of))
    query = query.options(joinedload(HarvestSource.collection).joinedload(Collection.library))
    return db.session.scalars(query.order_by(HarvestSource.id)).all()


def known_addresses() -> Sequence[str]:
    """The base addresses of the repositories that are harvested, as Identify tells them to other harvesters; none that
    lies in a network of our own."""
    enabled = sa.select(HarvestSource.base_url).where(HarvestSource.enabled).distinct()
    addresses = db.session.scalars(enabled.order_by(HarvestSource.base_url))
    return [address for address in addresses if looks_public(address)]


def load_source(source_id: int) -> HarvestSource:
    query = sa.select(HarvestSource).where(HarvestSource.id == source_id)
    found = db.session.scalar(query.options(joinedload(HarvestSource.collection).joinedload(Collection.library)))
    if found is None:
        raise NotFoundError(str(source_id))
    return found


def list_records(source: HarvestSource, status: HarvestStatus | None, cursor: str = "") -> Page[HarvestRecord]:
    """One page of what became of its records, the newest first."""
    query = sa.select(HarvestRecord).where(HarvestRecord.source_id == source.id)
    if status is not None:
        query = query.where(HarvestRecord.status == status)
    return load_page(db.session(), query, [HarvestRecord.id], cursor, size=50, descending=True)


def count_records(source: HarvestSource) -> dict[HarvestStatus, int]:
    """How many records stand in each state, over all harvests."""
    query = sa.select(HarvestRecord.status, sa.func.count()).where(HarvestRecord.source_id == source.id)
    numbers = dict.fromkeys(HarvestStatus, 0)
    for status, number in db.session.execute(query.group_by(HarvestRecord.status)):
        numbers[status] = number
    return numbers


def is_harvesting(source: HarvestSource) -> bool:
    running = sa.select(Job.id).where(Job.kind == "harvest", Job.key == str(source.id), Job.state == JobState.RUNNING)
    return db.session.scalar(running) is not None


def find_job(source_id: int) -> Job | None:
    """The job of a source that runs or waits for its turn."""
    return find_going_job("harvest", str(source_id))


def ask_for_due(at: datetime) -> int:
    """Ask for a harvest of every source whose time has come. Returns how many."""
    due = sa.select(HarvestSource).where(HarvestSource.enabled, HarvestSource.next_at <= at)
    sources = db.session.scalars(due).all()
    for source in sources:
        source.tries = 0
        enqueue_job("harvest", str(source.id), {"source_id": source.id})
    return len(sources)
