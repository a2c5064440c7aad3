"""Files of a draft, on their way in and out.

    /deposit/<id>/uploads              tus 1.0: what the server can do (OPTIONS), begin an upload (POST)
    /deposit/<id>/uploads/<upload>     where to go on (HEAD), a chunk (PATCH), give up (DELETE)
    /deposit/<id>/add                  files in a form, where there is no JavaScript
    /deposit/<id>/file/<file>          a file, for its depositor and those who review
    /deposit/<id>/file/<file>/picture  its first page

Bodies are read as they arrive, after the rights are clear. So these views carry their own proof that the request
comes from a page of ours: the forms' check would have read the whole body first.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response as AnyResponse
from wtforms import ValidationError

from repo.db import db, transaction
from repo.deposit import tus
from repo.deposit import uploads as arriving
from repo.deposit.multipart import Part, read_parts
from repo.deposit.sending import send_original, send_picture
from repo.deposit.views import sign_in_first
from repo.errors import ForbiddenError, MurasError, NotFoundError, TooLargeError
from repo.items.access import FileRole
from repo.items.models import File, Upload, Version
from repo.items.services import drafts
from repo.members.current import current_actor
from repo.settings import current_settings
from repo.storage.uploads import OffsetConflict
from repo.web.errors import SESSION_TITLE, TITLES, answer
from repo.web.security import answers_anything

bp = Blueprint("deposit_files", __name__, url_prefix="/deposit")
bp.before_request(sign_in_first)

P = ParamSpec("P")

ROLES = {"agreement": FileRole.AGREEMENT}


def speaks_tus(view: Callable[P, Response]) -> Callable[P, Response]:
    """Check what every tus request must have, and answer errors with the protocol's statuses and a plain sentence."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            refuse_elsewhere()
            tus.require_version(request.headers)
            response = view(*args, **kwargs)
        except MurasError as error:
            db.session.rollback()
            response = Response(_say(error), error.status, mimetype="text/plain")
            if isinstance(error, OffsetConflict):
                response.headers["Upload-Offset"] = str(error.offset)
        response.headers.update(tus.server_headers(current_settings().max_upload))
        response.headers["Cache-Control"] = "no-store"
        return response

    return checked


