"""The words of tus 1.0 (https://tus.io/protocols/resumable-upload, 2016), read from headers and written into them.

Of its extensions: creation, creation-with-upload, termination, checksum, expiration. A file's length has to be known
before its first byte, because what is too large is refused then.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Protocol

from repo.errors import MurasError

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
CHECKSUMS = ("sha512", "sha256", "sha1", "md5")
CHUNK_TYPE = "application/offset+octet-stream"
METHODS = ("HEAD", "PATCH", "DELETE")


class Headers(Protocol):
    """The headers of a request; names are case-insensitive."""

    def get(self, name: str, /) -> str | None: ...


class TusError(MurasError):
    """The request does not speak the protocol; `status` as the protocol says."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def server_headers(max_size: int) -> dict[str, str]:
    """What a server says of itself (section "OPTIONS")."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Max-Size": str(max_size),
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }


def upload_headers(offset: int, expires: datetime | None) -> dict[str, str]:
    """Where to go on, and until when the bytes are kept (RFC 9110 date)."""
    headers = {"Upload-Offset": str(offset)}
    if expires is not None:
        headers["Upload-Expires"] = format_datetime(expires, usegmt=True)
    return headers


def require_version(headers: Headers) -> None:
    """Raise TusError (412) when the client speaks another version.

    The header also proves that no page of another site made its reader's browser send this: a browser sends a header
    of its own making to another site only if that site allows it, and Muras never does (Fetch, "CORS protocol").
    """
    if headers.get("Tus-Resumable") != VERSION:
        raise TusError(412, "Tus-Resumable")


def override_method(method: str, headers: Headers) -> str:
    """The method that is meant: some proxies let only POST through (section "X-HTTP-Method-Override")."""
    meant = (headers.get("X-HTTP-Method-Override") or method).upper()
    if meant not in (*METHODS, "POST", "OPTIONS"):
        raise TusError(405, meant)
    return meant


def read_number(headers: Headers, name: str) -> int:
    """A length or an offset in bytes. Raises TusError (400) when it is missing or no number."""
    text = headers.get(name) or ""
    # At most 18 digits: what a database can hold, and no work for whoever sends a million of them.
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise TusError(400, name)
    return int(text)


def read_metadata(headers: Headers) -> Mapping[str, str]:
    """What the client tells of its file: keys, and values in Base64 of UTF-8. Raises TusError (400)."""
    found = {}
    for pair in (headers.get("Upload-Metadata") or "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key:
            found[key] = _decode(value.strip(), "Upload-Metadata").decode("utf-8", "replace")
    return found


def read_checksum(headers: Headers) -> tuple[str, bytes] | None:
    """Algorithm and digest of a chunk, if the client sent them. Raises TusError (400)."""
    text = headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, digest = text.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise TusError(400, "Upload-Checksum")
    return algorithm, _decode(digest, "Upload-Checksum")


def require_chunk(content_type: str) -> None:
    """Raise TusError (415) for a body that is no chunk: a form of another site could send it."""
    if content_type != CHUNK_TYPE:
        raise TusError(415, content_type)


def _decode(text: str, header: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise TusError(400, header) from None
