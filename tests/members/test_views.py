"""The pages of an account, as a browser uses them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from repo.db import db, transaction
from repo.members.actors import SYSTEM
from repo.members.models import Person, RoleName
from repo.members.services.accounts import disable_person, end_sessions
from repo.members.services.roles import invite_person
from repo.members.sessions import local_target
from tests.conftest import VisitorClient
from tests.members.conftest import (
    PASSWORD,
    CountQueries,
    Letters,
    MakeLibrary,
    MakePerson,
    csrf_of,
    link_in,
    post,
    sign_in,
)

NEW = "a wholly different one"


def test_from_signing_up_to_the_first_page(client: VisitorClient, context: Flask, letters: Letters) -> None:
    sent = post(client, "/account/sign-up", name="Айбек Усенов", email="aibek@example.kg", language="ru")
    assert sent.status_code == 200
    path = link_in(letters()[0])
    assert client.get(path).status_code == 200
    opened = post(client, path, name="Айбек Усенов", password=PASSWORD, password_again=PASSWORD)
    assert (opened.status_code, opened.location) == (302, "/account/")
    page = client.get("/account/")
    assert "Айбек Усенов" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert client.get(path).status_code == 410, "the link has been used"


def test_opening_the_mailed_link_changes_nothing(client: VisitorClient, context: Flask, letters: Letters) -> None:
    """Mail programs look at links before people do."""
    post(client, "/account/sign-up", name="A", email="aibek@example.kg", language="ky")
    path = link_in(letters()[0])
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert db.session.scalars(sa.select(Person.confirmed_at)).one() is None


def test_whoever_is_invited_chooses_a_password(
    client: VisitorClient, make_library: MakeLibrary, letters: Letters
) -> None:
    library = make_library("knu")
    with transaction():
        invite_person(SYSTEM, email="a@example.kg", name="A", language="ky", role=RoleName.MEMBER, library=library)
    post(client, link_in(letters()[0]), name="A", password=PASSWORD, password_again=PASSWORD)
    assert "knu китепканасы" in client.get("/account/").text


def test_a_password_that_does_not_pass_is_said_beside_its_field(
    client: VisitorClient, context: Flask, letters: Letters
) -> None:
    post(client, "/account/sign-up", name="A", email="aibek@example.kg", language="ky")
    path = link_in(letters()[0])
    page = post(client, path, name="A", password="short", password_again="short")
    assert page.status_code == 422
    assert 'id="password-fault"' in page.text
    differ = post(client, path, name="A", password=PASSWORD, password_again=NEW)
    assert 'id="password_again-fault"' in differ.text
    assert PASSWORD not in differ.text


def test_signing_in_and_out(client: VisitorClient, make_person: MakePerson) -> None:
    make_person("aibek")
    assert client.get("/account/").status_code == 401
    assert sign_in(client, "aibek").location == "/account/"
    assert client.get("/account/").status_code == 200
    assert client.get("/account/sign-out").status_code == 405, "an image in a mail must not sign anybody out"
    post(client, "/account/sign-out", "/account/")
    assert client.get("/account/").status_code == 401


def test_a_wrong_password_and_nobody_look_alike(client: VisitorClient, make_person: MakePerson) -> None:
    make_person("aibek")
    wrong, nobody = sign_in(client, "aibek", "wrong password"), sign_in(client, "nobody", "wrong password")
    assert (wrong.status_code, nobody.status_code) == (422, 422)
    assert _said(wrong.text) == _said(nobody.text)


def test_signing_up_and_asking_for_a_password_tell_nothing(client: VisitorClient, make_person: MakePerson) -> None:
    make_person("aibek")
    for path, more in (("/account/sign-up", {"name": "A", "language": "ky"}), ("/account/forgot", {})):
        known, unknown = (post(client, path, email=f"{nick}@example.kg", **more) for nick in ("aibek", "other"))
        assert known.status_code == unknown.status_code == 200
        assert known.text.replace("aibek@", "") == unknown.text.replace("other@", "")


def test_a_new_password_by_mail(client: VisitorClient, app: Flask, make_person: MakePerson, letters: Letters) -> None:
    make_person("aibek")
    elsewhere = app.test_client()
    assert isinstance(elsewhere, VisitorClient)
    sign_in(elsewhere, "aibek")
    post(client, "/account/forgot", email="AIBEK@example.kg")
    path = link_in(letters()[-1])
    assert post(client, path, password=NEW, password_again=NEW).location == "/account/sign-in"
    assert client.get(path).status_code == 410
    assert elsewhere.get("/account/").status_code == 401, "sessions elsewhere have ended"
    assert sign_in(client, "aibek", PASSWORD).status_code == 422
    assert sign_in(client, "aibek", NEW).status_code == 302
    assert "өзгөр" in letters()[-1]["subject"] or "changed" in letters()[-1]["subject"]


def test_changing_the_password_ends_the_other_sessions_only(
    client: VisitorClient, app: Flask, make_person: MakePerson
) -> None:
    make_person("aibek")
    elsewhere = app.test_client()
    assert isinstance(elsewhere, VisitorClient)
    sign_in(elsewhere, "aibek")
    sign_in(client, "aibek")
    fields = {"password": NEW, "password_again": NEW}
    wrong = post(client, "/account/password", "/account/", present_password="wrong password", **fields)
    assert wrong.status_code == 422
    assert 'id="present_password-fault"' in wrong.text
    assert elsewhere.get("/account/").status_code == 200
    changed = post(client, "/account/password", "/account/", present_password=PASSWORD, **fields)
    assert changed.status_code == 302
    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 401


def test_ending_the_other_sessions(client: VisitorClient, app: Flask, make_person: MakePerson) -> None:
    make_person("aibek")
    elsewhere = app.test_client()
    assert isinstance(elsewhere, VisitorClient)
    sign_in(elsewhere, "aibek")
    sign_in(client, "aibek")
    post(client, "/account/sessions", "/account/")
    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 401


def test_a_copied_cookie_is_worth_nothing_after_the_sessions_ended(
    client: VisitorClient, app: Flask, make_person: MakePerson
) -> None:
    person = make_person("aibek")
    sign_in(client, "aibek")
    cookie = client.get_cookie("muras", domain="localhost")
    assert cookie is not None
    with transaction():
        end_sessions(person)
    thief = app.test_client()
    thief.set_cookie("muras", cookie.value, domain="localhost")
    assert thief.get("/account/").status_code == 401


def test_a_disabled_account_is_out_at_once(client: VisitorClient, make_person: MakePerson) -> None:
    person = make_person("aibek")
    sign_in(client, "aibek")
    with transaction():
        disable_person(SYSTEM, person, "")
    assert client.get("/account/").status_code == 401
    assert sign_in(client, "aibek").status_code == 422


def test_guessing_is_slow_and_the_right_password_works_afterwards(
    client: VisitorClient, make_person: MakePerson, clock: time_machine.Traveller
) -> None:
    make_person("aibek")
    statuses = [sign_in(client, "aibek", "wrong password").status_code for _ in range(7)]
    assert statuses == [422] * 5 + [429] * 2
    too_early = sign_in(client, "aibek")
    assert too_early.status_code == 429, "also for the right one"
    assert int(too_early.headers["Retry-After"]) > 0
    clock.shift(int(too_early.headers["Retry-After"]))
    assert sign_in(client, "aibek").status_code == 302


def test_one_address_cannot_try_many_accounts(
    client: VisitorClient, make_person: MakePerson, clock: time_machine.Traveller
) -> None:
    make_person("aibek")
    statuses = {sign_in(client, f"person{number}", "password1234").status_code for number in range(31)}
    assert statuses == {422, 429}
    clock.shift(timedelta(seconds=61))
    assert sign_in(client, "aibek").status_code == 302


def test_letters_from_one_address_are_limited(client: VisitorClient, context: Flask, letters: Letters) -> None:
    statuses = [post(client, "/account/forgot", email=f"a{n}@example.kg").status_code for n in range(21)]
    assert statuses == [200] * 20 + [429]


def test_a_session_prepared_by_somebody_else_is_thrown_away(client: VisitorClient, make_person: MakePerson) -> None:
    make_person("aibek")
    token = csrf_of(client, "/account/sign-in")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    client.post("/account/sign-in", data={"csrf_token": token, "email": "aibek@example.kg", "password": PASSWORD})
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["_user_id"]
    assert client.post("/account/sessions", data={"csrf_token": token}).status_code == 400, "the old token is dead"


@pytest.mark.parametrize("keep", [True, False])
def test_a_session_outlives_the_window_only_when_asked(
    client: VisitorClient, make_person: MakePerson, keep: bool
) -> None:
    make_person("aibek")
    answer = sign_in(client, "aibek", **({"keep": "1"} if keep else {}))
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("muras="))
    assert ("Expires=" in cookie) is keep
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    "path",
    [
        "/account/sign-in",
        "/account/sign-out",
        "/account/sign-up",
        "/account/forgot",
        "/account/profile",
        "/account/password",
        "/account/sessions",
    ],
)
def test_nothing_is_taken_without_a_token(client: VisitorClient, make_person: MakePerson, path: str) -> None:
    make_person("aibek")
    sign_in(client, "aibek")
    assert client.post(path, data={"email": "aibek@example.kg", "password": PASSWORD}).status_code == 400
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("target", ["/deposit/?step=2", "/records/7b3k9x2m4", "/"])
def test_after_signing_in_one_is_back(client: VisitorClient, make_person: MakePerson, target: str) -> None:
    make_person("aibek")
    token = csrf_of(client, "/account/sign-in")
    fields = {"csrf_token": token, "email": "aibek@example.kg", "password": PASSWORD}
    assert client.post("/account/sign-in", query_string={"next": target}, data=fields).location == target


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/ /evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\nSet-Cookie: a=b",
        "",
        None,
    ],
)
def test_nobody_is_sent_elsewhere(client: VisitorClient, make_person: MakePerson, target: str | None) -> None:
    assert local_target(target) is None
    make_person("aibek")
    token = csrf_of(client, "/account/sign-in")
    fields = {"csrf_token": token, "email": "aibek@example.kg", "password": PASSWORD}
    answer = client.post("/account/sign-in", query_string={"next": target}, data=fields)
    assert answer.location == "/account/"


def test_a_profile_is_changed(client: VisitorClient, make_person: MakePerson) -> None:
    make_person("aibek")
    sign_in(client, "aibek")
    post(client, "/account/profile", "/account/", name="Айбек", language="en", orcid="0000-0002-1825-0097")
    page = client.get("/account/")
    assert 'value="0000-0002-1825-0097"' in page.text
    assert '<html lang="en">' in page.text, "whoever chooses a language for letters reads pages in it"
    wrong = post(client, "/account/profile", "/account/", name="Айбек", language="en", orcid="0000-0002-1825-0098")
    assert wrong.status_code == 422
    assert 'id="orcid-fault"' in wrong.text
    assert "<title>Error:" in wrong.text


def test_names_are_shown_as_text(client: VisitorClient, make_person: MakePerson) -> None:
    make_person("aibek", name="<b>Айбек</b>")
    sign_in(client, "aibek")
    page = client.get("/account/")
    assert "<b>Айбек" not in page.text
    assert "&lt;b&gt;Айбек" in page.text


def test_a_reader_without_a_session_costs_no_query_for_it(
    client: VisitorClient, make_person: MakePerson, count_queries: CountQueries
) -> None:
    with count_queries() as queries:
        client.get("/account/forgot")
    assert queries == []


def test_whoever_is_signed_in_costs_one_query(
    client: VisitorClient, make_person: MakePerson, make_library: MakeLibrary, count_queries: CountQueries
) -> None:
    make_person("aibek", RoleName.MEMBER, library=make_library("knu"))
    sign_in(client, "aibek")
    with count_queries() as queries:
        client.get("/account/forgot")
    assert len(queries) == 1


def test_the_page_of_an_account_costs_the_same_for_many_roles(
    client: VisitorClient, make_person: MakePerson, make_library: MakeLibrary, count_queries: CountQueries
) -> None:
    from repo.members.services.roles import grant_role

    person = make_person("aibek", RoleName.MEMBER, library=make_library("knu"))
    sign_in(client, "aibek")
    with count_queries() as few:
        client.get("/account/")
    for number in range(5):
        library = make_library(f"lib{number}")
        with transaction():
            grant_role(SYSTEM, person, RoleName.MEMBER, library=library)
    with count_queries() as many:
        client.get("/account/")
    assert len(many) == len(few)


def test_the_sign_in_page_says_whether_this_is_a_library(client: VisitorClient, make_library: MakeLibrary) -> None:
    outside = client.get("/account/sign-in?lang=en").text
    make_library("knu", networks=["127.0.0.0/24"])
    inside = client.get("/account/sign-in").text
    assert "You are not on such a network now" in outside
    assert "You are on such a network now" in inside


@pytest.mark.parametrize("value", ["", "1", "1.", "x.1", "1.2.3", "9999999999999999999999.1", "-1.1"])
def test_a_session_of_nobody_is_nobody(client: VisitorClient, make_person: MakePerson, value: str) -> None:
    make_person("aibek")
    with client.session_transaction() as session:
        session["_user_id"] = value
    assert client.get("/account/").status_code == 401


def _said(page: str) -> str:
    return page.partition('class="faults"')[2].partition("</div>")[0]
