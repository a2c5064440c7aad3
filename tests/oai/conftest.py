"""A small house for the provider, and asking it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from oai.rendering import outdated, render_anew
from oai.sets import describe_sets
from repo.db import transaction
from repo.items.models import Item
from repo.items.services.lifecycle import withdraw_item
from repo.members.models import Fact, RoleName
from tests.factories import actor_for, make_collection, make_library, make_metadata, make_person, publish, run_jobs
from tests.oai.schemas import validate_response

HOSTILE = "]]> <b>&amp; \u0001\u0008 emoji 😀 RTL שלום \ufffe"


@pytest.fixture
def house(app: Flask, clock: time_machine.Traveller) -> list[str]:
    """Five items, the last one withdrawn; their ids in the order of publication."""
    with app.app_context():
        library = make_library("knu")
        science = make_collection(library, "science")
        physics = make_collection(library, "physics", parent=science)
        author, reviewer = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
        with transaction() as session:
            session.add(Fact(name="oai_namespace", value="muras.example.org"))
        ids = []
        for number, title in enumerate(["Биринчи", "Экинчи", HOSTILE, "Төртүнчү", "Бешинчи"]):
            clock.shift(60)
            collection = physics if number % 2 else science
            item = publish(author, reviewer, collection, make_metadata(title or "x"), name=f"макала {number}.pdf")
            ids.append(item.id)
        with transaction() as session:
            withdraw_item(actor_for(reviewer), session.get_one(Item, ids[-1]), "Автордун өтүнүчү")
            describe_sets(session)
        run_jobs()
        for prefix in filter(None, outdated()):  # as the worker does before anybody comes
            list(render_anew(prefix))
    clock.shift(60)
    return ids


@pytest.fixture
def ask(client: FlaskClient, real_data: Path) -> Callable[..., etree._Element]:
    """Ask with arguments; every answer has to be valid to the schema."""

    def ask(**arguments: str) -> etree._Element:
        response = client.get("/oai", query_string={k.rstrip("_"): v for k, v in arguments.items()})
        assert response.status_code == 200
        return validate_response(real_data, response.data)

    return ask
