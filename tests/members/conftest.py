"""People and libraries of these tests, and the letters that were written to them."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from repo.db import db, transaction
from repo.jobs.models import Job
from repo.members.actors import SYSTEM
from repo.members.models import Collection, Library, Person, RoleName
from repo.members.services.accounts import create_person
from repo.members.services.collections import create_collection
from repo.members.services.libraries import create_library
from repo.members.services.roles import grant_role
from tests.conftest import VisitorClient

PASSWORD = "three quiet horses"

MakePerson = Callable[..., Person]
MakeLibrary = Callable[..., Library]
MakeCollection = Callable[..., Collection]
CountQueries = Callable[[], AbstractContextManager[list[str]]]
Letters = Callable[[], list[dict[str, str]]]


@pytest.fixture
def make_person(context: Flask) -> MakePerson:
    """`make_person("aibek")`: a confirmed account aibek@example.kg with PASSWORD; `role`, `library`, `collection`."""

    def make(
        nick: str,
        role: RoleName | None = None,
        *,
        library: Library | None = None,
        collection: Collection | None = None,
        name: str = "",
        language: str = "ky",
        password: str | None = PASSWORD,
    ) -> Person:
        with transaction():
            person = create_person(
                SYSTEM, name=name or nick.title(), email=f"{nick}@example.kg", language=language, password=password
            )
            if role is not None:
                grant_role(SYSTEM, person, role, library=library, collection=collection)
        return person

    return make


@pytest.fixture
def make_library(context: Flask) -> MakeLibrary:
    def make(code: str, **more: Any) -> Library:
        names = {"ky": f"{code} китепканасы", "ru": f"Библиотека {code}"}
        with transaction():
            return create_library(SYSTEM, code=code, **{"names": names, **more})

    return make


@pytest.fixture
def make_collection(context: Flask) -> MakeCollection:
    def make(library: Library, code: str, parent: Collection | None = None, **more: Any) -> Collection:
        with transaction():
            return create_collection(SYSTEM, library, code=code, names={"ky": code}, parent=parent, **more)

    return make


@pytest.fixture
def letters(context: Flask) -> Letters:
    """Returns every letter written so far, oldest first: to, subject, text, language."""

    def read() -> list[dict[str, str]]:
        db.session.rollback()
        return [job.payload for job in db.session.scalars(sa.select(Job).where(Job.kind == "mail").order_by(Job.id))]

    return read


def link_in(letter: dict[str, str]) -> str:
    """The path of the link in a letter."""
    found = re.search(r"http://muras\.example\.org(/\S+)", letter["text"])
    assert found, letter["text"]
    return found[1]


def csrf_of(client: VisitorClient, path: str) -> str:
    page = client.get(path)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def post(client: VisitorClient, path: str, form: str = "", **fields: str) -> TestResponse:
    """Post as a browser does: with the token of the page at `form` (by default the same address)."""
    return client.post(path, data={"csrf_token": csrf_of(client, form or path), **fields})


def sign_in(client: VisitorClient, nick: str, password: str = PASSWORD, **fields: str) -> TestResponse:
    return post(client, "/account/sign-in", email=f"{nick}@example.kg", password=password, **fields)
