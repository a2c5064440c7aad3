"""Every format by its name, and how they are told apart. Adding one is a module and a line here; pure."""

from collections.abc import Callable
from pathlib import Path

from ingest.loaders import bag, bagit, eprints, mets, saf, table
from ingest.loaders.folders import main_folder
from ingest.loaders.packages import Loader

LOADERS: dict[str, Loader] = {
    "bagit": bagit.load,
    "saf": saf.load,
    "mets": mets.load,
    "eprints": eprints.load,
    "table": table.load,
}
"""Names are kept with every batch: they never change."""

FOLDERS: dict[str, Callable[[Path], bool]] = {
    "bagit": lambda path: bag.is_bag(path) or bool(bagit.find_bags(path)),
    "saf": saf.is_saf,
    "mets": lambda path: bool(mets.find_documents(path)),
    "eprints": lambda path: eprints.find_export(path) is not None,
    "table": lambda path: table.find_table(path) is not None,
}
"""By what a folder is known, the surest sign first."""

FILES: dict[str, Callable[[Path], bool]] = {
    "mets": mets.is_mets,
    "eprints": eprints.is_export,
    "table": lambda path: path.suffix.lower() in table.ENDINGS,
}


def detect_format(path: Path) -> str:
    """The name of the format of a file or an unpacked folder; "" when nothing here reads it."""
    if path.is_dir():
        signs, place = FOLDERS, main_folder(path)
    else:
        signs, place = FILES, path
    return next((name for name, fits in signs.items() if fits(place)), "")
