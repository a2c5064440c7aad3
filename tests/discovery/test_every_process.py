"""A change of metadata or rights shows in the next answer of every web process, whatever each had kept."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from flask import Flask

from repo.db import db, transaction
from repo.items.metadata import Text
from repo.items.models import Item, Version
from repo.items.services.drafts import save_draft
from repo.items.services.lifecycle import restore_item, start_correction, withdraw_item
from repo.members.models import RoleName
from repo.members.services.roles import grant_role, revoke_role
from repo.settings import Settings
from tests.conftest import VisitorClient
from tests.factories import (
    accept,
    actor_for,
    make_collection,
    make_library,
    make_metadata,
    make_person,
    publish,
    run_jobs,
    sign_in,
    submit,
)
from tests.services.server import Server, StartServer

ASKED = 12  # each time on a new connection: the kernel hands them to both processes


@pytest.fixture
def server(settings: Settings, start_server: StartServer) -> Server:
    """Two web processes on the data of these tests; the work behind them is done by the test."""
    return start_server(
        settings.data_dir,
        "web",
        MURAS_WEB_PROCESSES="2",
        MURAS_DATABASE_URL=settings.database_url,
        MURAS_SECRET_KEY=settings.secret_key,
    )


def ask(server: Server, path: str, cookie: str = "") -> list[tuple[int, str]]:
    """Status and text of every answer."""
    answers = []
    for _ in range(ASKED):
        try:
            with urlopen(Request(server.url + path, headers={"Cookie": cookie}), timeout=30) as answer:
                answers.append((answer.status, answer.read().decode(errors="replace")))
        except HTTPError as error:
            answers.append((error.code, error.read().decode()))
    return answers


def statuses(server: Server, path: str, cookie: str = "") -> set[int]:
    return {status for status, _ in ask(server, path, cookie)}


def test_withdrawal_and_correction(context: Flask, server: Server) -> None:
    collection = make_collection(make_library())
    author, librarian = make_person(), make_person("", RoleName.LIBRARIAN, library=collection.library)
    item_id = publish(author, librarian, collection, make_metadata("Эски аталыш")).id
    page = f"/records/{item_id}"
    assert all("Эски аталыш" in text for _, text in ask(server, page))

    with transaction() as session:
        version = start_correction(actor_for(librarian), session.get_one(Item, item_id))
        titles = [Text(value="Жаңы аталыш", lang="ky")]
        save_draft(actor_for(librarian), version, make_metadata(titles=titles), version.edition)
    submit(librarian, version)
    if db.session.get_one(Version, version.id).state.value == "submitted":
        accept(librarian, version)
    run_jobs()
    answers = ask(server, page)
    assert all("Жаңы аталыш" in text and "Эски аталыш" not in text for _, text in answers)

    with transaction() as session:
        withdraw_item(actor_for(librarian), session.get_one(Item, item_id), "Ката табылды")
    assert statuses(server, page) == {410}
    with transaction() as session:
        restore_item(actor_for(librarian), session.get_one(Item, item_id))
    assert statuses(server, page) == {200}


def test_roles(app: Flask, context: Flask, client: VisitorClient, server: Server) -> None:
    library = make_library()
    collection = make_collection(library)
    author, librarian = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
    reader = make_person()
    item_id = publish(author, librarian, collection, make_metadata(access="restricted"), name="work.pdf").id
    file = f"/records/{item_id}/v1/files/work.pdf"
    sign_in(client, reader.email)
    session_cookie = client.get_cookie("muras", domain="muras.example.org") or client.get_cookie("muras")
    assert session_cookie is not None
    cookie = f"muras={session_cookie.value}"
    assert statuses(server, file) == {401}
    assert statuses(server, file, cookie) == {403}
    with transaction() as session:
        person = session.merge(reader)
        role = grant_role(actor_for(librarian), person, RoleName.MEMBER, library=session.merge(library))
    assert statuses(server, file, cookie) == {200}
    with transaction() as session:
        revoke_role(actor_for(librarian), session.merge(role))
    assert statuses(server, file, cookie) == {403}
