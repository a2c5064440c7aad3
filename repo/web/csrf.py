"""A form is taken only from a page of ours; who was signed out while typing loses nothing.

A post without a valid token is answered with a page that holds what was typed. When the post came from one
of our own pages (its session has ended, or the cookie was lost), one button sends it again with a new token.
Otherwise it may be an attack that wants to have exactly this button pressed: then nothing is offered.
"""

from urllib.parse import urlsplit

from flask import Flask, Request
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import MultiDict

from repo.settings import current_settings

csrf = CSRFProtect()
"""`@csrf.exempt` for views that carry their own proof (a signed token in a header)."""

FIELDS_LIMIT, TEXT_LIMIT = 300, 300_000  # fields, characters; more than any form of ours holds


def init_app(app: Flask) -> None:
    csrf.init_app(app)


def typed_fields(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a refused post that may be offered for sending again; [] when it is not safe.

    Passwords never are. Files cannot be: the page says so.
    """
    if request.method != "POST" or not came_from_here(request):
        return []
    form: MultiDict[str, str] = request.form
    fields = [
        (name, value)
        for name, value in form.items(multi=True)
        if not name.endswith("csrf_token") and "password" not in name
    ]
    too_much = len(fields) > FIELDS_LIMIT or sum(len(value) for _name, value in fields) > TEXT_LIMIT
    return [] if too_much else fields


def came_from_here(request: Request) -> bool:
    """Whether the browser vouches that the form stood on one of our pages.

    `Sec-Fetch-Site` cannot be set by a page; browsers too old for it send Origin with every post.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and _origin(origin) == _origin(current_settings().base_url)


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
