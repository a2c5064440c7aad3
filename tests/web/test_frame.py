"""The frame of every page: languages, doors, the addresses of the same page elsewhere, what browsers may do."""

import re
from dataclasses import replace

import pytest
from flask import Flask, get_flashed_messages
from flask_babel import gettext as _

from repo.app import create_app
from repo.settings import Settings
from repo.web.doors import Door, register_door
from repo.web.languages import current_language, with_language
from tests.conftest import VisitorClient, close_engines
from tests.web.conftest import open_trial_room


def language_of(visitor: VisitorClient, address: str = "/page", asked: str = "") -> str:
    page = visitor.get(address, headers={"Accept-Language": asked} if asked else {}).text
    found = re.search(r'<html lang="(\w+)">', page)
    assert found
    return found[1]


# ---------------------------------------------------------------- languages


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "ky"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de-DE,de;q=0.9,en-GB;q=0.8", "en"),
        ("kk-KZ,uz", "ky"),
        ("ky-KG", "ky"),
        ("*", "ky"),
        (";;;q=nothing", "ky"),
    ],
)
def test_a_browser_asks_for_its_language(visitor: VisitorClient, asked: str, language: str) -> None:
    assert language_of(visitor, asked=asked) == language


def test_an_address_decides_and_is_remembered(visitor: VisitorClient) -> None:
    assert language_of(visitor, "/page?lang=en", asked="ru") == "en"
    assert language_of(visitor, "/page", asked="ru") == "en"
    assert language_of(visitor, "/page?lang=ru") == "ru"
    assert language_of(visitor, "/page?lang=tlh") == "ru"


def test_the_cookie_is_set_only_when_a_language_was_asked_for(visitor: VisitorClient) -> None:
    assert "Set-Cookie" not in visitor.get("/trouble/missing").headers
    assert "lang=ru" in visitor.get("/trouble/missing?lang=ru").headers["Set-Cookie"]
    assert "Set-Cookie" not in visitor.get("/trouble/missing?lang=ru").headers


def test_the_same_page_in_the_other_languages(visitor: VisitorClient) -> None:
    page = visitor.get("/page?q=%D1%88%D1%8B%D1%80+%26&lang=ky&year=1934&year=1935").text

    query = "q=%D1%88%D1%8B%D1%80+%26&amp;year=1934&amp;year=1935"
    assert f'<a href="/page?{query}&amp;lang=ru" lang="ru" hreflang="ru">Русский</a>' in page
    assert f'<link rel="canonical" href="http://muras.example.org/page?{query}">' in page
    assert f'<link rel="alternate" hreflang="en" href="http://muras.example.org/page?{query}&amp;lang=en">' in page
    assert 'hreflang="ky" aria-current="true">Кыргызча' in page


def test_an_address_cannot_bring_markup(visitor: VisitorClient) -> None:
    page = visitor.get('/page?"><script>alert(1)</script>="><script>').text

    assert "<script>" not in page


def test_mail_is_written_in_the_language_of_another(context: Flask) -> None:
    with with_language("ru"):
        assert (_("Search"), current_language()) == ("Найти", "ru")
        with with_language("en"):
            assert _("Search") == "Search"
        assert _("Search") == "Найти"
    assert (_("Search"), current_language()) == ("Издөө", "ky")
    with with_language("tlh"):
        assert current_language() == "ky"


def test_a_chosen_name_stands_as_it_is(settings: Settings) -> None:
    app = create_app(replace(settings, name="Nur <Library>"))
    open_trial_room(app)

    page = app.test_client().get("/page?lang=ru").text

    assert "<title>A page · Nur &lt;Library&gt;</title>" in page
    close_engines(app)


# ---------------------------------------------------------------- doors


