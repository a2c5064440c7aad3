"""The office's screens of repositories that are harvested."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from ingest.models import HarvestRecord, HarvestSource
from repo.db import db
from repo.items.models import Item
from repo.jobs.services import run_pending_jobs
from repo.members.models import RoleName
from tests.conftest import VisitorClient
from tests.members.conftest import MakeCollection, MakeLibrary, MakePerson, post, sign_in
from tests.services.provider import Answer, RunningProvider, html_page, only, running_provider


@pytest.fixture
def remote() -> Iterator[RunningProvider]:
    with running_provider() as provider:
        provider.hold(1, 2, 3)
        yield provider


@pytest.fixture
def office(
    client: VisitorClient, make_person: MakePerson, make_library: MakeLibrary, make_collection: MakeCollection
) -> VisitorClient:
    """Signed in as administrator, in a house with the collections `here` and `there` of two libraries."""
    own, other = make_library("own"), make_library("other")
    make_collection(own, "here")
    make_collection(other, "there")
    make_person("admin", RoleName.ADMINISTRATOR)
    make_person("cholpon", RoleName.LIBRARIAN, library=own)
    sign_in(client, "admin")
    return client


def filled(remote: RunningProvider, **more: str) -> dict[str, str]:
    return {"base_url": remote.url, "collection": "here", "format": "oai_dc", "hours": "24", **more}


def add(office: VisitorClient, remote: RunningProvider, **more: str) -> None:
    assert post(office, "/admin/sources/new", "/admin/sources/new", **filled(remote, **more)).status_code == 302


def sources() -> list[HarvestSource]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(HarvestSource).execution_options(populate_existing=True)))


def test_a_repository_is_added_harvested_and_looked_at(
    office: VisitorClient, context: Flask, remote: RunningProvider
) -> None:
    assert "No repository" in office.get("/admin/sources?lang=en").text
    body = remote.page(remote.records).replace("Китеп 2".encode(), b"<b>")
    remote.plays(only("ListRecords", Answer(body)))
    add(office, remote)
    assert "Not harvested yet" in office.get("/admin/sources/1?lang=en").text
    run_pending_jobs("harvest")
    page = office.get("/admin/sources/1?lang=en").text
    assert "Алыскы китепкана" in page
    assert "New 2" in page
    assert "Refused 1" in page
    refused = office.get("/admin/sources/1?status=refused&lang=en").text
    assert "oai:provider.example.org:2" in refused
    assert "not well-formed" in refused
    assert "oai:provider.example.org:1" not in refused
    assert office.get("/admin/sources/1?status=nonsense&page=nonsense").status_code in (200, 404)
    first = sa.select(HarvestRecord.item_id).where(HarvestRecord.identifier == "oai:provider.example.org:1")
    item_id = db.session.scalar(first)
    landing = office.get(f"/records/{item_id}?lang=en").text
    assert 'Harvested from: <a href="https://provider.example.org/works/1">Алыскы китепкана</a>' in landing
    assert 'rel="canonical" href="https://provider' not in landing, "the page here is the page here"


def test_what_is_wrong_is_said_beside_its_field(office: VisitorClient, remote: RunningProvider) -> None:
    remote.plays(html_page)
    answer = post(office, "/admin/sources/new", "/admin/sources/new", **filled(remote))
    assert answer.status_code == 422
    office.get("/?lang=en")
    assert (
        "A web page came instead of XML"
        in post(office, "/admin/sources/new", "/admin/sources/new", **filled(remote)).text
    )
    remote.plays()
    for more in (
        {"format": "mods"},
        {"base_url": "nonsense"},
        {"base_url": ""},
        {"collection": "nowhere"},
        {"hours": "0"},
    ):
        answer = post(office, "/admin/sources/new", "/admin/sources/new", **filled(remote, **more))
        assert answer.status_code == 422, more
    add(office, remote)
    assert post(office, "/admin/sources/new", "/admin/sources/new", **filled(remote)).status_code == 422
    assert office.get("/admin/sources/99").status_code == 404


def test_a_repository_is_changed_paused_run_and_removed(
    office: VisitorClient, context: Flask, remote: RunningProvider
) -> None:
    add(office, remote)
    run_pending_jobs("harvest")
    edit = "/admin/sources/1/edit"
    form = filled(remote, hours="168", collection="there", edition="1")
    changed = post(office, edit, edit, **form)
    assert changed.status_code == 302, changed.text[3000:6000]
    assert [(one.hours, one.collection.code) for one in sources()] == [(168, "there")]
    assert post(office, edit, edit, **form).status_code == 409, "somebody saved meanwhile"
    assert post(office, "/admin/sources/1/pause", "/admin/sources/1").status_code == 302
    assert not sources()[0].enabled
    assert post(office, "/admin/sources/1/resume", "/admin/sources/1").status_code == 302
    assert sources()[0].enabled
    assert post(office, "/admin/sources/1/run", "/admin/sources/1").status_code == 302
    assert run_pending_jobs("harvest") == 1
    remove = "/admin/sources/1/remove"
    assert post(office, remove, remove).status_code == 422, "what becomes of the works has to be said"
    assert post(office, remove, remove, works="go").status_code == 302
    run_pending_jobs()
    assert sources() == []
    assert all(item.withdrawn_at for item in db.session.scalars(sa.select(Item)))


def test_librarians_look_after_their_own(office: VisitorClient, context: Flask, remote: RunningProvider) -> None:
    add(office, remote)
    add(office, remote, collection="there", set_spec="a")
    post(office, "/account/sign-out", "/account/")
    sign_in(office, "cholpon")
    listed = office.get("/admin/sources").text
    assert "/admin/sources/1" in listed
    assert "/admin/sources/2" not in listed
    assert office.get("/admin/sources/1").status_code == 200
    for path in ("", "/edit", "/remove"):
        assert office.get(f"/admin/sources/2{path}").status_code == 403
    for path in ("/run", "/pause", "/resume", "/remove"):
        assert post(office, f"/admin/sources/2{path}", "/admin/sources/1").status_code == 403
    offered = office.get("/admin/sources/new").text
    assert 'value="here"' in offered
    assert 'value="there"' not in offered
    asked = len(remote.asked)
    answer = post(office, "/admin/sources/new", "/admin/sources/new", **filled(remote, set_spec="b"))
    assert answer.status_code == 422, "an address of the own network is for administrators"
    assert len(remote.asked) == asked
