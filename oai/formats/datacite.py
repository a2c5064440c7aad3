"""DataCite Metadata Schema 4.6, which catalogues of research data harvest.

Schema: http://schema.datacite.org/meta/kernel-4.6/metadata.xsd. The identifier is the DOI of the item. Where it has
none it is the landing page with the type "URL": the schema lets `identifierType` be any text, OpenAIRE's guidelines for
data archives name "URL", and a DOI that nobody registered would be a lie. What must be there and is not known is
":unav" (appendix 3); only the year has to be one, and is then that of the defence or of the publication here. The
publisher is whoever "holds, archives, publishes" a work (property 4), so that the library stands in for one.
"""

from collections.abc import Iterator

from lxml import etree

from oai.formats import kernel
from oai.formats.elements import add, add_if, clean, root_element, xml_lang
from oai.formats.kernel import KERNEL, UNAVAILABLE, Entry, add_all
from oai.formats.source import Source
from oai.formats.wording import library_name, mime_types, page_range, some_date, w3cdtf
from repo.items.metadata import Metadata, main_text
from repo.vocabularies import access_rights, licences, types
from repo.vocabularies.numbers import normalise_number

SCHEMA = "http://schema.datacite.org/meta/kernel-4.6/metadata.xsd"

HOST_TYPES = {"BookChapter": "Book", "ConferencePaper": "ConferenceProceeding"}
"""In what a work of such a type is printed; all others in journals."""


def render(source: Source) -> etree._Element:
    """Return the `<resource>` element of an item."""
    root = root_element(f"{{{KERNEL}}}resource", {None: KERNEL}, KERNEL, SCHEMA)
    metadata = source.metadata
    doi = _doi(metadata)
    add(root, f"{{{KERNEL}}}identifier", doi or source.address, identifierType="DOI" if doi else "URL")
    _add_creators(root, metadata)
    add_all(root, "titles", "title", kernel.title_entries(metadata.titles))
    _add_publisher(root, source)
    add(root, f"{{{KERNEL}}}publicationYear", some_date(source)[:4])
    _add_type(root, metadata)
    add_all(root, "subjects", "subject", kernel.subject_entries(metadata))
    _add_contributors(root, source)
    add_all(root, "dates", "date", _dates(source))
    _add_language(root, metadata)
    add_all(root, "alternateIdentifiers", "alternateIdentifier", _other_numbers(source, doi))
    add_all(root, "relatedIdentifiers", "relatedIdentifier", kernel.related_entries(metadata))
    add_all(root, "sizes", "size", kernel.sizes(source))
    add_all(root, "formats", "format", ((mime, "", {}) for mime in mime_types(source)))
    add(root, f"{{{KERNEL}}}version", str(source.version))
    add_all(root, "rightsList", "rights", _rights(source))
    add_all(root, "descriptions", "description", _descriptions(metadata))
    _add_funders(root, metadata)
    _add_host(root, metadata)
    return root


def _doi(metadata: Metadata) -> str:
    """The first DOI that can be one."""
    dois = (normalise_number("doi", n.value) for n in metadata.identifiers if n.scheme == "doi")
    return next(filter(None, dois), "") or ""


def _add_creators(root: etree._Element, metadata: Metadata) -> None:
    creators = etree.SubElement(root, f"{{{KERNEL}}}creators")
    for agent in metadata.creators:
        kernel.add_agent(creators, "creator", agent, lang=True)
    if not len(creators):
        add(add(creators, f"{{{KERNEL}}}creator"), f"{{{KERNEL}}}creatorName", UNAVAILABLE)


def _add_publisher(root: etree._Element, source: Source) -> None:
    tag = f"{{{KERNEL}}}publisher"
    for text in source.metadata.publishers or source.metadata.thesis.institutions:
        if clean(text.value):
            add(root, tag, text.value, text.lang)
            return
    ror = kernel.bare_ror(source.library.ror)
    numbers = {
        "publisherIdentifier": f"https://ror.org/{ror}",
        "publisherIdentifierScheme": "ROR",
        "schemeURI": "https://ror.org",
    }
    add(root, tag, clean(library_name(source)) or UNAVAILABLE, **(numbers if ror else {}))


