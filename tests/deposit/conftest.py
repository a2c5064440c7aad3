"""A library whose collection takes deposits, its people, and a browser that is signed in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from repo import backends
from repo.db import db
from repo.members.models import Collection, DepositPolicy, Library, Person, RoleName
from tests import factories
from tests.conftest import VisitorClient

SignIn = Callable[[Person], VisitorClient]


@pytest.fixture
def app(app: Flask) -> Iterator[Flask]:
    """The application; the children that read files end with the test."""
    yield app
    backends.close(app)


@dataclass
class House:
    """The people may be asked without a session, the places only within an application context."""

    library_id: int
    collection_id: int
    author: Person
    other: Person
    librarian: Person

    @property
    def library(self) -> Library:
        return db.session.get_one(Library, self.library_id)

    @property
    def collection(self) -> Collection:
        return db.session.get_one(Collection, self.collection_id)


@pytest.fixture
def house(app: Flask) -> House:
    with app.app_context():
        library = factories.make_library("knu")
        collection = factories.make_collection(library, "articles", deposit_policy=DepositPolicy.ANYONE)
        author = factories.make_person("Нуриза Сайдылдаева")
        other = factories.make_person("Мелис Абдыкеримов")
        librarian = factories.make_person("Гүлнара Сыдыкова", RoleName.LIBRARIAN, library)
        library_id, collection_id = library.id, collection.id
        keep(author, other, librarian)
        return House(library_id, collection_id, author, other, librarian)


def keep(*people: Person) -> None:
    """Read all of these people, so that they can be asked without a session."""
    for person in people:
        db.session.refresh(person)
        db.session.refresh(person, ["roles"])
    db.session.expunge_all()


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """`sign_in(person)` gives a visitor with the session of that person, as the sign-in page would have begun it."""
    app.test_client_class = VisitorClient

    def sign_in(person: Person) -> VisitorClient:
        visitor = app.test_client()
        assert isinstance(visitor, VisitorClient)
        page = visitor.get("/account/sign-in?lang=en")
        answer = visitor.post(
            "/account/sign-in",
            data={"email": person.email, "password": factories.PASSWORD, "csrf_token": token_of(page.text)},
        )
        assert answer.status_code == 302, answer.text
        return visitor

    return sign_in


def token_of(page: str) -> str:
    """The CSRF token in the first form of a page."""
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert found, page
    return found[1]
