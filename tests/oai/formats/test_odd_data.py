"""Data that no form would let through: every format renders it, valid to its schema where one is at hand."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from oai.formats import FORMATS
from oai.formats.elements import XML_LANG, add, add_if, clean
from oai.formats.source import NOT_XML
from repo.items.metadata import Metadata
from tests.oai.formats.examples import full_metadata, make_file, make_source
from tests.oai.formats.schemas import ROOTS, schema_of

ODD = [
    "",
    " ",
    "\x00",
    "\ufffe",
    "a\x0bb",
    "кыргызча (араб)",
    "-",
    "/",
    "10-",
    "–",
    "]]>",
    "0000",
    "2023-02-30",
    "x" * 9,
]


def spoiled(value: Any, odd: str) -> Any:
    """The same with `odd` for every text, codes and languages too; what the model itself checks stays."""
    if isinstance(value, list):
        return [spoiled(part, odd) for part in value]
    if isinstance(value, dict):
        return {
            key: part if key in ("kind", "access") and part.islower() else spoiled(part, odd)
            for key, part in value.items()
        }
    return odd if isinstance(value, str) else value


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("prefix", FORMATS)
def test_odd_texts_and_codes_are_no_error(prefix: str, odd: str, real_data: Path) -> None:
    metadata = Metadata.model_validate(spoiled(full_metadata("article").model_dump(mode="json"), odd))
    element = FORMATS[prefix].render(make_source(metadata, (make_file(odd, odd),)))
    again = etree.fromstring(etree.tostring(element, encoding="utf-8"))
    if prefix in ROOTS:
        schema = schema_of(real_data, prefix)
        assert schema.validate(again), schema.error_log


@given(st.text())
@example("\x00 а\ufffe\U0001f600\n")
def test_cleaning_is_that_of_the_standard(text: str) -> None:
    assert clean(text) == NOT_XML.sub("", text).strip()


@pytest.mark.parametrize("lang", ["ky", "ky-Arab", "sr-Latn-RS"])
def test_languages(lang: str) -> None:
    assert add(etree.Element("a"), "b", "c", lang).get(XML_LANG) == lang


@pytest.mark.parametrize("lang", ["", "кыргызча", "ky_Arab", "abcdefghi", "ky-", "\x00", "ky\n"])
def test_what_is_no_language_is_not_said(lang: str) -> None:
    assert add(etree.Element("a"), "b", "c", lang).get(XML_LANG) is None


def test_nothing_is_said_of_what_is_missing() -> None:
    root = etree.Element("a")
    for text in ("", " ", "\x00", "\u00a0"):
        add_if(root, "b", text, "ky", kind="c")
    assert len(root) == 0
