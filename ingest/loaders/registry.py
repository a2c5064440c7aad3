"""Every format by its name, and how they are told apart. Adding one is a module and a line here; pure."""

from pathlib import Path

from ingest.loaders import irbis, marc, marcxml, table
from ingest.loaders.catalogue_detecting import detect_catalogue
from ingest.loaders.packages import Loader

LOADERS: dict[str, Loader] = {
    "table": table.load,
    "marc": marc.load,
    "marcxml": marcxml.load,
    "irbis": irbis.load,
}
"""Names are kept with every batch: they never change."""


def detect_format(path: Path) -> str:
    """The name of the format of a file or an unpacked folder; "" when nothing here reads it."""
    if not path.is_dir() and (catalogue := detect_catalogue(path)):
        return catalogue
    if table.find_table(path) is not None:
        return "table"
    return detect_catalogue(path) if path.is_dir() else ""
