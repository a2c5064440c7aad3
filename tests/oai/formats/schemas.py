"""The published schemas of formats, offline: files import each other by address and lie in several folders."""

from functools import cache
from pathlib import Path

from lxml import etree

FOLDERS = {
    "oai_dc": "artefactual__atom/data/xsd",
    "loc": "kitodo__kitodo-production/Kitodo/src/main/resources/schemata",
    "datacite": "datacite__schema/source/meta/kernel-4.6",
    "openaire": "openaire__guidelines-literature-repositories/schemas/4.0",
}
ROOTS = {
    "oai_dc": ("oai_dc", "oai_dc.xsd"),
    "mods": ("loc", "mods-3-8.xsd"),
    "marcxml": ("loc", "MARC21slim.xsd"),
    "mets": ("loc", "mets.xsd"),
    "datacite": ("datacite", "metadata.xsd"),
    "oai_openaire": ("openaire", "openaire.xsd"),
}
"""By format: the folder and the file of its schema."""

NAMES = {"xml.xsd": ("w3-xml.xsd", "xml.xsd"), "simpledc20021212.xsd": ("simpledc20021212.xsd",)}
"""Under which names a schema that is imported by address may lie here."""


@cache
def schema_of(data: Path, prefix: str) -> etree.XMLSchema:
    """The schema of a format. `data` is the folder of real files."""
    folder, name = ROOTS[prefix]
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(LocalFiles(data / "6-oai-schemas-vocab", folder))
    path = data / "6-oai-schemas-vocab" / FOLDERS[folder] / name
    return etree.XMLSchema(etree.parse(str(path), parser))


class LocalFiles(etree.Resolver):
    """First beside the schema, then in the other folders."""

    def __init__(self, root: Path, first: str) -> None:
        self.folders = [root / FOLDERS[first], *(root / folder for folder in FOLDERS.values())]

    def resolve(self, url: str, public_id: str, context: object) -> object:
        if Path(url).is_file():
            return None
        name = url.rsplit("/", 1)[-1]
        for folder in self.folders:
            for candidate in NAMES.get(name, (name,)):
                if (folder / candidate).is_file():
                    return self.resolve_filename(str(folder / candidate), context)
        raise FileNotFoundError(f"no schema {url} here")
