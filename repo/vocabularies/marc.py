"""What our codes are called in the catalogue formats (MARC 21, UNIMARC, MODS); pure.

The names lie apart from the other vocabularies, in `data/marc.json`, because only catalogues ask for them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class TypeCodes:
    """`marc` and `unimarc` are type of record and bibliographic level (leader 06-07); `content` is an RDA content type,
    `mods` a typeOfResource. `contents_marc` (008/24) and `contents_unimarc` (105 $a 4) say what a text contains."""

    marc: str
    unimarc: str
    content: str
    mods: str
    contents_marc: str = ""
    contents_unimarc: str = ""
    conference: bool = False


@dataclass(frozen=True)
class RelationCodes:
    """The linking entry fields of a relation, and its type of relatedItem, "" when MODS has none."""

    marc: str
    unimarc: str
    mods: str = ""


@dataclass(frozen=True)
class Country:
    """`iso` is ISO 3166-1 alpha-2, `marc` the code of the MARC list without its padding."""

    iso: str
    marc: str


UNKNOWN_TYPE = TypeCodes("am", "am", "zzz", "")
UNKNOWN_RELATION = RelationCodes("787", "488")
OTHER_ROLE = "570"  # UNIMARC, appendix C: other


def type_codes(code: str) -> TypeCodes:
    return _types().get(code, UNKNOWN_TYPE)


def relation_codes(code: str) -> RelationCodes:
    return _relations().get(code, UNKNOWN_RELATION)


def unimarc_role(code: str) -> str:
    """The relator code of a role (UNIMARC, appendix C)."""
    return _roles().get(code, OTHER_ROLE)


def country_of(place: str) -> Country | None:
    """The country in which a town lies today, None for towns that are not listed."""
    return _towns().get(place.strip(" .,:;[]?").casefold())


@cache
def _types() -> Mapping[str, TypeCodes]:
    return {entry.pop("code"): TypeCodes(**entry) for entry in _entries("types")}


@cache
def _relations() -> Mapping[str, RelationCodes]:
    return {entry.pop("code"): RelationCodes(**entry) for entry in _entries("relations")}


@cache
def _roles() -> Mapping[str, str]:
    return {entry["code"]: entry["unimarc"] for entry in _entries("roles")}


@cache
def _towns() -> Mapping[str, Country]:
    return {
        town.casefold(): Country(entry["code"], entry["marc"])
        for entry in _entries("countries")
        for town in entry["places"]
    }


def _entries(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((files("repo.vocabularies") / "data" / "marc.json").read_text("utf-8"))[
        name
    ]
    return entries
