"""A small disk that fills up while `muras load` brings works in: run by `test_full_disk.py`, in a mount namespace."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import sqlalchemy as sa
from flask import Flask

from ingest.models import BatchState, LoadBatch
from repo.app import create_app
from repo.db import db
from repo.installation import prepare
from repo.items.models import Item
from repo.settings import Settings
from repo.storage import store, uploads
from tests import factories
from tests.conftest import close_engines
from tests.crash.small_disk import fill
from tests.ingest.loads import row, write_table
from tests.services.server import muras_command, muras_environment

ROWS = 1000
WAITED = 120
"""Seconds after which something that has to happen has not."""


def test_the_disk_fills_during_a_load_and_has_room_again(tmp_path: Path, assert_valid: Callable[..., None]) -> None:
    """The load says what it waits for, goes on by itself, and ends as it would have on a disk with room."""
    disk = Path(os.environ["MURAS_TEST_SMALL_DISK"])
    files = {f"scans/{number}.txt": f"барак {number}\n".encode() * 100 for number in range(ROWS)}
    place = write_table(tmp_path / "rows", (row(n, files=f"scans/{n}.txt") for n in range(ROWS)), files)
    settings = Settings(data_dir=disk, secret_key="not a secret: the tests' own signing key", testing=True)
    app = create_app(settings)
    prepare(app)
    with app.app_context():
        factories.make_collection(factories.make_library("knu"), "books")
        db.session.remove()
    environment = muras_environment(disk, {"MURAS_SECRET_KEY": settings.secret_key, "LC_ALL": "en"})
    command = muras_command("load", "table", str(place), "--collection", "books")
    said = tmp_path / "said.txt"
    with said.open("wb") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as load:
        wait_for(lambda: 0 < works(app) < ROWS, said)
        load.send_signal(signal.SIGSTOP)
        fill(disk / "filler")
        load.send_signal(signal.SIGCONT)
        sleep(5)  # whether it gives up is the question
        assert load.poll() is None, said.read_text()
        assert works(app) < ROWS and "disk is full" in said.read_text()
        (disk / "filler").unlink()
        load.wait(WAITED)
    assert load.returncode == 0, said.read_text()
    with app.app_context():
        (batch,) = db.session.scalars(sa.select(LoadBatch))
        assert (batch.state, batch.counts, batch.error) == (BatchState.DONE, {"new": 0, "created": ROWS}, None)
        keys = set(db.session.scalars(sa.select(Item.source_key).where(Item.current_id.is_not(None))))
        assert keys == {str(number) for number in range(ROWS)}
        assert len([found for found in store().objects() if found != "muras:registry"]) == ROWS
        assert list(uploads().root.iterdir()) == []
    close_engines(app)
    assert_valid(settings.ocfl_root)


def works(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Item).where(Item.current_id.is_not(None))) or 0


def wait_for(happened: Callable[[], bool], said: Path) -> None:
    end = monotonic() + WAITED
    while not happened():
        assert monotonic() < end, said.read_text()
        sleep(0.02)
