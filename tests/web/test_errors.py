"""What a reader, a program and the log are told when something fails."""

import logging
import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from repo.web.errors import TITLES
from tests.conftest import VisitorClient
from tests.web.conftest import TROUBLES

STATUSES = {
    "embargo": 403,
    "members": 403,
    "closed": 403,
    "forbidden": 403,
    "signed-out": 401,
    "missing": 404,
    "gone": 410,
    "stale": 409,
    "state": 409,
    "large": 413,
    "many": 429,
    "invalid": 422,
    "full": 507,
    "search-away": 503,
    "failure": 500,
    "failed": 500,
    "disk": 507,
    "file": 500,
    "database": 503,
    "database-full": 507,
}


def heading(page: str) -> str:
    found = re.search(r"<h1>(.+?)</h1>", page, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
@pytest.mark.parametrize("kind", TROUBLES)
def test_every_trouble_is_a_page_with_the_same_head(visitor: VisitorClient, kind: str, language: str) -> None:
    answer = visitor.get(f"/trouble/{kind}?lang={language}")

    assert answer.status_code == STATUSES[kind]
    assert answer.mimetype == "text/html"
    assert f'<html lang="{language}">' in answer.text
    assert "admin@localhost.localdomain" in answer.text  # whom to ask
    assert answer.text.count("<h1>") == 1
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 410, 413, 415, 416, 422, 429, 500, 501, 503])
def test_errors_of_the_framework(visitor: VisitorClient, status: int) -> None:
    answer = visitor.get(f"/abort/{status}?lang=en")

    assert answer.status_code == status
    assert heading(answer.text) == (TITLES[status]._args[0] if status in TITLES else "This request cannot be answered")


def test_no_such_address(visitor: VisitorClient) -> None:
    answer = visitor.get("/records/nothing", headers={"Accept-Language": "ru"})

    assert answer.status_code == 404
    assert heading(answer.text) == "По этому адресу страницы нет"
    assert 'name="robots" content="noindex"' in answer.text
    assert "canonical" not in answer.text


def test_a_method_that_is_not_there_names_those_that_are(visitor: VisitorClient) -> None:
    answer = visitor.delete("/abort/404?lang=en")

    assert answer.status_code == 405
    assert heading(answer.text) == "This address cannot be used in this way"
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("kind", TROUBLES)
def test_programs_get_a_problem_document(visitor: VisitorClient, kind: str) -> None:
    answer = visitor.get(f"/trouble/{kind}?lang=en", headers={"Accept": "application/json"})

    assert answer.mimetype == "application/problem+json"
    assert answer.status_code == STATUSES[kind]
    assert answer.json is not None
    assert answer.json["status"] == STATUSES[kind]
    assert answer.json["title"]
    assert "secret" not in answer.text


def test_the_data_of_an_error_reaches_a_program(visitor: VisitorClient) -> None:
    json = {"Accept": "application/problem+json"}

    assert visitor.get("/trouble/invalid", headers=json).json["faults"] == {"titles.0": ["<b>Enter</b> the title"]}  # type: ignore[index]
    assert visitor.get("/trouble/large", headers=json).json["limit"] == 20 * 1000**3  # type: ignore[index]
    many = visitor.get("/trouble/many", headers=json)
    assert (many.json["retry_after"], many.headers["Retry-After"]) == (300, "300")  # type: ignore[index]


def test_what_a_room_says_is_escaped(visitor: VisitorClient) -> None:
    page = visitor.get("/trouble/invalid").text

    assert "&lt;b&gt;Enter&lt;/b&gt; the title" in page
    assert "<b>Enter</b>" not in page


def test_signed_out_names_a_scheme(visitor: VisitorClient) -> None:
    assert visitor.get("/trouble/signed-out").headers["WWW-Authenticate"] == 'Form realm="Muras"'


def test_a_failure_has_a_number_that_stands_in_the_log(
    visitor: VisitorClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        page = visitor.get("/trouble/failure").text
    number = re.search(r"\b[0-9a-f]{4}-[0-9a-f]{4}\b", page)

    assert number
    [record] = caplog.records
    assert number[0] in record.getMessage()
    assert record.exc_info and "secret detail" in str(record.exc_info[1])


@pytest.mark.parametrize("kind", ["database", "disk", "failed"])
def test_trouble_of_the_machine_is_logged_with_its_number(
    visitor: VisitorClient, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    with caplog.at_level(logging.ERROR):
        page = visitor.get(f"/trouble/{kind}").text
    number = re.search(r"\b[0-9a-f]{4}-[0-9a-f]{4}\b", page)

    assert number
    assert [number[0] in record.getMessage() for record in caplog.records] == [True]


def test_in_trouble_nobody_is_asked_who_may_pass(visitor: VisitorClient) -> None:
    assert "Staff /trouble/missing" in visitor.get("/trouble/missing").text
    assert "Staff" not in visitor.get("/trouble/database").text


def test_an_error_page_that_fails_is_still_an_answer(
    house: Flask, visitor: VisitorClient, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> str:
        raise RuntimeError("secret detail")

    house.jinja_env.globals["site_name"] = fail
    answer = visitor.get("/trouble/failure")

    assert answer.status_code == 500
    assert "Серверде ката кетти" in answer.text
    assert "secret" not in answer.text
    assert {record.levelname for record in caplog.records} == {"ERROR"}


@pytest.mark.parametrize("kind", TROUBLES)
def test_every_page_is_whole(visitor: VisitorClient, kind: str) -> None:
    """Every tag that is opened is closed in its order; every id that is pointed at is there."""
    for language in ("ky", "ru", "en"):
        Whole().read(visitor.get(f"/trouble/{kind}?lang={language}").text)


class Whole(HTMLParser):
    VOID = frozenset({"meta", "link", "input", "img", "br", "hr", "rect", "use", "path"})

    def read(self, page: str) -> None:
        self.open: list[str] = []
        self.ids: list[str] = []
        self.wanted: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))
        assert set(self.wanted) <= set(self.ids)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"]] if values.get("id") else []  # type: ignore[list-item]
        for name in ("for", "aria-describedby", "aria-labelledby"):
            self.wanted += (values.get(name) or "").split()
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
