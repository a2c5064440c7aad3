"""Who enters which room of the office. Every address is asked as everybody."""

import re
from dataclasses import dataclass

import pytest
from flask import Flask

from repo.db import db
from repo.members.models import Collection, Library, Person, Role, RoleName
from tests.conftest import VisitorClient
from tests.members.conftest import MakeCollection, MakeLibrary, MakePerson, csrf_of, post, sign_in


@dataclass
class House:
    own: Library
    other: Library
    here: Collection
    there: Collection
    inside: Person
    outside: Person


@pytest.fixture
def house(make_person: MakePerson, make_library: MakeLibrary, make_collection: MakeCollection) -> House:
    """A librarian `cholpon` of the library `own`, an administrator `admin`, and what they may or may not touch."""
    own, other = make_library("own"), make_library("other")
    here, there = make_collection(own, "here"), make_collection(other, "there")
    make_person("admin", RoleName.ADMINISTRATOR)
    make_person("cholpon", RoleName.LIBRARIAN, library=own)
    inside = make_person("inside", RoleName.DEPOSITOR, collection=here)
    return House(own, other, here, there, inside, make_person("outside", RoleName.MEMBER, library=other))


# What a librarian may open: in the own library, not in the other.
LIBRARIANS = {
    "/admin/people": 200,
    "/admin/people/new": 200,
    "/admin/people/{inside}": 200,
    "/admin/people/{outside}": 404,
    "/admin/libraries": 200,
    "/admin/libraries/new": 403,
    "/admin/libraries/own": 200,
    "/admin/libraries/other": 403,
    "/admin/libraries/own/collections": 200,
    "/admin/libraries/other/collections": 403,
    "/admin/libraries/own/collections/new": 200,
    "/admin/libraries/other/collections/new": 403,
    "/admin/collections/here": 200,
    "/admin/collections/there": 403,
    "/admin/collections/here/people": 200,
    "/admin/collections/there/people": 403,
    "/admin/collections/here/move": 200,
    "/admin/collections/there/move": 403,
    "/admin/health": 403,
    "/admin/jobs": 403,
    "/admin/jobs/1": 403,
    "/admin/mail": 403,
}
POSTS = [
    "/admin/people/{outside}/disable",
    "/admin/people/{inside}/disable",
    "/admin/people/{inside}/enable",
    "/admin/people/{outside}/resend",
    "/admin/people/{outside}/roles/{role}/revoke",
    "/admin/libraries/own/merge",
    "/admin/libraries/own/close",
    "/admin/libraries/own/reopen",
    "/admin/libraries/other",
    "/admin/collections/there",
    "/admin/collections/there/close",
    "/admin/collections/there/reopen",
    "/admin/collections/there/move",
    "/admin/collections/there/people",
    "/admin/collections/there/people/{role}/revoke",
    "/admin/libraries/other/collections/new",
    "/admin/jobs/1/retry",
    "/admin/jobs/1/cancel",
]


def at(path: str, house: House) -> str:
    return path.format(inside=house.inside.id, outside=house.outside.id, role=house.outside.roles[0].id)


def test_strangers_and_readers_stay_outside(
    client: VisitorClient, app: Flask, house: House, make_person: MakePerson
) -> None:
    for path in [*LIBRARIANS, "/admin/"]:
        assert client.get(at(path, house)).status_code == 401, path
    token = csrf_of(client, "/account/sign-in")
    for path in POSTS:
        assert client.post(at(path, house), data={"csrf_token": token}).status_code == 401, path
    reader = app.test_client()
    assert isinstance(reader, VisitorClient)
    sign_in(reader, "outside")
    for path in [*LIBRARIANS, "/admin/"]:
        assert reader.get(at(path, house)).status_code == 403, path


def test_a_librarian_enters_the_own_library_only(client: VisitorClient, house: House) -> None:
    sign_in(client, "cholpon")
    assert {path: client.get(at(path, house)).status_code for path in LIBRARIANS} == LIBRARIANS
    assert client.get("/admin/").location == "/admin/libraries"


def test_a_librarian_changes_the_own_library_only(client: VisitorClient, house: House) -> None:
    sign_in(client, "cholpon")
    token = csrf_of(client, "/account/")
    for path in POSTS:
        answer = client.post(at(path, house), data={"csrf_token": token, "names-ky": "Меники", "code": "mine"})
        assert answer.status_code in (403, 404), path


def test_an_administrator_enters_everywhere(client: VisitorClient, house: House) -> None:
    sign_in(client, "admin")
    paths = [path for path in LIBRARIANS if path != "/admin/jobs/1"]
    assert {client.get(at(path, house)).status_code for path in paths} == {200}
    assert client.get("/admin/").location == "/admin/health"


@pytest.mark.parametrize("path", POSTS)
def test_nothing_is_taken_without_a_token(client: VisitorClient, house: House, path: str) -> None:
    sign_in(client, "admin")
    assert client.post(at(path, house), data={"names-ky": "Х"}).status_code == 400


def test_a_librarian_sees_the_own_people_only(client: VisitorClient, house: House) -> None:
    sign_in(client, "cholpon")
    page = client.get("/admin/people").text
    assert "inside@example.kg" in page
    assert "cholpon@example.kg" in page
    assert "outside@example.kg" not in page
    assert "admin@example.kg" not in page
    assert "outside@example.kg" not in client.get("/admin/people?q=outside").text


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "administrator", "library": ""},
        {"role": "administrator", "library": "own"},
        {"role": "librarian", "library": "other"},
        {"role": "librarian", "library": ""},
        {"role": "owner", "library": "own"},
        {"role": "", "library": "own"},
    ],
)
def test_a_librarian_makes_nobody_more_than_a_librarian_here(
    client: VisitorClient, house: House, fields: dict[str, str]
) -> None:
    sign_in(client, "cholpon")
    page = f"/admin/people/{house.inside.id}"
    assert post(client, page, page, **fields).status_code in (403, 404, 422)
    invited = post(client, "/admin/people/new", email="new@example.kg", name="N", language="ky", **fields)
    assert invited.status_code in (403, 404, 422)
    db.session.rollback()
    assert db.session.query(Role).count() == 4
    assert db.session.query(Person).count() == 4


def test_a_librarian_gives_and_takes_roles_here(client: VisitorClient, house: House) -> None:
    sign_in(client, "cholpon")
    page = f"/admin/people/{house.inside.id}"
    assert post(client, page, page, role="digitizer", library="own").status_code == 302
    text = client.get(page).text
    found = re.search(rf"/admin/people/{house.inside.id}/roles/(\d+)/revoke", text)
    assert found
    assert post(client, found[0], page).status_code == 302


def test_the_rooms_of_the_office_are_shown_to_who_may_enter(client: VisitorClient, app: Flask, house: House) -> None:
    def rooms(nick: str) -> set[str]:
        visitor = app.test_client()
        assert isinstance(visitor, VisitorClient)
        sign_in(visitor, nick)
        return set(re.findall(r'href="(/admin/\w*)"', visitor.get("/account/").text))

    places = {f"/admin/{room}" for room in ("people", "libraries", "sources", "batches", "exports")}
    assert rooms("admin") == places | {"/admin/health", "/admin/jobs", "/admin/mail"}
    assert rooms("cholpon") == places
    assert rooms("outside") == set()
    assert "/admin" not in client.get("/account/sign-in").text
