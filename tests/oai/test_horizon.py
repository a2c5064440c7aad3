"""No list reaches a second in which somebody can still commit, whoever writes, for however long."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from oai.horizon import find_horizon
from oai.ledger import write_records
from oai.models import OaiRecord
from repo.db import db, now, transaction
from tests.factories import make_collection, make_library, make_person, publish
from tests.oai.schemas import OAI

NS = {"o": OAI}


def test_without_a_writer_it_is_the_last_second_that_is_over(context: Flask) -> None:
    before = now()
    horizon = find_horizon(db.session())
    assert before - timedelta(seconds=4) < horizon < now()
    assert horizon.microsecond == 0 and horizon + timedelta(seconds=1) <= now()


@pytest.fixture
def item_id(context: Flask) -> str:
    library = make_library()
    collection = make_collection(library)
    item = publish(make_person(), make_person(role=None), collection) if False else None
    return ""


class Writer(threading.Thread):
    """Writes a record and commits when it is told to, in a thread of its own as a process of its own would."""

    def __init__(self, app: Flask, item_id: str) -> None:
        super().__init__()
        self._app, self._item_id = app, item_id
        self.wrote, self.may_commit = threading.Event(), threading.Event()

    def run(self) -> None:
        with self._app.app_context(), transaction() as session:
            write_records(session, [self._item_id])
            self.wrote.set()
            self.may_commit.wait(60)