def test_only_doors_that_lead_somewhere_are_shown_in_their_order(visitor: VisitorClient) -> None:
    page = visitor.get("/page?lang=en").text

    menu = re.search(r'<nav class="menu".*?</nav>', page, re.DOTALL)
    assert menu
    assert re.findall(r">(\w+)</a>", menu[0]) == ["Letters", "Pages"]
    assert '<a href="/page" aria-current="page">Pages</a>' in menu[0]
    assert '<a href="/page" aria-current="page">Staff /page</a>' in page


def test_a_page_below_a_door(visitor: VisitorClient) -> None:
    page = visitor.get("/page/below?lang=en").text

    assert '<a href="/page" aria-current="true">Pages</a>' in page
    assert re.search(r'<nav class="trail".*<a href="/page">A page</a>', page, re.DOTALL)


def test_two_doors_of_one_name_are_a_mistake(house: Flask) -> None:
    with pytest.raises(ValueError, match="trial"):
        register_door(house, Door("trial", "page"))


def test_no_search_box_without_a_search(visitor: VisitorClient) -> None:
    assert 'role="search"' not in visitor.get("/page").text


@pytest.mark.parametrize(("language", "letters"), [("ky", 3), ("ru", 3), ("en", 0)])
def test_the_search_box_has_the_letters_that_keyboards_lack(
    house: Flask, visitor: VisitorClient, language: str, letters: int
) -> None:
    register_door(house, Door("search", "below"))

    page = visitor.get(f"/page?lang={language}").text

    assert '<form class="search" role="search" action="/page/below">' in page
    assert page.count('name="letter"') == letters


# ---------------------------------------------------------------- what was left to say


def test_a_message_is_said_once_and_escaped(house: Flask, visitor: VisitorClient) -> None:
    house.config["WTF_CSRF_ENABLED"] = False
    visitor.post("/page", data={"title": "Saved <b>"})

    assert '<p role="status">Saved &lt;b&gt;</p>' in visitor.get("/page").text
    assert "Saved" not in visitor.get("/page").text


def test_a_page_without_a_form_asks_for_no_session(house: Flask, visitor: VisitorClient) -> None:
    answer = visitor.get("/trouble/missing")

    assert "Set-Cookie" not in answer.headers
    with house.test_request_context("/"):
        assert get_flashed_messages() == []


# ---------------------------------------------------------------- what browsers may do


def test_browsers_may_do_nothing_but_show_the_page(visitor: VisitorClient) -> None:
    for address in ("/page", "/trouble/failure", "/nothing", "/static/muras.css"):
        headers = visitor.get(address).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers


def test_a_page_differs_by_language_and_person(visitor: VisitorClient) -> None:
    headers = visitor.get("/page").headers

    assert {"Accept-Language", "Cookie", "Accept-Encoding"} <= set(headers["Vary"].split(", "))
    assert headers["Cache-Control"] == "private, no-cache"


def test_by_https_only_https(settings: Settings) -> None:
    app = create_app(replace(settings, base_url="https://muras.example.org"))

    answer = app.test_client().get("/nothing?lang=ru")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Secure" in answer.headers["Set-Cookie"]
    close_engines(app)


def test_no_page_holds_what_the_policy_forbids(visitor: VisitorClient) -> None:
    for address in ("/page", "/page/below", "/trouble/missing", "/trouble/failure"):
        page = visitor.get(address).text
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", page)
        assert all(' src="/static/' in tag for tag in re.findall(r"<script[^>]*>", page))


@pytest.mark.parametrize("address", ["/page?q=a%00b", "/page%00", "/static/%00"])
def test_a_nul_in_an_address_goes_no_further(visitor: VisitorClient, address: str) -> None:
    assert visitor.get(address).status_code == 400


def test_a_nul_in_a_form_goes_no_further(house: Flask, visitor: VisitorClient) -> None:
    house.config["WTF_CSRF_ENABLED"] = False

    assert visitor.post("/page", data={"title": "a\0b"}).status_code == 400
    assert visitor.post("/page", data={"title": "ab"}).status_code == 302
