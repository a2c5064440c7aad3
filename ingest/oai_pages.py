"""Answers of OAI-PMH 2.0 read from bytes that anybody may have sent; pure, and run in the sandbox.

A page that is not well formed is taken apart into its records, and each that is whole by itself is used. A record
keeps the bytes that were sent for it, with the start of the page around them so that they can be read alone.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from xml.parsers import expat

from lxml import etree
from lxml.etree import _Element

from ingest.crosswalks import Link, find_crosswalk
from ingest.crosswalks.elements import below, children, first_text, local_name, namespace_of, text_of
from repo.items.metadata import write_metadata

RECORD_LIMIT = 4 << 20
"""Bytes of one record: more than a description has."""
STEPS = 20
"""Steps of a record's way that are read: deeper nesting tells nothing more."""

ROOT = re.compile(rb"<([\w.-]+:)?OAI-PMH\b[^>]*>")
BEGIN = re.compile(rb"<(?:[\w.-]+:)?record\b[^>]*>\s*<(?:[\w.-]+:)?header\b")
END = re.compile(rb"</(?:[\w.-]+:)?record\s*>")
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
TOKEN = re.compile(rb"<(?:[\w.-]+:)?resumptionToken\b[^>]*?(?:/>|>.*?</(?:[\w.-]+:)?resumptionToken\s*>)", re.S)
STRICT: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class Flaw(StrEnum):
    """What is wrong with a record. Those that keep it from being used come first."""

    BROKEN = "broken"
    NO_IDENTIFIER = "no_identifier"
    LONG_IDENTIFIER = "long_identifier"
    TOO_LARGE = "too_large"
    NO_METADATA = "no_metadata"
    FORMAT_UNKNOWN = "format_unknown"
    UNREADABLE = "unreadable"
    MENDED = "mended"


@dataclass(frozen=True)
class Step:
    """A step of a record's way (guidelines "provenance", 2.1), as its `about` tells it."""

    base_url: str
    identifier: str
    datestamp: str
    namespace: str
    harvested_at: str
    altered: bool


@dataclass(frozen=True)
class Read:
    """A record. `metadata` is a description as JSON, None of a deleted one and where `flaw` says why.

    `source` is base64 of what was sent, `digest` the SHA-256 of the record's bytes; `mended`: characters that XML does
    not allow were left out before it could be read.
    """

    identifier: str
    datestamp: str
    deleted: bool = False
    namespace: str = ""
    metadata: dict[str, Any] | None = None
    address: str = ""
    files: tuple[Link, ...] = ()
    way: tuple[Step, ...] = ()
    source: str = ""
    digest: str = ""
    flaw: Flaw | None = None
    mended: bool = False


class NotOai(StrEnum):
    """What came instead of an answer of the protocol."""

    EMPTY = "empty"
    HTML = "html"
    NOT_XML = "not_xml"
    DOCTYPE = "doctype"
    OTHER_XML = "other_xml"


@dataclass(frozen=True)
class Page:
    """An answer. `token` is "" at the end of a list; `size` its completeListSize; `broken`: it was not well formed.

    `errors` are codes of the protocol (3.6) with what was said; `about` holds the texts of Identify by their names;
    `formats` maps prefixes to namespaces.
    """

    nonsense: NotOai | None = None
    broken: bool = False
    errors: tuple[dict[str, str], ...] = ()
    date: str = ""
    records: tuple[Read, ...] = ()
    token: str = ""
    size: int | None = None
    expires: str = ""
    about: dict[str, str] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)


def read_packed(data: str) -> Page:
    """`read_page` of base64, as bytes reach the sandbox."""
    return read_page(base64.b64decode(data))


