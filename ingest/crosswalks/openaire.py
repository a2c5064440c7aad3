"""OpenAIRE Guidelines for Literature Repositories 4.0 (`oai_openaire`): `element -> Found`; pure."""

from lxml.etree import _Element

from ingest.crosswalks import datacite
from ingest.crosswalks.elements import children, first_text, lang_of, name_in_address, text_of
from ingest.crosswalks.found import Found, Link
from ingest.crosswalks.values import access_of, language_of, licence_of, texts_of, type_of
from repo.items.access import Access
from repo.items.metadata import Host, Metadata, Text


def read(element: _Element) -> Found:
    """The description in an `<oaire:resource>`, with the addresses of its files."""
    access, until = datacite.read_access(element)
    shared = datacite.read_shared(element)
    licences = [text for one in children(element, "licenseCondition") for text in (one.get("uri") or "", text_of(one))]
    shared["licence"] = licence_of(licences) or shared["licence"]
    kinds = list(children(element, "resourceType"))
    metadata = Metadata(
        type=type_of(text for one in kinds for text in (one.get("uri") or "", text_of(one))),
        languages=[tag for tag in map(language_of, map(text_of, children(element, "language"))) if tag],
        abstracts=_texts(element, "description"),
        publishers=_texts(element, "publisher"),
        extent=first_text(element, "sizes", "size"),
        access=access,
        embargo_until=until,
        **shared,
    )
    metadata.host = _host(element, metadata.host)
    return Found(metadata, _address(metadata), tuple(_link(one) for one in children(element, "file") if text_of(one)))


def _texts(element: _Element, name: str) -> list[Text]:
    return texts_of(Text(value=text_of(one), lang=lang_of(one)) for one in children(element, name))


def _host(element: _Element, host: Host) -> Host:
    title = next(iter(children(element, "citationTitle")), None)
    if title is not None:
        host.titles = [Text(value=text_of(title), lang=lang_of(title))]
    host.volume = first_text(element, "citationVolume") or host.volume
    host.issue = first_text(element, "citationIssue") or host.issue
    pages = [first_text(element, "citationStartPage"), first_text(element, "citationEndPage")]
    host.pages = "-".join(filter(None, pages)) or host.pages
    return host


def _address(metadata: Metadata) -> str:
    for scheme, address in (("url", "{}"), ("handle", "https://hdl.handle.net/{}"), ("doi", "https://doi.org/{}")):
        for number in metadata.identifiers:
            if number.scheme == scheme:
                return address.format(number.value)
    return ""


def _link(element: _Element) -> Link:
    address = text_of(element)
    access = access_of([element.get("accessRightsURI") or ""])
    mime = element.get("mimeType") or ""
    return Link(name_in_address(address), address, mime, open=access in (None, Access.OPEN))
