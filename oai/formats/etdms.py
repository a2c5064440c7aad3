"""ETD-MS 1.1, the Interoperability Metadata Standard for Electronic Theses and Dissertations of the NDLTD.

Schema: http://www.ndltd.org/standards/metadata/etdms/1-1/etdms11.xsd. Version 1.1 takes the elements of Dublin Core in
their own namespaces, each with a schema beside it (etdmsdc.xsd, etdmsdcterms.xsd), and has only `thesis` and `degree`
in its own; so Library and Archives Canada harvests it. The order is that of the standard. Title, creator, subject,
date, type and identifier must be there: what is not known is ":unav", as the standard has no value for it. `level` and
the first `rights` are numbers: 0 before the master, 1 master, 2 doctor; 0 nobody, 1 some, 2 everybody may read.
"""

from collections.abc import Iterator

from lxml import etree

from oai.formats.elements import add_if, clean, root_element
from oai.formats.kernel import UNAVAILABLE
from oai.formats.source import Source
from oai.formats.wording import identifiers, language_codes, mime_types, some_date
from repo.items.access import Access
from repo.items.metadata import Agent, Metadata, Text, TextKind, main_text
from repo.vocabularies import ResourceType, degrees, licences, roles, types
from repo.vocabularies.numbers import is_orcid

ETDMS = "http://www.ndltd.org/standards/metadata/etdms/1.1/"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
FOLDER = "http://www.ndltd.org/standards/metadata/etdms/1-1"
SCHEMA = f"{FOLDER}/etdms11.xsd"
LOCATIONS = (ETDMS, SCHEMA, DC, f"{FOLDER}/etdmsdc.xsd", DCTERMS, f"{FOLDER}/etdmsdcterms.xsd")
NAMESPACES = {None: ETDMS, "dc": DC, "dcterms": DCTERMS}

RECOMMENDED_TYPE = "Electronic Thesis or Dissertation"
LEVELS = {"bachelor": "0", "master": "1", "doctoral": "2"}
LEVELS_OF_TYPES = {"bachelorThesis": "0", "masterThesis": "1", "doctoralThesis": "2"}
READERS = {Access.OPEN: "2", Access.EMBARGOED: "0", Access.RESTRICTED: "1", Access.CLOSED: "0"}

Statement = tuple[str, str, str, dict[str, str]]
"""Tag, text, language, attributes."""


def render(source: Source) -> etree._Element:
    """Return the `<thesis>` element of an item."""
    root = root_element(f"{{{ETDMS}}}thesis", NAMESPACES, *LOCATIONS)
    for tag, text, lang, attributes in _statements(source):
        add_if(root, tag, text, lang, **attributes)
    _add_degree(root, source.metadata)
    return root


def dc(name: str, text: str, lang: str = "", **attributes: str) -> Statement:
    return f"{{{DC}}}{name}", text, lang, attributes


def _statements(source: Source) -> Iterator[Statement]:
    metadata = source.metadata
    yield from _titles(metadata)
    yield from _must(list(_creators(metadata)), "creator")
    yield from _must(list(_subjects(metadata)), "subject")
    yield from (dc("description", text.value, text.lang, role="abstract") for text in metadata.abstracts)
    yield from (dc("description", text.value, text.lang, role="note") for text in metadata.notes)
    yield from (dc("publisher", text.value, text.lang) for text in metadata.publishers)
    yield from (_person("contributor", agent, role=_role(agent)) for agent in metadata.contributors)
    yield dc("date", some_date(source))
    yield from _types(metadata)
    yield from (dc("format", mime) for mime in mime_types(source))
    yield dc("format", metadata.extent)
    yield from (dc("identifier", value) for value in identifiers(source))
    yield from (dc("language", code) for code in language_codes(metadata.languages))
    yield from _rights(source)


def _must(statements: list[Statement], name: str) -> list[Statement]:
    """The statements, or one that says that nothing is known."""
    return statements if any(clean(text) for _, text, _, _ in statements) else [dc(name, UNAVAILABLE)]


def _titles(metadata: Metadata) -> Iterator[Statement]:
    """The title as on the title page; the others are alternative ones."""
    titles = [text for text in metadata.titles if clean(text.value)] or [Text(value=UNAVAILABLE)]
    first = main_text(titles)
    yield dc("title", first.value, first.lang)
    for text in titles:
        if text is not first:
            own = text.kind is TextKind.MAIN
            yield f"{{{DC}}}title" if own else f"{{{DCTERMS}}}alternative", text.value, text.lang, {}


def _creators(metadata: Metadata) -> Iterator[Statement]:
    return (_person("creator", agent) for agent in metadata.creators)


def _person(name: str, agent: Agent, **attributes: str) -> Statement:
    """A person, whose `resource` leads to the record of an authority (global qualifiers of the standard)."""
    resource = f"https://orcid.org/{agent.orcid}" if is_orcid(agent.orcid) else ""
    called = agent.name()
    return dc(name, called.inverted, called.lang, resource=resource, **attributes)


def _role(agent: Agent) -> str:
    known = roles().get(agent.role)
    return known.label("en") if known else agent.role


def _subjects(metadata: Metadata) -> Iterator[Statement]:
    """Keywords, classes with the name of their scheme, the speciality."""
    yield from (dc("subject", text.value, text.lang) for text in metadata.keywords)
    yield from (dc("subject", s.value, scheme=s.scheme.upper()) for s in metadata.subjects)
    yield from (dc("subject", text.value, text.lang) for text in _speciality(metadata))


def _speciality(metadata: Metadata) -> list[Text]:
    """The speciality by language: code and name as on a title page."""
    code = metadata.thesis.speciality
    names = [name for name in metadata.thesis.speciality_names if name.value]
    return [Text(value=f"{code} {name.value}", lang=name.lang) for name in names] or [Text(value=code)]


def _types(metadata: Metadata) -> Iterator[Statement]:
    """An autoreferat is no thesis: it is called what it is, and nothing more."""
    known = types().get(metadata.type)
    if _level_of_type(known):
        yield dc("type", RECOMMENDED_TYPE, "en")
    for lang in ("en", "ky", "ru"):
        if known:
            yield dc("type", known.label(lang), lang)
    if not known:
        yield dc("type", clean(metadata.type) or UNAVAILABLE)


def _rights(source: Source) -> Iterator[Statement]:
    yield dc("rights", READERS[source.access])
    licence = licences().get(source.metadata.licence)
    if licence:
        yield dc("rights", licence.label("en"), "en", resource=licence.url)


def _level_of_type(known: ResourceType | None) -> str:
    return LEVELS_OF_TYPES.get(known.eu_repo.rpartition("/")[2], "") if known else ""


def _add_degree(root: etree._Element, metadata: Metadata) -> None:
    """Name, level, discipline and grantor of the degree; nothing where none of them is known."""
    thesis = metadata.thesis
    known = degrees().get(thesis.degree)
    lang = next((code for code in metadata.languages if known and code in known.labels), "en")
    degree = etree.SubElement(root, f"{{{ETDMS}}}degree")
    add_if(degree, f"{{{ETDMS}}}name", known.label(lang) if known else thesis.degree, lang if known else "")
    level = LEVELS[known.level] if known else _level_of_type(types().get(metadata.type))
    add_if(degree, f"{{{ETDMS}}}level", level)
    for text in _speciality(metadata):
        add_if(degree, f"{{{ETDMS}}}discipline", text.value, text.lang)
    for text in thesis.institutions:
        add_if(degree, f"{{{ETDMS}}}grantor", text.value, text.lang)
    if not len(degree):
        root.remove(degree)
