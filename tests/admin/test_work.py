"""Failed jobs, letters that came back, and how the house is doing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from repo import search
from repo.admin import health
from repo.admin.words import JOB_KINDS
from repo.db import db, transaction
from repo.jobs.models import Job, JobState
from repo.jobs.registry import kinds
from repo.jobs.services import enqueue_job
from repo.mail.services import send_mail
from repo.members.models import RoleName
from tests.conftest import VisitorClient
from tests.members.conftest import MakePerson, post, sign_in


@pytest.fixture
def office(client: VisitorClient, make_person: MakePerson) -> VisitorClient:
    """A visitor who is signed in as administrator."""
    make_person("admin", RoleName.ADMINISTRATOR)
    sign_in(client, "admin")
    return client


def failed(job: Job, error: str) -> int:
    with transaction() as session:
        found = session.get_one(Job, job.id)
        found.state, found.error, found.attempts = JobState.FAILED, error, 3
    return job.id


def make_job(kind: str = "registry", key: str = "x") -> Job:
    with transaction():
        return enqueue_job(kind, key)


def state_of(job_id: int) -> JobState:
    db.session.rollback()
    return db.session.get_one(Job, job_id, populate_existing=True).state


def test_failed_jobs_come_first_and_can_be_tried_again(office: VisitorClient) -> None:
    waiting, broken = make_job(key="waiting"), make_job(key="broken")
    failed(broken, "ValueError: <page 9> is cut off\n\n  File secret.py")
    page = office.get("/admin/jobs").text
    assert "&lt;page 9&gt; is cut off" in page
    assert "secret.py" not in page
    assert "waiting" not in page.partition("<tbody")[2]
    assert "secret.py" in office.get(f"/admin/jobs/{broken.id}").text
    assert post(office, f"/admin/jobs/{broken.id}/retry", "/admin/jobs").status_code == 302
    assert state_of(broken.id) is JobState.QUEUED
    assert post(office, f"/admin/jobs/{broken.id}/retry", "/account/").status_code == 409
    assert post(office, f"/admin/jobs/{waiting.id}/cancel", "/account/").status_code == 302
    assert state_of(waiting.id) is JobState.CANCELLED


@pytest.mark.parametrize("state", ["queued", "running", "done", "failed", "cancelled", "all", "nonsense", ""])
def test_every_list_of_jobs_opens(office: VisitorClient, state: str) -> None:
    make_job()
    assert office.get("/admin/jobs", query_string={"state": state}).status_code == 200


def test_a_letter_that_came_back_is_sent_again_and_not_read(office: VisitorClient, app: Flask) -> None:
    with transaction():
        letter = send_mail("lost@example.kg", "ky", "reset", name="A", link="http://x/account/reset/secret", hours=24)
    failed(letter, "MailRefusedError: 550 no such user")
    page = office.get("/admin/mail").text
    assert "lost@example.kg" in page
    assert "550 no such user" in page
    assert "secret" not in page, "what a letter says is for its reader"
    assert "secret" not in office.get(f"/admin/jobs/{letter.id}").text
    assert post(office, f"/admin/jobs/{letter.id}/retry", "/admin/mail").location == "/admin/mail"
    assert state_of(letter.id) is JobState.QUEUED
    assert "lost@example.kg" in office.get("/admin/mail?state=queued").text


def test_jobs_that_are_not_there(office: VisitorClient) -> None:
    assert office.get("/admin/jobs/999").status_code == 404
    assert post(office, "/admin/jobs/999/retry", "/account/").status_code == 404


def test_the_first_page_tells_what_needs_somebody(clock: time_machine.Traveller, office: VisitorClient) -> None:
    quiet = office.get("/admin/health?lang=en").text
    assert quiet.count("nobody works") == 0
    job = make_job()
    failed(job, "it broke")
    with transaction():
        letter = send_mail("lost@example.kg", "ky", "reset", name="A", link="http://x/", hours=24)
    failed(letter, "refused")
    make_job(key="late")
    clock.shift(timedelta(minutes=11))
    page = office.get("/admin/health").text
    assert "nobody works" in page
    assert "1 not delivered" in page
    with transaction() as session:
        session.execute(sa.update(Job).where(Job.state == JobState.QUEUED).values(state=JobState.DONE))
    assert "1 failed" in office.get("/admin/health").text


def test_every_kind_of_work_has_a_name(app: Flask) -> None:
    assert set(kinds) == set(JOB_KINDS)


def test_a_disk_that_fills_up(context: Flask) -> None:
    looks = [
        health._disk(health.Disk((), total=100_000_000_000, free=free)).look
        for free in (50_000_000_000, 9_000_000_000, 1_000_000_000)
    ]
    assert looks == ["good", "warn", "stop"]


def test_every_folder_lies_on_a_disk(context: Flask) -> None:
    disks = health.find_disks()
    assert disks
    assert all(0 <= disk.free <= disk.total for disk in disks)
    assert sum(len(disk.holds) for disk in disks) == 5


def test_an_index_that_was_never_built_is_told(context: Flask) -> None:
    assert health._index().look == "stop"
    search.engine().rebuild([])
    assert health._index().look == "good"
