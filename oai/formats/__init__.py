"""Formats that an item is disseminated in: pure functions, `source -> element`, in one registry.

Adding a format is one module and one line here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lxml.etree import _Element

from oai.formats import oai_dc
from oai.formats.source import Source


@dataclass(frozen=True)
class Format:
    """`render` returns the element that goes into `<metadata>`; `applies` says whether an item has this format."""

    prefix: str
    schema: str
    namespace: str
    render: Callable[[Source], _Element]


FORMATS: dict[str, Format] = {
    format_.prefix: format_
    for format_ in (
        Format(
            "oai_dc",
            "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            "http://www.openarchives.org/OAI/2.0/oai_dc/",
            oai_dc.render,
        ),
    )
}
