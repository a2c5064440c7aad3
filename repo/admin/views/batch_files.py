"""The file of a bulk load on its way in.

    /admin/batches/<id>/uploads            tus 1.0: what the server can do (OPTIONS), begin (POST)
    /admin/batches/<id>/uploads/<upload>   where to go on (HEAD), a chunk (PATCH), give up (DELETE)
    /admin/batches/<id>/add                the file in a form, where there is no JavaScript

Bodies are read as they arrive, after the rights are clear: see `repo.deposit.upload_views`, which says why these views
carry their own proof that the request comes from a page of ours.
"""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from ingest import batch_arriving as arriving
from ingest.batch import load_batch, require_loader
from repo.admin.loading import require_loader as require_somebody
from repo.deposit import tus
from repo.deposit.multipart import read_parts
from repo.deposit.upload_views import is_ours, refuse_elsewhere, speaks_tus
from repo.errors import StateError, TooLargeError
from repo.settings import current_settings
from repo.web.errors import SESSION_TITLE, answer
from repo.web.security import answers_anything

bp = Blueprint("batch_files", __name__, url_prefix="/admin/batches")

NUMBER = "<int(max=2147483647):batch_id>"


@bp.before_request
def loaders_only() -> None:
    require_somebody()


@bp.route(f"/{NUMBER}/uploads", methods=["OPTIONS", "POST"], provide_automatic_options=False)
@answers_anything
def tus_uploads(batch_id: int) -> Response:
    if request.method == "OPTIONS":
        return Response(status=204, headers=tus.server_headers(current_settings().max_upload))
    return tus_create(batch_id)


@speaks_tus
def tus_create(batch_id: int) -> Response:
    actor = require_somebody()
    require_loader(actor, load_batch(batch_id))
    told = tus.read_metadata(request.headers)
    length = tus.read_number(request.headers, "Upload-Length")
    upload_id = arriving.expect_file(actor, batch_id, told.get("filename", ""), length)
    offset = 0
    if request.content_length or not length:
        if request.content_length:
            tus.require_chunk(request.mimetype)
        batch = arriving.find_upload(actor, batch_id, upload_id)
        offset = arriving.receive_chunk(actor, batch, 0, request.stream, tus.read_checksum(request.headers))
    address = url_for("batch_files.tus_upload", batch_id=batch_id, upload_id=upload_id)
    return Response(status=201, headers={"Location": address, **tus.upload_headers(offset, None)})


@bp.route(
    f"/{NUMBER}/uploads/<upload_id>",
    methods=["OPTIONS", "HEAD", "PATCH", "DELETE", "POST"],
    provide_automatic_options=False,
)
@answers_anything
def tus_upload(batch_id: int, upload_id: str) -> Response:
    if request.method == "OPTIONS":
        return Response(status=204, headers=tus.server_headers(current_settings().max_upload))
    return tus_change(batch_id, upload_id)


@speaks_tus
def tus_change(batch_id: int, upload_id: str) -> Response:
    actor = require_somebody()
    batch = arriving.find_upload(actor, batch_id, upload_id)
    match tus.override_method(request.method, request.headers):
        case "HEAD":
            headers = {"Upload-Length": str(batch.length)}
            return Response(headers=headers | tus.upload_headers(arriving.received_bytes(actor, batch), None))
        case "PATCH":
            tus.require_chunk(request.mimetype)
            start = tus.read_number(request.headers, "Upload-Offset")
            offset = arriving.receive_chunk(actor, batch, start, request.stream, tus.read_checksum(request.headers))
            return Response(status=204, headers=tus.upload_headers(offset, None))
        case "DELETE":
            arriving.give_up(actor, batch_id)
            return Response(status=204)
    raise tus.TusError(405, request.method)


@bp.post(f"/{NUMBER}/add")
@answers_anything
def add_file(batch_id: int) -> AnyResponse:
    """Take the file of a form; the token of the form stands before it."""
    refuse_elsewhere()
    actor = require_somebody()
    require_loader(actor, load_batch(batch_id))
    if (request.content_length or 0) > current_settings().max_upload + 1_000_000:
        raise TooLargeError(current_settings().max_upload)
    fields: dict[str, str] = {}
    for part in read_parts(request.stream, request.content_type or ""):
        if part.filename is None:
            fields[part.name] = part.text()
        elif not is_ours(fields.get("csrf_token")):
            return answer(400, title=SESSION_TITLE, template="session", fields=[])
        elif part.filename:
            try:
                arriving.receive_file(actor, batch_id, part.filename, part)
            except StateError:
                flash(_("The load has its file already."), "warn")
            return redirect(url_for("batches.batch", batch_id=batch_id))
    flash(_("No file was chosen. Choose one, then upload it."), "warn")
    return redirect(url_for("batches.batch", batch_id=batch_id))
