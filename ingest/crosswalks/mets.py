"""METS 1 and 2 (Library of Congress): the description that is wrapped in it and the addresses of its files; pure."""

import re
from collections.abc import Iterator

from lxml.etree import _Element

from ingest.crosswalks import datacite, dublin_core, marcxml, mods
from ingest.crosswalks.elements import XLINK, children, local_name, name_in_address, namespace_of
from ingest.crosswalks.found import Found, Link
from repo.items.metadata import Metadata, Text

WRAPPED = {
    mods.NAMESPACE: mods.read,
    marcxml.NAMESPACE: marcxml.read,
    "http://www.openarchives.org/OAI/2.0/oai_dc/": dublin_core.read,
    "http://purl.org/dc/elements/1.1/": dublin_core.read,
    "http://purl.org/dc/terms/": dublin_core.read,
    "http://datacite.org/schema/kernel-4": datacite.read,
}
BEST = ("ORIGINAL", "CONTENT", "MASTER", "DOWNLOAD", "DEFAULT", "MAX", "PRESENTATION")
"""Uses of groups of files, the best first: of a group's other sizes and of thumbnails nothing is taken."""


def read(element: _Element) -> Found:
    """The description of the whole: the one that the top of the logical structure names, else the first."""
    sections = {one.get("ID") or "": one for one in element.iter() if local_name(one) in ("dmdSec", "md")}
    named = [name for div in element.iter() if local_name(div) == "div" for name in (div.get("DMDID") or "").split()]
    order = [*(sections[name] for name in named if name in sections), *sections.values()]
    found = next(filter(None, map(_described, order)), None) or Found(Metadata(titles=_label(element)))
    return Found(found.metadata, found.address, tuple(_files(element)) or found.files)


def _described(section: _Element) -> Found | None:
    """What is in `mdWrap/xmlData`, if one of our crosswalks reads it; terms that lie there loosely are Dublin Core."""
    for data in (one for one in section.iter() if local_name(one) == "xmlData"):
        inner = next(children(data), None)
        if inner is None or namespace_of(inner) not in WRAPPED:
            continue
        loose = namespace_of(inner).startswith("http://purl.org/dc/") and not len(inner)
        return WRAPPED[namespace_of(inner)](data if loose else inner)
    return None


def _label(element: _Element) -> list[Text]:
    labels = [one.get("LABEL") for one in element.iter() if local_name(one) in ("mets", "div") and one.get("LABEL")]
    return [Text(value=labels[0])] if labels and labels[0] else []


def _files(element: _Element) -> Iterator[Link]:
    groups = [one for one in element.iter() if local_name(one) == "fileGrp"]
    uses = {(group.get("USE") or "").upper() for group in groups}
    best = next((use for use in BEST if use in uses), None)
    for group in groups:
        if best is None or (group.get("USE") or "").upper() == best:
            yield from _links(group)


def _links(group: _Element) -> Iterator[Link]:
    for file in children(group, "file"):
        for place in children(file, "FLocat"):
            address = place.get(XLINK + "href") or place.get("LOCREF") or ""
            if re.match(r"https?://", address):
                digest = (file.get("CHECKSUM") or "").lower() if file.get("CHECKSUMTYPE") == "SHA-512" else ""
                size = file.get("SIZE") or ""
                name = place.get(XLINK + "title") or name_in_address(address)
                yield Link(name, address, file.get("MIMETYPE") or "", int(size) if size.isdecimal() else None, digest)
                break
