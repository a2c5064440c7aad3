"""The pages of the deposit, as a browser without JavaScript uses them."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from html import unescape

import pytest
from flask import Flask

from repo.db import transaction
from repo.items.services.drafts import open_version
from repo.members.models import DepositPolicy, RoleName
from tests import factories
from tests.conftest import VisitorClient
from tests.deposit.conftest import House, SignIn, keep, token_of
from tests.deposit.pressing import begin, described, post, save


def test_nobody_deposits_before_signing_in(client: VisitorClient) -> None:
    for address in ("/deposit/", "/deposit/new", "/deposit/00000000x", "/deposit/00000000x/description"):
        answer = client.get(address)
        assert answer.status_code == 401
        assert "/account/sign-in" in answer.text
    assert client.get("/deposit/agreement").status_code == 200


def test_the_empty_list_says_how_to_begin(house: House, sign_in: SignIn) -> None:
    page = sign_in(house.author).get("/deposit/?lang=en").text
    assert "You have not deposited anything yet" in page
    assert "/deposit/new" in page


def test_only_open_collections_are_offered(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        factories.make_collection(house.library, "invited", deposit_policy=DepositPolicy.INVITED)
        factories.make_collection(house.library, "closed", closed=True)
        members = factories.make_collection(house.library, "members", deposit_policy=DepositPolicy.MEMBERS)
        member = factories.make_person("Эл", RoleName.MEMBER, house.library)
        guest = factories.make_person("Конок", RoleName.DEPOSITOR, collection=members)
        keep(member, guest)

    def offered(visitor: VisitorClient) -> set[str]:
        return set(re.findall(r"Collection (\w+)", visitor.get("/deposit/new?lang=en").text))

    assert offered(sign_in(house.author)) == {"articles"}
    assert offered(sign_in(member)) == {"articles", "members"}
    assert "members" not in offered(sign_in(guest)), "an invitation to deposit says nothing about membership"
    assert offered(sign_in(house.librarian)) == {"articles", "members", "invited"}


def test_who_may_deposit_nowhere_is_told_what_to_do(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context(), transaction():
        house.collection.deposit_policy = DepositPolicy.INVITED
    page = sign_in(house.author).get("/deposit/new?lang=en").text
    assert "No collection is open to you yet" in page
    assert "<form method" not in page.split("<main")[1]


def test_choosing_nothing_or_what_the_collection_does_not_take(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    page = post(visitor, "/deposit/new?lang=en").text
    assert "<title>Error:" in page
    assert "Choose what kind of work this is." in page and "Choose the collection" in page
    with app.app_context(), transaction():
        house.collection.types = ["book"]
    page = post(visitor, "/deposit/new", type="article", collection=str(house.collection_id)).text
    assert "does not take this kind of work" in page


def test_each_step_is_kept_and_leads_to_the_next(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    answer = save(
        visitor,
        item_id,
        "description",
        "type titles languages abstracts keywords issued",
        do="next",
        type="article",
        titles__0__value="Жаздык буудай",
        titles__0__lang="ky",
        languages="ky",
        abstracts__0__value="Буудайдын сорттору салыштырылды.",
        abstracts__0__lang="ky",
        issued="2026",
    )
    assert answer.location == f"/deposit/{item_id}/people"
    answer = save(
        visitor,
        item_id,
        "people",
        "creators contributors",
        do="next",
        creators__0__names__0__family="Сайдылдаева",
        creators__0__names__0__lang="ky",
        creators__0__role="author",
    )
    assert answer.location == f"/deposit/{item_id}/details"
    answer = save(visitor, item_id, "details", "host identifiers", do="next", host__issue="3")
    assert answer.location == f"/deposit/{item_id}/rights"
    metadata = described(app, item_id)
    assert metadata.title().value == "Жаздык буудай"
    assert metadata.creators[0].name().family == "Сайдылдаева"
    assert metadata.host.issue == "3"


def test_a_half_filled_step_is_saved_and_says_beside_the_field_what_is_missing(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    answer = save(
        visitor,
        item_id,
        "people",
        "creators contributors",
        do="next",
        creators__0__orcid="0000-0002-1825-0098",
    )
    assert answer.location == f"/deposit/{item_id}/people?check=1"
    page = visitor.get(answer.location + "&lang=en").text
    assert "<title>Error:" in page
    for field, message in (
        ("creators.0.names.0.family", "Name at least one author."),
        ("creators.0.orcid", "Check the ORCID"),
    ):
        assert re.search(rf'<a href="#{re.escape(field)}">{message}', page)
        assert f'id="{field}"' in page
    assert 'id="creators.0.orcid-fault"' in page and 'aria-describedby="creators.0.orcid-fault"' in page
    assert described(app, item_id).creators[0].orcid == "0000-0002-1825-0098", "a draft always saves"
    assert 'class="fault' not in visitor.get(f"/deposit/{item_id}/people").text, "only whoever asks is told"
    answer = save(visitor, item_id, "people", "creators contributors", do="skip")
    assert answer.location == f"/deposit/{item_id}/details"


def test_rows_are_added_and_removed_by_buttons_and_nothing_typed_is_lost(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    answer = save(
        visitor,
        item_id,
        "description",
        "titles issued",
        do="add:titles",
        titles__0__value="Бир",
        titles__0__lang="ky",
        issued="20",
    )
    page = visitor.get(answer.location).text
    assert 'name="titles.1.value"' in page
    assert re.search(r'name="titles.1.value"[^>]*autofocus', page)
    assert re.search(r'id="titles.1.lang".*?<option value="en" selected>', page), "another language is offered"
    assert described(app, item_id).issued == "20"
    save(
        visitor, item_id, "description", "titles", titles__0__value="Бир", titles__1__value="Раз", titles__1__lang="ru"
    )
    answer = save(
        visitor, item_id, "description", "titles", do="remove:titles.0", titles__0__value="Бир", titles__1__value="Раз"
    )
    assert [title.value for title in described(app, item_id).titles] == ["Раз"]


def test_nothing_typed_comes_out_as_markup(house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    evil = "</textarea><script>alert(1)</script>\"'><b>"
    save(
        visitor,
        item_id,
        "description",
        "titles abstracts keywords",
        titles__0__value=evil,
        abstracts__0__value=evil,
        keywords__0__value=evil,
    )
    save(
        visitor,
        item_id,
        "people",
        "creators",
        creators__0__names__0__family=evil,
        creators__0__affiliations__0__ror=evil,
    )
    for step in ("description", "people", "check"):
        page = visitor.get(f"/deposit/{item_id}/{step}").text
        assert "<script>alert" not in page and "'><b>" not in page


def test_two_people_at_once_see_both_texts_and_lose_neither(app: Flask, house: House, sign_in: SignIn) -> None:
    author, librarian = sign_in(house.author), sign_in(house.librarian)
    item_id = begin(author, house)
    address = f"/deposit/{item_id}/description"
    page = author.get(address).text
    form = {
        "csrf_token": token_of(page),
        "edition": "1",
        "fields": "titles issued abstracts",
        "titles.0.value": "Менин аталышым",
        "titles.0.lang": "ky",
        "issued": "2026",
        "do": "next",
    }
    save(
        librarian,
        item_id,
        "description",
        "titles issued abstracts",
        titles__0__value="Название библиотекаря",
        titles__0__lang="ru",
        issued="2025",
        abstracts__0__value="Аннотация",
    )
    answer = author.post(address + "?lang=en", data=form)
    assert answer.status_code == 409
    assert "Менин аталышым" in answer.text and "Название библиотекаря" in answer.text
    assert described(app, item_id).title().value == "Название библиотекаря", "nothing was overwritten"

    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text))
    assert kept["titles.0.value"] == "Менин аталышым"
    kept |= {"keep.titles": "both", "keep.issued": "mine", "keep.abstracts": "saved", "do": "save"}
    assert author.post(address, data=kept).status_code == 302
    metadata = described(app, item_id)
    assert [title.value for title in metadata.titles] == ["Название библиотекаря", "Менин аталышым"]
    assert (metadata.issued, metadata.abstract().value) == ("2026", "Аннотация")


def test_sending_the_same_text_twice_is_no_conflict(house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    page = visitor.get(f"/deposit/{item_id}/description").text
    form = {"csrf_token": token_of(page), "edition": "1", "fields": "issued", "issued": "2026", "do": "save"}
    for _ in range(2):
        assert visitor.post(f"/deposit/{item_id}/description", data=form).status_code == 302


def test_saving_meanwhile_answers_with_the_time(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    address = f"/deposit/{item_id}/description?lang=en"
    token = token_of(visitor.get(address).text)
    form = {"csrf_token": token, "fields": "issued", "autosave": "1"}
    json = {"Accept": "application/json"}
    answer = visitor.post(address, data=form | {"edition": "1", "issued": "2026"}, headers=json)
    assert answer.json is not None
    assert re.fullmatch(r"Saved at \d\d:\d\d", answer.json["said"])
    assert described(app, item_id).issued == "2026"
    stale = visitor.post(address, data=form | {"edition": "1", "issued": "1999"}, headers=json)
    assert stale.status_code == 409 and stale.mimetype == "application/problem+json"
    edition = str(answer.json["edition"])
    assert visitor.post(address, data=form | {"edition": edition, "issued": "2025"}, headers=json).status_code == 200


def test_whoever_is_signed_out_while_typing_gets_the_text_back(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    address = f"/deposit/{item_id}/description"
    form = {
        "csrf_token": token_of(visitor.get(address).text),
        "edition": "1",
        "fields": "titles",
        "titles.0.value": "Көп саат жазылган «текст» <b>",
        "titles.0.lang": "ky",
    }
    with app.app_context(), transaction() as session:
        session.merge(house.author).session_epoch += 1  # the password was changed on another device
    here = {"Sec-Fetch-Site": "same-origin"}
    answer = visitor.post(address, data=form, headers=here)
    assert answer.status_code == 401
    assert "Көп саат жазылган «текст» &lt;b&gt;" in answer.text
    assert "/account/sign-in" in answer.text

    # The person signs in in another window, and sends the page again: its token belongs to the session before.
    page = visitor.get("/account/sign-in").text
    data = {"email": house.author.email, "password": factories.PASSWORD, "csrf_token": token_of(page)}
    assert visitor.post("/account/sign-in", data=data).status_code == 302
    for _ in range(3):
        sent = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text)
        fields = {name: value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for name, value in sent}
        answer = visitor.post(address, data=fields, headers=here)
        if answer.status_code == 302:
            break
    assert answer.status_code == 302
    assert described(app, item_id).title().value == "Көп саат жазылган «текст» <b>"


def test_a_form_without_a_token_changes_nothing(app: Flask, house: House, sign_in: SignIn) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    for address, data in (
        (f"/deposit/{item_id}/description", {"edition": "1", "fields": "issued", "issued": "2026"}),
        (f"/deposit/{item_id}/files", {"do": "next"}),
        (f"/deposit/{item_id}/agreement", {"accept": "2026-1"}),
        (f"/deposit/{item_id}/check", {}),
        (f"/deposit/{item_id}/delete", {}),
        (f"/deposit/{item_id}/take-back", {}),
        (f"/deposit/{item_id}/version", {}),
        ("/deposit/new", {"type": "article", "collection": "1"}),
    ):
        assert visitor.post(address, data=data).status_code == 400, address
    assert described(app, item_id).issued == ""


PAGES = (
    "",
    "/files",
    "/description",
    "/people",
    "/details",
    "/rights",
    "/agreement",
    "/check",
    "/delete",
    "/file/1",
    "/file/1/picture",
)


def test_a_stranger_learns_nothing_of_a_draft(app: Flask, house: House, sign_in: SignIn) -> None:
    author, other = sign_in(house.author), sign_in(house.other)
    item_id = begin(author, house)
    with app.app_context():
        version = open_version(item_id)
        assert version is not None
        factories.attach_file(house.author, version)
    for page in PAGES:
        assert author.get(f"/deposit/{item_id}{page}").status_code in (200, 302, 404)
        assert other.get(f"/deposit/{item_id}{page}").status_code == 404, page
    token = token_of(other.get("/deposit/new").text)
    for page in ("/files", "/description", "/agreement", "/check", "/delete", "/take-back", "/version", "/add"):
        answer = other.post(f"/deposit/{item_id}{page}", data={"csrf_token": token, "fields": "issued", "issued": "1"})
        assert answer.status_code == 404, page
    assert described(app, item_id).issued == ""
    assert item_id not in other.get("/deposit/").text


def test_long_lists_ask_no_more_of_the_database(
    app: Flask, house: House, sign_in: SignIn, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    visitor = sign_in(house.author)
    counts = []
    for drafts in (1, 7):
        with app.app_context():
            for _ in range(drafts):
                version = factories.make_draft(house.author, house.collection)
                factories.attach_file(house.author, version)
                factories.attach_file(house.author, version, "тиркеме.csv", b"1,2\n")
        with count_queries() as queries:
            assert visitor.get("/deposit/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("step", ["files", "description", "people", "details", "rights", "agreement", "check"])
def test_more_files_ask_no_more_of_the_database(
    app: Flask, house: House, sign_in: SignIn, count_queries: Callable[[], AbstractContextManager[list[str]]], step: str
) -> None:
    visitor = sign_in(house.author)
    item_id = begin(visitor, house)
    counts = []
    for number in (1, 6):
        with app.app_context():
            version = open_version(item_id)
            assert version is not None
            for name in range(number):
                factories.attach_file(house.author, version, f"{number}-{name}.txt", f"{number}{name}".encode())
        with count_queries() as queries:
            assert visitor.get(f"/deposit/{item_id}/{step}").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("language", "decimal", "megabyte"), [("ky", ",", "{n} МБ"), ("ru", ",", "{n} МБ"), ("en", ".", "{n} MB")]
)
def test_the_script_is_told_how_numbers_are_written(
    house: House, sign_in: SignIn, language: str, decimal: str, megabyte: str
) -> None:
    visitor = sign_in(house.author)
    page = visitor.get(f"/deposit/{begin(visitor, house)}/files?lang={language}").text
    found = re.search(r'data-units="([^"]+)"', page)
    assert found
    patterns = json.loads(unescape(found[1]))
    assert (patterns["decimal"], patterns["megabyte"].replace("\xa0", " ")) == (decimal, megabyte)
    assert all("{n}" in pattern for name, pattern in patterns.items() if name != "decimal")
