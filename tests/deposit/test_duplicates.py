"""Works that are here already: told with the reason, only to who may see them, never in the way."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask

from repo.db import db, transaction
from repo.deposit.duplicates import Likeness, find_duplicates
from repo.items.metadata import Metadata, Number, Text
from repo.items.models import Item, Version
from repo.items.services.drafts import open_version
from repo.items.services.lifecycle import withdraw_item
from repo.members.models import Person
from tests import factories
from tests.deposit.conftest import House, SignIn

TITLE = "Кийиз жасоонун ыкмалары: Нарын облусу"


def described(**fields: object) -> Metadata:
    given = {"identifiers": [Number(scheme="doi", value="10.5281/Muras.77")], "issued": "2020", **fields}
    return factories.make_metadata(TITLE, **given)


@pytest.fixture
def published(app: Flask, house: House) -> str:
    with app.app_context():
        item = factories.publish(house.author, house.librarian, house.collection, described(), content=b"%PDF same")
        return item.id


def found(
    app: Flask, house: House, metadata: Metadata, person: Person | None = None, content: bytes = b""
) -> list[tuple[str, Likeness]]:
    person = person or house.other
    with app.app_context():
        version = factories.make_draft(person, house.collection, metadata)
        if content:
            factories.attach_file(person, version, content=content)
        db.session.expire_all()
        version = db.session.get_one(Version, version.id)
        duplicates = find_duplicates(factories.actor_for(person), version)
        return [(duplicate.item_id, duplicate.likeness) for duplicate in duplicates]


def other(**fields: object) -> Metadata:
    return factories.make_metadata("Таптакыр башка эмгек", titles=[Text(value="Башка", lang="ky")], **fields)


@pytest.mark.parametrize("doi", ["10.5281/muras.77", "https://doi.org/10.5281/MURAS.77", "doi: 10.5281/Muras.77"])
def test_the_same_doi_however_it_is_written(app: Flask, house: House, published: str, doi: str) -> None:
    number = Number(scheme="doi", value=doi)
    assert found(app, house, other(identifiers=[number])) == [(published, Likeness.IDENTIFIER)]


def test_the_same_file(app: Flask, house: House, published: str) -> None:
    assert found(app, house, other(), content=b"%PDF same") == [(published, Likeness.FILE)]
    assert found(app, house, other(), content=b"%PDF else") == []


@pytest.mark.parametrize(
    "title", [TITLE, TITLE.upper(), "Кийиз жасоонун ыкмалары - Нарын облусу.", "кийиз жасоонун ыкмалары нарын облусу"]
)
def test_the_same_title_in_another_spelling(app: Flask, house: House, published: str, title: str) -> None:
    metadata = Metadata(titles=[Text(value="Felt", lang="en"), Text(value=title, lang="ky")], issued="2020-05")
    assert found(app, house, metadata) == [(published, Likeness.TITLE)]


def test_the_same_title_of_another_year_is_another_work(app: Flask, house: House, published: str) -> None:
    titles = [Text(value=TITLE, lang="ky")]
    assert found(app, house, Metadata(titles=titles, issued="2021")) == []
    assert found(app, house, Metadata(titles=titles)) == [(published, Likeness.TITLE)], "the year is not known yet"


def test_an_issn_and_a_wrong_number_say_nothing(app: Flask, house: House, published: str) -> None:
    numbers = [Number(scheme="issn", value="1694-7851"), Number(scheme="doi", value="none"), Number(value="x")]
    assert found(app, house, other(identifiers=numbers)) == []
    assert found(app, house, Metadata()) == []


def test_drafts_and_withdrawn_works_of_others_are_not_told(app: Flask, house: House, published: str) -> None:
    with app.app_context():
        hidden = factories.make_draft(house.author, house.collection, other())
        factories.attach_file(house.author, hidden, content=b"%PDF secret")
    assert found(app, house, other(), content=b"%PDF secret") == []
    assert found(app, house, other(), house.author, b"%PDF secret") == [(hidden.item_id, Likeness.FILE)]
    with app.app_context(), transaction() as session:
        withdraw_item(factories.actor_for(house.librarian), session.get_one(Item, published), "Кайталанган")
    assert found(app, house, described()) == []


def test_a_new_version_is_no_duplicate_of_its_own_work(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        item = factories.publish(house.author, house.librarian, house.collection, described())
        with transaction() as session:
            from repo.items.services.lifecycle import start_version

            start_version(factories.actor_for(house.author), session.get_one(Item, item.id))
        version = open_version(item.id)
        assert version is not None
        assert find_duplicates(factories.actor_for(house.author), version) == []


def test_the_pages_warn_and_let_go_on(app: Flask, house: House, published: str, sign_in: SignIn) -> None:
    with app.app_context():
        item_id = factories.make_draft(house.other, house.collection, described()).item_id
    visitor = sign_in(house.other)
    for page in ("description", "check"):
        text = visitor.get(f"/deposit/{item_id}/{page}?lang=en").text
        assert f'href="/records/{published}"' in text and "The same DOI or ISBN" in text


def test_many_twins_cost_no_more_queries(
    app: Flask, house: House, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    counts = []
    for _ in range(2):
        with app.app_context():
            for number in range(3):
                factories.publish(house.author, house.librarian, house.collection, described(), content=b"%d" % number)
            version = factories.make_draft(house.other, house.collection, described())
            version = db.session.get_one(Version, version.id)
            actor = factories.actor_for(house.other)
            with count_queries() as queries:
                assert len(find_duplicates(actor, version)) <= 5
            counts.append(len(queries))
    assert counts[0] == counts[1]
