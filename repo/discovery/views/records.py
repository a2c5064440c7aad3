"""Records and their files.

/records/<id>                     the newest version
/records/<id>/v<n>                a version
/records/<id>/v<n>/files/<name>   a file, for ever
/records/<id>/files/<name>        302 to the newest version that has it
/records/<id>/v<n>/preview        the picture of the first page
/records/<id>/similar             works like it
/records/<id>/export/<format>     the description in another format
/records/<id>/linkset             typed links of the page, as JSON or text (RFC 9264); also /records/<id>/v<n>/linkset
/<old address>                    301 to the record it became, or to the file (items/old_addresses.py)
"""

import unicodedata
from typing import cast

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for

from ingest.services import PREVIEW
from oai.export import export_item
from oai.formats import FORMATS
from repo.db import db, now
from repo.discovery import landing, signposting
from repo.discovery.cards import make_cards
from repo.discovery.citations import STYLES, Cited, write_bibtex, write_ris
from repo.discovery.downloads import counts_as_download, send_file
from repo.discovery.records import (
    Record,
    decide_files,
    find_record,
    has_file,
    newest_with_file,
    require_file,
    require_seen,
)
from repo.errors import GoneError, NotFoundError
from repo.items.access import ANYBODY, Action, may
from repo.items.metadata import read_metadata
from repo.items.models import Item, Version
from repo.items.old_addresses import sought
from repo.items.services.addresses import find_old_address
from repo.members.current import current_actor, current_networks
from repo.search.ports import SearchRequest
from repo.search.services.finding import search_items
from repo.search.services.likeness import likeness
from repo.settings import current_settings
from repo.statistics.recorder import Kind, record_usage
from repo.storage import derivatives
from repo.web.errors import answer
from repo.web.languages import current_language

bp = Blueprint("records", __name__)

MOST_SIMILAR = 10


@bp.route("/records/<item_id>")
@bp.route("/records/<item_id>/v<int:number>")
def landing_page(item_id: str, number: int | None = None) -> Response:
    found, gone = _open(item_id, number)
    if gone is not None:
        return gone
    response = _landing(found)
    if request.method != "HEAD":
        record_usage(Kind.VIEW, found.item_id, found.number, network=_network(found))
    return response


@bp.route("/records/<item_id>/v<int:number>/files/<path:name>")
def version_file(item_id: str, number: int, name: str) -> Response:
    found, gone = _open(item_id, number)
    if gone is not None:
        return gone
    at, networks = now(), current_networks()
    file = require_file(found, unicodedata.normalize("NFC", name), current_actor(), networks, at)
    public = may(ANYBODY, frozenset(), Action.READ, file.target, at).allowed
    response = send_file(found, file, saved="download" in request.args, public=public)
    if public:
        page, record = landing.page_address(found), landing.newest_address(found)
        capabilities = current_settings().base_url + url_for("resourcesync.capability_list")
        links = signposting.file_links(page, record, FORMATS["oai_dc"], capabilities)
        response.headers["Link"] = signposting.write_header(links)
    if counts_as_download(response):
        size = response.content_length
        record_usage(Kind.DOWNLOAD, item_id, number, file=file.name, size=size, network=_network(found))
    return response


@bp.route("/records/<item_id>/files/<path:name>")
def newest_file(item_id: str, name: str) -> Response:
    found, gone = _open(item_id, None)
    if gone is not None:
        return gone
    name = unicodedata.normalize("NFC", name)
    number = newest_with_file(found.item_id, name)
    return _redirect(url_for(".version_file", item_id=found.item_id, number=number, name=name), 302)


@bp.route("/records/<item_id>/v<int:number>/preview")
def preview(item_id: str, number: int) -> Response:
    """The picture of the first page is part of the file: whoever may not read that does not see this."""
    found, gone = _open(item_id, number)
    if gone is not None:
        return gone
    at, actor, networks = now(), current_actor(), current_networks()
    for file, decision in decide_files(found, actor, networks, at).values():
        path = derivatives().get(file.digest, PREVIEW) if decision.allowed else None
        if path is not None:
            response = Response(path.read_bytes(), mimetype="image/jpeg")
            public = may(ANYBODY, frozenset(), Action.READ, file.target, at).allowed
            response.headers["Cache-Control"] = "public, max-age=3600" if public else "private, no-cache"
            response.set_etag(file.digest[:40])
            response.make_conditional(request)
            return response
    raise NotFoundError()


