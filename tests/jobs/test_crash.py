"""A real worker is killed at every step and at any moment: each job ends, its effect stands once, none is stuck."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
import sqlalchemy as sa
from flask import Flask

from repo.db import db, transaction
from repo.errors import SettingsError
from repo.failpoints import FAILPOINTS
from repo.jobs.models import Job, JobState
from repo.jobs.services import enqueue_job
from repo.jobs.worker import only_worker
from repo.members.models import Fact

SECONDS = 60

Worker = subprocess.Popen[bytes]
StartWorker = Callable[..., Worker]


@pytest.fixture
def home(context: Flask) -> Path:
    data_dir: Path = context.extensions["muras.settings"].data_dir
    return data_dir


@pytest.fixture
def start_worker(home: Path, database_url: str, tmp_path: Path) -> Iterator[StartWorker]:
    """`start_worker(failpoint)` starts a worker on the same data directory and database."""
    workers: list[Worker] = []

    def start(failpoint: str = "") -> Worker:
        command = [sys.executable, "-m", "tests.jobs.child", str(home), database_url]
        with (tmp_path / "worker.log").open("ab") as log:
            worker = subprocess.Popen(command, stderr=log, env={**os.environ, "MURAS_FAILPOINT": failpoint})
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.kill()
        worker.wait()


def wait_until(condition: Callable[[], object]) -> None:
    deadline = monotonic() + SECONDS
    while not condition():
        assert monotonic() < deadline, "it did not come to pass"
        sleep(0.02)


def ask(kind: str, *keys: str) -> None:
    with transaction():
        for key in keys:
            enqueue_job(kind, key)


def states() -> dict[str, tuple[JobState, int]]:
    db.session.rollback()
    rows = db.session.execute(sa.select(Job.key, Job.state, Job.attempts)).all()
    return {key: (state, attempts) for key, state, attempts in rows}


def all_done() -> bool:
    return all(state is JobState.DONE for state, _ in states().values())


def effects() -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(sa.select(Fact.name)))


def notes(home: Path, word: str) -> list[str]:
    file = home / "notes"
    lines = file.read_text().splitlines() if file.exists() else []
    return [line.removeprefix(f"{word} ") for line in lines if line.startswith(word)]


@pytest.mark.parametrize("step", [name for name in FAILPOINTS if name.startswith("job:")])
def test_killed_at_a_step(home: Path, start_worker: StartWorker, step: str) -> None:
    keys = [f"key-{n}" for n in range(5)]
    ask("effect", *keys)
    if step == "job:before-send":
        (home / "queue.sqlite").unlink()  # so that the worker sends them again itself
    assert start_worker(f"{step}:2").wait(SECONDS) == -signal.SIGKILL
    start_worker()
    wait_until(all_done)
    assert effects() == keys


def test_killed_at_any_moment(home: Path, start_worker: StartWorker) -> None:
    chance = random.Random(20260302)
    keys = [f"key-{n:03}" for n in range(60)]
    ask("effect", *keys)
    for _ in range(4):
        begun = len(notes(home, "begins"))
        worker = start_worker()
        wait_until(lambda: len(notes(home, "begins")) > begun or all_done())  # noqa: B023
        sleep(chance.random() / 10)
        worker.kill()
        worker.wait()
    start_worker()
    wait_until(all_done)
    assert effects() == keys


def test_the_queue_is_lost_while_the_worker_works(home: Path, start_worker: StartWorker) -> None:
    start_worker()
    ask("effect", "first")
    wait_until(all_done)
    for file in home.glob("queue.sqlite*"):
        file.unlink()
    ask("effect", "second")
    wait_until(all_done)
    ask("effect", "third")
    for file in home.glob("queue.sqlite*"):
        file.unlink()
    wait_until(all_done)
    assert effects() == ["first", "second", "third"]


def test_two_workers_do_each_job_once(home: Path, start_worker: StartWorker, database_url: str, tmp_path: Path) -> None:
    """Two machines with one database: here, two data directories."""
    other = tmp_path / "other"
    other.mkdir()
    keys = [f"key-{n:03}" for n in range(60)]
    ask("effect", *keys)
    command = [sys.executable, "-m", "tests.jobs.child", str(other), database_url]
    start_worker()
    second = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(all_done)
    finally:
        second.kill()
        second.wait()
    assert sorted(notes(home, "begins") + notes(other, "begins")) == keys
    assert effects() == keys


def test_a_data_directory_has_one_worker(home: Path, start_worker: StartWorker, tmp_path: Path) -> None:
    def begun() -> int:
        return (tmp_path / "worker.log").read_text().count("the worker begins")

    first = start_worker()
    ask("effect", "a")
    wait_until(all_done)
    start_worker()
    ask("effect", "b")
    wait_until(all_done)
    assert begun() == 1
    first.kill()
    ask("effect", "c")
    wait_until(all_done)
    assert begun() == 2, "the second took over"


def test_a_worker_that_waits_in_vain_says_so(home: Path) -> None:
    told_to_stop = Event()
    told_to_stop.set()
    with only_worker(home, Event()), pytest.raises(SettingsError, match="another worker"):
        only_worker(home, told_to_stop).__enter__()


def test_a_worker_that_is_asked_to_end_lets_a_job_finish(home: Path, start_worker: StartWorker) -> None:
    worker = start_worker()
    ask("short", "a")
    wait_until(lambda: notes(home, "begins") == ["a"])
    worker.terminate()
    (home / "end").touch()
    assert worker.wait(SECONDS) == 0
    assert states() == {"a": (JobState.DONE, 1)}


@pytest.mark.parametrize("kind", ["patient", "deaf"])
def test_a_worker_that_is_asked_to_end_hands_the_rest_back(home: Path, start_worker: StartWorker, kind: str) -> None:
    worker = start_worker()
    ask(kind, "a")
    wait_until(lambda: notes(home, "begins") == ["a"])
    worker.terminate()
    assert worker.wait(SECONDS) == 0
    assert states() == {"a": (JobState.QUEUED, 0)}
