"""A form is taken only from a page of ours; who was signed out while typing loses nothing."""

import html
import re

import pytest
from flask import Flask

from tests.conftest import VisitorClient

HERE = {"Sec-Fetch-Site": "same-origin"}
TYPED = {
    "title": 'Кийиз "өнөрү"\nэкинчи сап',
    "password": "swordfish",
    "new_password2": "swordfish",
    "csrf_token": "old",
}


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_form_of_ours_is_taken(visitor: VisitorClient) -> None:
    token = token_in(visitor.get("/page").text)

    assert visitor.post("/page", data={"csrf_token": token, "title": "Saved"}).status_code == 302


def test_what_was_typed_is_offered_again_and_can_be_sent(visitor: VisitorClient) -> None:
    refused = visitor.post("/page?year=1934", data=TYPED, headers=HERE)

    assert refused.status_code == 400
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', refused.text)}
    assert fields["title"] == TYPED["title"]
    assert "swordfish" not in refused.text
    assert fields["csrf_token"] != "old"
    again = {name: value for name, value in fields.items() if name in ("title", "csrf_token")}
    assert visitor.post("/page?year=1934", data=again, headers=HERE).status_code == 302
    assert "экинчи сап" in visitor.get("/page").text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://muras.example.org"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "https://muras.example.org"},  # another scheme is another origin
        {"Origin": "http://muras.example.org:8000"},
    ],
)
def test_a_form_from_elsewhere_is_not_offered_for_sending(visitor: VisitorClient, headers: dict[str, str]) -> None:
    refused = visitor.post("/page", data=TYPED, headers=headers)

    assert refused.status_code == 400
    assert "өнөрү" not in refused.text
    assert "<form method" not in refused.text


def test_an_older_browser_vouches_with_its_origin(visitor: VisitorClient) -> None:
    assert "өнөрү" in visitor.post("/page", data=TYPED, headers={"Origin": "http://muras.example.org"}).text


def test_who_has_signed_in_meanwhile_only_confirms(visitor: VisitorClient) -> None:
    with visitor.session_transaction() as session:
        session["_user_id"] = "1"

    page = visitor.post("/page?lang=en", data=TYPED, headers=HERE).text

    assert "You are signed in again: send your text" in page
    assert "Sign in in a new window" not in page
    assert "өнөрү" in page


def test_too_much_is_not_sent_back(visitor: VisitorClient) -> None:
    many = {f"field-{n}": "x" for n in range(301)}
    long = {"title": "x" * 300_001}

    for data in (many, long):
        assert "<form method" not in visitor.post("/page", data=data, headers=HERE).text


def test_a_program_is_told_in_its_own_form(visitor: VisitorClient) -> None:
    refused = visitor.post("/page", data=TYPED, headers={**HERE, "Accept": "application/json"})

    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    assert "өнөрү" not in refused.text


def test_a_script_sends_the_token_in_a_header(house: Flask, visitor: VisitorClient) -> None:
    token = token_in(visitor.get("/page").text)

    assert visitor.post("/page", json={}, headers={"X-CSRFToken": token}).status_code == 302
