"""The screens of libraries and collections."""

import re

import pytest
import sqlalchemy as sa

from repo.db import db
from repo.members.models import Collection, Library, LibraryStatus, RoleName
from tests.conftest import VisitorClient
from tests.members.conftest import CountQueries, MakeCollection, MakeLibrary, MakePerson, csrf_of, post, sign_in


@pytest.fixture
def office(client: VisitorClient, make_person: MakePerson) -> VisitorClient:
    """A visitor who is signed in as administrator."""
    make_person("admin", RoleName.ADMINISTRATOR)
    sign_in(client, "admin")
    return client


def library(code: str) -> Library:
    db.session.rollback()
    return db.session.scalars(sa.select(Library).where(Library.code == code)).one()


def collection(code: str) -> Collection:
    db.session.rollback()
    return db.session.scalars(sa.select(Collection).where(Collection.code == code)).one()


def edition_of(client: VisitorClient, path: str) -> str:
    found = re.search(r'name="edition"[^>]* value="(\d+)"', client.get(path).text)
    assert found
    return found[1]


def test_a_library_from_the_first_form_to_its_end(office: VisitorClient) -> None:
    made = post(
        office,
        "/admin/libraries/new",
        **{"code": "knu", "names-ky": "КУУнун китепканасы", "city-ru": "Бишкек", "networks": "192.0.2.0/24\r\n"},
    )
    assert made.location == "/admin/libraries/knu"
    shown = office.get("/admin/libraries/knu").text
    assert "192.0.2.0/24" in shown
    edition = edition_of(office, "/admin/libraries/knu")
    fields = {"edition": edition, "names-ky": "Жаңы аты", "networks": "10.1.0.0/16"}
    assert post(office, "/admin/libraries/knu", **fields).status_code == 302
    assert library("knu").names == {"ky": "Жаңы аты"}
    warned = office.get("/admin/libraries/knu").text.partition('<form class="form"')[0]
    assert "10.1.0.0/16" in warned, "private networks are pointed out above the form"

    assert post(office, "/admin/libraries/knu/close", "/admin/libraries/knu").status_code == 302
    assert library("knu").status is LibraryStatus.CLOSED
    assert post(office, "/admin/libraries/knu/reopen", "/admin/libraries/knu").status_code == 302
    assert library("knu").status is LibraryStatus.ACTIVE


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"code": "", "names-ky": "A"}, "code"),
        ({"code": "А Б", "names-ky": "A"}, "code"),
        ({"code": "taken", "names-ky": "A"}, "code"),
        ({"code": "knu"}, "names-ky"),
        ({"code": "knu", "names-ru": "x" * 301}, "names-ru"),
        ({"code": "knu", "names-ky": "A", "ror": "x"}, "ror"),
        ({"code": "knu", "names-ky": "A", "networks": "everything"}, "networks"),
    ],
)
def test_faults_stand_beside_their_fields(
    office: VisitorClient, make_library: MakeLibrary, fields: dict[str, str], fault: str
) -> None:
    make_library("taken")
    answer = post(office, "/admin/libraries/new", **fields)
    assert answer.status_code == 422
    assert f'id="{fault}-fault"' in answer.text
    assert f'href="#{fault}"' in answer.text


def test_somebody_saved_meanwhile(office: VisitorClient, make_library: MakeLibrary) -> None:
    make_library("knu", names={"ky": "Нөлүнчү"})
    page = "/admin/libraries/knu"
    seen = edition_of(office, page)
    post(office, page, **{"edition": seen, "names-ky": "Биринчи"})
    stale = post(office, page, **{"edition": seen, "names-ky": "Экинчи"})
    assert stale.status_code == 409
    assert "Экинчи" in stale.text, "what was typed is not lost"
    assert library("knu").names == {"ky": "Биринчи"}
    token = csrf_of(office, page)
    shown = re.search(r'name="edition"[^>]* value="(\d+)"', stale.text)
    assert shown
    again = office.post(page, data={"csrf_token": token, "edition": shown[1], "names-ky": "Экинчи"})
    assert again.status_code == 302
    assert library("knu").names == {"ky": "Экинчи"}


