"""Dublin Core as every harvester reads it, with the terms of the OpenAIRE Guidelines for Literature Repositories 3.0.

Schema: http://www.openarchives.org/OAI/2.0/oai_dc.xsd. The first `dc:identifier` is the landing page, the addresses
of open files follow (CORE, Unpaywall and BASE look for both).
"""

from collections.abc import Iterable, Iterator

from lxml import etree

from oai.formats.elements import PARSER, XSI, clean, escape, xml_lang
from oai.formats.source import Source
from oai.formats.wording import identifiers, language_codes, mime_types
from repo.items.access import Access
from repo.items.metadata import Host, Metadata, Text, names_of
from repo.vocabularies import access_rights, licences, types

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
ROOT = f'<oai_dc:dc xmlns:oai_dc="{OAI_DC}" xmlns:dc="{DC}" xmlns:xsi="{XSI}" xsi:schemaLocation="{OAI_DC} {SCHEMA}">'


def render(source: Source) -> etree._Element:
    """Return the `<oai_dc:dc>` element of an item."""
    return etree.fromstring(write(source), PARSER)


def write(source: Source) -> str:
    """Return the `<oai_dc:dc>` element as text: every record is written so, several times as fast as element by
    element."""
    return ROOT + "".join(map(_element, _statements(source))) + "</oai_dc:dc>"


def _element(statement: tuple[str, str, str]) -> str:
    """One statement; nothing for one that says nothing."""
    name, value, lang = statement
    if not value or not (text := clean(value)):
        return ""
    named = f' xml:lang="{lang}"' if lang and xml_lang(lang) else ""
    return f"<dc:{name}{named}>{escape(text)}</dc:{name}>"


def _statements(source: Source) -> Iterator[tuple[str, str, str]]:
    """(element, value, language) in the order of the Dublin Core Metadata Element Set."""
    metadata = source.metadata
    yield from _texts("title", metadata.titles)
    yield from (("creator", name, "") for name in names_of(metadata.creators))
    yield from _texts("subject", metadata.keywords)
    yield from (("subject", f"{s.scheme.upper()} {s.value}".strip(), "") for s in metadata.subjects)
    yield from _texts("description", metadata.abstracts)
    yield from _texts("publisher", metadata.publishers or metadata.thesis.institutions)
    yield from (("contributor", name, "") for name in names_of(metadata.contributors))
    yield from (("date", date, "") for date in _dates(source))
    yield from (("type", value, "") for value in _types(metadata))
    yield from (("format", mime, "") for mime in mime_types(source))
    yield from (("identifier", value, "") for value in identifiers(source))
    yield from (("source", value, "") for value in _host(metadata.host))
    yield from (("language", code, "") for code in language_codes(metadata.languages))
    yield from (("relation", relation.value, "") for relation in metadata.relations)
    yield from (("rights", value, lang) for value, lang in _rights(source))


def _texts(name: str, texts: Iterable[Text]) -> Iterator[tuple[str, str, str]]:
    return ((name, text.value, text.lang) for text in texts)


def _dates(source: Source) -> Iterator[str]:
    """One date of publication; the end of an embargo in the term that the guidelines give it."""
    yield source.metadata.issued
    if source.access is Access.EMBARGOED and source.embargo_until:
        yield f"info:eu-repo/date/embargoEnd/{source.embargo_until.isoformat()}"


def _types(metadata: Metadata) -> Iterator[str]:
    known = types().get(metadata.type)
    if known is None:
        yield metadata.type
        return
    yield known.eu_repo  # first, as the guidelines want it
    yield known.label("en")
    yield known.coar


def _host(host: Host) -> Iterator[str]:
    parts = [host.titles[0].value if host.titles else "", host.volume, host.issue, host.pages]
    if parts[0]:
        yield ", ".join(part for part in parts if part)
    if host.issn:
        yield f"ISSN:{host.issn}"
    if host.isbn:
        yield f"ISBN:{host.isbn}"


def _rights(source: Source) -> Iterator[tuple[str, str]]:
    yield access_rights()[source.access.value].eu_repo, ""
    licence = licences().get(source.metadata.licence)
    if licence is not None:
        yield licence.label("en"), "en"
        yield licence.url, ""
