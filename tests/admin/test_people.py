"""The screens of people."""

import re

import pytest
import sqlalchemy as sa

from repo.db import db
from repo.members.models import Person, RoleName
from tests.conftest import VisitorClient
from tests.members.conftest import CountQueries, Letters, MakeCollection, MakeLibrary, MakePerson, post, sign_in


@pytest.fixture
def office(client: VisitorClient, make_person: MakePerson) -> VisitorClient:
    """A visitor who is signed in as administrator."""
    make_person("admin", RoleName.ADMINISTRATOR, name="Администратор")
    sign_in(client, "admin")
    return client


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("айтм", {"aitmatova"}),
        ("АЙТМАТОВА", {"aitmatova"}),
        ("гулнара айт", {"aitmatova"}),
        ("гүлнара", {"aitmatova"}),
        ("aitmatova@example.kg", {"aitmatova"}),
        ("usenov", {"usenov"}),
        ("example", {"aitmatova", "usenov", "admin"}),
        ("матова", set()),
        ("айт усен", set()),
        ("%", {"aitmatova", "usenov", "admin"}),
        ("'; drop table person", set()),
    ],
)
def test_people_are_found_by_the_beginning_of_a_word(
    office: VisitorClient, make_person: MakePerson, typed: str, found: set[str]
) -> None:
    make_person("aitmatova", name="Гүлнара Айтматова")
    make_person("usenov", name="Айбек Үсөнов")
    page = office.get("/admin/people", query_string={"q": typed}).text
    assert set(re.findall(r"(\w+)@example\.kg</td>", page)) == found


def test_somebody_who_was_renamed_is_found_by_the_new_name(office: VisitorClient, make_person: MakePerson) -> None:
    from repo.db import transaction
    from repo.members.actors import SYSTEM
    from repo.members.services.accounts import change_profile

    person = make_person("aibek", name="Айбек Усенов")
    with transaction():
        change_profile(SYSTEM, person, name="Айбек Токтогулов", language="ky", orcid="")
    assert "aibek@" in office.get("/admin/people?q=токто").text
    assert "aibek@" not in office.get("/admin/people?q=усен").text


def test_lists_are_paged_and_cost_the_same(
    office: VisitorClient, make_person: MakePerson, make_library: MakeLibrary, count_queries: CountQueries
) -> None:
    library = make_library("knu")
    for number in range(3):
        make_person(f"p{number:02}", RoleName.MEMBER, library=library, password=None)
    with count_queries() as few:
        office.get("/admin/people")
    for number in range(3, 60):
        make_person(f"p{number:02}", RoleName.MEMBER, library=library, password=None)
    with count_queries() as many:
        first = office.get("/admin/people").text
    assert len(many) == len(few)
    next_page = re.search(r'href="(\?page=[^"]+)" rel="next"', first)
    assert next_page
    second = office.get("/admin/people" + next_page[1]).text
    emails = re.findall(r"(\w+)@example\.kg</td>", first + second)
    assert len(emails) == len(set(emails)) == 61
    assert 'rel="prev"' in second


def test_inviting_from_the_office(office: VisitorClient, make_library: MakeLibrary, letters: Letters) -> None:
    make_library("knu")
    fields = {"email": "new@example.kg", "name": "Жаңы", "language": "ru", "role": "librarian"}
    wrong = post(office, "/admin/people/new", library="", **fields)
    assert wrong.status_code == 422
    assert 'id="library-fault"' in wrong.text
    done = post(office, "/admin/people/new", library="knu", **fields)
    assert done.status_code == 302
    assert letters()[-1]["to"] == "new@example.kg"
    page = office.get(done.location).text
    assert "new@example.kg" in page
    sent = len(letters())
    assert post(office, f"{done.location}/resend", done.location).status_code == 302
    assert len(letters()) == sent + 1


def test_an_invitation_without_an_address_is_explained(office: VisitorClient, make_library: MakeLibrary) -> None:
    make_library("knu")
    fields = {"name": "", "language": "ky", "role": "member", "library": "knu"}
    for email in ("", "not an address"):
        answer = post(office, "/admin/people/new", email=email, **fields)
        assert answer.status_code == 422
        assert 'id="email-fault"' in answer.text
    nameless = post(office, "/admin/people/new", email="new@example.kg", **fields)
    assert 'id="name-fault"' in nameless.text


def test_closing_and_opening_an_account(office: VisitorClient, make_person: MakePerson) -> None:
    person = make_person("aibek")
    page = f"/admin/people/{person.id}"
    assert post(office, f"{page}/disable", page, reason="<b>left</b>").status_code == 302
    shown = office.get(page).text
    assert "&lt;b&gt;left&lt;/b&gt;" in shown
    assert post(office, f"{page}/enable", page).status_code == 302
    db.session.rollback()
    assert db.session.scalar(sa.select(Person.disabled_at).where(Person.id == person.id)) is None


def test_the_last_administrator_cannot_leave(office: VisitorClient) -> None:
    person = db.session.scalars(sa.select(Person)).one()
    page = f"/admin/people/{person.id}"
    assert post(office, f"{page}/disable", page).status_code == 409
    assert post(office, f"{page}/roles/{person.roles[0].id}/revoke", page).status_code == 409


def test_an_administrator_takes_another_role(office: VisitorClient, make_library: MakeLibrary) -> None:
    """The person was read with the session already, and is locked with it."""
    make_library("knu")
    person = db.session.scalars(sa.select(Person)).one()
    page = f"/admin/people/{person.id}"
    assert post(office, page, page, role="digitizer", library="knu").status_code == 302


def test_people_of_a_collection(
    office: VisitorClient, make_library: MakeLibrary, make_collection: MakeCollection, make_person: MakePerson
) -> None:
    make_collection(make_library("knu"), "theses")
    page = "/admin/collections/theses/people"
    fields = {"email": "reviewer@example.kg", "name": "Рецензент", "language": "ky"}
    assert post(office, page, role="librarian", **fields).status_code == 422, "only what belongs to a collection"
    assert post(office, page, role="reviewer", **fields).status_code == 302
    shown = office.get(page).text
    assert "Рецензент" in shown
    revoke = re.search(r'action="(/admin/collections/theses/people/\d+/revoke)"', shown)
    assert revoke
    assert post(office, revoke[1], page).status_code == 302
    assert post(office, revoke[1], page).status_code == 404


@pytest.mark.parametrize("path", ["/admin/people/999", "/admin/people/99999999999999999999", "/admin/people/x"])
def test_nobody_is_404(office: VisitorClient, path: str) -> None:
    assert office.get(path).status_code == 404