@bp.route("/records/<item_id>/similar")
def similar(item_id: str) -> Response | str:
    """The works most like this one, the first MOST_SIMILAR."""
    found, gone = _open(item_id, None)
    if gone is not None:
        return gone
    item = db.session.get_one(Item, found.item_id)
    request_ = SearchRequest(likeness(item), limit=MOST_SIMILAR, facets=(), passages=0)
    alike = search_items(request_, current_actor(), current_networks())
    cards = make_cards([one.item for one in alike.items], current_language(), now())
    return render_template("discovery/similar.html", item=item, cards=cards)


@bp.route("/records/<item_id>/export/<name>")
def export(item_id: str, name: str) -> Response:
    found, gone = _open(item_id, None)
    if gone is not None:
        return gone
    site = current_settings().base_url
    metadata = read_metadata(db.session.get_one(Version, found.version_id).meta)
    cited = Cited(metadata, f"{site}/records/{found.item_id}")
    body: str | bytes | None
    match name:
        case "bibtex":
            body, mime, ending = write_bibtex(cited, found.item_id), "application/x-bibtex", "bib"
        case "ris":
            body, mime, ending = write_ris(cited), "application/x-research-info-systems", "ris"
        case _:
            body, mime, ending = export_item(db.session(), found.item_id, name, site), "application/xml", f"{name}.xml"
    if body is None:
        raise NotFoundError()
    response = Response(body, content_type=f"{mime}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.item_id}.{ending}"'
    response.headers["Link"] = signposting.write_header(signposting.description_links(landing.newest_address(found)))
    return response


@bp.route("/records/<item_id>/linkset")
@bp.route("/records/<item_id>/v<int:number>/linkset")
def linkset(item_id: str, number: int | None = None) -> Response:
    found, gone = _open(item_id, number)
    if gone is not None:
        return gone
    contexts = signposting.link_contexts(landing.page_address(found), landing.signposts(found, now()))
    kinds = (signposting.LINKSET_JSON, signposting.LINKSET_TEXT)
    kind = request.accept_mimetypes.best_match(kinds, signposting.LINKSET_JSON)
    write = signposting.write_linkset_text if kind == signposting.LINKSET_TEXT else signposting.write_linkset
    response = Response(write(contexts), content_type=kind)
    response.vary.add("Accept")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.app_errorhandler(404)
def old_address(error: Exception) -> Response:
    """An address that an item had before it came here leads to it for ever."""
    if request.method not in ("GET", "HEAD"):
        return answer(404)
    wanted = sought(request.host, request.path, request.query_string.decode("utf-8", "replace"))
    item_id = find_old_address(db.session(), wanted)
    if item_id is None:
        return answer(404)
    if wanted.file and has_file(item_id, wanted.file):
        return _redirect(url_for("records.newest_file", item_id=item_id, name=wanted.file), 301)
    return _redirect(url_for("records.landing_page", item_id=item_id), 301)


def _open(item_id: str, number: int | None) -> tuple[Record, Response | None]:
    """The record, and instead of it a redirect or the tombstone where that is the answer."""
    if item_id != item_id.lower() and request.view_args:
        values = {**request.view_args, "item_id": item_id.lower()}
        abort(_redirect(url_for(request.endpoint or "", **values), 301))
    found = find_record(item_id, number)
    try:
        require_seen(found, current_actor(), current_networks(), now())
    except GoneError:
        if found.replaced_by:
            return found, _redirect(url_for(".landing_page", item_id=found.replaced_by), 301)
        return found, _tombstone(item_id)
    return found, None


def _landing(found: Record) -> Response:
    actor, at = current_actor(), now()
    decisions = decide_files(found, actor, current_networks(), at)
    if not landing.is_plain_request():
        style = request.args.get("cite", "")
        html = landing.render_landing(found, decisions, at, style if style in STYLES else "gost")
        return _signposted(html, signposting.write_header(landing.signposts(found, at)))
    page = landing.stored_landing(found, decisions, at)
    if current_app.config["SESSION_COOKIE_NAME"] in request.cookies:
        return _signposted(landing.personal_landing(page, found, at, actor), page.links)
    packed = request.accept_encodings["gzip"] > 0
    response = _signposted(page.packed if packed else page.plain, page.links)
    response.vary.add("Accept-Encoding")
    if packed:
        response.content_encoding = "gzip"
    return response


def _signposted(html: str | bytes, links: str) -> Response:
    response = Response(html, mimetype="text/html")
    response.headers["Link"] = links
    return response


def _tombstone(item_id: str) -> Response:
    item = db.session.get_one(Item, item_id)
    return Response(render_template("discovery/tombstone.html", item=item), status=410, mimetype="text/html")


def _network(found: Record) -> str:
    """The code of the library, for a visitor from its own network."""
    return found.library_code if found.target.library_id in current_networks() else ""


def _redirect(address: str, code: int) -> Response:
    return cast(Response, redirect(address, code))
