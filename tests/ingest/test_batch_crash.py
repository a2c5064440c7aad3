"""Bulk loads that are killed at each step and at random moments, and whose disk is full: they end as on a quiet day."""

import random
import signal
import subprocess
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.batch import KIND, Plan, announce_batch, check_batch, import_batch, load_batch, undo_batch
from ingest.batch_arriving import expect_file, receive_batch
from ingest.batch_staging import load_folder
from ingest.batch_work import Errand, forget_batch, work_on
from ingest.models import AT_WORK, BatchState, LoadRow
from ingest.tasks import ATTEMPTS
from repo.db import db, now, transaction
from repo.failpoints import armed
from repo.items.access import SYSTEM
from repo.items.identifiers import ocfl_id
from repo.items.models import Item, Version
from repo.jobs.models import Job, JobState
from repo.jobs.reconcile import take_back_jobs
from repo.jobs.services import run_pending_jobs
from repo.members.models import Collection
from repo.settings import current_settings
from repo.storage import store, uploads
from tests.ingest.loads import batch_now, begin, bring_in, check, load, row, rows_of, undo, write_table
from tests.jobs.dying import die, die_too_often
from tests.services.server import muras_command, muras_environment

KILLS = 20


def start_command(*arguments: str, **settings: str) -> "subprocess.Popen[str]":
    """The real command, beside this process, on the same house."""
    ours = current_settings()
    db.session.rollback()
    variables = {"MURAS_DATABASE_URL": ours.database_url, "MURAS_SECRET_KEY": ours.secret_key, **settings}
    environment = muras_environment(ours.data_dir, variables)
    return subprocess.Popen(
        muras_command(*arguments), env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def work_by_command(batch_id: int, failpoint: str = "") -> tuple[int, str]:
    """Go on with a load; return the exit status of the command and what it said."""
    settings = {"MURAS_FAILPOINT": failpoint} if failpoint else {}
    with start_command("batch", "resume", str(batch_id), **settings) as process:
        _out, said = process.communicate()
        return process.returncode, said


@dataclass
class End:
    """Everything that two ends have to have in common: rows, works with all their versions, objects."""

    rows: list[tuple[Any, ...]]
    works: dict[str, Any]


def end_of(batch_id: int) -> End:
    rows = [(r.number, r.key, r.status.value, [said["code"] for said in r.remarks]) for r in rows_of(batch_id)]
    works = {}
    for item in db.session.scalars(sa.select(Item)):
        versions = [
            (v.number, v.revision, v.state.value, v.meta, sorted((f.name, f.digest) for f in v.files))
            for v in item.versions
        ]
        head = store().inventory(ocfl_id(item.id)).head
        works[item.source_key or ""] = (item.title, item.withdrawn_at is not None, versions, head)
    objects = {found for found in store().objects() if found != "muras:registry"}
    assert objects == {ocfl_id(item_id) for item_id in db.session.scalars(sa.select(Item.id))}, (
        "no object without a row"
    )
    assert list(uploads().root.iterdir()) == [], "no bytes without a work"
    assert {state.value for state in db.session.scalars(sa.select(Version.state))} <= {"published"}
    made = sa.select(LoadRow.item_id).where(LoadRow.batch_id == batch_id, LoadRow.version_id.is_not(None))
    assert len(set(db.session.scalars(made))) == len(list(db.session.scalars(made))), "no row twice"
    return End(rows, works)


def furnish(tmp_path: Path, collection: Collection) -> Path:
    """Two works are here; the table that comes changes both, one with another file, and brings three."""
    place = write_table(tmp_path / "in", [row(1), row(2, files="f.txt")], {"f.txt": b"one"})
    load(place, collection)
    rows = [
        row(1, "Жаңы"),
        row(2, files="f.txt"),
        row(3),
        row(4, files="g.txt"),
        row(5),
        row(5),
        row(6, files="no.txt"),
    ]
    return write_table(tmp_path / "in", rows, {"f.txt": b"two", "g.txt": b"three"})


def wait_for_work(batch_id: int, phase: str) -> None:
    """Bring a load to where `phase` is asked for and nothing of it is done."""
    if phase != "check":
        check(batch_id)
    if phase == "undo":
        bring_in(batch_id)
    ask = {"check": check_batch, "import": import_batch, "undo": undo_batch}[phase]
    with transaction():
        ask(SYSTEM, load_batch(batch_id))
    db.session.rollback()


POINTS = [
    ("check", "load:checked"),
    ("import", "load:files-brought"),
    ("import", "import:accepted"),
    ("import", "import:placed"),
    ("import", "load:chunk-done"),
    ("undo", "revert:accepted"),
    ("undo", "revert:placed"),
    ("undo", "load:undone"),
]
EXPECTED_ROWS = {
    "check": ["changed", "changed", "new", "new", "new", "refused", "refused"],
    "import": ["updated", "updated", "created", "created", "created", "refused", "refused"],
    "undo": ["undone", "undone", "undone", "undone", "undone", "refused", "refused"],
}
EXPECTED_WORKS = {
    "check": {"1": ("Китеп 1", False, [(1, 0)]), "2": ("Китеп 2", False, [(1, 0)])},
    "import": {
        "1": ("Жаңы", False, [(1, 0), (1, 1)]),
        "2": ("Китеп 2", False, [(1, 0), (2, 0)]),
        **{key: (f"Китеп {key}", False, [(1, 0)]) for key in "345"},
    },
    "undo": {
        "1": ("Китеп 1", False, [(1, 0), (1, 1), (1, 2)]),
        "2": ("Китеп 2", False, [(1, 0), (2, 0), (3, 0)]),
        **{key: (f"Китеп {key}", True, [(1, 0)]) for key in "345"},
    },
}


@pytest.mark.parametrize(("phase", "point"), POINTS)
def test_killed_at_a_step(collection: Collection, tmp_path: Path, phase: str, point: str) -> None:
    batch_id = begin(furnish(tmp_path, collection), collection)
    wait_for_work(batch_id, phase)
    status, said = work_by_command(batch_id, point)
    assert (status, f"failpoint {point} kills" in said) == (-signal.SIGKILL, True), said
    status, said = work_by_command(batch_id)
    assert status in (0, 3), said
    assert batch_now(batch_id).state not in AT_WORK
    end = end_of(batch_id)
    assert [status for _number, _key, status, _said in end.rows] == EXPECTED_ROWS[phase]
    told = {
        key: (title, withdrawn, [(number, revision) for number, revision, *_more in versions])
        for key, (title, withdrawn, versions, _head) in end.works.items()
    }
    assert told == EXPECTED_WORKS[phase]
    if phase == "import":
        assert {key: works[3] for key, works in end.works.items()} == {"1": 2, "2": 2, "3": 1, "4": 1, "5": 1}


@pytest.mark.parametrize("state", sorted(AT_WORK))
def test_a_load_whose_job_was_given_up_goes_on(collection: Collection, tmp_path: Path, state: BatchState) -> None:
    """A job whose worker ends too often in the middle of it is given up: its batch has failed, and is gone on with."""
    batch_id = begin(write_table(tmp_path / "in", [row(1), row(2)], {}), collection)
    if state is not BatchState.CHECKING:
        check(batch_id)
    if state is BatchState.UNDOING:
        bring_in(batch_id)
    with transaction() as session:
        {BatchState.CHECKING: check_batch, BatchState.IMPORTING: import_batch, BatchState.UNDOING: undo_batch}[state](
            SYSTEM, load_batch(batch_id)
        )
        job = session.scalars(sa.select(Job).where(Job.state == JobState.QUEUED, Job.kind == KIND)).one()
    die_too_often(job.id)
    take_back_jobs()
    batch = batch_now(batch_id)
    assert (batch.state, batch.error) == (BatchState.FAILED, {"code": "interrupted", "data": {}, "during": state.value})
    db.session.rollback()
    assert work_by_command(batch_id)[0] == 0
    ends = {BatchState.CHECKING: "checked", BatchState.IMPORTING: "done", BatchState.UNDOING: "undone"}
    assert batch_now(batch_id).state == ends[state]


def test_a_load_that_gets_on_is_not_given_up(collection: Collection, tmp_path: Path) -> None:
    """Its worker ends ever again in the middle of it, each time a chunk further."""
    batch_id = begin(write_table(tmp_path / "in", [row(number) for number in range(1, 2001)]), collection)
    check(batch_id)
    with transaction():
        import_batch(SYSTEM, load_batch(batch_id))
    (job_id,) = db.session.scalars(sa.select(Job.id).where(Job.state == JobState.QUEUED, Job.kind == KIND))
    db.session.rollback()
    for _ in range(ATTEMPTS + 2):
        before = batch_now(batch_id).done
        with armed("load:chunk-done=raise:EIO"), pytest.raises(OSError, match="load:chunk-done"):
            work_on(batch_id, Errand())
        done = batch_now(batch_id).done
        assert done > before
        die(job_id, done)
        take_back_jobs()
        assert batch_now(batch_id).state is BatchState.IMPORTING
        assert db.session.get_one(Job, job_id).state is JobState.QUEUED
    run_pending_jobs("batch")
    assert (batch_now(batch_id).state, batch_now(batch_id).counts.get("created")) == (BatchState.DONE, 2000)


def test_twenty_random_kills(collection: Collection, tmp_path: Path) -> None:
    """Checked, imported and undone again and again, killed at any moment: in the end it is as without a kill."""
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    numbers = range(1, 451)
    rows = [row(number, files="f.txt") if number % 50 == 0 else row(number) for number in numbers]
    place = write_table(tmp_path / "in", [*rows, row(7, "Кайра")], {"f.txt": b"one"})
    batch_id = begin(place, collection)
    with transaction():
        check_batch(SYSTEM, load_batch(batch_id))
    kills = 0
    while kills < KILLS or batch_now(batch_id).state is not BatchState.DONE:
        if (state := batch_now(batch_id).state) not in AT_WORK:
            batch_id = _next_phase(batch_id, state, place, collection)
        db.session.rollback()
        with start_command("batch", "resume", str(batch_id)) as process:
            try:
                if kills < KILLS:
                    _out, said = process.communicate(timeout=chance.uniform(0.5, 6))
                else:
                    _out, said = process.communicate()
                assert process.returncode in (0, 3), f"seed {seed}: {said}"
            except subprocess.TimeoutExpired:
                process.kill()  # the moment is what the test is about
                process.communicate()
                kills += 1
    batch = batch_now(batch_id)
    assert batch.counts.get("refused") == 1, f"seed {seed}"
    assert {status for _n, _k, status, _s in end_of(batch_id).rows} == {"created", "refused"}, f"seed {seed}"
    works = end_of(batch_id).works
    assert len(works) == len(numbers), f"seed {seed}"
    assert all(not withdrawn for _title, withdrawn, _versions, _head in works.values())
    assert all([version[:2] for version in versions] == [(1, 0)] for _t, _w, versions, _h in works.values())


def _next_phase(batch_id: int, state: BatchState, place: Path, collection: Collection) -> int:
    match state:
        case BatchState.FAILED if (batch_now(batch_id).error or {}).get("code") == "interrupted":
            return batch_id  # killed between the end of its old job and the beginning of the new one
        case BatchState.CHECKED:
            with transaction():
                import_batch(SYSTEM, load_batch(batch_id))
            return batch_id
        case BatchState.DONE:
            with transaction():
                undo_batch(SYSTEM, load_batch(batch_id))
            return batch_id
        case BatchState.UNDONE:
            following = begin(place, collection)
            with transaction():
                check_batch(SYSTEM, load_batch(following))
            return following
    raise AssertionError(f"{state}: {batch_now(batch_id).error}")


@pytest.mark.parametrize(
    "point",
    ["stage:before-content:3", "place:before-bulk-sync", "upload:after-stream:2", "derivative:before-rename"],
)
def test_a_disk_that_fills_up_in_the_middle(collection: Collection, tmp_path: Path, point: str) -> None:
    batch_id = begin(furnish(tmp_path, collection), collection)
    wait_for_work(batch_id, "import")
    with armed(f"{point}=raise:ENOSPC"):
        run_pending_jobs("batch")
    assert batch_now(batch_id).state is BatchState.IMPORTING, "it waits for room"
    with transaction() as session:
        job = session.scalars(sa.select(Job).where(Job.kind == "batch", Job.state == JobState.QUEUED)).one()
        assert job.attempts == 0, "and loses no attempt"
        job.run_at = now()
    run_pending_jobs("batch")
    end = end_of(batch_id)
    assert [status for _number, _key, status, _said in end.rows] == EXPECTED_ROWS["import"]
    assert {key: [v[:2] for v in work[2]] for key, work in end.works.items()} == {
        key: versions for key, (_title, _withdrawn, versions) in EXPECTED_WORKS["import"].items()
    }


# ---------------------------------------------------------------- the file of a load


def zipped(folder: Path) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return out.getvalue()


def send(collection: Collection, name: str, data: bytes) -> int:
    """Announce a load and bring its bytes, up to the last one."""
    with transaction() as session:
        plan = Plan(session.get_one(Collection, collection.id), "")
        batch_id = announce_batch(SYSTEM, plan).id
    uploads().append(expect_file(SYSTEM, batch_id, name, len(data)), 0, BytesIO(data))
    return batch_id


def test_an_archive_is_received_unpacked_and_told_apart(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1, files="f.txt"), row(2)], {"f.txt": b"one"})
    batch_id = send(collection, "китептер.zip", zipped(place))
    with armed("load:received=raise:EIO"), pytest.raises(OSError, match="load:received"):
        receive_batch(SYSTEM, batch_id)
    receive_batch(SYSTEM, batch_id)
    receive_batch(SYSTEM, batch_id)
    assert batch_now(batch_id).state is BatchState.CHECKING
    assert list(uploads().root.iterdir()) == []
    db.session.rollback()
    status, said = work_by_command(batch_id, "load:unpacked")
    assert status == -signal.SIGKILL, said
    status, said = work_by_command(batch_id)
    assert status == 0, said
    batch = batch_now(batch_id)
    assert (batch.format, batch.source, batch.counts) == ("table", "load:knu:table", {"new": 2})
    assert bring_in(batch_id).counts == {"new": 0, "created": 2}
    undo(batch_id)
    forget_batch(batch_id, lambda: None)
    assert not load_folder(batch_id).exists()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("китеп.zip", b"no archive at all", "archive_unknown"),
        ("китеп.zip", b"PK\3\4 broken", "archive_broken"),
        ("китеп.bin", b"\x00\x01\x02", "unknown_format"),
    ],
)
def test_what_is_no_load_says_so(collection: Collection, name: str, data: bytes, code: str) -> None:
    from ingest.load_messages import say_trouble

    batch_id = send(collection, name, data)
    receive_batch(SYSTEM, batch_id)
    run_pending_jobs("batch")
    batch = batch_now(batch_id)
    assert (batch.state, (batch.error or {})["code"]) == (BatchState.FAILED, code)
    assert say_trouble(code, (batch.error or {})["data"])
