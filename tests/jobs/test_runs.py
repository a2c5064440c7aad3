"""A job runs until it succeeded once or cannot: asking, claiming, failing, losing the lease, stopping."""

import errno
import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta
from threading import Event

import psycopg
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from repo.db import db, now, transaction
from repo.errors import NotFoundError, StateError, StorageFullError
from repo.jobs import queue
from repo.jobs.models import Job, JobState
from repo.jobs.registry import RunningJob, job
from repo.jobs.runner import FULL_DISK_WAIT, run_job
from repo.jobs.running import JobStopped
from repo.jobs.services import (
    cancel_job,
    count_jobs,
    enqueue_job,
    forget_jobs,
    list_jobs,
    retry_job,
    run_pending_jobs,
)

Ask = Callable[..., int]
See = Callable[[int], Job]


@pytest.fixture
def copied() -> list[str]:
    """What handlers of the kind "copy" did, in order."""
    done: list[str] = []

    @job("copy", priority=1)
    def copy(job: RunningJob) -> None:
        done.append(job.payload.get("what", job.key))

    return done


# ---------------------------------------------------------------- asking


def test_work_begins_after_the_commit(copied: list[str], ask: Ask, see: See) -> None:
    job_id = ask("copy", what="book")
    assert queue().size() == 1
    assert run_job(job_id)
    assert copied == ["book"]
    assert see(job_id).state is JobState.DONE


def test_a_change_that_is_taken_back_leaves_no_work(copied: list[str], context: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        enqueue_job("copy", "a")
        raise RuntimeError
    assert queue().size() == 0
    assert run_pending_jobs() == 0


def test_the_same_work_waits_once(copied: list[str], ask: Ask) -> None:
    first = ask("copy", what="old")
    assert ask("copy", what="new") == first
    assert ask("copy", "b") != first
    assert run_pending_jobs() == 2
    assert copied == ["new", "b"], "the newer word counts"


def test_the_earlier_time_counts(copied: list[str], context: Flask) -> None:
    with transaction():
        enqueue_job("copy", "a", run_at=now() + timedelta(hours=1))
    assert run_pending_jobs() == 0
    with transaction():
        enqueue_job("copy", "a")
    assert run_pending_jobs() == 1


def test_a_change_made_while_it_runs_is_not_lost(context: Flask, ask: Ask, see: See) -> None:
    seen: list[str] = []
    later: list[int] = []

    @job("index")
    def index(job: RunningJob) -> None:
        seen.append(job.payload["what"])
        if not later:
            with transaction():
                later.append(enqueue_job("index", job.key, {"what": "after"}).id)
            assert not run_job(later[0]), "not while its twin runs"

    first = ask("index", what="before")
    assert run_pending_jobs() == 2
    assert seen == ["before", "after"]
    assert later[0] != first
    assert see(first).state is see(later[0]).state is JobState.DONE


def test_the_end_of_a_run_sends_its_twin(context: Flask, ask: Ask) -> None:
    @job("index")
    def index(job: RunningJob) -> None:
        with transaction():
            enqueue_job("index", job.key)
        while queue().size():
            queue().receive()  # type: ignore[attr-defined]  # lost, or taken in vain by another thread

    run_job(ask("index"))
    assert queue().size() == 1


def test_work_of_a_later_release_fails_with_a_word(ask: Ask, see: See) -> None:
    job_id = ask("not yet invented")
    assert not run_job(job_id)
    assert see(job_id).state is JobState.FAILED
    assert "'not yet invented'" in (see(job_id).error or "")


def test_what_was_done_needs_no_payload(copied: list[str], ask: Ask, see: See) -> None:
    job_id = ask("copy", what="secret")
    run_pending_jobs()
    assert see(job_id).payload == {}


# ---------------------------------------------------------------- failing


def test_a_failure_waits_longer_each_time(ask: Ask, see: See, clock: time_machine.Traveller) -> None:
    @job("fail", attempts=4, backoff=timedelta(seconds=10))
    def fail(job: RunningJob) -> None:
        raise ValueError("the page is torn")

    job_id = ask("fail")
    for wait in (10, 40, 160):
        assert run_job(job_id)
        assert see(job_id).state is JobState.QUEUED
        assert see(job_id).run_at == now() + timedelta(seconds=wait)
        assert not run_job(job_id), "not before its time"
        clock.shift(timedelta(seconds=wait))
    assert run_job(job_id)
    row = see(job_id)
    assert (row.state, row.attempts, row.finished_at) == (JobState.FAILED, 4, now())
    assert (row.error or "").splitlines()[0] == "ValueError: the page is torn"


def test_a_full_disk_costs_no_attempt(ask: Ask, see: See, clock: time_machine.Traveller) -> None:
    errors: list[Exception] = [
        StorageFullError(),
        OSError(errno.ENOSPC, "no room"),
        sa.exc.OperationalError("UPDATE", {}, sqlite3.OperationalError("database or disk is full")),
        sa.exc.OperationalError("UPDATE", {}, psycopg.errors.DiskFull("could not extend file")),
    ]

    @job("write", attempts=1, final=(OSError,))
    def write(job: RunningJob) -> None:
        if errors:
            raise errors.pop()

    job_id = ask("write")
    for _ in range(4):
        assert run_job(job_id)
        assert (see(job_id).state, see(job_id).attempts) == (JobState.QUEUED, 0)
        clock.shift(FULL_DISK_WAIT)
    assert run_job(job_id)
    assert see(job_id).state is JobState.DONE


def test_an_error_that_cannot_be_mended_is_final(ask: Ask, see: See) -> None:
    @job("refuse", final=(ValueError,))
    def refuse(job: RunningJob) -> None:
        raise UnicodeError("no text")

    job_id = ask("refuse")
    run_job(job_id)
    assert (see(job_id).state, see(job_id).attempts) == (JobState.FAILED, 1)


def test_a_handler_that_leaves_a_mess_leaves_no_rows(ask: Ask, see: See) -> None:
    @job("mess", attempts=1)
    def mess(job: RunningJob) -> None:
        with transaction() as session:
            session.add(Job(kind="mess", key="half"))
            session.flush()
            raise ValueError("half done")

    job_id = ask("mess")
    run_job(job_id)
    assert see(job_id).state is JobState.FAILED
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Job)) == 1


