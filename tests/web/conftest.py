"""A house with rooms that are nothing but trouble: every error that a room can raise, behind an address."""

import errno
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, abort, flash, redirect, render_template_string, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from repo import errors
from repo.app import create_app
from repo.settings import Settings
from repo.web.doors import Door, register_door
from tests.conftest import VisitorClient, close_engines

PAGE = """{% extends "base.html" %}
{% from "macros/form.html" import token %}
{% block title %}A page{% endblock %}
{% block main %}<h1>A page</h1><form method="post">{{ token() }}<input name="title"></form>{% endblock %}"""

EVERYTHING = """{% extends "base.html" %}
{% from "macros/form.html" import token, faults, field, text, tongued, select, choices, tick, file_input %}
{% from "macros/page.html" import notice, stages, chips, pager, letter_bar, filters, state %}
{% from "macros/record.html" import citation, cover, access_state %}
{% block title %}Everything{% endblock %}
{% block main %}
<h1>Everything</h1>
{{ faults([("title", "Enter the title"), ("type", "Choose a type")]) }}
{{ stages([("Files", "/page", false), ("Description", "/everything", true), ("Rights", "", false)]) }}
{% call notice("wait", "info", "Please check") %}<p>Tinted fields come from the file.</p>{% endcall %}
<form method="post" novalidate>{{ token() }}
{% set tongues = [("ky", "Kyrgyz"), ("ru", "Russian")] %}
{% call field("title", "Title", true, "As in the work", ["Enter the title"], true) %}
{{ tongued("title", "Кийиз", "ky", tongues, rows=2, help="x", errors=["x"], guess=true) }}
{{ tongued("title-2", "Войлок", "ru", tongues, label="Title, in Russian") }}
{% endcall %}
{{ text("year", "Year", "26", size=6, must=true, errors=["Enter the year with four digits"]) }}
{{ select("collection", "Collection", [("1", "Articles"), ("2", "Theses")], "2") }}
{{ choices("type", "Type", [("article", "Article", "in a journal"), ("thesis", "Thesis")], "article", errors=["No"]) }}
{{ tick("agreed", "I have read the terms and I agree.", checked=true) }}
{{ file_input("files", "Choose a file", many=true, help="20 GB at most") }}
<p class="actions"><button>Continue</button> <button class="plain">Save</button></p>
</form>
{{ chips([("Language: Kyrgyz", "?a"), ("Year: 1934", "?b")], "?") }}
{{ filters([("All", "?", true), ("New", "?new", false)], "Show") }}
<p>{{ access_state("open", "open access") }} {{ access_state("embargoed", "embargo", "2027-03-01") }}
{{ access_state("restricted", "restricted access") }} {{ access_state("closed", "closed") }}
{{ state("stop", "halt", "Refused") }} {{ cover({"code": "autoreferat", "group": "theses"}) }}</p>
{{ citation("Токтосунова Ж. Шырдак // Жарчы. 2026.", [("ГОСТ", "?gost", true), ("APA", "?apa", false)]) }}
{{ letter_bar("АБВ", letter_address, "Б") }}
{{ pager("?before", "?after") }}
{% endblock %}"""
"""A page with every macro on it."""

TROUBLES: dict[str, Any] = {
    "embargo": lambda: errors.ForbiddenError("embargoed"),
    "members": lambda: errors.ForbiddenError("members_only"),
    "closed": lambda: errors.ForbiddenError("closed"),
    "forbidden": lambda: errors.ForbiddenError("no_role"),
    "signed-out": errors.NotSignedInError,
    "missing": errors.NotFoundError,
    "gone": lambda: errors.GoneError("7b3k9x2m4"),
    "stale": errors.StaleError,
    "state": lambda: errors.StateError("published", "submit"),
    "large": lambda: errors.TooLargeError(20 * 1000**3),
    "many": lambda: errors.TooManyError(300),
    "invalid": lambda: errors.InvalidError({"titles.0": ["<b>Enter</b> the title"]}),
    "full": errors.StorageFullError,
    "search-away": lambda: errors.UnavailableError("search"),
    "failure": lambda: RuntimeError("secret detail"),
    "failed": lambda: errors.MurasError("secret detail"),
    "disk": lambda: OSError(errno.ENOSPC, "No space left on device", "/secret/path"),
    "file": lambda: PermissionError(errno.EACCES, "secret detail"),
    "database": lambda: OperationalError("SELECT secret", {}, Exception("database is locked")),
    "database-full": lambda: OperationalError("SELECT secret", {}, Exception("database or disk is full")),
}


def open_trial_room(app: Flask) -> None:
    @app.route("/page", methods=["GET", "POST"])
    def page() -> str | Response:
        if request.method == "POST":
            flash(request.form.get("title", ""), "good")
            return redirect("/page")
        return render_template_string(PAGE)

    @app.get("/page/below")
    def below() -> str:
        return render_template_string(PAGE, trail=[("A page", "/page")])

    @app.get("/everything")
    def everything() -> str:
        return render_template_string(EVERYTHING, letter_address="?letter={}".format)

    @app.route("/trouble/<kind>", methods=["GET", "POST"])
    def trouble(kind: str) -> str:
        raise TROUBLES[kind]()

    @app.get("/abort/<int:status>")
    def stop(status: int) -> str:
        abort(status)

    app.extensions["muras.doors"].clear()  # those of the real rooms
    register_door(app, Door("trial", "page", _l("Pages"), "menu", order=20))
    register_door(app, Door("early", "below", _l("Letters"), "menu", order=10))
    register_door(app, Door("hidden", "page", _l("Steps"), "menu", allowed=lambda: False))
    register_door(app, Door("nowhere", "no.such.room", _l("Remove"), "menu"))
    register_door(app, Door("staff", "page", lambda: "Staff " + request.path, "rooms", allowed=lambda: True))
    register_door(app, Door("below", "below", _l("Search"), "foot"))


@pytest.fixture
def house(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    open_trial_room(app)
    app.config["PROPAGATE_EXCEPTIONS"] = False  # a visitor gets a page, not our traceback
    app.test_client_class = VisitorClient
    yield app
    close_engines(app)


@pytest.fixture
def visitor(house: Flask) -> VisitorClient:
    client = house.test_client()
    assert isinstance(client, VisitorClient)
    return client
