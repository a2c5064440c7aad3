"""What every answer tells the browser it may do: nothing but show this page. And what is not even looked at.

A view may set one of these headers itself, more strictly (a download is sandboxed); it is then left alone.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, abort, current_app, request

from repo.settings import Settings

# No script, style, picture, frame or form of anyone else; nothing inline.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # What somebody read here is not told to the pages that are linked; the CSRF check needs it at home.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["muras.settings"]
    headers = dict(HEADERS)
    if settings.secure:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"

    app.before_request(refuse_nul)

    @app.after_request
    def guard(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if response.mimetype == "text/html":
            # The same address gives another page in another language, or to another person.
            response.vary.update(("Accept-Language", "Cookie"))
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


View = TypeVar("View", bound=Callable[..., object])


def answers_anything(view: View) -> View:
    """Mark a view that reads its request itself: a protocol with errors of its own, a body too large to be kept."""
    view.answers_anything = True  # type: ignore[attr-defined]
    return view


def refuse_nul() -> None:
    """No text of ours holds a NUL, and PostgreSQL takes none: whoever sends one is not a reader."""
    if getattr(current_app.view_functions.get(request.endpoint or ""), "answers_anything", False):
        return
    in_address = "\0" in request.path or "%00" in request.environ.get("QUERY_STRING", "")
    form = request.form.listvalues() if request.method == "POST" else ()
    if in_address or any("\0" in value for values in form for value in values):
        abort(400)
