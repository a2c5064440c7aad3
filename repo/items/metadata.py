"""The description of an item: one typed model for every type, close to DataCite 4.6 and COAR; pure.

A text carries its language (BCP 47, with script where it is not the usual one) and its kind. Everything may be
empty, because a half-filled form always saves; `items/checks.py` says what a submission or an import needs.
Dates are EDTF texts (Library of Congress, 2019, level 1).
"""

import enum
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from repo.items.access import Access

SCHEMA_VERSION = 1


class TextKind(enum.StrEnum):
    MAIN = "main"
    TRANSLATED = "translated"
    TRANSCRIBED = "transcribed"
    ALTERNATIVE = "alternative"


class Part(BaseModel):
    """What all parts have in common: unknown keys are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, validate_assignment=True)


class Text(Part):
    value: str = ""
    lang: str = ""
    kind: TextKind = TextKind.MAIN


class PersonName(Part):
    """A name in one script. Organisations have `family` only."""

    family: str = ""
    given: str = ""
    lang: str = ""

    @property
    def inverted(self) -> str:
        """«Айтматов, Чыңгыз»: for lists and citations."""
        return ", ".join(part for part in (self.family, self.given) if part)

    @property
    def direct(self) -> str:
        """«Чыңгыз Айтматов»: for reading."""
        return " ".join(part for part in (self.given, self.family) if part)


class Affiliation(Part):
    names: list[Text] = Field(default_factory=list)
    ror: str = ""


class Agent(Part):
    """A creator or contributor. `role` is a value of the vocabulary `roles` ("author", "advisor", "editor" …)."""

    names: list[PersonName] = Field(default_factory=list)
    organisation: bool = False
    orcid: str = ""
    role: str = "author"
    affiliations: list[Affiliation] = Field(default_factory=list)

    def name(self, lang: str = "") -> PersonName:
        """The name in `lang` if there is one, in its usual script before others, else the first."""
        for name in sorted(self.names, key=lambda name: name.lang != lang):
            if lang and name.lang.split("-")[0] == lang:
                return name
        return self.names[0] if self.names else PersonName()


class Subject(Part):
    """`scheme` is "udc", "bbk", "grnti" or "" for free words (those are in `keywords`)."""

    scheme: str = ""
    value: str = ""


class Number(Part):
    """An identifier: `scheme` is a value of the vocabulary `identifiers` ("doi", "isbn", "issn", "url" …)."""

    scheme: str = ""
    value: str = ""


class Relation(Part):
    """`kind` is a DataCite relationType; the other end is named by an identifier or an address."""

    kind: str = ""
    value: str = ""
    note: str = ""


class Host(Part):
    """The journal or book in which an article stands."""

    titles: list[Text] = Field(default_factory=list)
    volume: str = ""
    issue: str = ""
    pages: str = ""
    issn: str = ""
    isbn: str = ""


class Thesis(Part):
    degree: str = ""  # vocabulary `degrees`
    speciality: str = ""  # code of the national list, "10.02.01"
    speciality_names: list[Text] = Field(default_factory=list)
    institutions: list[Text] = Field(default_factory=list)
    council: str = ""
    defended: str = ""  # EDTF


class RareBook(Part):
    script: str = ""  # ISO 15924, "Arab", "Latn", "Cyrl"
    orthography: str = ""
    provenance: list[Text] = Field(default_factory=list)
    copy_notes: list[Text] = Field(default_factory=list)
    shelf_mark: str = ""


class Metadata(Part):
    """The description of one version of an item."""

    schema_version: int = SCHEMA_VERSION
    type: str = ""  # vocabulary `types`
    languages: list[str] = Field(default_factory=list)
    titles: list[Text] = Field(default_factory=list)
    creators: list[Agent] = Field(default_factory=list)
    contributors: list[Agent] = Field(default_factory=list)
    abstracts: list[Text] = Field(default_factory=list)
    keywords: list[Text] = Field(default_factory=list)
    subjects: list[Subject] = Field(default_factory=list)
    issued: str = ""  # EDTF
    publishers: list[Text] = Field(default_factory=list)
    places: list[Text] = Field(default_factory=list)
    edition: str = ""
    extent: str = ""
    identifiers: list[Number] = Field(default_factory=list)
    relations: list[Relation] = Field(default_factory=list)
    host: Host = Field(default_factory=Host)
    thesis: Thesis = Field(default_factory=Thesis)
    rare: RareBook = Field(default_factory=RareBook)
    notes: list[Text] = Field(default_factory=list)
    licence: str = ""  # vocabulary `licences`
    access: Access = Access.OPEN
    embargo_until: str = ""  # YYYY-MM-DD, the first open day

    @property
    def year(self) -> int | None:
        """The year of publication, as far as the date says one."""
        return year_of(self.issued)

    def title(self, lang: str = "") -> Text:
        """The title in `lang` if there is one, else the main one."""
        return best_text(self.titles, lang)

    def abstract(self, lang: str = "") -> Text:
        return best_text(self.abstracts, lang)


def best_text(texts: Sequence[Text], lang: str = "") -> Text:
    """Return the text for a reader of `lang`: in that language (a transcription before the older script that it
    transcribes), else the main one, else any; else an empty one."""
    filled = [text for text in texts if text.value]
    for text in sorted(filled, key=lambda text: text.lang != lang):
        if lang and text.lang.split("-")[0] == lang:
            return text
    for text in filled:
        if text.kind is TextKind.MAIN:
            return text
    return filled[0] if filled else Text()


def main_text(texts: Sequence[Text]) -> Text:
    """Return the text in the work's own words: the first of kind main, else the first."""
    return best_text(texts)


def names_of(agents: Iterable[Agent], lang: str = "") -> list[str]:
    """The inverted names of the agents that have one."""
    return [text for agent in agents if (text := agent.name(lang).inverted)]


def year_of(edtf: str) -> int | None:
    """The first year of an EDTF date: 1926 of "1926~", "1926-05", "1926/1928"; None of "192X" and of no date."""
    found = re.match(r"\s*(-?\d{4})(?!\d)", edtf)
    return int(found[1]) if found else None


def read_metadata(stored: dict[str, Any]) -> Metadata:
    """Return the model of stored JSON of any schema version. Raises pydantic.ValidationError on damaged JSON."""
    stored = dict(stored)
    version = int(stored.get("schema_version", SCHEMA_VERSION))
    for upgrade in UPGRADES[version - 1 :]:
        stored = upgrade(stored)
    return Metadata.model_validate(stored)


def read_metadata_text(stored: str, schema_version: int) -> Metadata:
    """`read_metadata` of the JSON as text: several times as fast for what is of the present version."""
    if schema_version == SCHEMA_VERSION:
        return Metadata.model_validate_json(stored)
    return read_metadata(json.loads(stored))


def write_metadata(metadata: Metadata) -> dict[str, Any]:
    """Return the JSON to store: only what differs from an empty form, so that it stays readable in OCFL."""
    return {"schema_version": SCHEMA_VERSION, **metadata.model_dump(mode="json", exclude_defaults=True)}


UPGRADES: list[Any] = []
"""`UPGRADES[n - 1]` turns JSON of schema version n into n + 1."""
