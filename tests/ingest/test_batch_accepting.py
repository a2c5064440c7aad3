"""All works of a load are accepted at once: by whoever decides, what is as it was handed in, with one letter."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.batch import load_batch
from ingest.batch_accepting import AT_ONCE, accept_batch, accept_rows, count_acceptable
from ingest.load_messages import say_remarks
from ingest.models import LoadBatch
from repo.db import db, transaction
from repo.errors import NotFoundError, StateError
from repo.failpoints import armed
from repo.items.access import Actor
from repo.items.models import Version
from repo.items.notices import TOGETHER
from repo.items.services.submission import accept_version, return_version, take_back_version
from repo.items.states import VersionState
from repo.jobs.models import Job
from repo.jobs.services import run_pending_jobs
from repo.members.models import Collection, Event, Library, Person, Role, RoleName
from tests import factories
from tests.ingest.loads import batch_now, load, public_titles, row, rows_of, said_of, undo, write_table

LACKS = "licence_missing"
"""What the check said of each of these works already."""


@pytest.fixture
def digitizer(library: Library) -> Actor:
    return factories.actor_for(factories.make_person("Санариптөөчү", RoleName.DIGITIZER, library))


@pytest.fixture
def reviewer(library: Library) -> Person:
    return factories.make_person("Рецензент", RoleName.REVIEWER, library)


def handed_in(collection: Collection, digitizer: Actor, tmp_path: Path, count: int = 3) -> LoadBatch:
    return load(write_table(tmp_path / "in", [row(number) for number in range(1, count + 1)]), collection, digitizer)


def accept(batch: LoadBatch, actor: Actor) -> None:
    with transaction():
        accept_batch(actor, load_batch(batch.id))


def letters() -> Sequence[str]:
    db.session.rollback()
    return [job.key.rpartition("-")[0] for job in db.session.scalars(sa.select(Job).where(Job.kind == "mail"))]


def test_all_at_once_with_one_letter(
    collection: Collection, digitizer: Actor, reviewer: Person, tmp_path: Path
) -> None:
    batch = handed_in(collection, digitizer, tmp_path)
    actor = factories.actor_for(reviewer)
    assert (count_acceptable(actor, batch), count_acceptable(digitizer, batch)) == (3, 0)
    accept(batch, actor)
    run_pending_jobs("accept load")
    run_pending_jobs("publish")
    assert public_titles() == ["Китеп 1", "Китеп 2", "Китеп 3"]
    assert batch_now(batch.id).counts == {"new": 0, "submitted": 0, "created": 3}
    assert letters() == ["load_accepted"]
    who = db.session.execute(sa.select(Event.actor_id, Event.verb).where(Event.verb == TOGETHER)).all()
    assert who == [(reviewer.id, TOGETHER)] * 3
    with pytest.raises(StateError):
        accept(batch, actor)
    undone = undo(batch.id)
    assert (undone.counts["undone"], public_titles()) == (3, [])


def test_a_work_that_is_accepted_alone_has_its_own_letter(
    collection: Collection, digitizer: Actor, reviewer: Person, tmp_path: Path
) -> None:
    batch = handed_in(collection, digitizer, tmp_path, 1)
    with transaction() as session:
        version = session.get_one(Version, rows_of(batch.id)[0].version_id or 0)
        accept_version(factories.actor_for(reviewer), version)
    run_pending_jobs("publish")
    assert letters() == ["published"]


def test_what_has_changed_is_left_out_and_told(
    collection: Collection, digitizer: Actor, reviewer: Person, tmp_path: Path
) -> None:
    batch, actor = handed_in(collection, digitizer, tmp_path), factories.actor_for(reviewer)
    accept(batch, actor)
    returned, taken = (found.version_id or 0 for found in rows_of(batch.id)[:2])
    with transaction() as session:
        return_version(actor, session.get_one(Version, returned), "Жылын текшериңиз")
        take_back_version(digitizer, session.get_one(Version, taken))
    for _again in range(2):
        run_pending_jobs("accept load")
        rows = rows_of(batch.id)
        assert [found.status for found in rows] == ["submitted", "submitted", "created"]
        assert [said_of(found) for found in rows] == [[LACKS, "changed_since"]] * 2 + [[LACKS]]
        assert count_acceptable(actor, batch_now(batch.id)) == 0
        db.session.rollback()
        accept_rows(batch.id, reviewer.id, lambda _done, _total: None)
    assert letters().count("load_accepted") == 1
    assert say_remarks(rows_of(batch.id)[0].remarks)


def test_rights_are_asked_for_each_work_when_it_is_accepted(
    collection: Collection, digitizer: Actor, reviewer: Person, tmp_path: Path
) -> None:
    batch = handed_in(collection, digitizer, tmp_path)
    with pytest.raises(NotFoundError):
        accept(batch, digitizer)
    accept(batch, factories.actor_for(reviewer))
    with transaction() as session:
        session.execute(sa.delete(Role).where(Role.person_id == reviewer.id))
    run_pending_jobs("accept load")
    assert [said_of(found) for found in rows_of(batch.id)] == [[LACKS, "not_reviewer"]] * 3
    assert set(db.session.scalars(sa.select(Version.state))) == {VersionState.SUBMITTED}
    assert letters() == []


def test_a_crash_between_accepts_nothing_twice(
    collection: Collection, digitizer: Actor, reviewer: Person, tmp_path: Path
) -> None:
    count = AT_ONCE * 2
    batch = handed_in(collection, digitizer, tmp_path, count)
    accept(batch, factories.actor_for(reviewer))
    with armed("load:accepted=raise:EIO"), pytest.raises(OSError, match="load:accepted"):
        accept_rows(batch.id, reviewer.id, lambda _done, _total: None)
    assert batch_now(batch.id).counts["created"] == AT_ONCE
    db.session.rollback()
    seen: list[tuple[int, int | None]] = []
    accept_rows(batch.id, reviewer.id, lambda done, total: seen.append((done, total)))
    assert batch_now(batch.id).counts == {"new": 0, "submitted": 0, "created": count}
    together = db.session.scalar(sa.select(sa.func.count()).where(Event.verb == TOGETHER))
    assert (together, letters()) == (count, ["load_accepted"])
