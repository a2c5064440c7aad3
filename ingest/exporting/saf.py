"""DSpace Simple Archive Format (DSpace 7 manual, "Importing and Exporting Items via Simple Archive Format").

A folder for each work: `dublin_core.xml` in the fields that every DSpace has, `contents` with bundles, `handle` where
the work had one, and its files. Whatever is not open to anybody is marked for administrators alone, so that nothing
opens by moving. `muras.json`, in the bundle METADATA, holds all that Dublin Core cannot say.
"""

from collections.abc import Iterator

from lxml import etree

from ingest.exporting.works import Data, Part, Stored, Work, WorkFile
from ingest.loaders.own import RECORD
from oai.formats.elements import add_if, xml_lang
from repo.items.access import Access, FileRole
from repo.items.metadata import Agent, Metadata, Text, TextKind
from repo.vocabularies import access_rights, degrees, licences, types
from repo.vocabularies.numbers import number_address

BUNDLES = {FileRole.ORIGINAL: "ORIGINAL", FileRole.PRIVATE: "ADMIN", FileRole.AGREEMENT: "LICENSE"}
CLOSED = "\tpermissions:-r 'Administrator'"
RESERVED = frozenset(
    ("dublin_core.xml", RECORD, "contents", "handle", "collections", "relationships", "delete_contents")
)
"""Names in the folder of a work that mean something there."""

PEOPLE = {"advisor": "advisor", "editor": "editor", "responsible-editor": "editor", "illustrator": "illustrator"}
RELATIONS = {
    "IsPartOf": "ispartof",
    "HasPart": "haspart",
    "IsTranslationOf": "isversionof",
    "HasTranslation": "hasversion",
    "IsNewVersionOf": "replaces",
    "IsPreviousVersionOf": "isreplacedby",
    "IsVariantFormOf": "isformatof",
}
Field = tuple[str, str, str, str]
"""Element, qualifier, value, language."""


def pack(work: Work, with_files: bool) -> Iterator[Part]:
    folder = f"item_{work.id}"
    files = [(_name(file), file) for file in work.files] if with_files else []
    described = work.document(_render(work))
    yield Data(f"{folder}/dublin_core.xml", described)
    yield Data(f"{folder}/{RECORD}", work.packed_record({file.path: name for name, file in files}, described))
    lines = [f"{RECORD}\tbundle:METADATA", *(_content(name, file) for name, file in files)]
    yield Data(f"{folder}/contents", "".join(f"{line}\n" for line in lines).encode())
    if handle := next((form for form in work.addresses if form.startswith("handle/")), ""):
        yield Data(f"{folder}/handle", f"{handle.removeprefix('handle/')}\n".encode())
    for name, file in files:
        yield Stored(f"{folder}/{name}", file)


def _name(file: WorkFile) -> str:
    """Originals lie beside the description, the others, and what would be taken for part of it, in folders."""
    name = file.name.casefold()
    taken = name in RESERVED or (name.startswith("metadata_") and name.endswith(".xml"))
    return file.path if taken or file.role is not FileRole.ORIGINAL else file.name


def _content(name: str, file: WorkFile) -> str:
    shut = file.role is not FileRole.ORIGINAL or file.access is not Access.OPEN
    return f"{name}\tbundle:{BUNDLES[file.role]}{CLOSED if shut else ''}"


def _render(work: Work) -> etree._Element:
    root = etree.Element("dublin_core", schema="dc")
    for element, qualifier, value, lang in _fields(work):
        attributes = {"element": element, "qualifier": qualifier or "none", "language": xml_lang(lang)}
        add_if(root, "dcvalue", value, **attributes)
    return root


def _fields(work: Work) -> Iterator[Field]:
    metadata = work.source.metadata
    yield from _titles(metadata)
    yield from _people(metadata)
    yield ("date", "issued", metadata.issued, "")
    for texts, element, qualifier in (
        (metadata.abstracts, "description", "abstract"),
        (metadata.keywords, "subject", ""),
        (metadata.publishers or metadata.thesis.institutions, "publisher", ""),
        (metadata.notes, "description", ""),
        (metadata.rare.provenance, "description", "provenance"),
    ):
        yield from ((element, qualifier, text.value, text.lang) for text in texts)
    yield from (("subject", "classification", f"{s.scheme.upper()} {s.value}".strip(), "") for s in metadata.subjects)
    kind = types().get(metadata.type)
    yield ("type", "", kind.label("en") if kind else metadata.type, "en")
    yield from (("language", "iso", tag, "") for tag in metadata.languages)
    yield ("format", "extent", metadata.extent, "")
    yield from _numbers(work)
    yield from _host_and_thesis(metadata)
    yield from _rights(work)


def _titles(metadata: Metadata) -> Iterator[Field]:
    first = metadata.title()
    yield ("title", "", first.value, first.lang)
    for text in metadata.titles:
        if text is not first:
            yield ("title", "alternative" if text.kind is not TextKind.MAIN else "", text.value, text.lang)


def _people(metadata: Metadata) -> Iterator[Field]:
    yield from (_person(agent, "author") for agent in metadata.creators)
    yield from (_person(agent, PEOPLE.get(agent.role, "other")) for agent in metadata.contributors)


def _person(agent: Agent, qualifier: str) -> Field:
    name = agent.name()
    return ("contributor", qualifier, name.inverted, name.lang)


def _numbers(work: Work) -> Iterator[Field]:
    """Numbers as addresses where they have one; the landing page that the work had here is one of them."""
    for number in work.source.metadata.identifiers:
        address = number_address(number.scheme, number.value)
        plain = number.scheme if number.scheme in ("isbn", "issn", "ismn") else "uri" if address else "other"
        yield ("identifier", plain, address if plain == "uri" else number.value, "")
    yield ("identifier", "uri", f"{work.site}/records/{work.id}", "")
    for relation in work.source.metadata.relations:
        yield ("relation", RELATIONS.get(relation.kind, ""), relation.value or relation.note, "")


def _host_and_thesis(metadata: Metadata) -> Iterator[Field]:
    host, thesis = metadata.host, metadata.thesis
    yield from (("relation", "ispartof", text.value, text.lang) for text in host.titles)
    yield ("identifier", "issn", host.issn, "")
    yield ("identifier", "isbn", host.isbn, "")
    title = next((text.value for text in host.titles), "")
    cited = ", ".join(part for part in (title, host.volume, host.issue, host.pages) if part)
    yield ("identifier", "citation", cited, "")
    degree = degrees().get(thesis.degree)
    parts = (degree.label("en") if degree else thesis.degree, thesis.speciality, _first(thesis.speciality_names))
    yield ("description", "", ". ".join(part for part in parts if part), "en")


def _rights(work: Work) -> Iterator[Field]:
    source = work.source
    yield ("rights", "", access_rights()[source.access.value].label("en"), "en")
    if source.access is Access.EMBARGOED and source.embargo_until:
        yield ("date", "available", source.embargo_until.isoformat(), "")
    if licence := licences().get(source.metadata.licence):
        yield ("rights", "uri", licence.url, "")


def _first(texts: list[Text]) -> str:
    return next((text.value for text in texts if text.value), "")
