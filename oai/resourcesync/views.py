"""For mirrors.

/.well-known/resourcesync                  where they begin
/resourcesync/capabilitylist.xml           what there is
/resourcesync/resourcelist.xml             all files that anybody may read, as an index of pages
/resourcesync/resourcelist/<n>.xml
/resourcesync/changelist.xml               what was created, updated and deleted; if it is much, as an index of pages
/resourcesync/changelist/<n>.xml
/resourcesync/resourcedump.xml             the same files in ZIP packages
/resourcesync/resourcedump/<id>.zip
"""

from flask import Blueprint, Response

from oai.resourcesync import dump, listing
from repo.errors import NotFoundError
from repo.settings import current_settings
from repo.web.files import send_stream

bp = Blueprint("resourcesync", __name__)

NUMBER = "int(max=2147483647)"


@bp.route("/.well-known/resourcesync")
def source() -> Response:
    return _document(listing.source_description(_site()))


@bp.route("/resourcesync/capabilitylist.xml")
def capability_list() -> Response:
    return _document(listing.capability_list(_site(), dumps=current_settings().resource_dumps))


@bp.route("/resourcesync/resourcelist.xml")
def resource_list() -> Response:
    return _document(listing.resource_index(_site()))


@bp.route(f"/resourcesync/resourcelist/<{NUMBER}:page>.xml")
def resource_page(page: int) -> Response:
    return _document(listing.resource_page(_site(), page))


@bp.route("/resourcesync/changelist.xml")
def change_list() -> Response:
    return _document(listing.change_list(_site()))


@bp.route(f"/resourcesync/changelist/<{NUMBER}:page>.xml")
def change_page(page: int) -> Response:
    return _document(listing.change_page(_site(), page))


@bp.route("/resourcesync/resourcedump.xml")
def resource_dump() -> Response:
    if not current_settings().resource_dumps:
        raise NotFoundError()
    return _document(dump.list_packages(_site()))


@bp.route(f"/resourcesync/resourcedump/<{NUMBER}:package>.zip")
def dump_package(package: int) -> Response:
    found, stream = dump.open_package(package)
    name = f"resourcedump-{package}.zip"
    response = send_stream(stream, name, dump.ZIP, found.size, found.sha256, saved=True)
    response.mimetype = dump.ZIP  # made here: it need not be hidden from browsers
    return response


def _site() -> str:
    return current_settings().base_url


def _document(body: bytes) -> Response:
    response = Response(body, content_type="application/xml; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-cache"
    return response
