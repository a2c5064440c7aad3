"""The doctor sees what is wrong, and says what to do."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.ctx import AppContext

from repo import checkup
from repo.admin import doctor
from repo.app import create_app
from repo.checkup import Finding, Level, check, examine
from repo.db import transaction
from repo.jobs.models import Job, JobState
from repo.jobs.services import enqueue_job
from repo.settings import Settings
from tests.conftest import close_engines
from tests.services.ports import free_port
from tests.services.smtp import SmtpServer

Remake = Callable[..., AbstractContextManager[object]]


def levels(findings: Iterable[Finding]) -> list[Level]:
    return [finding.level for finding in findings]


@pytest.fixture
def remake(settings: Settings) -> Iterator[Remake]:
    """`with remake(mail_url="…"): …` runs within an application with other settings."""
    made: list[Flask] = []

    def remake(**changed: Any) -> AppContext:
        made.append(create_app(replace(settings, **changed)))
        return made[-1].app_context()

    yield remake
    for app in made:
        close_engines(app)


def test_everything_is_looked_at(context: Flask) -> None:
    examined = examine()
    assert [name for name in examined if name != "demonstration"] == [  # the demonstration's own tests look at that
        "program",
        "database",
        "files",
        "work",
        "search",
        "mail",
        "viruses",
        "outside programs",
        "sandbox",
        "addresses",
    ]
    found = [finding for findings in examined.values() for finding in findings]
    assert not [finding for finding in found if finding.level is Level.BAD]
    assert all(finding.advice for finding in found if finding.level is not Level.GOOD)


def test_a_check_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "checks", {})

    @check("half")
    def half() -> Iterator[Finding]:
        yield Finding(Level.GOOD, "so far")
        raise OSError("no more")

    assert examine() == {
        "half": [Finding(Level.GOOD, "so far"), Finding(Level.BAD, "cannot be checked: OSError: no more")]
    }


def test_work(context: Flask, clock: time_machine.Traveller) -> None:
    assert levels(doctor.check_work()) == [Level.GOOD]
    with transaction() as session:
        enqueue_job("mail", "a")
        session.add(Job(kind="mail", key="b", state=JobState.FAILED))
    assert levels(doctor.check_work()) == [Level.WARNING]
    clock.shift(timedelta(hours=1))
    assert levels(doctor.check_work()) == [Level.BAD, Level.WARNING]


def test_mail(remake: Remake, smtp_server: SmtpServer, tmp_path: Path) -> None:
    for url, level in (
        ("folder:", Level.WARNING),
        (smtp_server.url, Level.GOOD),
        (f"smtp://127.0.0.1:{free_port()}", Level.BAD),
    ):
        with remake(mail_url=url):
            assert levels(doctor.check_mail()) == [level]
    assert smtp_server.messages == []


def test_viruses(remake: Remake, tmp_path: Path) -> None:
    with remake(clamav_socket=str(tmp_path / "nobody.sock")):
        assert levels(doctor.check_viruses()) == [Level.BAD]


def test_addresses(remake: Remake) -> None:
    for changed, expected in (
        ({"base_url": "https://muras.kg", "admin_email": "office@muras.kg"}, [Level.WARNING]),
        ({"base_url": "http://127.0.0.1:8000"}, [Level.WARNING, Level.WARNING, Level.WARNING]),
    ):
        with remake(**changed):
            assert levels(doctor.check_addresses()) == expected


def test_files_that_cannot_be_written(remake: Remake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda folder, mode: folder.name != "ocfl")  # root may write anywhere
    with remake():
        (tmp_path / "data" / "ocfl").mkdir()
        assert Level.BAD in levels(doctor.check_files())
