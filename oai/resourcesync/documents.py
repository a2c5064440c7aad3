"""The documents of ResourceSync 1.1 (ANSI/NISO Z39.99-2017): sitemaps with elements of their own; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from lxml import etree

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
RS = "http://www.openarchives.org/rs/terms/"
NAMESPACES: dict[Any, str] = {None: SITEMAP, "rs": RS}
XML = "application/xml"

Facts = Mapping[str, object]
"""Attributes of `rs:md`; what is None is left out."""


@dataclass(frozen=True)
class Link:
    """An `rs:ln`: `rel` is a relation of the standard or of the IANA registry."""

    rel: str
    href: str
    type: str = ""


@dataclass(frozen=True)
class Entry:
    """A `url` or, in an index, a `sitemap`; `modified` is the last change of the content at `address`."""

    address: str
    facts: Facts = field(default_factory=dict)
    modified: datetime | None = None
    links: tuple[Link, ...] = ()


def write_list(capability: str, entries: Iterable[Entry], links: Iterable[Link] = (), **facts: object) -> bytes:
    """A list of a capability ("resourcelist", "description" …), of which `facts` tell more."""
    return _write("urlset", "url", {"capability": capability, **facts}, entries, links)


def write_index(capability: str, entries: Iterable[Entry], links: Iterable[Link] = (), **facts: object) -> bytes:
    """The index of a list that has several pages (8.2)."""
    return _write("sitemapindex", "sitemap", {"capability": capability, **facts}, entries, links)


def file_address(site: str, item_id: str, number: int, name: str) -> str:
    """The permanent address of a file, below the base address of the house."""
    return f"{site}/records/{item_id}/v{number}/files/{quote(name)}"


def moment(at: datetime) -> str:
    """W3C Datetime in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _write(root: str, name: str, facts: Facts, entries: Iterable[Entry], links: Iterable[Link]) -> bytes:
    document = etree.Element(f"{{{SITEMAP}}}{root}", nsmap=NAMESPACES)
    _add_links(document, links)
    _add_facts(document, facts)
    for entry in entries:
        element = etree.SubElement(document, f"{{{SITEMAP}}}{name}")
        etree.SubElement(element, f"{{{SITEMAP}}}loc").text = entry.address
        if entry.modified is not None:
            etree.SubElement(element, f"{{{SITEMAP}}}lastmod").text = moment(entry.modified)
        _add_facts(element, entry.facts)
        _add_links(element, entry.links)
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True)


def _add_facts(parent: etree._Element, facts: Facts) -> None:
    said = {name: value for name, value in facts.items() if value is not None}
    if said:
        element = etree.SubElement(parent, f"{{{RS}}}md")
        for name, value in said.items():
            element.set(name, moment(value) if isinstance(value, datetime) else str(value))


def _add_links(parent: etree._Element, links: Iterable[Link]) -> None:
    for link in links:
        element = etree.SubElement(parent, f"{{{RS}}}ln", rel=link.rel, href=link.href)
        if link.type:
            element.set("type", link.type)
