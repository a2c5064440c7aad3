"""Descriptions that were made elsewhere, read into ours: `element -> Found`, pure, a module a format, one registry.

Nothing is refused for being incomplete: what a description lacks is a warning (`items.checks`). Adding a format is
one module and one line here.
"""

from collections.abc import Callable

from lxml.etree import _Element

from ingest.crosswalks import datacite, dublin_core, marcxml, mets, mods, openaire, ore
from ingest.crosswalks.elements import children, namespace_of
from ingest.crosswalks.found import Found as Found
from ingest.crosswalks.found import Link as Link

Crosswalk = Callable[[_Element], Found]

DC = "http://purl.org/dc/elements/1.1/"

CROSSWALKS: dict[str, Crosswalk] = {
    "http://www.openarchives.org/OAI/2.0/oai_dc/": dublin_core.read,
    DC: dublin_core.read,
    "http://purl.org/dc/terms/": dublin_core.read,
    "http://dspace.org/qualifieddc/": dublin_core.read,
    "http://www.bl.uk/namespaces/oai_dcq/": dublin_core.read,
    "http://epubs.cclrc.ac.uk/xmlns/qdc/": dublin_core.read,
    mods.NAMESPACE: mods.read,
    marcxml.NAMESPACE: marcxml.read,
    "http://namespace.openaire.eu/schema/oaire/": openaire.read,
    **{f"http://datacite.org/schema/kernel-{version}": datacite.read for version in ("2.2", "3", "4")},
    "http://schema.datacite.org/oai/oai-1.0/": datacite.read,
    "http://schema.datacite.org/oai/oai-1.1/": datacite.read,
    "http://www.loc.gov/METS/": mets.read,
    "http://www.loc.gov/METS/v2": mets.read,
    "http://www.w3.org/2005/Atom": ore.read,
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": ore.read,
}
"""By the namespace of the element that holds the description."""

PREFIXES = ("oai_dc", "qdc", "mods", "marcxml", "marc21", "oai_openaire", "oai_datacite", "datacite", "mets")
"""The usual names of these formats among repositories, what tells least first."""


def find_crosswalk(element: _Element) -> Crosswalk | None:
    """The crosswalk for an element; a container of another name that holds Dublin Core is read as such."""
    known = CROSSWALKS.get(namespace_of(element))
    if known is None and any(namespace_of(child) == DC for child in children(element)):
        return dublin_core.read
    return known
