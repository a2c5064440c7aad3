"""Files of a draft sent back to those who may see it; as on every download, what was uploaded never runs here."""

from urllib.parse import quote

from flask import Response, request
from werkzeug.wsgi import wrap_file

from ingest.services import PREVIEW
from repo.errors import NotFoundError
from repo.items.contents import open_original
from repo.items.models import File, Version
from repo.storage import derivatives

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def send_original(version: Version, file: File) -> Response:
    """The bytes, to be saved: nothing that was uploaded is shown as a page of this site."""
    stream = open_original(version, file)
    response = Response(
        wrap_file(request.environ, stream), mimetype="application/octet-stream", direct_passthrough=True
    )
    response.call_on_close(stream.close)
    response.content_length = file.blob.size
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-store"
    return response


def send_picture(file: File) -> Response:
    """The picture of the first page, which we drew ourselves."""
    path = derivatives().get(file.digest, PREVIEW)
    if path is None:
        raise NotFoundError()
    response = Response(path.read_bytes(), mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(file.digest[:40])
    response.make_conditional(request)
    return response
