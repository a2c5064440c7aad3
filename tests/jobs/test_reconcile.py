"""What a crash or a lost message left behind is found again, and what comes round comes round."""

import os
import socket
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from repo.db import db, now, transaction
from repo.failpoints import armed
from repo.jobs import identity, queue
from repo.jobs.identity import is_alive, worker_name
from repo.jobs.models import Job, JobState
from repo.jobs.reconcile import (
    AT_ONCE,
    hand_back_jobs,
    hanging_jobs,
    plan_periodic_jobs,
    run_checks,
    send_due_jobs,
    take_back_jobs,
)
from repo.jobs.registry import Cause, Payload, RunningJob, every, given_up, job, reconcile
from repo.jobs.runner import run_job
from repo.jobs.services import cancel_job, enqueue_job, run_pending_jobs
from tests.jobs.dying import DEAD, PLACE, leave_running

Ask = Callable[..., int]
See = Callable[[int], Job]

ELSEWHERE = "elsewhere/1234abcd-1/1-1"


# ---------------------------------------------------------------- who is alive


def test_this_process_is_alive() -> None:
    assert is_alive(worker_name()) is True
    assert len(worker_name()) <= 64


def test_a_process_id_that_was_given_again_is_another() -> None:
    assert is_alive(DEAD) is False
    name, _, _start = worker_name().rpartition("-")
    assert is_alive(f"{name}-1") is False


def test_before_a_restart_of_the_machine_everybody_is_dead() -> None:
    host = PLACE.partition("/")[0]
    assert is_alive(f"{host}/00000000-{PLACE.rpartition('-')[2]}/1-1") is False


def test_what_cannot_be_seen_from_here_is_not_known() -> None:
    assert is_alive(ELSEWHERE) is None
    assert is_alive(f"{PLACE.rpartition('-')[0]}-99/1-1") is None, "another container of this machine"


def test_a_long_name_of_a_host_fits() -> None:
    assert len(f"{'h' * identity.NAME_LIMIT}/12345678-4026531836/4194304-99999999999") <= 64
    assert socket.gethostname()[: identity.NAME_LIMIT] in PLACE


# ---------------------------------------------------------------- taking back


def test_a_dead_workers_job_is_taken_back_at_once(ask: Ask, see: See) -> None:
    job_id = ask("copy")
    leave_running(job_id, DEAD)
    take_back_jobs()
    assert (see(job_id).state, see(job_id).worker, see(job_id).attempts) == (JobState.QUEUED, None, 1)


def test_a_living_workers_job_is_left(ask: Ask, see: See) -> None:
    job_id = ask("copy")
    leave_running(job_id, identity._name_of(os.getppid()), lease=timedelta(minutes=-5))
    take_back_jobs()
    assert see(job_id).state is JobState.RUNNING


def test_a_job_whose_end_could_not_be_written_is_taken_back(ask: Ask, see: See) -> None:
    seen: list[JobState] = []

    @job("copy")
    def copy(job: RunningJob) -> None:
        take_back_jobs()
        seen.append(see(job.id).state)

    job_id = ask("copy")
    with armed("job:after-effect=raise:ENOSPC"), pytest.raises(OSError):
        run_job(job_id)
    assert see(job_id).state is JobState.RUNNING
    take_back_jobs()
    assert run_job(job_id)
    assert (see(job_id).state, seen) == (JobState.DONE, [JobState.RUNNING] * 2), "while it runs it is left"


def test_elsewhere_the_lease_decides(ask: Ask, see: See, clock: time_machine.Traveller) -> None:
    job_id = ask("copy")
    leave_running(job_id, ELSEWHERE, lease=timedelta(minutes=5))
    take_back_jobs()
    assert see(job_id).state is JobState.RUNNING
    clock.shift(timedelta(minutes=5, seconds=1))
    take_back_jobs()
    assert see(job_id).state is JobState.QUEUED


