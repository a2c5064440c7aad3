"""Every format: valid to its published schema for every type, access and hostile text."""

from pathlib import Path

import pytest
from lxml import etree

from oai.formats import FORMATS
from oai.formats.source import BASE
from tests.oai.formats.examples import examples
from tests.oai.formats.schemas import ROOTS, schema_of

EXAMPLES = examples()


@pytest.mark.parametrize("prefix", [prefix for prefix in FORMATS if prefix in ROOTS])
def test_valid_to_its_schema(prefix: str, real_data: Path) -> None:
    schema = schema_of(real_data, prefix)
    faults = {}
    for name, source in EXAMPLES.items():
        element = FORMATS[prefix].render(source)
        again = etree.fromstring(etree.tostring(element, encoding="utf-8"))  # as it travels
        if not schema.validate(again):
            faults[name] = str(schema.error_log)
    assert faults == {}


@pytest.mark.parametrize("prefix", FORMATS)
def test_the_same_bytes_each_time(prefix: str) -> None:
    """Bytes that differ from render to render would give records new datestamps for nothing."""
    source = EXAMPLES["article-full"]
    first, second = (etree.tostring(FORMATS[prefix].render(source)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("prefix", FORMATS)
def test_names_its_schema(prefix: str) -> None:
    """The schema that Identify and ListMetadataFormats name is the one that the record names (OAI-PMH 2.0, 4.4)."""
    element = FORMATS[prefix].render(EXAMPLES["article-full"])
    assert etree.QName(element).namespace == FORMATS[prefix].namespace
    located = (element.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation") or "").split()
    assert (FORMATS[prefix].namespace, FORMATS[prefix].schema) in zip(located[::2], located[1::2], strict=True)


@pytest.mark.parametrize("prefix", FORMATS)
def test_leads_to_the_landing_page(prefix: str) -> None:
    for name in ("article-full", "book-least", "scanned-book"):
        assert f"{BASE}/records/0123b4c5x" in etree.tostring(FORMATS[prefix].render(EXAMPLES[name]), encoding="unicode")