def test_ctrl_c_hands_the_work_back(ask: Ask, see: See) -> None:
    @job("long")
    def long(job: RunningJob) -> None:
        raise KeyboardInterrupt

    job_id = ask("long")
    with pytest.raises(KeyboardInterrupt):
        run_job(job_id)
    assert (see(job_id).state, see(job_id).attempts) == (JobState.QUEUED, 0)


# ---------------------------------------------------------------- the lease


def test_progress_is_seen_and_renews_the_lease(ask: Ask, see: See, clock: time_machine.Traveller) -> None:
    seen: list[tuple[int, int | None]] = []

    @job("count", lease=timedelta(minutes=5))
    def count(job: RunningJob) -> None:
        clock.shift(60)
        job.progress(3, 10)
        row = see(job.id)
        seen.append((row.done, row.total))
        assert row.lease_until == now() + timedelta(minutes=5)
        job.progress(10, 10)

    job_id = ask("count")
    run_job(job_id)
    assert seen == [(3, 10)]
    assert (see(job_id).done, see(job_id).total) == (10, 10)


def test_progress_of_each_page_costs_few_writes(ask: Ask, count_queries: Callable[..., object]) -> None:
    @job("count")
    def count(job: RunningJob) -> None:
        for page in range(1000):
            job.progress(page, 1000)

    job_id = ask("count")
    with count_queries() as queries:  # type: ignore[attr-defined]
        run_job(job_id)
    assert len(queries) < 50


def test_no_sign_of_life_inside_a_transaction(ask: Ask, see: See) -> None:
    @job("wrong", attempts=1)
    def wrong(job: RunningJob) -> None:
        with transaction():
            job.heartbeat()

    job_id = ask("wrong")
    run_job(job_id)
    assert "transaction" in (see(job_id).error or "")


def claim_by_another(job_id: int) -> None:
    with transaction() as session:
        row = session.get_one(Job, job_id)
        row.worker, row.attempts = "elsewhere/1-2/3-4", row.attempts + 1


def test_a_late_result_does_not_count(ask: Ask, see: See) -> None:
    @job("slow")
    def slow(job: RunningJob) -> None:
        claim_by_another(job.id)

    job_id = ask("slow")
    run_job(job_id)
    row = see(job_id)
    assert (row.state, row.worker) == (JobState.RUNNING, "elsewhere/1-2/3-4")


def test_a_late_failure_does_not_count(ask: Ask, see: See) -> None:
    @job("slow")
    def slow(job: RunningJob) -> None:
        claim_by_another(job.id)
        raise ValueError

    job_id = ask("slow")
    run_job(job_id)
    assert (see(job_id).state, see(job_id).error) == (JobState.RUNNING, None)


