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

    @app.route("/trouble/<kind>", methods=["GET", "POST"])
    def trouble(kind: str) -> str:
        raise TROUBLES[kind]()

    @app.get("/abort/<int:status>")
    def stop(status: int) -> str:
        abort(status)

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
