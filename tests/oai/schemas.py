"""The published schemas, offline: validates whole responses, the metadata in them included."""

from functools import cache
from pathlib import Path

from lxml import etree

OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"

FILES = {
    OAI: "kitodo__kitodo-production/Kitodo/src/main/resources/schemata/OAI-PMH.xsd",
    OAI_DC: "artefactual__atom/data/xsd/oai_dc.xsd",
}


@cache
def all_schemas(data: Path) -> etree.XMLSchema:
    """One schema with all namespaces: the protocol's wildcard is strict, so metadata is validated in its place."""
    folder = data / "6-oai-schemas-vocab"
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(_Local(folder / "artefactual__atom/data/xsd"))
    imports = "".join(f'<import namespace="{name}" schemaLocation="{folder / path}"/>' for name, path in FILES.items())
    text = f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>'
    return etree.XMLSchema(etree.fromstring(text, parser))


class _Local(etree.Resolver):
    """Schemas import each other by address; the files lie side by side."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resolve(self, url: str, public_id: str, context: object) -> object:
        path = self.folder / url.rsplit("/", 1)[-1]
        return self.resolve_filename(str(path), context) if path.is_file() else None


def validate_response(data: Path, body: bytes) -> etree._Element:
    """Return the root of a response that is valid, with each `oai_dc` element in it. Raises etree.DocumentInvalid.

    Descriptions and what is said about records have schemas of their own, which are not at hand: they are left out of
    what is validated.
    """
    root = etree.fromstring(body)
    bare = etree.fromstring(body)
    for element in list(bare.iter(f"{{{OAI}}}description", f"{{{OAI}}}about")):
        element.getparent().remove(element)
    all_schemas(data).assertValid(bare)
    return root
