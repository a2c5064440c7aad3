"""Dublin Core, simple (`oai_dc`) and qualified (`qdc`, DCMI Metadata Terms 2020): `element -> Found`; pure.

Every repository speaks it and each fills it in its own way: dates of the catalogue beside those of the work, the
landing page among five identifiers. What DSpace, OJS, EPrints and we ourselves write is understood.
"""

import re
from collections.abc import Iterable, Iterator

from lxml.etree import _Element

from ingest.crosswalks.elements import XSI_TYPE, children, lang_of, local_name, text_of
from ingest.crosswalks.found import Found
from ingest.crosswalks.people import agent_of, agents_of
from ingest.crosswalks.values import (
    access_of,
    date_of,
    embargo_of,
    language_of,
    licence_of,
    number_of,
    numbers_of,
    texts_of,
    titles_of,
    type_of,
)
from repo.items.access import Access
from repo.items.metadata import Host, Metadata, Number, Relation, Subject, Text, TextKind
from repo.vocabularies import relations

Terms = dict[str, list[_Element]]

SCHEMES = {"udc": "udc", "удк": "udc", "bbk": "bbk", "ббк": "bbk", "grnti": "grnti", "грнти": "grnti"}
CLASSED = re.compile(rf"({'|'.join(SCHEMES)})[\s:]+(.+)", re.I)
FILE = re.compile(
    r"\.(pdf|docx?|epub|djvu?|zip|jpe?g|tiff?|png|mp3|mp4|txt|xml)($|\?)|/(bitstream|files|download)/", re.I
)
RESOLVER = re.compile(r"https?://(dx\.)?doi\.org/", re.I)


def read(element: _Element) -> Found:
    """The description in a container of Dublin Core elements, whatever it is called."""
    terms: Terms = {}
    for child in children(element):
        terms.setdefault(local_name(child), []).append(child)
    addresses = [text for text in _texts(terms, "identifier") if text.startswith(("http://", "https://"))]
    address = _landing_page(addresses)
    rights = _texts(terms, "rights", "accessRights", "license")
    until = embargo_of([*_texts(terms, "date"), *rights])
    access = access_of(rights) or (Access.EMBARGOED if until else Access.OPEN)
    metadata = Metadata(
        type=type_of(_texts(terms, "type")),
        languages=list(dict.fromkeys(filter(None, map(language_of, _texts(terms, "language"))))),
        titles=titles_of([*_said(terms, "title"), *_said(terms, "alternative", kind=TextKind.ALTERNATIVE)]),
        creators=agents_of(agent_of(text_of(one), lang_of(one)) for one in terms.get("creator", [])),
        contributors=agents_of(
            agent_of(text_of(one), lang_of(one), "contributor") for one in terms.get("contributor", [])
        ),
        abstracts=texts_of(_said(terms, *(("abstract",) if "abstract" in terms else ("description",)))),
        keywords=texts_of([*_words(terms), *_said(terms, "coverage", "spatial", "temporal")]),
        subjects=list(_subjects(terms)),
        issued=_issued(terms),
        publishers=texts_of(_said(terms, "publisher")),
        extent=next(iter(_texts(terms, "extent")), ""),
        identifiers=numbers_of(_numbers(terms, address)),
        relations=list(_relations(terms)),
        host=_host(terms),
        notes=texts_of(_notes(terms)),
        licence=licence_of(rights),
        access=access,
        embargo_until=until if access is Access.EMBARGOED else "",
    )
    return Found(metadata, address)


def _texts(terms: Terms, *names: str) -> list[str]:
    return [text for name in names for element in terms.get(name, []) if (text := text_of(element))]


def _said(terms: Terms, *names: str, kind: TextKind = TextKind.MAIN) -> list[Text]:
    return [
        Text(value=text_of(element), lang=lang_of(element), kind=kind)
        for name in names
        for element in terms.get(name, [])
    ]