def refuse_elsewhere() -> None:
    """Raise ForbiddenError when the browser says that a page of another site sent this.

    Programs say nothing of the kind; for them the session cookie and the version header are enough.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    own = {urlsplit(address)[:2] for address in (request.host_url, current_settings().base_url)}
    if site not in (None, "same-origin") or (origin is not None and urlsplit(origin)[:2] not in own):
        raise ForbiddenError()


@bp.route("/<item_id>/uploads", methods=["OPTIONS", "POST"], provide_automatic_options=False)
@answers_anything
def tus_uploads(item_id: str) -> Response:
    if request.method == "OPTIONS":
        return Response(status=204, headers=tus.server_headers(current_settings().max_upload))
    return tus_create(item_id)


@speaks_tus
def tus_create(item_id: str) -> Response:
    told = tus.read_metadata(request.headers)
    length = tus.read_number(request.headers, "Upload-Length")
    role = ROLES.get(told.get("role", ""), FileRole.ORIGINAL)
    upload = arriving.begin_upload(current_actor(), item_id, told.get("filename", ""), length, role)
    offset, address = 0, url_for("deposit_files.tus_upload", item_id=item_id, upload_id=upload.id)
    if request.content_length or not length:
        if request.content_length:
            tus.require_chunk(request.mimetype)
        offset = arriving.receive_chunk(upload, 0, request.stream, tus.read_checksum(request.headers))
    expires = arriving.expires_at(upload) if offset < length else None
    return Response(status=201, headers={"Location": address, **tus.upload_headers(offset, expires)})


@bp.route(
    "/<item_id>/uploads/<upload_id>",
    methods=["OPTIONS", "HEAD", "PATCH", "DELETE", "POST"],
    provide_automatic_options=False,
)
@answers_anything
def tus_upload(item_id: str, upload_id: str) -> Response:
    if request.method == "OPTIONS":
        return Response(status=204, headers=tus.server_headers(current_settings().max_upload))
    return tus_change(item_id, upload_id)


@speaks_tus
def tus_change(item_id: str, upload_id: str) -> Response:
    upload, version = _load_upload(item_id, upload_id)
    length = upload.length
    match tus.override_method(request.method, request.headers):
        case "HEAD":
            offset = arriving.upload_offset(upload)
            headers = {"Upload-Length": str(length)}
            return Response(headers=headers | tus.upload_headers(offset, arriving.expires_at(upload)))
        case "PATCH":
            tus.require_chunk(request.mimetype)
            drafts.require_files_open(current_actor(), version)
            expires, start = arriving.expires_at(upload), tus.read_number(request.headers, "Upload-Offset")
            offset = arriving.receive_chunk(upload, start, request.stream, tus.read_checksum(request.headers))
            return Response(status=204, headers=tus.upload_headers(offset, expires if offset < length else None))
        case "DELETE":
            with transaction():
                upload, version = _load_upload(item_id, upload_id)
                drafts.drop_upload(current_actor(), version, upload)
            arriving.discard_uploads([upload_id])
            return Response(status=204)
    raise tus.TusError(405, request.method)


@bp.post("/<item_id>/add")
@answers_anything
def add_files(item_id: str) -> AnyResponse:
    """Take the files of a form one after the other; the token of the form stands before them."""
    refuse_elsewhere()
    drafts.load_draft(current_actor(), item_id)
    if (request.content_length or 0) > current_settings().max_upload + 1_000_000:
        raise TooLargeError(current_settings().max_upload)
    fields: dict[str, str] = {}
    count = 0
    for part in read_parts(request.stream, request.content_type or ""):
        if part.filename is None:
            fields[part.name] = part.text()
        elif not is_ours(fields.get("csrf_token")):
            return answer(400, title=SESSION_TITLE, template="session", fields=[])
        elif part.filename:
            _take(item_id, part, fields.get("role", ""))
            count += 1
    if not count:
        flash(_("No file was chosen. Choose one, then upload it."), "warn")
    page = "deposit.agreement" if fields.get("role") == "agreement" else "deposit.files"
    return redirect(url_for(page, item_id=item_id, _anchor="received"))


def _take(item_id: str, part: Part, role: str) -> None:
    role_meant = ROLES.get(role, FileRole.ORIGINAL)
    arriving.receive_file(current_actor(), item_id, part.filename or "", part, role_meant)


def is_ours(token: str | None) -> bool:
    try:
        validate_csrf(token)
    except ValidationError:
        return False
    return True


@bp.get("/<item_id>/file/<int:file_id>")
def file(item_id: str, file_id: int) -> Response:
    version = drafts.load_draft(current_actor(), item_id)
    return send_original(version, _file_of(version, file_id))


@bp.get("/<item_id>/file/<int:file_id>/picture")
def picture(item_id: str, file_id: int) -> Response:
    version = drafts.load_draft(current_actor(), item_id)
    return send_picture(_file_of(version, file_id))


def _load_upload(item_id: str, upload_id: str) -> tuple[Upload, Version]:
    upload, version = drafts.load_upload(current_actor(), upload_id)
    if version.item_id != item_id:
        raise NotFoundError()
    return upload, version


def _file_of(version: Version, file_id: int) -> File:
    """A file of the draft that the actor may open: not what others keep privately with it."""
    for file in version.files:
        if file.id == file_id and drafts.may_open(current_actor(), version, file):
            return file
    raise NotFoundError()


def _say(error: MurasError) -> str:
    """What the row of the upload says, in the depositor's language."""
    match error:
        case TooLargeError():
            return str(TITLES[413])
        case MurasError(status=507):
            return str(TITLES[507])
    return str(TITLES.get(error.status, ""))
