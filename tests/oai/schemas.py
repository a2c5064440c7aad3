"""The published schemas, offline: validates whole responses, the metadata in them included."""

from functools import cache
from pathlib import Path

from lxml import etree

from oai.formats import FORMATS
from tests.oai.formats.schemas import FOLDERS, ROOTS, LocalFiles, schema_of

OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"

PROTOCOL = "kitodo__kitodo-production/Kitodo/src/main/resources/schemata/OAI-PMH.xsd"
BY_NAMESPACE = {format_.namespace: prefix for prefix, format_ in FORMATS.items() if prefix in ROOTS}


@cache
def protocol_schema(data: Path) -> etree.XMLSchema:
    """The protocol's schema together with that of oai_dc."""
    folder = data / "6-oai-schemas-vocab"
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(LocalFiles(folder, "oai_dc"))
    files = {OAI: PROTOCOL, OAI_DC: f"{FOLDERS['oai_dc']}/oai_dc.xsd"}
    imports = "".join(f'<import namespace="{name}" schemaLocation="{folder / path}"/>' for name, path in files.items())
    text = f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>'
    return etree.XMLSchema(etree.fromstring(text, parser))


def validate_response(data: Path, body: bytes) -> etree._Element:
    """Return the root of a response that is valid: the envelope to the protocol's schema, what each `<metadata>` holds
    to the schema of its format, where that is at hand. Raises etree.DocumentInvalid.

    The wildcards of the protocol's schema are strict: what stands in their places is taken out after it was looked at,
    and an empty `oai_dc:dc`, which is valid, put there instead.
    """
    root = etree.fromstring(body)
    bare = etree.fromstring(body)
    for holder in bare.iter(*(f"{{{OAI}}}{name}" for name in ("metadata", "about", "description", "setDescription"))):
        (content,) = holder
        holder.remove(content)
        prefix = BY_NAMESPACE.get(str(etree.QName(content).namespace))
        if prefix is not None:
            schema_of(data, prefix).assertValid(etree.fromstring(etree.tostring(content)))
        etree.SubElement(holder, f"{{{OAI_DC}}}dc")
    protocol_schema(data).assertValid(bare)
    return root
