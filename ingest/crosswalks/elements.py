"""Looking into elements by their local names: records in the wild use the right names in the wrong namespaces; pure."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from lxml.etree import _Element

from ingest.crosswalks.values import clean_text, language_of

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XLINK = "{http://www.w3.org/1999/xlink}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def local_name(element: _Element) -> str:
    """The name without its namespace; "" for comments, instructions and entities."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def namespace_of(element: _Element) -> str:
    tag = element.tag if isinstance(element.tag, str) else ""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def children(element: _Element, *names: str) -> Iterator[_Element]:
    """The direct children with one of these names, in their order; all without names."""
    return (child for child in element if local_name(child) and (not names or local_name(child) in names))


def below(element: _Element, *path: str) -> Iterator[_Element]:
    """The elements at a path of names: `below(mods, "name", "namePart")`."""
    found = iter([element])
    for name in path:
        found = _step(found, name)
    return found


def _step(elements: Iterator[_Element], name: str) -> Iterator[_Element]:
    return (child for element in elements for child in children(element, name))


def text_of(element: _Element | None) -> str:
    """The text of an element and what is in it, blanks made one."""
    return clean_text("".join(map(str, element.itertext()))) if element is not None else ""


def first_text(element: _Element, *path: str) -> str:
    """The first text at a path that is not empty."""
    return next((text for found in below(element, *path) if (text := text_of(found))), "")


def lang_of(element: _Element) -> str:
    """The language that the element says its text is in, as our tags have it."""
    return language_of(element.get(XML_LANG) or element.get("lang") or "")


def name_in_address(address: str) -> str:
    """What a file is called by its address: the last part of the path, else of the query."""
    parts = urlsplit(address)
    name = unquote(parts.path).rstrip("/").rpartition("/")[2]
    return name or re.sub(r"\W+", "-", parts.query).strip("-") or "file"
