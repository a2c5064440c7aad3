"""Reading ResourceSync as a mirror would, every document held against the rules of the standard."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lxml import etree

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
RS = "{http://www.openarchives.org/rs/terms/}"
SITE = "http://muras.example.org"

# ANSI/NISO Z39.99-2017, 6, and the schema of rs:md (http://www.openarchives.org/rs/1.1/resourcesync).
CAPABILITIES = {
    *("description", "capabilitylist", "resourcelist", "changelist", "resourcedump", "resourcedump-manifest"),
}
FACTS = {
    "at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "capability": "|".join(CAPABILITIES),
    "change": "created|updated|deleted",
    "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "from": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "hash": r"sha-256:[0-9a-f]{64}",
    "length": r"\d+",
    "path": r"/\S.*",
    "type": r"[\w.+-]+/[\w.+-]+",
    "until": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
}
RELATIONS = {"up", "index", "describedby", "collection"}
TIMED = {"resourcelist": "at", "resourcedump": "at", "resourcedump-manifest": "at", "changelist": "from"}


class Answer(Protocol):
    status_code: int
    data: bytes
    mimetype: str


class Visitor(Protocol):
    def get(self, path: str) -> Answer: ...


@dataclass(frozen=True)
class Told:
    """An entry of a list; `path` is its address below the house."""

    path: str
    facts: dict[str, str]
    modified: str
    links: dict[str, str]


@dataclass(frozen=True)
class Document:
    is_index: bool
    capability: str
    facts: dict[str, str]
    links: dict[str, str]
    entries: list[Told]


def read(client: Visitor, path: str) -> Document:
    answer = client.get(path)
    assert answer.status_code == 200 and answer.mimetype == "application/xml", path
    return parse(answer.data)


def read_list(client: Visitor, name: str) -> list[Told]:
    """All entries of a list; if it has an index, that names the pages."""
    index = read(client, f"/resourcesync/{name}.xml")
    if not index.is_index:
        return index.entries
    entries: list[Told] = []
    for page in index.entries:
        document = read(client, page.path)
        assert not document.is_index and document.capability == index.capability
        assert document.links["index"] == f"{SITE}/resourcesync/{name}.xml"
        entries += document.entries
    return entries


def parse(body: bytes) -> Document:
    """Read a document and hold it against the schema of sitemaps and the rules of the standard."""
    root = etree.fromstring(body)
    is_index = root.tag == f"{SITEMAP}sitemapindex"
    assert is_index or root.tag == f"{SITEMAP}urlset"
    assert len(body) <= 50_000_000 and len(root) <= 50_000  # sitemaps.org 0.9
    tags = [child.tag for child in root]
    entry = f"{SITEMAP}{'sitemap' if is_index else 'url'}"
    head = tags[: tags.index(entry)] if entry in tags else tags
    assert head.count(f"{RS}md") == 1 and set(head) <= {f"{RS}md", f"{RS}ln"} and set(tags[len(head) :]) <= {entry}
    facts = facts_of(root)
    capability = facts.pop("capability")
    if capability in TIMED:
        assert TIMED[capability] in facts
    entries = [told(element) for element in root.iterfind(entry)]
    if capability == "changelist" and not is_index:
        check_changes(entries)
    return Document(is_index, capability, facts, links_of(root), entries)


def told(element: etree._Element) -> Told:
    """The schema has the order loc, lastmod, others (sitemap.xsd, tUrl)."""
    tags = [child.tag for child in element]
    order = [f"{SITEMAP}loc", f"{SITEMAP}lastmod", f"{RS}md", f"{RS}ln"]
    assert tags == sorted(tags, key=order.index) and tags.count(order[0]) == 1 and tags.count(order[1]) <= 1
    address = element.findtext(order[0], "")
    assert address.startswith(f"{SITE}/") and address.isascii() and 12 <= len(address) <= 2048
    modified = element.findtext(order[1], "")
    assert not modified or datetime.fromisoformat(modified)
    return Told(address.removeprefix(SITE), facts_of(element), modified, links_of(element))


def facts_of(element: etree._Element) -> dict[str, str]:
    found = element.find(f"{RS}md")
    facts = dict(found.attrib) if found is not None else {}
    for name, value in facts.items():
        assert re.fullmatch(FACTS[name], value), (name, value)
    return facts


def links_of(element: etree._Element) -> dict[str, str]:
    links = {link.get("rel"): link.get("href") for link in element.iterfind(f"{RS}ln")}
    assert set(links) <= RELATIONS and len(links) == len(element.findall(f"{RS}ln"))
    return links


def check_changes(entries: list[Told]) -> None:
    """Each has a kind and a time, and they follow each other (12.1)."""
    times = [entry.facts["datetime"] for entry in entries]
    assert times == sorted(times) and all("change" in entry.facts for entry in entries)


def changes(client: Visitor) -> Iterator[tuple[str, str]]:
    for entry in read_list(client, "changelist"):
        yield entry.facts["change"], entry.path