def _add_type(root: etree._Element, metadata: Metadata) -> None:
    known = types().get(metadata.type)
    text = known.label("en") if known else metadata.type
    add(root, f"{{{KERNEL}}}resourceType", text, resourceTypeGeneral=known.datacite if known else "Other")


def _add_contributors(root: etree._Element, source: Source) -> None:
    contributors = etree.SubElement(root, f"{{{KERNEL}}}contributors")
    for agent in source.metadata.contributors:
        if agent.role != "funder":
            type_ = kernel.contributor_type(agent.role)
            kernel.add_agent(contributors, "contributor", agent, lang=True, contributorType=type_)
    kernel.add_host(contributors, source)
    if not len(contributors):
        root.remove(contributors)


def _dates(source: Source) -> Iterator[Entry]:
    defended = w3cdtf(source.metadata.thesis.defended)
    yield from kernel.date_entries(source, w3cdtf(source.metadata.issued))
    yield defended, "", {"dateType": "Other", "dateInformation": "Defended"}


def _add_language(root: etree._Element, metadata: Metadata) -> None:
    """The first language: there may be one."""
    for code in metadata.languages:
        if xml_lang(code):
            add(root, f"{{{KERNEL}}}language", code)
            return


def _other_numbers(source: Source, doi: str) -> Iterator[Entry]:
    """The identifiers but for the first DOI, the landing page if it is not the identifier, the OAI identifier."""
    if doi:
        yield source.address, "", {"alternateIdentifierType": "URL"}
    yield source.identifier, "", {"alternateIdentifierType": "OAI"}
    yield from kernel.number_entries(source.metadata, without=doi)


def _rights(source: Source) -> Iterator[Entry]:
    access = access_rights()[source.access.value]
    yield access.label("en"), "en", {"rightsURI": access.coar}
    licence = licences().get(source.metadata.licence)
    if licence:
        spdx = {
            "rightsIdentifier": licence.spdx,
            "rightsIdentifierScheme": "SPDX",
            "schemeURI": "https://spdx.org/licenses/",
        }
        yield licence.label("en"), "en", {"rightsURI": licence.url, **(spdx if licence.spdx else {})}


def _descriptions(metadata: Metadata) -> Iterator[Entry]:
    yield from ((text.value, text.lang, {"descriptionType": "Abstract"}) for text in metadata.abstracts)
    rare = metadata.rare
    for text in (*metadata.notes, *rare.provenance, *rare.copy_notes):
        yield text.value, text.lang, {"descriptionType": "Other"}


def _add_funders(root: etree._Element, metadata: Metadata) -> None:
    names = list(kernel.funder_names(metadata.contributors))
    if names:
        box = add(root, f"{{{KERNEL}}}fundingReferences")
        for name in names:
            add(add(box, f"{{{KERNEL}}}fundingReference"), f"{{{KERNEL}}}funderName", name)


def _add_host(root: etree._Element, metadata: Metadata) -> None:
    """The journal or book in which the work is printed (property 20, relatedItem)."""
    host = metadata.host
    title = main_text(host.titles)
    if not clean(title.value):
        return
    known = types().get(metadata.type)
    kind = HOST_TYPES.get(known.datacite if known else "", "Book" if host.isbn and not host.issn else "Journal")
    box = add(root, f"{{{KERNEL}}}relatedItems")
    item = add(box, f"{{{KERNEL}}}relatedItem", relatedItemType=kind, relationType="IsPublishedIn")
    number, scheme = (host.issn, "ISSN") if host.issn else (host.isbn, "ISBN")
    add_if(item, f"{{{KERNEL}}}relatedItemIdentifier", number, relatedItemIdentifierType=scheme)
    add(add(item, f"{{{KERNEL}}}titles"), f"{{{KERNEL}}}title", title.value, title.lang)
    first, last = page_range(host.pages)
    for name, text in (("volume", host.volume), ("issue", host.issue), ("firstPage", first), ("lastPage", last)):
        add_if(item, f"{{{KERNEL}}}{name}", text)
