"""Glue that knows no library word: languages, pages and their doors, errors, security, order, paging."""

from typing import cast

from flask import Flask, current_app, get_flashed_messages, request
from flask_babel import gettext as _

from repo.settings import Settings, current_settings
from repo.web import compression, csrf, doors, errors, formats, forms, health, languages, routing, security, static
from repo.web.paging import page_href


def init_app(app: Flask) -> None:
    """Set up what every page needs. Flask runs what follows an answer backwards: compression comes last."""
    routing.init_app(app)
    compression.init_app(app)
    security.init_app(app)
    languages.init_app(app)
    formats.init_app(app)
    csrf.init_app(app)
    forms.init_app(app)
    doors.init_app(app)
    static.init_app(app)
    health.init_app(app)
    errors.init_app(app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(site_name=site_name, flashes=flashes, page_href=page_href)


def site_name() -> str:
    """Return the name of the site; the default one is translated, a chosen one stands as it is."""
    name = current_settings().name
    return _("Muras") if name == Settings.name else name


def flashes() -> list[tuple[str, str]]:
    """Return (state, message) of what the last request left to say: state is "good", "warn" or "stop".

    Without a session cookie nobody left anything, and the page stays the same for every reader.
    """
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return []
    said = cast(list[tuple[str, str]], get_flashed_messages(with_categories=True))
    return [("good" if state == "message" else state, message) for state, message in said]
