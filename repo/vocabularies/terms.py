"""The terms of the vocabularies and how to look them up; pure.

Each vocabulary is a file in `data/`: the code that metadata holds for ever, labels in Kyrgyz, Russian and
English, and the term's names in the standards that we export to. Files are read on first use and kept.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

Texts = Mapping[str, str]
"""A text by language: "ky", "ru", "en"."""

LANGS = ("ky", "ru", "en")


@dataclass(frozen=True, kw_only=True, eq=False)
class Term:
    code: str
    labels: Texts

    def label(self, lang: str) -> str:
        """The label for readers of `lang`; English for other languages than the three."""
        return self.labels.get(lang) or self.labels["en"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ResourceType(Term):
    """What kind of work something is. `sections` are the fields of `items.metadata.Metadata` that only some
    types have: the deposit form shows them and asks nobody else.

    `openaire` is the resourceTypeGeneral of the OpenAIRE guidelines, `openaire_coar` the nearest term of their list
    where they do not take `coar`, `openaire_label` the English name of the term that is taken, where ours is another.
    `version` is a COAR version type, where the type alone says which it is.
    """

    group: str
    hints: Texts = field(default_factory=dict)
    coar: str
    datacite: str
    eu_repo: str
    dcmi: str
    schema_org: str
    openaire: str = "literature"
    openaire_coar: str = ""
    openaire_label: str = ""
    version: str = ""
    sections: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class AccessRight(Term):
    """`openaire_label` is the English name of the term of COAR where ours is another."""

    explanations: Texts
    coar: str
    eu_repo: str
    openaire_label: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Licence(Term):
    """`short` is what fits beside a title ("CC BY 4.0"); `free`: nobody has to ask before using the work."""

    explanations: Texts
    url: str
    short: str = ""
    spdx: str = ""
    free: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Language(Term):
    """`code` is a BCP 47 tag, `iso3` ISO 639-3 (dc:language), `marc` ISO 639-2/B, `script` the usual ISO 15924."""

    iso3: str
    marc: str
    script: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Script(Term):
    rtl: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Role(Term):
    """What a person did. `marc` is a MARC relator; `datacite` a contributorType, "" for those who are creators there;
    `openaire` the same in the OpenAIRE guidelines, where it differs; `creator`: may stand among the creators."""

    marc: str
    datacite: str = ""
    openaire: str = ""
    creator: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class IdentifierScheme(Term):
    """`datacite` is a relatedIdentifierType; `address` leads to the thing once "{}" is the number."""

    datacite: str = ""
    address: str = ""
    example: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class RelationType(Term):
    """How another work relates to this one. `openaire` is the relationType of the OpenAIRE guidelines where they do not
    have that of DataCite; `dcterms` the property of the DCMI Metadata Terms, "" for a relation that has none."""

    openaire: str = ""
    dcterms: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Degree(Term):
    """`level` is "bachelor", "master" or "doctoral"."""

    level: str


T = TypeVar("T", bound=Term)


def _read(name: str, kind: type[T]) -> dict[str, T]:
    text = (files("repo.vocabularies") / "data" / f"{name}.json").read_text("utf-8")
    terms = [kind(**_freeze(entry)) for entry in json.loads(text)["terms"]]
    return {term.code: term for term in terms}


def _freeze(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


@cache
def types() -> Mapping[str, ResourceType]:
    """Resource types by code, in the order of the deposit form."""
    return _read("types", ResourceType)


@cache
def type_groups() -> Mapping[str, Term]:
    return _read("type_groups", Term)


@cache
def access_rights() -> Mapping[str, AccessRight]:
    """By the values of `items.access.Access`."""
    return _read("access", AccessRight)


@cache
def licences() -> Mapping[str, Licence]:
    return _read("licences", Licence)


@cache
def languages() -> Mapping[str, Language]:
    """By BCP 47 tag, in the order of the choice in forms."""
    return _read("languages", Language)


@cache
def scripts() -> Mapping[str, Script]:
    return _read("scripts", Script)


@cache
def roles() -> Mapping[str, Role]:
    return _read("roles", Role)


@cache
def identifier_schemes() -> Mapping[str, IdentifierScheme]:
    return _read("identifiers", IdentifierScheme)


@cache
def degrees() -> Mapping[str, Degree]:
    return _read("degrees", Degree)


@cache
def relations() -> Mapping[str, RelationType]:
    """By DataCite relationType."""
    return _read("relations", RelationType)


VOCABULARIES: Mapping[str, Callable[[], Mapping[str, Term]]] = {
    "types": types,
    "type_groups": type_groups,
    "access": access_rights,
    "licences": licences,
    "languages": languages,
    "scripts": scripts,
    "roles": roles,
    "identifiers": identifier_schemes,
    "degrees": degrees,
    "relations": relations,
}


def label(vocabulary: str, code: str, lang: str) -> str:
    """Return the label of `code`; the code itself when the vocabulary does not know it (old and imported data).

    Raises KeyError for an unknown vocabulary.
    """
    term = VOCABULARIES[vocabulary]().get(code)
    return term.label(lang) if term else code


def choices(vocabulary: str, lang: str) -> list[tuple[str, str]]:
    """Return (code, label) of every term, in the vocabulary's order, for a form."""
    return [(term.code, term.label(lang)) for term in VOCABULARIES[vocabulary]().values()]


def language_label(tag: str, lang: str) -> str:
    """Return the name of the language `tag`; an unusual script is said in brackets: "өзбекче (араб алфавити)"."""
    base, _, script = tag.partition("-")
    if tag in languages() or not script:
        return label("languages", tag, lang)
    return f"{label('languages', base, lang)} ({label('scripts', script, lang)})"


def script_of(tag: str) -> str:
    """Return the script (ISO 15924) that the language `tag` names or its language usually has, "" if nobody knows."""
    base, _, rest = tag.partition("-")
    for part in rest.split("-"):
        if len(part) == 4 and part.isalpha():
            return part.title()
    known = languages().get(base)
    return known.script if known else ""


def direction(tag: str) -> str:
    """Return "rtl" when texts of the language `tag` run from right to left, else "ltr": the HTML attribute `dir`."""
    found = scripts().get(script_of(tag))
    return "rtl" if found and found.rtl else "ltr"