def read_page(data: bytes) -> Page:
    """Read an answer. Nothing is raised for what is in it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = re.sub(r"^\s*<\?xml[^>]*\?>", "", data.decode("utf-16", "replace").lstrip("\ufeff")).encode()
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if nonsense := _look(data):
        return Page(nonsense)
    try:
        root = etree.fromstring(data, etree.XMLParser(**STRICT))
    except (etree.XMLSyntaxError, ValueError):
        return _read_broken(data)
    if local_name(root) != "OAI-PMH":
        return Page(NotOai.HTML if local_name(root).lower() == "html" else NotOai.OTHER_XML)
    elements = list(_records(root))
    slices = list(_slices(data)) if elements else []
    if len(slices) != len(elements):
        slices = [etree.tostring(one) for one in elements]
    wrap = _wrapper(data)
    return _page(root, tuple(_read(one, raw, wrap) for one, raw in zip(elements, slices, strict=True)))


def _look(data: bytes) -> NotOai | None:
    """What the first bytes tell."""
    if not data:
        return NotOai.EMPTY
    start = re.search(rb"<[A-Za-z_]", data[:100_000])
    before = data[: start.start() if start else 1000].lower()
    if b"<!doctype html" in before or data[:20].lower().startswith(b"<html"):
        return NotOai.HTML
    if b"<!doctype" in before:  # no answer has one: it is there for its entities
        return NotOai.DOCTYPE
    return None if start and data.startswith(b"<") else NotOai.NOT_XML


def _page(root: _Element, records: tuple[Read, ...], *, broken: bool = False) -> Page:
    token = next((one for one in root.iter("{*}resumptionToken")), None)
    size = (token.get("completeListSize") or "") if token is not None else ""
    return Page(
        broken=broken,
        errors=tuple({"code": one.get("code") or "", "text": text_of(one)[:300]} for one in children(root, "error")),
        date=first_text(root, "responseDate")[:40],
        records=records,
        token="".join(map(str, token.itertext())).strip() if token is not None else "",
        size=int(size) if size.isdecimal() and len(size) < 12 else None,
        expires=(token.get("expirationDate") or "")[:40] if token is not None else "",
        about={local_name(one): text_of(one)[:1000] for told in children(root, "Identify") for one in children(told)},
        formats={
            first_text(one, "metadataPrefix"): first_text(one, "metadataNamespace")
            for one in below(root, "ListMetadataFormats", "metadataFormat")
        },
    )


# ---------------------------------------------------------------- where records begin and end


def _records(root: _Element) -> Iterator[_Element]:
    return (one for listed in children(root, "ListRecords", "GetRecord") for one in children(listed, "record"))


def _slices(data: bytes) -> Iterator[bytes]:
    """The bytes of each record of a well-formed page."""
    places: list[tuple[int, int]] = []
    depth, start = 0, 0
    parser = expat.ParserCreate()

    def begin(name: str, _attributes: object) -> None:
        nonlocal depth, start
        if depth == 2 and name.rpartition(":")[2] == "record":
            start = parser.CurrentByteIndex
        depth += 1

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if depth == 2 and name.rpartition(":")[2] == "record":
            places.append((start, data.index(b">", parser.CurrentByteIndex) + 1))

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError):
        return iter(())
    return (data[start:end] for start, end in places)


def _wrapper(data: bytes) -> Callable[[bytes], bytes]:
    """What makes the bytes of a record a document: the page's declaration and root around them."""
    root = ROOT.search(data)
    if root is None:
        return lambda raw: raw
    prefix = (root[1] or b"").decode("ascii", "ignore").encode()
    head = data[: root.end()].removesuffix(b"/>")
    return lambda raw: head + raw + b"</" + prefix + b"OAI-PMH>"


def _read_broken(data: bytes) -> Page:
    """A page that is no XML as a whole: each record for itself, and the token."""
    if ROOT.search(data) is None:
        return Page(NotOai.HTML if b"<html" in data[:2000].lower() else NotOai.NOT_XML)
    wrap = _wrapper(data)
    starts = [found.start() for found in BEGIN.finditer(data)]
    records = [_read_alone(data[start:end], wrap) for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]
    outside = data[: starts[0]] + data[starts[-1] :] if starts else data
    tokens = TOKEN.findall(outside)
    frame = wrap(b"".join(re.findall(rb"<responseDate>[^<]*</responseDate>", data[:2000])) + b"".join(tokens[-1:]))
    try:
        root = etree.fromstring(CONTROLS.sub(b"", frame), etree.XMLParser(**STRICT))
    except (etree.XMLSyntaxError, ValueError):
        root = etree.Element("OAI-PMH")
    return _page(root, tuple(records), broken=True)


