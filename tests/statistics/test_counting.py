"""From a reader's request to a number: nothing twice, nothing lost, nobody named."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from repo.db import db
from repo.settings import Settings
from repo.statistics.models import UsageEvent, UsageLog, UsageTotal
from repo.statistics.recorder import Kind, record_usage, visitor_of
from repo.statistics.services import count_logs, forget_sessions, usage_of_item

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


def visit(app: Flask, agent: str = BROWSER, address: str = "198.51.100.7", kind: Kind = Kind.VIEW) -> None:
    environ = {"REMOTE_ADDR": address}
    with app.test_request_context("/", headers={"User-Agent": agent}, environ_base=environ):
        record_usage(kind, "01234567s", 1, network="knu")


def test_views_become_rows_and_totals(context: Flask, clock: time_machine.Traveller) -> None:
    visit(context)
    visit(context)
    visit(context, kind=Kind.DOWNLOAD)
    visit(context, agent="Googlebot/2.1")
    assert count_logs() == 0  # the minute has not passed
    clock.shift(180)
    assert count_logs() == 4
    assert usage_of_item("01234567s") == {Kind.VIEW: 2, Kind.DOWNLOAD: 1}
    assert db.session.scalar(sa.select(UsageEvent.network).limit(1)) == "knu"


def test_a_log_is_counted_once_however_often_it_is_found(
    context: Flask, settings: Settings, clock: time_machine.Traveller
) -> None:
    """A crash between the commit and the removal of the file leaves the file."""
    visit(context)
    clock.shift(180)
    (log,) = settings.usage_dir.glob("*.log")
    content = log.read_bytes()
    assert count_logs() == 1
    log.write_bytes(content)
    assert count_logs() == 0 and not log.exists()
    assert usage_of_item("01234567s")[Kind.VIEW] == 1


def test_a_line_cut_by_a_crash_is_passed_over(
    context: Flask, settings: Settings, clock: time_machine.Traveller
) -> None:
    visit(context)
    (log,) = settings.usage_dir.glob("*.log")
    log.write_bytes(log.read_bytes() + b'["2026-03-02T09:30:00+00:00","vi')
    clock.shift(180)
    assert count_logs() == 1


def test_no_address_is_kept_and_hashes_are_forgotten(
    context: Flask, settings: Settings, clock: time_machine.Traveller
) -> None:
    visit(context)
    visit(context, address="203.0.113.9")
    text = "".join(log.read_text() for log in settings.usage_dir.glob("*.log"))
    assert "198.51.100.7" not in text and "203.0.113.9" not in text
    clock.shift(180)
    count_logs()
    assert len(set(db.session.scalars(sa.select(UsageEvent.session)))) == 2
    clock.shift(timedelta(hours=25))
    forget_sessions()
    assert set(db.session.scalars(sa.select(UsageEvent.session))) == {None}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(UsageLog)) == 0
    assert db.session.scalar(sa.select(UsageTotal.count)) == 2


def test_the_key_of_a_day_is_gone_the_next_day(
    context: Flask, settings: Settings, clock: time_machine.Traveller
) -> None:
    visit(context)
    clock.shift(timedelta(days=1))
    visit(context)
    assert [path.stem for path in settings.usage_dir.glob("*.key")] == ["20260303"]


@pytest.mark.parametrize(
    ("agent", "visitor"),
    [
        (BROWSER, "person"),
        ("", "robot"),
        ("Mozilla/5.0 (compatible; YandexBot/3.0)", "robot"),
        ("curl/8.0", "robot"),
        ("python-requests/2.32", "robot"),
        ("OpenAIRE harvester", "harvester"),
        ("Mozilla/5.0 (Linux; Android 10; Cubot X30) Chrome/120", "person"),
    ],
)
def test_robots_are_told_from_people(app: Flask, agent: str, visitor: str) -> None:
    from flask import request

    with app.test_request_context("/", headers={"User-Agent": agent}):
        assert visitor_of(request).value == visitor
