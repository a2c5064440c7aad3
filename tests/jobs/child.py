"""A worker to be killed: `python -m tests.jobs.child DATA_DIR DATABASE_URL`, with kinds of work for the purpose."""

import sys
from pathlib import Path
from time import sleep

from repo.app import create_app
from repo.db import transaction
from repo.jobs import registry
from repo.jobs.registry import RunningJob, job
from repo.jobs.worker import work
from repo.logs import log_to_stderr
from repo.members.models import Fact
from repo.settings import Settings


def settings(data_dir: Path, database_url: str) -> Settings:
    return Settings(data_dir=data_dir, database_url=database_url, secret_key="x" * 32, testing=True)


def note(data_dir: Path, word: str) -> None:
    """Tell the test, by a line that one write appends."""
    with (data_dir / "notes").open("ab", buffering=0) as notes:
        notes.write(f"{word}\n".encode())


def register_kinds(data_dir: Path) -> None:
    registry.kinds.clear()
    registry.checks.clear()

    @job("effect", attempts=20)
    def effect(job: RunningJob) -> None:
        """Leave one row for each key, however often it is run."""
        note(data_dir, f"begins {job.key}")
        with transaction() as session:
            if session.get(Fact, job.key) is None:
                session.add(Fact(name=job.key, value=str(job.attempt)))
        note(data_dir, f"ends {job.key}")

    @job("patient")
    def patient(job: RunningJob) -> None:
        """Goes on until it is told to stop, and shows signs of life."""
        note(data_dir, f"begins {job.key}")
        while True:
            job.heartbeat()
            sleep(0.05)

    @job("deaf")
    def deaf(job: RunningJob) -> None:
        """Goes on for ever without a sign of life."""
        note(data_dir, f"begins {job.key}")
        while True:
            sleep(0.05)

    @job("short")
    def short(job: RunningJob) -> None:
        """Goes on until the file is there."""
        note(data_dir, f"begins {job.key}")
        while not (data_dir / "end").exists():
            sleep(0.05)


if __name__ == "__main__":
    home, url = Path(sys.argv[1]), sys.argv[2]
    log_to_stderr()
    app = create_app(settings(home, url))
    register_kinds(home)
    work(app)