@pytest.mark.parametrize("edition", ["", "x", "-1", "9" * 30])
def test_a_form_that_was_tampered_with_changes_nothing(
    office: VisitorClient, make_library: MakeLibrary, edition: str
) -> None:
    make_library("knu")
    answer = post(office, "/admin/libraries/knu", **{"edition": edition, "names-ky": "Х"})
    assert answer.status_code in (409, 422)
    assert library("knu").edition == 1


def test_merging(office: VisitorClient, make_library: MakeLibrary) -> None:
    make_library("old", networks=["192.0.2.0/24"])
    make_library("new")
    page = "/admin/libraries/old"
    assert post(office, f"{page}/merge", page, target="").status_code == 422
    assert post(office, f"{page}/merge", page, target="old").status_code == 422
    assert post(office, f"{page}/merge", page, target="new").location == "/admin/libraries/new"
    assert library("old").merged_into == library("new")
    assert 'href="/admin/libraries/new"' in office.get(page).text


def test_shared_networks_are_pointed_out(office: VisitorClient, make_library: MakeLibrary) -> None:
    make_library("knu", networks=["192.0.2.0/24"])
    make_library("oshsu", networks=["192.0.2.128/25"], names={"en": "Osh library"})
    shown = office.get("/admin/libraries/knu").text
    assert "192.0.2.128/25" in shown
    assert "Osh library" in shown


def test_a_collection_from_the_first_form_to_another_place(office: VisitorClient, make_library: MakeLibrary) -> None:
    make_library("knu")
    new = "/admin/libraries/knu/collections/new"
    rules = {"deposit_policy": "invited", "review_policy": "review", "licence": "cc-by-4.0", "types": "autoreferat"}
    assert post(office, new, **{"code": "theses", "names-ky": "Диссертациялар", **rules}).status_code == 302
    below = post(office, f"{new}?parent=theses", **{"code": "phd", "names-ky": "PhD", **rules})
    assert below.location == "/admin/collections/phd"
    assert collection("phd").parent == collection("theses")
    assert collection("theses").types == ["autoreferat"]
    page = "/admin/collections/theses"
    fields = {"edition": edition_of(office, page), "names-ky": "Эмгектер", **rules, "deposit_policy": "anyone"}
    assert post(office, page, **fields).status_code == 302
    assert collection("theses").deposit_policy == "anyone"
    move = "/admin/collections/phd/move"
    assert post(office, move, parent="library:knu").status_code == 302
    assert collection("phd").parent is None
    assert post(office, "/admin/collections/theses/move", parent="collection:theses").status_code == 422
    assert post(office, f"{page}/close", page).status_code == 302
    assert collection("theses").closed
    assert post(office, f"{page}/reopen", page).status_code == 302
    assert not collection("theses").closed


@pytest.mark.parametrize(
    "fields", [{"deposit_policy": "everybody"}, {"licence": "mine"}, {"types": "poem"}, {"review_policy": ""}]
)
def test_rules_that_do_not_exist_are_refused(
    office: VisitorClient, make_library: MakeLibrary, fields: dict[str, str]
) -> None:
    make_library("knu")
    given = {
        "code": "c",
        "names-ky": "C",
        "deposit_policy": "anyone",
        "review_policy": "review",
        "licence": "",
        **fields,
    }
    assert post(office, "/admin/libraries/knu/collections/new", **given).status_code == 422


def test_lists_cost_the_same_however_long(
    office: VisitorClient, make_library: MakeLibrary, make_collection: MakeCollection, count_queries: CountQueries
) -> None:
    paths = ["/admin/libraries", "/admin/libraries/l0/collections", "/admin/collections/c0/move"]
    first = make_library("l0")
    make_collection(first, "c0")

    def cost() -> list[int]:
        counted = []
        for path in paths:
            with count_queries() as queries:
                assert office.get(path).status_code == 200
            counted.append(len(queries))
        return counted

    before = cost()
    for number in range(1, 6):
        make_collection(make_library(f"l{number}"), f"m{number}")
        make_collection(first, f"c{number}", collection("c0"))
    assert cost() == before


@pytest.mark.parametrize(
    "path", ["/admin/libraries/none", "/admin/collections/none", "/admin/libraries/none/collections"]
)
def test_what_is_not_there_is_404(office: VisitorClient, path: str) -> None:
    assert office.get(path).status_code == 404
