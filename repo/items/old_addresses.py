"""Addresses that works had in other systems, in one form, so that all spellings of one lead to the same work; pure.

A form is what stands after the host: "handle/123456789/42" for a handle (RFC 3650), whatever interface of DSpace showed
it, "id/eprint/42" for a work of EPrints, else the path itself. With the host before it, "//old.example.org/…", it is
that host's alone: two houses may both have had a work 42. A path may also name a file of the work.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

LONGEST = 400
"""Characters of a form; longer ones are not kept."""

HANDLE_PROXIES = frozenset({"hdl.handle.net", "handle.net", "www.handle.net"})

_HANDLE = re.compile(r"(?:(?:xmlui|jspui)/)?handle/(\d[\d.]*)/([^/]+)(?:/.*)?")
_BITSTREAM = re.compile(r"(?:(?:xmlui|jspui)/)?bitstream/(?:handle/)?(\d[\d.]*)/([^/]+)/(?:\d+/)?([^/]+)")
_EPRINT = re.compile(r"(?:id/eprint/|eprint/)?(\d{1,18})(?:/\d+/(?:.*/)?([^/]+))?")
_SCHEME = re.compile(r"(hdl|handle|eprint):\s*(?://)?", re.IGNORECASE)


@dataclass(frozen=True)
class Sought:
    """What a path asks for: a work known by one of `forms`, the first that is known; perhaps a file of it."""

    forms: tuple[str, ...]
    file: str = ""


def stored_forms(address: str) -> tuple[str, ...]:
    """The forms under which an old address is kept: "hdl:…", "eprint:…", "https://…" or a path; none if it cannot be.

    An address on a host is kept for that host and for any; a handle is nobody's alone.
    """
    address = unicodedata.normalize("NFC", address.strip())
    if scheme := _SCHEME.match(address):
        kind = "id/eprint" if scheme[1].lower() == "eprint" else "handle"
        return _kept(_form(f"{kind}/{address[scheme.end() :]}", "").forms)
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:  # "http://[": no address
        return ()
    if host in HANDLE_PROXIES:
        return _kept(_form(f"handle/{unquote(parts.path).lstrip('/')}", "").forms)
    if parts.scheme and not host:
        return ()  # mailto:, urn:: nothing that a browser asks us for
    form = _form(unquote(parts.path), parts.query)
    forms = () if form.file else form.forms[:1]
    return _kept((*(f"//{host}/{one}" for one in forms if host), *forms))


def sought(host: str, path: str, query: str = "") -> Sought:
    """What a request asks for, by the name of the host that it was sent to, its decoded path and its query."""
    found = _form(unicodedata.normalize("NFC", path), query)
    host = host.partition(":")[0].lower()
    return Sought(_kept((*(f"//{host}/{form}" for form in found.forms), *found.forms)), found.file)


def _form(path: str, query: str) -> Sought:
    """The form of a path; with a query, which may be all that tells works apart, the form with it comes first."""
    path = path.strip("/")
    if found := _BITSTREAM.fullmatch(path):
        return Sought((f"handle/{found[1]}/{found[2]}",), found[3])
    if found := _HANDLE.fullmatch(path):
        return Sought((f"handle/{found[1]}/{found[2]}",))
    if found := _EPRINT.fullmatch(path):
        return Sought((f"id/eprint/{int(found[1])}",), found[2] or "")
    return Sought((*([f"{path}?{query}"] if query else []), *([path] if path else [])))


def _kept(forms: tuple[str, ...]) -> tuple[str, ...]:
    """Those that a database can hold: no control characters, no halves of characters."""
    return tuple(form for form in forms if len(form) <= LONGEST and form.isprintable())
