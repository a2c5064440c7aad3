"""Every format by its name, and how they are told apart. Adding one is a module and a line here; pure."""

from pathlib import Path

from ingest.loaders import table
from ingest.loaders.packages import Loader

LOADERS: dict[str, Loader] = {
    "table": table.load,
}
"""Names are kept with every batch: they never change."""


def detect_format(path: Path) -> str:
    """The name of the format of a file or an unpacked folder; "" when nothing here reads it."""
    return "table" if table.find_table(path) is not None else ""
