"""Fields as DSpace names them, schema.element.qualifier, read into a description; pure.

What a profile maps is put where it says, strictly. The rest is read as qualified Dublin Core, as leniently as a
harvest does, because a house that is moved out of can no longer correct its records.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element

from ingest.crosswalks import dublin_core
from ingest.crosswalks.elements import XML_LANG
from ingest.crosswalks.people import role_of
from ingest.crosswalks.values import language_of
from ingest.loaders import values
from ingest.loaders.entry import Entry, Rules
from ingest.loaders.packages import Note
from repo.items.access import Access
from repo.vocabularies import relations, roles

TERMS = {
    "contributor.author": "creator",
    "title.alternative": "alternative",
    "description.abstract": "abstract",
    "description.tableofcontents": "tableOfContents",
    "identifier.citation": "bibliographicCitation",
    "format.extent": "extent",
    "date.created": "created",
    "date.copyright": "dateCopyrighted",
    "date.issued": "issued",
    "coverage.spatial": "spatial",
    "coverage.temporal": "temporal",
    "rights.accessrights": "accessRights",
    "rights.holder": "rightsHolder",
    "rights.license": "rights",
    "rights.uri": "rights",
}
"""Names of qualified Dublin Core (DCMI Metadata Terms) that do not follow from DSpace's."""
OF_THE_HOUSE = re.compile(
    r"(dc\.date\.(accessioned|available|submitted|updated|rights)|dc\.description\.(provenance|version)"
    r"|dc\.format(\.mimetype|\.medium)?|dspace\.|eperson\.|relationship|person\.|orgunit\.)"
)
"""What DSpace keeps about its own work: dates, people with their addresses, forms of files."""
EMBARGO = re.compile(r"(\w+\.)?(date\.embargo|embargo(\.\w+)?|rights\.embargodate|date\.embargoed)(\.\w+)?")
NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
ADDRESS = re.compile(r"https?://\S+")
HANDLE = re.compile(r"(?:https?://hdl\.handle\.net/|hdl:|https?://[^/\s]+/(?:\w+/)*handle/)(\d[\w.]*/\S+)")


@dataclass(frozen=True)
class Field:
    """`name` is "dc.title" or "dc.date.issued"; `lang` what the record says of its text."""

    name: str
    value: str
    lang: str = ""

    @property
    def named(self) -> list[str]:
        """What a profile may call it, the most telling first."""
        langs = dict.fromkeys(filter(None, (self.lang, language_of(self.lang))))
        return [*(f"{self.name}[{lang}]" for lang in langs), self.name]


def read_fields(fields: Iterable[Field], rules: Rules) -> Entry:
    """The description that the fields make."""
    mapped: dict[str, list[Field]] = {}
    rest = []
    for field in fields:
        own = next((name for name in field.named if name in rules.profile.fields), None)
        if own is None:
            rest.append(field)
        elif path := rules.profile.fields[own]:
            mapped.setdefault(path, []).append(field)
    entry = Entry(rules, dublin_core.read(_record(rest, rules)).metadata)
    made = entry.parts.metadata
    made.identifiers = [one for one in made.identifiers if one.scheme != "url" or not HANDLE.match(one.value)]
    _put_people(entry, rest)
    _put_rest(entry, rest)
    for path, found in mapped.items():
        entry.put(path, [field.value for field in found], found[0].name)
    entry.put_constants()
    return entry


def _record(fields: Sequence[Field], rules: Rules) -> _Element:
    """The fields as a record of qualified Dublin Core."""
    record = etree.Element("record")
    for field in fields:
        term = _term(field.name)
        if term is None or not NAME.fullmatch(term):
            continue
        element = etree.SubElement(record, term)
        element.text = rules.read(_own_path(term), field.value)
        if field.lang and language_of(field.lang):
            element.set(XML_LANG, field.lang)
        if term in ("identifier", "subject") and field.name.count(".") == 2:
            element.set("type", field.name.rpartition(".")[2])
    return record


def _own_path(term: str) -> str:
    """The path for which a profile may have words of its own."""
    return {"creator": "creators", "subject": "keywords", "rights": "rights.licence"}.get(term, term)


def _term(name: str) -> str | None:
    """The term of Dublin Core that a field is; None of what is none, or is read elsewhere."""
    schema, _, rest = name.partition(".")
    if OF_THE_HOUSE.match(name) or EMBARGO.fullmatch(name):
        return None
    if schema not in ("dc", "dcterms") or (rest.startswith("contributor.") and rest not in TERMS):
        return None
    if schema == "dcterms":
        return rest
    element, _, qualifier = rest.partition(".")
    if element == "relation" and qualifier:
        return _relation(qualifier)
    return TERMS.get(rest) or (None if element == "date" and qualifier else element)


def _relation(qualifier: str) -> str:
    """ "ispartofseries" is "isPartOf", "isbasedon" nothing that we know but a relation."""
    kind = next((kind for kind in relations() if qualifier.lower().startswith(kind.lower())), "")
    return kind[:1].lower() + kind[1:] if kind else "relation"


def _put_people(entry: Entry, fields: Sequence[Field]) -> None:
    """Contributors by what they did: "dc.contributor.advisor"."""
    found: dict[str, list[str]] = {}
    for field in fields:
        if field.name.startswith("dc.contributor.") and field.name != "dc.contributor.author":
            role = role_of([field.name.rpartition(".")[2]], "contributor")
            found.setdefault(role if role in roles() else "contributor", []).append(field.value)
    for role, names in found.items():
        entry.put(f"contributors.{role}", names)


def _put_rest(entry: Entry, fields: Sequence[Field]) -> None:
    """Embargoes, old addresses, the place of a thesis; what else has no place is said."""
    for field in fields:
        if EMBARGO.fullmatch(field.name):
            _put_embargo(entry, field)
        elif field.name.startswith("thesis.degree.grantor"):
            lang = language_of(field.lang)
            entry.put(f"thesis.institution[{lang}]" if lang else "thesis.institution", [field.value])
        elif field.name == "dc.identifier.uri":
            handle = HANDLE.match(field.value.strip())
            entry.parts.addresses += [f"hdl:{handle[1]}"] if handle else ADDRESS.findall(field.value)
        elif not field.name.startswith(("dc.", "dcterms.")) and not OF_THE_HOUSE.match(field.name):
            entry.remark(Note.NOT_MAPPED, field.name)


def _put_embargo(entry: Entry, field: Field) -> None:
    """A day, or words like "forever", which shut the files for good; what cannot be understood shuts them too."""
    try:
        day = values.read_day(values.clean(field.value))
    except values.WrongError:
        entry.parts.metadata.access = Access.CLOSED
        entry.remark(Note.LEFT_OUT, field.name, value=field.value[:200])
        return
    entry.parts.metadata.embargo_until = day
    entry.parts.metadata.access = Access.EMBARGOED