def test_a_job_that_kills_its_worker_does_not_do_so_for_ever(ask: Ask, see: See) -> None:
    @job("bomb", attempts=3)
    def bomb(job: RunningJob) -> None: ...

    job_id = ask("bomb")
    leave_running(job_id, DEAD, attempts=3)
    take_back_jobs()
    assert see(job_id).state is JobState.FAILED
    assert "3 times" in (see(job_id).error or "")


def test_an_end_counts_only_without_progress_since(ask: Ask, see: See) -> None:
    """Each run gets further until the last ones do not: those alone count."""

    @job("load", attempts=3)
    def load(job: RunningJob) -> None: ...

    job_id = ask("load")
    for ended, done in enumerate((10, 20, 30, 40, 50, 50, 45, 51, 51, 51, 51)):
        assert see(job_id).state is JobState.QUEUED, f"given up after {ended} ends"
        leave_running(job_id, DEAD, attempts=see(job_id).attempts + 1)
        with transaction() as session:
            session.get_one(Job, job_id).done = done
        take_back_jobs()
    assert (see(job_id).state, see(job_id).attempts) == (JobState.FAILED, 3)


def test_an_owner_is_told_why_nothing_goes_on(ask: Ask, see: See) -> None:
    told: list[tuple[object, Cause]] = []

    @job("load", attempts=1)
    def load(job: RunningJob) -> None:
        raise ValueError("broken")

    @given_up("load")
    def tell(payload: Payload, cause: Cause) -> None:
        told.append((payload["number"], cause))

    run_job(ask("load", "a", number=1))
    leave_running(ask("load", "b", number=2), DEAD)
    take_back_jobs()
    with transaction():
        cancel_job(ask_in(3))
    assert told == [(1, Cause.ACCIDENT), (2, Cause.INTERRUPTED), (3, Cause.CANCELLED)]


def ask_in(number: int) -> int:
    """Ask for a load in the open transaction."""
    return enqueue_job("load", str(number), {"number": number}).id


def test_an_owner_is_not_told_while_the_same_was_asked_for_again(ask: Ask, see: See) -> None:
    told: list[Cause] = []

    @job("load", attempts=1)
    def load(job: RunningJob) -> None: ...

    @given_up("load")
    def tell(payload: Payload, cause: Cause) -> None:
        told.append(cause)

    first = ask("load")
    leave_running(first, DEAD)
    second = ask("load")
    take_back_jobs()
    assert (see(first).state, see(second).state, told) == (JobState.FAILED, JobState.QUEUED, [])
    leave_running(second, ELSEWHERE)
    third = ask("load")
    with transaction():
        cancel_job(third)
    assert told == [], "the one that runs goes on"


def test_an_owner_that_fails_keeps_no_job_from_its_end(ask: Ask, see: See) -> None:
    @job("load", attempts=1)
    def load(job: RunningJob) -> None: ...

    @given_up("load")
    def tell(payload: Payload, cause: Cause) -> None:
        enqueue_job("letter", "of a failure")
        raise ValueError("nobody at home")

    job_id = ask("load")
    leave_running(job_id, DEAD)
    take_back_jobs()
    assert see(job_id).state is JobState.FAILED
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Job)) == 1, "what it did is undone"


def test_a_job_taken_back_gives_way_to_its_twin(ask: Ask, see: See) -> None:
    ran: list[str] = []

    @job("copy")
    def copy(job: RunningJob) -> None:
        ran.append(job.payload["what"])

    first = ask("copy", what="old")
    leave_running(first, DEAD)
    second = ask("copy", what="new")
    take_back_jobs()
    assert see(first).state is JobState.CANCELLED
    assert run_pending_jobs() == 1
    assert (ran, see(second).state) == (["new"], JobState.DONE)


def test_hanging(ask: Ask, see: See, clock: time_machine.Traveller) -> None:
    @job("copy", lease=timedelta(minutes=5))
    def copy(job: RunningJob) -> None: ...

    job_id = ask("copy")
    leave_running(job_id, worker_name(), lease=timedelta(minutes=5))
    for minutes, hanging in ((4, []), (4, []), (3, [job_id])):
        clock.shift(timedelta(minutes=minutes))
        assert [row.id for row in hanging_jobs(worker_name())] == hanging
    assert hanging_jobs(ELSEWHERE) == []


