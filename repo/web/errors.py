"""What went wrong, as a page in the reader's language: what happened, what to do next, whom to ask.

Programs that ask for JSON get a problem document (RFC 9457). Neither ever shows how the server is built; an
unexpected failure carries a reference, which stands with the trace in the log.
"""

import logging
import secrets
from datetime import datetime
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    jsonify,
    make_response,
    render_template,
    request,
    session,
)
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from repo.errors import (
    ForbiddenError,
    GoneError,
    InvalidError,
    MurasError,
    StaleError,
    StateError,
    TooLargeError,
    TooManyError,
    UnavailableError,
    is_disk_full,
)
from repo.settings import current_settings
from repo.web.csrf import typed_fields

TITLES = {
    400: _l("The server did not understand this request"),
    401: _l("Sign in to continue"),
    403: _l("You do not have access to this page"),
    404: _l("There is no page at this address"),
    405: _l("This address cannot be used in this way"),
    409: _l("This cannot be done now"),
    410: _l("This work has been withdrawn"),
    413: _l("The file is too large"),
    422: _l("Some fields have to be corrected"),
    429: _l("Too many attempts"),
    500: _l("Something went wrong on the server"),
    503: _l("A part of the site is not available at the moment"),
    507: _l("There is no space left on the server"),
}
OTHER_TITLE = _l("This request cannot be answered")
STALE_TITLE = _l("Somebody has changed this record meanwhile")
CONFIRM_TITLE = _l("You are signed in again: send your text")
SESSION_TITLE = _l("Your session ended while you were typing")

# The page of last resort: shown when not even an error page can be made, so it asks nothing of anyone.
LAST_RESORT = """<!doctype html>
<html lang="ky"><meta charset="utf-8"><title>500</title>
<p>Серверде ката кетти. Кийинчерээк кайра аракет кылыңыз. {reference}</p>
<p lang="ru">На сервере произошла ошибка. Попробуйте позже. {reference}</p>
<p lang="en">Something went wrong on the server. Please try again later. {reference}</p>
</html>"""


def init_app(app: Flask) -> None:
    app.register_error_handler(MurasError, show_muras_error)
    app.register_error_handler(CSRFError, show_session_end)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(InternalServerError, show_failure)
    app.register_error_handler(OperationalError, show_database_away)
    app.register_error_handler(OSError, show_full_disk)
    app.logger.addFilter(name_reference)


def show_muras_error(error: MurasError) -> Response:
    if error.status == 500:
        return show_failure(InternalServerError(original_exception=error))
    title = STALE_TITLE if isinstance(error, StaleError) else None
    return answer(error.status, title=title, **details_of(error))


def details_of(error: MurasError) -> dict[str, Any]:
    """Return what an error page says beside its status."""
    match error:
        case ForbiddenError():
            return {"reason": str(error.reason), "until": error.until}
        case InvalidError():
            return {"faults": error.faults}
        case StateError():
            return {"state": error.state, "action": error.action}
        case TooLargeError():
            return {"limit": error.limit}
        case TooManyError():
            return {"retry_after": error.retry_after}
        case GoneError():
            return {"item": error.item_id}
        case UnavailableError():
            return {"part": error.part}
    return {}


def show_http_error(error: HTTPException) -> Response | HTTPException:
    """Errors of the framework: no such address, a body too large, a range that is not there."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return error
    details: dict[str, Any] = {"limit": current_settings().max_upload} if status == 413 else {}
    response = answer(status, **details)
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def show_session_end(error: CSRFError) -> Response:
    # Signing in begins a new session, for which the first page's token is as old as the form's: one more click.
    fields, signed_in = typed_fields(request), "_user_id" in session
    title = CONFIRM_TITLE if fields and signed_in else SESSION_TITLE
    return answer(400, title=title, template="session", fields=fields, signed_in=signed_in)


def show_failure(error: InternalServerError) -> Response:
    """A mistake of ours. Flask has logged the trace already; `name_reference` wrote the reference into it."""
    original = error.original_exception
    if isinstance(original, MurasError):
        current_app.logger.error("%s %s failed", request.method, request.path, exc_info=original)
    return answer(500, reference=reference())


def show_database_away(error: OperationalError) -> Response:
    current_app.logger.error("The database did not answer", exc_info=error)
    return answer(507 if is_disk_full(error) else 503, part="database", reference=reference())


def show_full_disk(error: OSError) -> Response:
    if not is_disk_full(error):
        raise error
    current_app.logger.error("The disk is full", exc_info=error)
    return answer(507, reference=reference())


def answer(status: int, *, title: Any = None, template: str = "", **details: Any) -> Response:
    """Make the answer to a request that failed, as a page or as a problem document."""
    if status >= 500:
        g.in_trouble = True
    details = {name: value for name, value in details.items() if value is not None}
    title = str(title or TITLES.get(status, OTHER_TITLE))
    if wants_json():
        response = problem(status, title, details)
    else:
        response = page(status, title, template or (str(status) if status in TITLES else "other"), details)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    if status == 401:
        # RFC 9110 section 15.5.2 wants a scheme named; ours is the form on the sign-in page.
        response.headers["WWW-Authenticate"] = 'Form realm="Muras"'
    if retry_after := details.get("retry_after"):
        response.headers["Retry-After"] = str(retry_after)
    return response


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(("text/html", "application/json", "application/problem+json"))
    return request.path.startswith("/api/") or (best or "").endswith("json")


def problem(status: int, title: str, details: dict[str, Any]) -> Response:
    """RFC 9457; the members beside type, title and status are the data of the error."""
    shown = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in details.items()
        if name not in ("fields", "signed_in") and value != ""
    }
    response = jsonify(type="about:blank", title=title, status=status, **shown)
    response.mimetype = "application/problem+json"
    return response


def page(status: int, title: str, template: str, details: dict[str, Any]) -> Response:
    try:
        text = render_template(
            f"errors/{template}.html",
            status=status,
            title=title,
            admin_email=current_settings().admin_email,
            **details,
        )
    except Exception:
        current_app.logger.exception("The page for error %s could not be made", status)
        text = LAST_RESORT.format(reference=reference())
    return make_response(text)


def reference() -> str:
    """Return the number of the failure in this request: what the reader tells, and the log holds."""
    if "reference" not in g:
        g.reference = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}"
    return str(g.reference)


def name_reference(record: logging.LogRecord) -> bool:
    """A log filter: write the reference into every record of a request that carries a trace."""
    if record.exc_info and has_request_context():
        record.msg = f"{record.msg} [reference {reference()}]"
    return True