def test_whoever_lost_the_lease_is_told(ask: Ask, see: See) -> None:
    told: list[bool] = []

    @job("slow")
    def slow(job: RunningJob) -> None:
        claim_by_another(job.id)
        try:
            job.heartbeat()
        except JobStopped:
            told.append(True)
            raise

    job_id = ask("slow")
    run_job(job_id)
    assert told == [True]
    assert see(job_id).state is JobState.RUNNING


def test_a_worker_that_ends_gets_its_jobs_back_at_the_next_sign_of_life(ask: Ask, see: See) -> None:
    stopping = Event()

    @job("long")
    def long(job: RunningJob) -> None:
        job.progress(1)
        stopping.set()
        job.progress(2)
        raise AssertionError("went on")

    job_id = ask("long")
    run_job(job_id, stopping)
    row = see(job_id)
    assert (row.state, row.attempts, row.error) == (JobState.QUEUED, 0, None)


# ---------------------------------------------------------------- many at once


def test_messages_may_come_twice_and_together(app: Flask, ask: Ask, copied: list[str]) -> None:
    ids = [ask("copy", f"{n}") for n in range(8)]
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        for job_id in ids + ids:
            with app.app_context():
                run_job(job_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(copied) == [f"{n}" for n in range(8)]


def test_two_ask_at_once(app: Flask, ask: Ask, copied: list[str]) -> None:
    start = threading.Barrier(4)
    ids: list[int] = []

    def request() -> None:
        with app.app_context():
            start.wait()
            for _ in range(10):
                with transaction():
                    ids.append(enqueue_job("copy", "a").id)

    threads = [threading.Thread(target=request) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 1
    assert len(ids) == 40


# ---------------------------------------------------------------- the office


def test_cancel(copied: list[str], ask: Ask, see: See) -> None:
    job_id = ask("copy")
    with transaction():
        cancel_job(job_id)
    assert run_pending_jobs() == 0
    assert see(job_id).state is JobState.CANCELLED
    with pytest.raises(StateError), transaction():
        cancel_job(job_id)
    with pytest.raises(NotFoundError), transaction():
        cancel_job(job_id + 1)


def test_retry(ask: Ask, see: See) -> None:
    mended: list[bool] = []

    @job("repair", attempts=1)
    def repair(job: RunningJob) -> None:
        if not mended:
            raise ValueError("broken")

    job_id = ask("repair", "book", page=7)
    run_job(job_id)
    assert see(job_id).state is JobState.FAILED
    mended.append(True)
    with transaction():
        assert retry_job(job_id).payload == {"page": 7}
    assert run_pending_jobs() == 1
    row = see(job_id)
    assert (row.state, row.attempts, row.error) == (JobState.DONE, 1, None)
    with pytest.raises(StateError), transaction():
        retry_job(job_id)


def test_retry_of_what_waits_anew(ask: Ask, see: See, copied: list[str]) -> None:
    first = ask("copy")
    with transaction():
        cancel_job(first)
    second = ask("copy")
    with transaction():
        assert retry_job(first).id == second
    assert run_pending_jobs() == 1


def test_lists_by_page(ask: Ask, copied: list[str]) -> None:
    ids = [ask("copy", f"{n}") for n in range(5)]
    run_job(ids[0])
    page = list_jobs(size=2)
    assert [row.id for row in page.rows] == [ids[4], ids[3]]
    assert [row.id for row in list_jobs(cursor=page.after, size=2).rows] == [ids[2], ids[1]]
    assert [row.id for row in list_jobs(JobState.DONE).rows] == [ids[0]]
    assert list_jobs(kind="mail").rows == ()
    assert (count_jobs()[JobState.QUEUED], count_jobs()[JobState.DONE], count_jobs()[JobState.FAILED]) == (4, 1, 0)


def test_what_ended_long_ago_is_forgotten(ask: Ask, see: See, clock: time_machine.Traveller) -> None:
    @job("copy", attempts=1)
    def copy(job: RunningJob) -> None:
        if job.key == "torn":
            raise ValueError

    waits = ask("other")
    done, failed = ask("copy", "whole"), ask("copy", "torn")
    run_job(done)
    run_job(failed)
    for days, left in ((6, {waits, done, failed}), (8, {waits, failed}), (89, {waits})):
        clock.shift(timedelta(days=days))
        with transaction() as session:
            forget_jobs()
            assert set(session.scalars(sa.select(Job.id))) == left