def _read_alone(piece: bytes, wrap: Callable[[bytes], bytes]) -> Read:
    """One record of a broken page; characters that XML forbids are left out if that makes it whole."""
    ends = [found.end() for found in END.finditer(piece)]
    raw = piece[: ends[-1]] if ends else piece
    cleaned = CONTROLS.sub(b"", raw).decode("utf-8", "replace").encode()
    for mended, tried in ((False, raw), (True, cleaned)):
        try:
            root = etree.fromstring(wrap(tried), etree.XMLParser(**STRICT))
        except (etree.XMLSyntaxError, ValueError):
            continue
        found = next(children(root, "record"), None)
        if found is not None:
            return _read(found, raw, wrap, mended=mended)
    identifier = re.search(rb"<(?:[\w.-]+:)?identifier\s*>\s*([^<]{1,400})", raw)
    name = identifier[1].decode("utf-8", "replace").strip() if identifier else ""
    return Read(name, "", source=_pack(raw, wrap), digest=hashlib.sha256(raw).hexdigest(), flaw=Flaw.BROKEN)


# ---------------------------------------------------------------- one record


def _read(record: _Element, raw: bytes, wrap: Callable[[bytes], bytes], *, mended: bool = False) -> Read:
    header = next(children(record, "header"), None)
    identifier = first_text(header, "identifier") if header is not None else ""
    datestamp = first_text(header, "datestamp")[:30] if header is not None else ""
    deleted = header is not None and header.get("status") == "deleted"
    digest = hashlib.sha256(raw).hexdigest()
    known: dict[str, Any] = {"deleted": deleted, "digest": digest, "mended": mended}
    if not identifier or len(identifier) > 400:
        flaw = Flaw.LONG_IDENTIFIER if identifier else Flaw.NO_IDENTIFIER
        return Read(identifier[:400], datestamp, **known, flaw=flaw)
    if len(raw) > RECORD_LIMIT:
        return Read(identifier, datestamp, **known, flaw=Flaw.TOO_LARGE)
    if deleted:
        return Read(identifier, datestamp, **known)
    known |= {"source": _pack(raw, wrap), "way": tuple(_way(record))}
    held = next((child for one in children(record, "metadata") for child in children(one)), None)
    if held is None:
        return Read(identifier, datestamp, **known, flaw=Flaw.NO_METADATA)
    return _described(identifier, datestamp, held, known)


def _described(identifier: str, datestamp: str, held: _Element, known: dict[str, Any]) -> Read:
    crosswalk = find_crosswalk(held)
    known["namespace"] = namespace_of(held)
    if crosswalk is None:
        return Read(identifier, datestamp, **known, flaw=Flaw.FORMAT_UNKNOWN)
    try:
        found = crosswalk(held)
        metadata = write_metadata(found.metadata)
    except Exception:  # a crosswalk met what nobody has thought of: the record is reported, the page goes on
        return Read(identifier, datestamp, **known, flaw=Flaw.UNREADABLE)
    return Read(identifier, datestamp, **known, metadata=metadata, address=found.address, files=found.files)


def _way(record: _Element) -> Iterator[Step]:
    """The steps that `about/provenance/originDescription` tells, the newest first."""
    for container in below(record, "about", "provenance"):
        told = next(children(container, "originDescription"), None)
        for _ in range(STEPS):
            if told is None:
                return
            yield Step(
                first_text(told, "baseURL")[:500],
                first_text(told, "identifier")[:400],
                first_text(told, "datestamp")[:30],
                first_text(told, "metadataNamespace")[:200],
                (told.get("harvestDate") or "")[:30],
                told.get("altered") != "false",
            )
            told = next(children(told, "originDescription"), None)


def _pack(raw: bytes, wrap: Callable[[bytes], bytes]) -> str:
    return base64.b64encode(wrap(raw)).decode()
