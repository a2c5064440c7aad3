"""OpenAIRE Guidelines for Literature Repositories 4.0: what OpenAIRE, and with it most of Europe, harvests.

Schema: https://www.openaire.eu/schema/repo-lit/4.0/openaire.xsd. The identifier is always the landing page, which is
one, stays and leads to this copy; a DOI or a Handle may name a copy elsewhere and is an alternate identifier, as in the
sample of the guidelines. An item without authors has no `creators`: the schema lets them be missing, and nobody should
be listed as an author named ":unav".
"""

from lxml import etree

from oai.formats import kernel
from oai.formats.elements import add, add_if, clean, root_element
from oai.formats.kernel import KERNEL, add_all
from oai.formats.source import Source, SourceFile
from oai.formats.wording import files_of, language_codes, library_name, mime_types, page_range, some_date
from repo.items.access import Access
from repo.items.metadata import Metadata, main_text
from repo.vocabularies import access_rights, licences, types

OAIRE = "http://namespace.openaire.eu/schema/oaire/"
DC = "http://purl.org/dc/elements/1.1/"
SCHEMA = "https://www.openaire.eu/schema/repo-lit/4.0/openaire.xsd"
NAMESPACES = {"oaire": OAIRE, "datacite": KERNEL, "dc": DC}

OTHER_TYPE = "http://purl.org/coar/resource_type/c_1843"
VERSIONS = {"http://purl.org/coar/version/c_b1a7d7d4d402bcce": "AO"}
"""What the guidelines call a version of COAR Version Types."""

# Which of the four kinds of objects a file of a literary work is ("other" if neither).
FULL_TEXTS = {
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.oasis.opendocument.text",
    "application/rtf",
    "application/epub+zip",
    "application/xhtml+xml",
    "application/xml",
    "image/vnd.djvu",
    "text/html",
    "text/plain",
    "text/rtf",
    "text/xml",
}
DATASETS = {
    "application/json",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/csv",
    "text/tab-separated-values",
}


def render(source: Source) -> etree._Element:
    """Return the `<oaire:resource>` element of an item."""
    root = root_element(f"{{{OAIRE}}}resource", NAMESPACES, OAIRE, SCHEMA)
    metadata = source.metadata
    add_all(root, "titles", "title", kernel.title_entries(metadata.titles))
    _add_people(root, source)
    _add_funders(root, metadata)
    add_all(root, "alternateIdentifiers", "alternateIdentifier", kernel.number_entries(metadata))
    add_all(root, "relatedIdentifiers", "relatedIdentifier", kernel.related_entries(metadata, openaire=True))
    for code in language_codes(metadata.languages):
        add_if(root, f"{{{DC}}}language", code)
    for text in metadata.publishers or metadata.thesis.institutions:
        add_if(root, f"{{{DC}}}publisher", text.value, text.lang)
    add_all(root, "dates", "date", kernel.date_entries(source, some_date(source), "Accepted"))
    _add_type(root, metadata)
    for text in metadata.abstracts:
        add_if(root, f"{{{DC}}}description", text.value, text.lang)
    for mime in mime_types(source):
        add_if(root, f"{{{DC}}}format", mime)
    add(root, f"{{{KERNEL}}}identifier", source.address, identifierType="URL")
    _add_rights(root, source)
    if metadata.rare.shelf_mark:  # the original of what was digitised: the guidelines have `source` for that alone
        add(root, f"{{{DC}}}source", f"{library_name(source)}, {metadata.rare.shelf_mark}")
    add_all(root, "subjects", "subject", kernel.subject_entries(metadata))
    add_all(root, "sizes", "size", kernel.sizes(source))
    _add_citation(root, metadata)
    _add_version(root, source)
    _add_files(root, source)
    return root


def _add_people(root: etree._Element, source: Source) -> None:
    creators = etree.SubElement(root, f"{{{KERNEL}}}creators")
    for agent in source.metadata.creators:
        kernel.add_agent(creators, "creator", agent)
    contributors = etree.SubElement(root, f"{{{KERNEL}}}contributors")
    for agent in source.metadata.contributors:
        if agent.role != "funder":
            type_ = kernel.contributor_type(agent.role, openaire=True)
            kernel.add_agent(contributors, "contributor", agent, contributorType=type_)
    kernel.add_host(contributors, source)
    for box in (creators, contributors):
        if not len(box):
            root.remove(box)


def _add_funders(root: etree._Element, metadata: Metadata) -> None:
    names = list(kernel.funder_names(metadata.contributors))
    if names:
        box = add(root, f"{{{OAIRE}}}fundingReferences")
        for name in names:
            add(add(box, f"{{{OAIRE}}}fundingReference"), f"{{{OAIRE}}}funderName", name)


def _add_type(root: etree._Element, metadata: Metadata) -> None:
    known = types().get(metadata.type)
    text = (known.openaire_label or known.label("en")) if known else clean(metadata.type) or "other"
    general = known.openaire if known else "other research product"
    uri = (known.openaire_coar or known.coar) if known else OTHER_TYPE
    add(root, f"{{{OAIRE}}}resourceType", text, resourceTypeGeneral=general, uri=uri)


def _add_rights(root: etree._Element, source: Source) -> None:
    access = access_rights()[source.access.value]
    label = access.openaire_label or access.label("en")
    add(root, f"{{{KERNEL}}}rights", label, "en", rightsURI=access.coar)
    licence = licences().get(source.metadata.licence)
    if licence:
        start = (source.embargo_until or source.published.date()).isoformat()
        add(root, f"{{{OAIRE}}}licenseCondition", licence.label("en"), startDate=start, uri=licence.url)


def _add_citation(root: etree._Element, metadata: Metadata) -> None:
    host = metadata.host
    first, last = page_range(host.pages)
    add_if(root, f"{{{OAIRE}}}citationTitle", main_text(host.titles).value)
    add_if(root, f"{{{OAIRE}}}citationVolume", host.volume)
    add_if(root, f"{{{OAIRE}}}citationIssue", host.issue)
    add_if(root, f"{{{OAIRE}}}citationStartPage", first)
    add_if(root, f"{{{OAIRE}}}citationEndPage", last)
    add_if(root, f"{{{OAIRE}}}citationEdition", metadata.edition)


def _add_version(root: etree._Element, source: Source) -> None:
    """The state of an article, where its type says it; the number of data and software."""
    known = types().get(source.metadata.type)
    if known and known.version:
        add(root, f"{{{OAIRE}}}version", VERSIONS[known.version], uri=known.version)
    elif known and known.openaire in ("dataset", "software"):
        add(root, f"{{{OAIRE}}}version", str(source.version))


def _add_files(root: etree._Element, source: Source) -> None:
    """The files with their own access rights; those that nobody can have are not named."""
    known = types().get(source.metadata.type)
    general = known.openaire if known else ""
    for file in files_of(source):
        if file.access is not Access.CLOSED:
            rights = access_rights()[file.access.value].coar
            kind = _object_type(file, general)
            add(root, f"{{{OAIRE}}}file", file.address, accessRightsURI=rights, mimeType=file.mime, objectType=kind)


def _object_type(file: SourceFile, general: str) -> str:
    if general in ("dataset", "software"):
        return general
    return "fulltext" if file.mime in FULL_TEXTS else "dataset" if file.mime in DATASETS else "other"
