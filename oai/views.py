"""For harvesters.

/oai              the base address of the OAI-PMH 2.0 provider, for GET and POST
/oai/guide        what is offered, for people
/oai/style.xsl    how browsers show an answer
"""

from functools import cache
from threading import BoundedSemaphore

from flask import Blueprint, Response, render_template, request
from isal import igzip
from lxml import etree

from oai.formats.elements import PARSER
from oai.listing import formats_of
from oai.namespace import read_namespace
from oai.provider import answer
from repo.db import db
from repo.web.compression import SMALLEST
from repo.web.languages import current_language
from repo.web.security import answers_anything

bp = Blueprint("oai", __name__)

AT_ONCE = 8
"""Requests of harvesters that a process works at, of the threads it has for all; sending answers takes no place."""

PATIENCE = 5
"""Seconds that a request waits for a place."""

RETRY_AFTER = 20
"""Seconds after which a harvester that found no place may come again."""

_places = BoundedSemaphore(AT_ONCE)


@bp.route("/oai", methods=["GET", "POST"])
@answers_anything
def provider() -> Response:
    pairs = list(request.args.items(multi=True))
    if request.method == "POST":
        pairs += list(request.form.items(multi=True))
    if not _places.acquire(timeout=PATIENCE):
        return _busy()
    try:
        body = answer(pairs)
    finally:
        _places.release()
    if request.headers.get("Sec-Fetch-Dest") == "document":
        return _shown(body)
    response = Response(body, content_type="text/xml; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.vary.add("Sec-Fetch-Dest")
    return _packed(response)


def _shown(body: bytes) -> Response:
    """The answer as a page, for a person who opened it in a browser: browsers stop doing this by themselves (XSLT).
    Only they send the header (Fetch Metadata, W3C), so that no harvester gets a page."""
    page = str(_stylesheet(current_language())(etree.fromstring(body, PARSER)))
    response = Response(page, content_type="text/html; charset=utf-8")
    response.vary.add("Sec-Fetch-Dest")
    return response


@cache
def _stylesheet(language: str) -> etree.XSLT:
    """Made once for each language; it may read nothing but what it is given."""
    text = render_template("oai/style.xsl").encode()
    nothing = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]  # unknown to the stubs
    return etree.XSLT(etree.fromstring(text, PARSER), access_control=nothing)


def _busy() -> Response:
    """Harvesters wait and come again (OAI-PMH 2.0, 3.1.2.2); readers do not notice them."""
    response = Response("Too many harvesters at once. Try again later.\n", 503, content_type="text/plain")
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _packed(response: Response) -> Response:
    """A page of records shrinks to an eighth, in less time than it takes to find it."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0 and len(response.data) > SMALLEST:
        response.set_data(igzip.compress(response.data, 1, mtime=0))
        response.content_encoding = "gzip"
    return response


@bp.route("/oai/guide")
def guide() -> str:
    return render_template(
        "oai/guide.html", formats=formats_of(None), sample=f"oai:{read_namespace(db.session())}:01234567s"
    )


@bp.route("/oai/style.xsl")
def style() -> Response:
    return Response(render_template("oai/style.xsl"), content_type="text/xsl; charset=utf-8")
