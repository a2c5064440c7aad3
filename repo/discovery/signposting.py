"""Typed links by which programs find their way on a landing page: to authors, files and descriptions; pure.

FAIR Signposting Profile (https://signposting.org/FAIR/): level 1 in the header `Link` (RFC 8288), level 2 as a link
set (RFC 9264). Only what anybody may see is told.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from oai.formats import Format
from repo.items.metadata import Metadata
from repo.vocabularies import licences, types
from repo.vocabularies.numbers import is_orcid, number_address

LINKSET_JSON = "application/linkset+json"
LINKSET_TEXT = "application/linkset"
XML = "application/xml"

MOST_LINKS = 20
"""Links in a header; a work with more has its authors and files in the link set alone."""

MOST_BYTES = 3000
"""Of one header: proxies take 4 KB for all of them (nginx, proxy_buffer_size)."""

MANY = frozenset({"author", "item"})
"""The relations that a long header goes without; some of the authors or files would look like all of them."""

# RFC 3986, 2: what may stand in an address; the rest is percent-encoded, above all < and >, which end it in a header.
ADDRESS = "%/:?#[]@!$&'()*+,;=~"
# RFC 9110, 8.3.1: a media type without parameters.
MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")


@dataclass(frozen=True)
class Link:
    """A link of a relation (`rel`) to `href`, which is absolute; `type` is a media type, `profile` an address."""

    rel: str
    href: str
    type: str = ""
    profile: str = ""

    @property
    def target(self) -> dict[str, str]:
        """The link without its relation, as one end of it in a link set."""
        kind = self.type if MEDIA_TYPE.fullmatch(self.type) else ""
        said = {"href": _address(self.href), "type": kind, "profile": _address(self.profile)}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class OpenFile:
    """A file that anybody may read now."""

    address: str
    mime: str


def landing_links(
    metadata: Metadata, page: str, record: str, formats: Iterable[Format], files: Iterable[OpenFile]
) -> list[Link]:
    """The links of a landing page, the most useful first. `page` is its address, `record` that of the newest version.

    The descriptions in `formats` are those of the newest version: an older page leads to that version instead.
    """
    newest = page == record
    return [
        Link("linkset", f"{page}/linkset", LINKSET_JSON),
        Link("linkset", f"{page}/linkset", LINKSET_TEXT),
        Link("cite-as", _persistent(metadata) or record),
        *(Link("type", f"https://schema.org/{kind}") for kind in ("AboutPage", _schema_org(metadata))),
        *(Link("license", url) for url in _licences(metadata)),
        *(_descriptions(record, formats) if newest else [Link("latest-version", record, "text/html")]),
        *(Link("author", f"https://orcid.org/{orcid}") for orcid in _orcids(metadata)),
        *(Link("item", file.address, file.mime) for file in files),
    ]


def file_links(page: str, record: str, dublin_core: Format, capabilities: str) -> list[Link]:
    """The way back from an open file to its version's `page`, whose links are a link set, to the description, and to
    what can be mirrored (ANSI/NISO Z39.99-2017, 6.3.2)."""
    newest = page == record
    return [
        Link("collection", page, "text/html"),
        Link("linkset", f"{page}/linkset", LINKSET_JSON),
        *(_descriptions(record, [dublin_core])[:1] if newest else []),
        Link("resourcesync", capabilities, XML),
    ]


def description_links(record: str) -> list[Link]:
    """The way back from a description: what it describes."""
    return [Link("describes", record, "text/html")]


def write_header(links: Sequence[Link]) -> str:
    """The value of a header `Link`, in ASCII and never longer than MOST_BYTES: what does not fit is left out."""
    whole = [_header_link(link) for link in links]
    if len(whole) <= MOST_LINKS and len(", ".join(whole)) <= MOST_BYTES:
        return ", ".join(whole)
    kept, size = [], 0
    for link, text in zip(links, whole, strict=True):
        if link.rel not in MANY and size + len(text) + 2 <= MOST_BYTES:
            kept.append(text)
            size += len(text) + 2
    return ", ".join(kept)


def write_linkset(contexts: Mapping[str, Sequence[Link]]) -> bytes:
    """The links of each address (`contexts`) as application/linkset+json (RFC 9264, 4.2)."""
    said: list[dict[str, object]] = []
    for anchor, links in contexts.items():
        by_rel: dict[str, list[dict[str, str]]] = {}
        for link in links:
            by_rel.setdefault(link.rel, []).append(link.target)
        said.append({"anchor": _address(anchor), **by_rel})
    return json.dumps({"linkset": said}, indent=1).encode()


def write_linkset_text(contexts: Mapping[str, Sequence[Link]]) -> bytes:
    """The same as application/linkset (RFC 9264, 4.1)."""
    lines = [
        f'{_header_link(link)};anchor="{_address(anchor)}"' for anchor, links in contexts.items() for link in links
    ]
    return (",\n".join(lines) + "\n").encode()


def link_contexts(page: str, links: Sequence[Link]) -> dict[str, Sequence[Link]]:
    """All that a link set tells: the links of the page, and the way back from each file and description."""
    contexts: dict[str, Sequence[Link]] = {page: [link for link in links if link.rel != "linkset"]}
    for link in links:
        if link.rel == "item":
            contexts[link.href] = [Link("collection", page, "text/html")]
        elif link.rel == "describedby":
            contexts[link.href] = description_links(page)
    return contexts


def _header_link(link: Link) -> str:
    attributes = {"rel": link.rel, **link.target}
    href = attributes.pop("href")
    return f"<{href}>" + "".join(f';{name}="{value}"' for name, value in attributes.items())


def _address(text: str) -> str:
    return quote(text, safe=ADDRESS)


def _persistent(metadata: Metadata) -> str:
    """The address of the first DOI."""
    found = (number_address("doi", number.value) for number in metadata.identifiers if number.scheme == "doi")
    return next((address for address in found if address), "")


def _schema_org(metadata: Metadata) -> str:
    known = types().get(metadata.type)
    return known.schema_org if known else "CreativeWork"


def _licences(metadata: Metadata) -> list[str]:
    known = licences().get(metadata.licence)
    return [known.url] if known and known.url else []


def _orcids(metadata: Metadata) -> list[str]:
    found = (agent.orcid for agent in metadata.creators if is_orcid(agent.orcid))
    return list(dict.fromkeys(found))


def _descriptions(record: str, formats: Iterable[Format]) -> list[Link]:
    export = f"{record}/export"
    return [
        *(Link("describedby", f"{export}/{format_.prefix}", XML, format_.namespace) for format_ in formats),
        Link("describedby", f"{export}/bibtex", "application/x-bibtex"),
        Link("describedby", f"{export}/ris", "application/x-research-info-systems"),
    ]
