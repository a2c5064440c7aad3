"""No list reaches a second in which somebody can still commit, whoever writes, for however long."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from oai.horizon import find_horizon
from oai.ledger import write_records
from repo.db import db, now, transaction
from tests.oai.schemas import OAI

LIST = "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc"


class Writer(threading.Thread):
    """Writes a record and commits when it may: in a thread with a session of its own, as another process would."""

    def __init__(self, app: Flask, item_id: str) -> None:
        super().__init__()
        self._app, self._item_id = app, item_id
        self.wrote, self.may_commit = threading.Event(), threading.Event()

    def run(self) -> None:
        with self._app.app_context(), transaction() as session:
            write_records(session, [self._item_id])
            self.wrote.set()
            self.may_commit.wait(60)


@pytest.fixture
def writer(app: Flask, house: list[str]) -> Iterator[Writer]:
    """Has written the record of the first item, and does not commit yet."""
    thread = Writer(app, house[0])
    thread.start()
    assert thread.wrote.wait(60)
    yield thread
    thread.may_commit.set()
    thread.join()


def listed(client: FlaskClient, query: str = "") -> dict[str, str]:
    """The datestamps of what is listed, by item."""
    root = etree.fromstring(client.get(LIST + query).data)
    headers = root.iter(f"{{{OAI}}}header")
    return {
        header.findtext(f"{{{OAI}}}identifier", "").rpartition(":")[2]: header.findtext(f"{{{OAI}}}datestamp", "")
        for header in headers
    }


def test_without_a_writer_it_is_the_last_second_that_is_over(context: Flask) -> None:
    before = now()
    horizon = find_horizon(db.session())
    assert before - timedelta(seconds=4) < horizon <= now() - timedelta(seconds=1)
    assert horizon.microsecond == 0


def test_a_late_commit_is_never_lost(
    client: FlaskClient, house: list[str], writer: Writer, clock: time_machine.Traveller
) -> None:
    """A harvest that takes place while a transaction is open, and one from its last datestamp on, have all of it."""
    clock.shift(3600)
    first = listed(client)
    until = max(first.values())
    writer.may_commit.set()
    writer.join()
    clock.shift(60)
    second = listed(client, f"&from={until}")
    assert house[0] in second, "what was stamped before the first harvest and committed after it"
    assert first.keys() | second.keys() == set(house)


@pytest.mark.parametrize("asked", ["", "&from=2026-03-02T09:36:00Z"], ids=["a list", "noRecordsMatch"])
def test_a_harvest_from_the_last_response_on_misses_nothing(
    client: FlaskClient, house: list[str], writer: Writer, clock: time_machine.Traveller, asked: str
) -> None:
    """The time of a response is what its list reaches up to, not when it was sent, and also if it is empty."""
    clock.shift(1)
    answered = etree.fromstring(client.get(LIST + asked).data).findtext(f"{{{OAI}}}responseDate", "")
    writer.may_commit.set()
    writer.join()
    clock.shift(60)
    assert house[0] in listed(client, f"&from={answered}"), "what was stamped before the response, and committed after"


def test_what_others_wrote_before_is_listed_meanwhile(client: FlaskClient, house: list[str], writer: Writer) -> None:
    assert listed(client).keys() == set(house), "down to the newest, which is older than the writer"


def test_asking_does_not_keep_a_writer_waiting(app: Flask, house: list[str]) -> None:
    with app.app_context():
        find_horizon(db.session())
        with transaction() as session:
            write_records(session, [house[1]])
        assert find_horizon(db.session()) <= now()
