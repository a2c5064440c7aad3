"""What is said about a record beside its metadata: who may use it, and how it came here; pure.

OAI-PMH 2.0 implementation guidelines, "Rights expressions" (3.1) and "Provenance" (2.1).
"""

from lxml import etree

from oai.formats.elements import add, root_element
from repo.items.origin import Origin

RIGHTS = "http://www.openarchives.org/OAI/2.0/rights/"
PROVENANCE = "http://www.openarchives.org/OAI/2.0/provenance"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
"""Descriptions are free to use, those of restricted works too."""


def rights() -> bytes:
    """The `<about>` of every record."""
    return _about(_rights_element())


def provenance(origin: Origin) -> bytes:
    """The `<about>` of a record that was harvested: where, when, and whether it is told on as it came."""
    root = root_element(
        f"{{{PROVENANCE}}}provenance",
        {None: PROVENANCE},
        PROVENANCE,
        "http://www.openarchives.org/OAI/2.0/provenance.xsd",
    )
    parent = root
    step: Origin | None = origin
    while step is not None:
        parent = _add_step(parent, step)
        step = step.before
    return _about(root)


def rights_manifest() -> bytes:
    """What Identify says of all records ("Rights expressions", 3.3)."""
    root = root_element(
        f"{{{RIGHTS}}}rightsManifest", {None: RIGHTS}, RIGHTS, "http://www.openarchives.org/OAI/2.0/rightsManifest.xsd"
    )
    root.set("appliesTo", "http://www.openarchives.org/OAI/2.0/entity#metadata")
    add(add(root, f"{{{RIGHTS}}}rights"), f"{{{RIGHTS}}}rightsReference").set("ref", CC0)
    return etree.tostring(root)


def _rights_element() -> etree._Element:
    root = root_element(f"{{{RIGHTS}}}rights", {None: RIGHTS}, RIGHTS, "http://www.openarchives.org/OAI/2.0/rights.xsd")
    add(root, f"{{{RIGHTS}}}rightsReference").set("ref", CC0)
    return root


def _add_step(parent: etree._Element, step: Origin) -> etree._Element:
    element = add(parent, f"{{{PROVENANCE}}}originDescription")
    element.set("harvestDate", step.harvested_at)
    element.set("altered", "true" if step.altered else "false")
    for name, text in (
        ("baseURL", step.base_url),
        ("identifier", step.identifier),
        ("datestamp", step.datestamp),
        ("metadataNamespace", step.namespace),
    ):
        add(element, f"{{{PROVENANCE}}}{name}", text)
    return element


def _about(content: etree._Element) -> bytes:
    element = etree.Element("about")
    element.append(content)
    return etree.tostring(element, encoding="utf-8")
