"""Building the elements of a format; pure."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

from oai.formats.source import BASE, NOT_XML

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

LANGUAGE = re.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
"""Of text that is our own."""


def root_element(tag: str, nsmap: Mapping[Any, str], *locations: str) -> etree._Element:
    """Return the root of a record, in whose `nsmap` None is the default namespace; `locations` are pairs of namespace
    and schema (XML Schema 1.0 part 1, 2.6.3)."""
    root = etree.Element(tag, nsmap={**nsmap, "xsi": XSI})
    if locations:
        root.set(f"{{{XSI}}}schemaLocation", " ".join(locations))
    return root


def write_document(element: etree._Element, site: str) -> bytes:
    """The bytes of a document of its own, with the addresses of `site`."""
    text = etree.tostring(element, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return text.replace(BASE.encode(), site.encode())


def add(parent: etree._Element, tag: str, text: str = "", lang: str = "", **attributes: str) -> etree._Element:
    """Append an element with `text` as XML can hold it, its language and attributes; empty attributes are left out,
    and so is what is no tag of a language."""
    return _append(parent, tag, clean(text), lang, attributes)


def add_if(parent: etree._Element, tag: str, text: str, lang: str = "", **attributes: str) -> None:
    """`add` for a text that may be missing: then there is no element."""
    if text and (value := clean(text)):
        _append(parent, tag, value, lang, attributes)


def _append(parent: etree._Element, tag: str, text: str, lang: str, attributes: dict[str, str]) -> etree._Element:
    element = etree.SubElement(parent, tag)
    if text:
        element.text = text
    if lang and (lang := xml_lang(lang)):
        element.set(XML_LANG, lang)
    for name, value in attributes.items():
        if value:
            element.set(name, clean(value))
    return element


def clean(text: str) -> str:
    """Return `text` as XML can hold it, without space around it."""
    # Whatever is printable may stand in XML; asking is several times faster than looking for what may not.
    return text.strip() if text.isprintable() else NOT_XML.sub("", text).strip()


@lru_cache(maxsize=1024)
def xml_lang(tag: str) -> str:
    """`tag` if `xml:lang` can hold it (XML Schema 1.0 part 2, 3.3.3), else nothing: imports are not checked."""
    return tag if LANGUAGE.fullmatch(tag) else ""


def escape(text: str) -> str:
    """Return `text` for the content of an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
