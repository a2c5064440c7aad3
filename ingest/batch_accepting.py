"""A reviewer accepts all works of a bulk load that wait for a decision, and whoever handed them in gets one letter.

Rights are asked for each work when it is accepted. A work that is not as the load handed it in is left to a decision
of its own, with a word in its row.
"""

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.batch import load_batch
from ingest.batch_noting import count_row, remark
from ingest.models import AT_WORK, LoadBatch, LoadRow, RowStatus
from repo.db import db, transaction
from repo.errors import StateError
from repo.failpoints import failpoint
from repo.items.access import Action, Actor
from repo.items.models import Version
from repo.items.rights import collection_target, decide, require, version_target
from repo.items.services.submission import accept_version
from repo.items.states import VersionState
from repo.jobs.models import Job
from repo.jobs.services import enqueue_job, find_going_job
from repo.mail.services import send_mail
from repo.members.history import record_event
from repo.members.services.roles import find_actor
from repo.settings import current_settings

KIND = "accept load"
AT_ONCE = 50
UNTOUCHED = 1
"""`Version.edition` of what was handed in and never edited, returned or taken back since."""


def count_acceptable(actor: Actor, batch: LoadBatch) -> int:
    """How many works of a load wait as it handed them in; 0 for whoever does not decide in its collection."""
    if batch.state in AT_WORK or not decide(actor, Action.REVIEW, collection_target(batch.collection)).allowed:
        return 0
    if not batch.counts.get(RowStatus.SUBMITTED.value):
        return 0
    query = sa.select(sa.func.count()).select_from(LoadRow).join(Version, LoadRow.version_id == Version.id)
    waiting = (LoadRow.status == RowStatus.SUBMITTED, Version.state == VersionState.SUBMITTED)
    return db.session.scalar(query.where(LoadRow.batch_id == batch.id, *waiting, Version.edition == UNTOUCHED)) or 0


def accept_batch(actor: Actor, batch: LoadBatch) -> None:
    """Ask for all that waits to be accepted; a job does it. Raises NotFoundError, StateError."""
    require(actor, Action.REVIEW, collection_target(batch.collection))
    if not count_acceptable(actor, batch):
        raise StateError(batch.state, "accept")
    record_event(actor, "load accepted", subject=batch.collection, comment=f"{batch.id}: {batch.filename}"[:200])
    enqueue_job(KIND, str(batch.id), {"batch_id": batch.id}, person_id=actor.person_id)


def find_accepting_job(batch_id: int) -> Job | None:
    return find_going_job(KIND, str(batch_id))


def accept_rows(batch_id: int, person_id: int | None, progress: Callable[[int, int | None], None]) -> None:
    """Accept what waits, some works a transaction. May be done again after a crash. Outside of transactions."""
    after, done, accepted = 0, 0, 0
    total = db.session.scalar(sa.select(sa.func.count()).where(*_waiting(batch_id, 0)))
    db.session.rollback()
    while True:
        with transaction() as session:
            batch = session.get(LoadBatch, batch_id, with_for_update=True)
            if batch is None or batch.state in AT_WORK:
                return
            rows = _next_rows(session, batch_id, after)
            accepted += _accept_some(session, batch, rows[:AT_ONCE], find_actor(person_id))
            last = len(rows) <= AT_ONCE
            if last and accepted:
                _tell_loader(batch_id, accepted)
        failpoint("load:accepted")
        if last:
            return
        after, done = rows[AT_ONCE - 1].number, done + AT_ONCE
        progress(done, total)


def _waiting(batch_id: int, after: int) -> tuple[sa.ColumnElement[bool], ...]:
    return LoadRow.batch_id == batch_id, LoadRow.status == RowStatus.SUBMITTED, LoadRow.number > after


def _next_rows(session: Session, batch_id: int, after: int) -> Sequence[LoadRow]:
    """One more than are taken at once, so that it is known which are the last."""
    return session.scalars(
        sa.select(LoadRow).where(*_waiting(batch_id, after)).order_by(LoadRow.number).limit(AT_ONCE + 1)
    ).all()


def _accept_some(session: Session, batch: LoadBatch, rows: Sequence[LoadRow], actor: Actor) -> int:
    counts, accepted = dict(batch.counts), 0
    for row in rows:
        kept = _accept(session, row, actor)
        if kept:
            row.remarks = [*(said for said in row.remarks if said["code"] != kept), remark(kept)]
            continue
        accepted += 1
        count_row(counts, row.status, -1)
        row.status = RowStatus.CREATED if row.before_id is None else RowStatus.UPDATED
        count_row(counts, row.status, 1)
    batch.counts = counts
    session.flush()
    return accepted


def _accept(session: Session, row: LoadRow, actor: Actor) -> str:
    """Accept the work of a row; return why not, if that is so."""
    version = session.get(Version, row.version_id, with_for_update=True) if row.version_id is not None else None
    if version is None or version.state is not VersionState.SUBMITTED or version.edition != UNTOUCHED:
        return "changed_since"
    if not decide(actor, Action.REVIEW, version_target(version)).allowed:
        return "not_reviewer"
    accept_version(actor, version, together=True)
    return ""


def _tell_loader(batch_id: int, accepted: int) -> None:
    batch = load_batch(batch_id)
    person = batch.person
    if person is None or person.disabled_at is not None:
        return
    page = f"{current_settings().base_url}/admin/batches/{batch.id}"
    told = {"name": person.name, "number": batch.id, "title": batch.filename, "count": accepted, "page": page}
    send_mail(person.email, person.language, "load_accepted", **told)
