"""Stylesheet, script, icons and covers: `/static/NAME?v=HASH`, kept by browsers for a year.

`static_url("muras.css")` (and `url_for("static", filename=…)`) add the hash of the content, so a new release is seen
at once and nothing else is ever asked for again.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request
from werkzeug.security import safe_join

from repo.web.compression import COMPRESSED_TYPES

FOLDER = Path(__file__).parent.parent / "static"
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Asset:
    """One file as it is sent; `packed` is empty where packing does not pay."""

    content: bytes
    packed: bytes
    version: str
    mimetype: str


def init_app(app: Flask) -> None:
    app.jinja_env.globals["static_url"] = static_url
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=send_asset)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and (asset := find_asset(values["filename"])):
            values.setdefault("v", asset.version)


def static_url(name: str) -> str:
    """Return the address of a static file; quicker than url_for, for what stands on every page.

    Raises LookupError for a file that is not there: no page of ours asks for it.
    """
    asset = find_asset(name)
    if asset is None:
        raise LookupError(f"no static file {name}")
    return f"{request.script_root}/static/{name}?v={asset.version}"


def find_asset(name: str) -> Asset | None:
    """Return the file `name` of the static folder, None where there is none."""
    path = safe_join(str(FOLDER), name)
    try:
        return _load(path, Path(path).stat().st_mtime_ns) if path else None
    except (OSError, ValueError):  # not there, a folder, a name too long, a NUL in it
        return None


@lru_cache(maxsize=256)
def _load(path: str, _changed: int) -> Asset:
    content = Path(path).read_bytes()
    mimetype = mimetypes.guess_type(path)[0] or "application/octet-stream"
    packed = gzip.compress(content, 9, mtime=0) if mimetype in COMPRESSED_TYPES else b""
    version = hashlib.sha256(content).hexdigest()[:10]
    return Asset(content, packed if len(packed) < len(content) else b"", version, mimetype)


def send_asset(filename: str) -> Response:
    """Send a static file; for ever when its version was asked for, else to be checked at each use."""
    asset = find_asset(filename)
    if asset is None:
        abort(404)
    packed = asset.packed and request.accept_encodings["gzip"] > 0
    response = Response(asset.packed if packed else asset.content, mimetype=asset.mimetype)
    if asset.packed:
        response.vary.add("Accept-Encoding")
    if packed:
        response.content_encoding = "gzip"
    response.set_etag(asset.version + ("-gzip" if packed else ""))
    current = request.args.get("v") == asset.version
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if current else "no-cache"
    response.make_conditional(request)
    return response
