"""Formats that an item is disseminated in: pure functions, `source -> element`, in one registry.

Adding a format is one module and one line here. Whoever changes what a module writes raises its `version` here:
the records that are kept in it are then rendered anew by themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lxml.etree import _Element

from oai.formats import datacite, edm, etdms, marcxml, mets, mods, oai_dc, openaire, ore, qualified_dc, unimarc
from oai.formats.source import Source


@dataclass(frozen=True)
class Format:
    """`render` returns the element that goes into `<metadata>`, `write` the same as text, where that is made directly
    because every item is written so. `label` names the format for people.

    `only` is the set whose records have this format, "" for all. `version` rises when `render` writes other bytes.
    """

    prefix: str
    label: str
    schema: str
    namespace: str
    render: Callable[[Source], _Element]
    write: Callable[[Source], str] | None = None
    only: str = ""
    version: int = 1


FORMATS: dict[str, Format] = {
    format_.prefix: format_
    for format_ in (
        Format("oai_dc", "Dublin Core", oai_dc.SCHEMA, oai_dc.OAI_DC, oai_dc.render, oai_dc.write),
        Format("qdc", "Qualified Dublin Core", qualified_dc.SCHEMA, qualified_dc.QDC, qualified_dc.render),
        Format("oai_openaire", "OpenAIRE 4.0", openaire.SCHEMA, openaire.OAIRE, openaire.render),
        Format("datacite", "DataCite 4.6", datacite.SCHEMA, datacite.KERNEL, datacite.render),
        Format("mods", "MODS 3.8", mods.SCHEMA, mods.NAMESPACE, mods.render),
        Format("marcxml", "MARC 21", marcxml.SCHEMA, marcxml.NAMESPACE, marcxml.render, marcxml.write),
        Format("unimarc", "UNIMARC", unimarc.SCHEMA, unimarc.NAMESPACE, unimarc.render, unimarc.write),
        Format("mets", "METS", mets.SCHEMA, mets.NAMESPACE, mets.render),
        Format("oai_etdms", "ETD-MS 1.1", etdms.SCHEMA, etdms.ETDMS, etdms.render, only="theses"),
        Format("edm", "Europeana Data Model", edm.SCHEMA, edm.RDF, edm.render),
        Format("ore", "OAI-ORE", ore.SCHEMA, ore.ATOM, ore.render),
    )
}