def test_a_worker_that_ends_hands_back_its_own(ask: Ask, see: See) -> None:
    mine, others = ask("copy", "a"), ask("copy", "b")
    leave_running(mine, worker_name())
    leave_running(others, ELSEWHERE)
    hand_back_jobs(worker_name())
    assert (see(mine).state, see(mine).attempts) == (JobState.QUEUED, 0)
    assert see(others).state is JobState.RUNNING


# ---------------------------------------------------------------- sending again


def received() -> list[int]:
    messages = []
    while (message := queue().receive()) is not None:  # type: ignore[attr-defined]
        messages.append(message)
    return messages


def test_lost_messages_are_sent_again(ask: Ask) -> None:
    ids = [ask("copy", f"{n}") for n in range(3)]
    received()
    send_due_jobs()
    assert received() == ids


def test_what_is_not_due_is_not_sent(context: Flask, clock: time_machine.Traveller) -> None:
    with transaction():
        later = enqueue_job("copy", "a", run_at=now() + timedelta(minutes=1)).id
    send_due_jobs()
    assert received() == []
    clock.shift(timedelta(minutes=1))
    send_due_jobs()
    assert received() == [later]


def test_a_long_queue_does_not_grow_by_itself(ask: Ask) -> None:
    for n in range(AT_ONCE):
        ask("copy", f"{n}")
    send_due_jobs()
    assert queue().size() == AT_ONCE


# ---------------------------------------------------------------- what comes round


def test_what_comes_round_has_one_row(context: Flask, see: See, clock: time_machine.Traveller) -> None:
    times: list[object] = []

    @every(timedelta(hours=1), "sweep")
    def sweep(job: RunningJob) -> None:
        times.append(now())

    begin = now()
    for _ in range(6):
        plan_periodic_jobs()
        run_pending_jobs()
        clock.shift(timedelta(minutes=30))
    assert times == [begin, begin + timedelta(hours=1), begin + timedelta(hours=2)]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Job)) == 1


def test_what_comes_round_comes_back_after_it_failed(context: Flask, clock: time_machine.Traveller) -> None:
    times: list[object] = []

    @every(timedelta(hours=1), "sweep", attempts=1)
    def sweep(job: RunningJob) -> None:
        times.append(now())
        raise ValueError("no broom")

    for _ in range(4):
        plan_periodic_jobs()
        run_pending_jobs()
        clock.shift(timedelta(minutes=30))
    assert len(times) == 2
    (row,) = db.session.scalars(sa.select(Job))
    assert "no broom" in (row.error or ""), "the office sees why until it succeeds"


def test_checks_of_the_rooms(context: Flask) -> None:
    called: list[str] = []

    @reconcile("broken")
    def broken() -> None:
        called.append("broken")
        raise ValueError("no such thing")

    @reconcile("whole")
    def whole() -> None:
        called.append("whole")
        with transaction():
            enqueue_job("copy", "found")

    run_checks()
    assert called == ["broken", "whole"]
    assert db.session.scalar(sa.select(Job.key)) == "found"


def test_run_twice_by_a_lost_lease_ends_once(ask: Ask, see: See) -> None:
    """The lease is lost in the middle of the effect; the second run finds it done and both leave one row."""
    runs: list[int] = []

    @job("copy")
    def copy(job: RunningJob) -> None:
        runs.append(job.attempt)
        if len(runs) == 1:
            leave_running(job.id, DEAD, attempts=job.attempt)
            take_back_jobs()
            assert run_job(job.id)

    job_id = ask("copy")
    assert run_job(job_id)
    assert runs == [1, 2]
    assert (see(job_id).state, see(job_id).attempts) == (JobState.DONE, 2)
