"""A message: written in the reader's language, carried by a job, taken by a real server or a folder."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader

from repo.app import create_app
from repo.db import db, transaction
from repo.jobs.models import Job, JobState
from repo.jobs.services import retry_job, run_pending_jobs
from repo.mail.services import MessageError, send_mail
from repo.settings import Settings
from tests.conftest import close_engines
from tests.services.ports import free_port
from tests.services.smtp import SmtpServer

TEMPLATES = {
    "email/greeting.txt": "{{ site }}: {{ title }}\n\nСаламатсызбы, {{ name }}!\n{{ base_url }}/records/1\n",
    "email/words.txt": "{{ current_language() }}\n\n{{ name }}\n",
    "email/empty.txt": "Only a subject\n",
}


@pytest.fixture
def outbox(app: Flask) -> Iterator[Path]:
    """Where mail goes unless a setting says otherwise; the app has templates of its own beside the real ones."""
    add_templates(app)
    with app.app_context():
        yield app.extensions["muras.settings"].mail_dir


def add_templates(app: Flask) -> None:
    assert app.jinja_env.loader is not None
    app.jinja_env.loader = ChoiceLoader([DictLoader(TEMPLATES), app.jinja_env.loader])


def send(address: str = "aida@example.kg", language: str = "ky", template: str = "greeting", **context: str) -> None:
    with transaction():
        send_mail(address, language, template, **{"title": "Манас", "name": "Аида", **context})


def jobs() -> list[Job]:
    db.session.rollback()
    return list(db.session.query(Job).filter_by(kind="mail"))


def test_nothing_is_sent_by_a_change_that_was_taken_back(outbox: Path) -> None:
    with pytest.raises(RuntimeError), transaction():
        send_mail("aida@example.kg", "ky", "greeting", title="Манас", name="Аида")
        raise RuntimeError
    assert run_pending_jobs("mail") == 0


def test_a_folder_holds_the_message(outbox: Path) -> None:
    send()
    assert run_pending_jobs("mail") == 1
    (file,) = outbox.iterdir()
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert file.suffix == ".eml"
    assert message["To"] == "aida@example.kg"
    assert message["Subject"].endswith(": Манас")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "ky"
    assert message["Message-ID"] == f"<{file.stem}@muras.example.org>"
    assert "Саламатсызбы, Аида!" in file.read_text(), "people read this file as it is"
    assert message.get_content().splitlines()[-1] == "http://muras.example.org/records/1"


def test_the_language_is_the_recipients(outbox: Path) -> None:
    for language in ("ky", "ru", "en", "de"):
        send(language=language, template="words")
    run_pending_jobs("mail")
    subjects = [message_from_bytes(file.read_bytes())["Subject"] for file in outbox.iterdir()]
    assert sorted(subjects) == ["en", "ky", "ky", "ru"]


def test_a_job_done_twice_is_one_file(outbox: Path) -> None:
    send()
    (job,) = jobs()
    letter = dict(job.payload)
    run_pending_jobs("mail")
    with transaction() as session:
        again = session.get_one(Job, job.id)
        again.state, again.payload = JobState.QUEUED, letter
    run_pending_jobs("mail")
    assert len(list(outbox.iterdir())) == 1


def test_what_was_sent_is_not_kept(outbox: Path) -> None:
    send()
    run_pending_jobs("mail")
    (job,) = jobs()
    assert (job.state, job.payload) == (JobState.DONE, {})


def test_no_header_of_somebody_else(outbox: Path) -> None:
    send(title="Манас\r\nBcc: all@example.kg\n\nBuy!")
    run_pending_jobs("mail")
    (file,) = outbox.iterdir()
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert message["Bcc"] is None
    assert message["Subject"].endswith(": Манас")


@pytest.mark.parametrize("address", ["a@example.kg\r\nBcc: b@example.kg", "a@example.kg, b@example.kg", "nobody"])
def test_an_address_that_is_none_fails_at_once(outbox: Path, address: str) -> None:
    send(address)
    run_pending_jobs("mail")
    (job,) = jobs()
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert not outbox.exists()


def test_a_message_needs_subject_and_text(outbox: Path) -> None:
    with pytest.raises(MessageError):
        send(template="empty")


@pytest.fixture
def mailing(settings: Settings, smtp_server: SmtpServer) -> Iterator[SmtpServer]:
    """A server that takes the mail of the application in whose context the test runs."""
    app = create_app(replace(settings, mail_url=smtp_server.url, name="Китепкана", admin_email="office@example.kg"))
    add_templates(app)
    with app.app_context():
        yield smtp_server
    close_engines(app)


def test_a_server_takes_the_message(mailing: SmtpServer) -> None:
    send("aida@китеп.kg")
    run_pending_jobs("mail")
    (message,) = mailing.messages
    assert message["To"].addresses[0].addr_spec == "aida@xn--e1affwn.kg"
    assert str(message["From"]) == "Китепкана <office@example.kg>"
    assert message["Subject"] == "Китепкана: Манас"
    assert message.get_content().startswith("Саламатсызбы, Аида!")
    assert [job.state for job in jobs()] == [JobState.DONE]


def test_a_message_sent_twice_says_so(mailing: SmtpServer) -> None:
    """SMTP cannot promise once; the receiving server can tell by the id."""
    send()
    (job,) = jobs()
    letter = dict(job.payload)
    run_pending_jobs("mail")
    with transaction() as session:
        again = session.get_one(Job, job.id)
        again.state, again.payload = JobState.QUEUED, letter
    run_pending_jobs("mail")
    first, second = mailing.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


def test_a_server_that_is_busy_is_asked_again(mailing: SmtpServer, clock: time_machine.Traveller) -> None:
    mailing.mailbox.refuse = "451 try later"
    send()
    assert run_pending_jobs("mail") == 1
    (job,) = jobs()
    assert job.state is JobState.QUEUED
    assert "try later" in (job.error or "")
    mailing.mailbox.refuse = None
    assert run_pending_jobs("mail") == 0, "not before its time"
    clock.shift(timedelta(minutes=1))
    assert run_pending_jobs("mail") == 1
    assert len(mailing.messages) == 1


def test_a_server_that_refuses_is_not_asked_again_by_itself(mailing: SmtpServer) -> None:
    mailing.mailbox.refuse = "550 no such reader"
    send()
    run_pending_jobs("mail")
    (job,) = jobs()
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert "no such reader" in (job.error or "").splitlines()[0]
    mailing.mailbox.refuse = None
    with transaction():
        retry_job(job.id)
    run_pending_jobs("mail")
    assert len(mailing.messages) == 1


def test_a_server_that_is_away_is_asked_again(settings: Settings, clock: time_machine.Traveller) -> None:
    app = create_app(replace(settings, mail_url=f"smtp://127.0.0.1:{free_port()}"))
    add_templates(app)
    with app.app_context():
        send()
        for _ in range(8):
            assert run_pending_jobs("mail") == 1
            clock.shift(timedelta(hours=6))
        (job,) = jobs()
        assert job.state is JobState.FAILED
        assert "refused" in (job.error or "").lower()
    close_engines(app)
