"""Reading rendered records in tests: paths with the usual prefixes."""

from lxml import etree

from oai.formats import FORMATS
from oai.formats.elements import XML_LANG
from oai.formats.source import Source
from repo.items.metadata import Metadata
from tests.oai.formats.examples import examples, make_source

NAMES = {
    "datacite": "http://datacite.org/schema/kernel-4",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "etdms": "http://www.ndltd.org/standards/metadata/etdms/1.1/",
    "oaire": "http://namespace.openaire.eu/schema/oaire/",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
EXAMPLES = examples()
HOSTILE_AS_TEXT = "]]> <b>&amp;  emoji 😀 RTL שלום"
"""The hostile text of the examples without what XML cannot hold."""


def rendered(prefix: str, source: Source | Metadata | str) -> etree._Element:
    """The record of a source, of a description without files, or of the example of that name, as it travels."""
    if isinstance(source, str):
        source = EXAMPLES[source]
    elif isinstance(source, Metadata):
        source = make_source(source)
    return etree.fromstring(etree.tostring(FORMATS[prefix].render(source), encoding="utf-8"))


def texts(root: etree._Element, path: str) -> list[str]:
    return [element.text or "" for element in root.findall(path, NAMES)]


def in_languages(root: etree._Element, path: str) -> list[tuple[str, str]]:
    """(language, text), "" for none."""
    return [(element.get(XML_LANG, ""), element.text or "") for element in root.findall(path, NAMES)]


def told(root: etree._Element, path: str) -> list[tuple[dict[str, str], str]]:
    """(attributes, text)."""
    return [(dict(element.attrib), element.text or "") for element in root.findall(path, NAMES)]


def empty_elements(root: etree._Element) -> list[str]:
    """The elements that say nothing: neither text nor children."""
    return [str(element.tag) for element in root.iter() if not len(element) and not (element.text or "").strip()]
