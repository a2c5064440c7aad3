"""Sending files that people brought: they are never run as part of our pages."""

from typing import BinaryIO
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

# Shown in the browser by its own viewer; everything else, HTML and SVG above all, is only ever saved.
SHOWN = frozenset(
    {"application/pdf", "image/jpeg", "image/png", "image/gif", "image/webp", "text/plain", "audio/mpeg", "video/mp4"}
)
# A browser's PDF viewer needs styles of its own and does not start in a sandbox.
POLICIES = {"application/pdf": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
PIECE = 256 * 1024
"""Bytes sent at once: few turns for a fast reader, little memory for a slow one."""


def send_stream(
    stream: BinaryIO, name: str, mime: str, size: int, digest: str, *, saved: bool = False, public: bool = False
) -> Response:
    """Return the response with a file of `size` bytes: Range, ETag, safe headers (RFC 9110, 13 and 14).

    `saved`: the reader asked to save it; `public`: anybody may read it, so that shared caches may keep it.
    """
    shown = mime in SHOWN and not saved
    mime = mime if shown else "application/octet-stream"
    response = Response(wrap_file(request.environ, stream, PIECE), mimetype=mime, direct_passthrough=True)
    response.call_on_close(stream.close)
    if mime == "text/plain":
        response.content_type = "text/plain"  # its encoding is not ours to say
    response.content_length = size
    response.set_etag(digest[:40])
    response.headers["Content-Disposition"] = _disposition("inline" if shown else "attachment", name)
    response.headers["Content-Security-Policy"] = POLICIES.get(mime, SANDBOX)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-site"
    # A file of a published version never changes, but the right to read it may be taken back.
    response.headers["Cache-Control"] = "public, max-age=3600" if public else "private, no-cache"
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        stream.close()
        raise
    return response


def _disposition(kind: str, name: str) -> str:
    """RFC 6266: a plain name for old browsers, the real one in UTF-8."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