def _landing_page(addresses: Iterable[str]) -> str:
    """The first address that is not a file; a DOI's only where there is no other."""
    pages = [address for address in addresses if not FILE.search(address)]
    return next((page for page in pages if not RESOLVER.match(page)), next(iter(pages), ""))


def _scheme(element: _Element) -> str:
    """The scheme that a qualified record names: `xsi:type="dcterms:UDC"`, `type="doi"`."""
    return (element.get(XSI_TYPE) or element.get("type") or element.get("scheme") or "").rpartition(":")[2].lower()


def _subjects(terms: Terms) -> Iterator[Subject]:
    for element in terms.get("subject", []):
        text = text_of(element)
        if scheme := SCHEMES.get(_scheme(element)):
            yield Subject(scheme=scheme, value=text)
        elif found := CLASSED.fullmatch(text):
            yield Subject(scheme=SCHEMES[found[1].lower()], value=found[2])


def _words(terms: Terms) -> Iterator[Text]:
    for element in terms.get("subject", []):
        if _scheme(element) not in SCHEMES and not CLASSED.fullmatch(text_of(element)):
            yield Text(value=text_of(element), lang=lang_of(element))


def _issued(terms: Terms) -> str:
    """The date of the work: the one that is called so, else the earliest that is not the moment of some entry."""
    for name in ("issued", "created", "dateCopyrighted"):
        if date := next(filter(None, map(date_of, _texts(terms, name))), ""):
            return date
    said = [text for text in _texts(terms, "date") if not embargo_of([text])]
    days = [date for text in said if "T" not in text and (date := date_of(text))]
    return min(days or [date for text in said if (date := date_of(text))], default="")


def _numbers(terms: Terms, address: str) -> Iterator[Number | None]:
    """Identifiers but the landing page and addresses on the same server, which are the work's files."""
    server = address.partition("://")[2].partition("/")[0]
    for element in terms.get("identifier", []):
        text, scheme = text_of(element), _scheme(element)
        number = number_of(text, scheme) if scheme != "citation" else None
        here = text.partition("://")[2].partition("/")[0] == server != ""
        if number is not None and not (number.scheme == "url" and here):
            yield number if number.scheme != "local" or len(text) <= 100 else None


def _relations(terms: Terms) -> Iterator[Relation]:
    """Qualified relations: `dcterms:isPartOf` is DataCite's IsPartOf."""
    for name, elements in terms.items():
        kind = name[:1].upper() + name[1:]
        kind = {"IsVersionOf": "IsVariantFormOf", "Replaces": "IsNewVersionOf"}.get(kind, kind)
        if kind in relations():
            for text in map(text_of, elements):
                number = number_of(text)
                told = number is not None and number.scheme in ("doi", "url", "handle")
                yield Relation(kind=kind, value=text if told else "", note="" if told else text)


def _host(terms: Terms) -> Host:
    """The journal: an ISSN among sources and relations, and what else stands in the source."""
    host = Host()
    for text in _texts(terms, "source", "relation"):
        number = number_of(text)
        if number is not None and number.scheme in ("issn", "isbn"):
            setattr(host, number.scheme, getattr(host, number.scheme) or number.value)
    plain = [e for e in terms.get("source", []) if (n := number_of(text_of(e))) is not None and n.scheme == "local"]
    if plain:
        host.titles = [Text(value=text_of(plain[0]), lang=lang_of(plain[0]))]
    return host


def _notes(terms: Terms) -> Iterator[Text]:
    """What has no field of its own: tables of contents, citations, rights in words, descriptions beside an abstract."""
    yield from _said(terms, *(("description",) if "abstract" in terms else ()), "tableOfContents", "provenance")
    yield from _said(terms, "bibliographicCitation")
    for element in (*terms.get("rights", []), *terms.get("rightsHolder", [])):
        text = text_of(element)
        if not access_of([text]) and not licence_of([text]) and not text.startswith("http"):
            yield Text(value=text, lang=lang_of(element))
