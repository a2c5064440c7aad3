"""Codes that no vocabulary knows: imports bring them, and nothing may be refused for it when it is harvested."""

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from oai.formats import FORMATS
from oai.formats.source import SourceLibrary
from repo.items.metadata import Metadata
from tests.oai.formats.examples import HOSTILE, full_metadata, make_file, make_source
from tests.oai.formats.schemas import ROOTS, schema_of

CATALOGUES = ("marcxml", "unimarc", "mods", "mets", "edm", "ore")
CODES = ("lang", "role", "scheme", "script", "degree", "type", "licence", "languages", "orcid", "ror")


def spoilt(value: object, text: str, spoil: bool = False) -> object:
    """`value` with `text` for every code in it."""
    if isinstance(value, list):
        return [spoilt(part, text, spoil) for part in value]
    if isinstance(value, dict):
        kinds = ("kind",) if "note" in value else ()  # of relations; those of texts are an enumeration
        return {key: spoilt(part, text, key in (*CODES, *kinds)) for key, part in value.items()}
    return text if spoil and isinstance(value, str) else value


@pytest.mark.parametrize("text", ["", " ", "x", "ky-", "-", "ky-Arab-KG-x-1926", "\u0000", HOSTILE, "а" * 50_000])
@pytest.mark.parametrize("prefix", CATALOGUES)
def test_odd_codes_raise_nothing(prefix: str, text: str, real_data: Path) -> None:
    metadata = Metadata.model_validate(spoilt(full_metadata("book").model_dump(mode="json"), text))
    library = SourceLibrary(text, {}, isil=text)
    source = replace(make_source(metadata, (make_file(),)), library=library)
    again = etree.fromstring(etree.tostring(FORMATS[prefix].render(source), encoding="utf-8"))
    if prefix in ROOTS:
        schema_of(real_data, prefix).assertValid(again)


@pytest.mark.parametrize("prefix", CATALOGUES)
def test_nothing_at_all(prefix: str, real_data: Path) -> None:
    source = replace(make_source(Metadata()), library=SourceLibrary("", {}))
    again = etree.fromstring(etree.tostring(FORMATS[prefix].render(source), encoding="utf-8"))
    if prefix in ROOTS:
        schema_of(real_data, prefix).assertValid(again)
