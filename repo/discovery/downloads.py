"""Sending files: what people uploaded is never run as part of our pages."""

from urllib.parse import quote

from flask import Response, request
from werkzeug.wsgi import wrap_file

from repo.discovery.records import FileFacts, Record
from repo.items.identifiers import ocfl_id
from repo.items.preservation import FOLDERS
from repo.storage import store

# Shown in the browser by its own viewer; everything else, HTML and SVG above all, is only ever saved.
SHOWN = frozenset(
    {"application/pdf", "image/jpeg", "image/png", "image/gif", "image/webp", "text/plain", "audio/mpeg", "video/mp4"}
)
# A browser's PDF viewer needs styles of its own and does not start in a sandbox.
POLICIES = {"application/pdf": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
PIECE = 256 * 1024
"""Bytes sent at once: few turns for a fast reader, little memory for a slow one."""


def send_file(record: Record, file: FileFacts, *, saved: bool = False, public: bool = False) -> Response:
    """Return the response with a file of a public version: Range, ETag, safe headers (RFC 9110, 13 and 14).

    `saved`: the reader asked to save it; `public`: anybody may read it, so that shared caches may keep it.
    """
    shown = file.mime in SHOWN and not saved
    mime = file.mime if shown else "application/octet-stream"
    path = f"{FOLDERS[file.role]}/{file.name}"
    stream = store().open(ocfl_id(record.item_id), path, record.ocfl_version)
    response = Response(wrap_file(request.environ, stream, PIECE), mimetype=mime, direct_passthrough=True)
    response.call_on_close(stream.close)
    if mime == "text/plain":
        response.content_type = "text/plain"  # its encoding is not ours to say
    response.content_length = file.size
    response.set_etag(file.digest[:40])
    response.headers["Content-Disposition"] = _disposition("inline" if shown else "attachment", file.name)
    response.headers["Content-Security-Policy"] = POLICIES.get(mime, SANDBOX)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-site"
    # A file of a published version never changes, but the right to read it may be taken back.
    response.headers["Cache-Control"] = "public, max-age=3600" if public else "private, no-cache"
    response.make_conditional(request, accept_ranges=True, complete_length=file.size)
    return response


def counts_as_download(response: Response) -> bool:
    """Whether this answer is a download: its first byte was sent, to somebody who asked for content."""
    if request.method == "HEAD" or response.status_code not in (200, 206):
        return False
    content_range = response.headers.get("Content-Range", "bytes 0-")
    return content_range.startswith("bytes 0-")


def _disposition(kind: str, name: str) -> str:
    """RFC 6266: a plain name for old browsers, the real one in UTF-8."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
