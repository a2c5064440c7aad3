"""A row of a table that another Muras wrote, and the record of its work that lies beside the table; pure.

A table for people cannot say everything: two descriptions in one language, places of work of an editor, who may read
one file of several. The record says all of it (`ingest.loaders.own`). So of each field the record is taken, unless
somebody changed one of its cells: then the cells are.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ingest.loaders.cell_writing import cells_of, write_cell
from ingest.loaders.entry import Entry, read_rules, split_cell
from ingest.loaders.folders import Folder, MisplacedError
from ingest.loaders.own import OwnRecord, read_own_record
from ingest.loaders.packages import PackageFile, Remark
from ingest.loaders.profile import Profile
from ingest.loaders.targets import find_target, put_value, value_of
from ingest.loaders.values import clean
from repo.items.access import FileRole
from repo.items.metadata import Metadata

Said = Mapping[str, Sequence[str]]
"""Values by the paths of their columns."""

WORKS = "files"
"""The folder with a folder for each work, by its key."""
TOGETHER = frozenset(("access", "embargo_until"))
"""Fields that mean something only together."""


class Beside:
    """The records beside a table in `folder`."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._are_there = (folder.root / WORKS).is_dir()

    def find(self, key: str) -> "Known | Remark | None":
        """What is known of the work that the row calls `key`; a remark when that cannot be read."""
        if not key or not self._are_there:
            return None
        try:
            place = self._folder.place(f"{WORKS}/{key}")
        except MisplacedError:
            return None
        found = read_own_record(place)
        return Known(found) if isinstance(found, OwnRecord) else found


class Known:
    """The record of the work of a row."""

    def __init__(self, record: OwnRecord) -> None:
        self.record = record

    def changed(self, said: Said, separator: str) -> set[str]:
        """The fields of the description of which a row says anything else than the table that was written."""
        there = cells_of(self.record.metadata)
        fields = set()
        for path, found in said.items():
            place = find_target(path)
            if place is None or place[0].is_beside:
                continue
            written = split_cell(path, write_cell(path, there[path]), separator) if path in there else []
            if _plain(found) != _plain(written):
                fields.add(place[0].field)
        return fields | TOGETHER if fields & TOGETHER else fields

    def complete(self, made: Metadata, changed: set[str]) -> Metadata:
        """The description of the record with the `changed` fields of the row."""
        whole = self.record.metadata.model_copy(deep=True)
        for field in changed:
            put_value(whole, field, value_of(made, field))
        return whole

    def lost(self, changed: set[str]) -> list[str]:
        """Those of the changed fields of which the record said more than a table can."""
        told = self._told()
        return sorted(field for field in changed if value_of(told, field) != value_of(self.record.metadata, field))

    def files(self, named: Sequence[Path] | None) -> list[PackageFile]:
        """The files that the row names (None: it does not say which), by the rules of the record; and those that are
        not for readers, which no row names."""
        if named is None:
            return list(self.record.files)
        known = {file.path: file for file in self.record.files}
        further = [one for one in self.record.files if one.role is not FileRole.ORIGINAL and one.path not in named]
        return [*(known.get(path) or PackageFile(path.name, path) for path in named), *further]

    def _told(self) -> Metadata:
        """What the table alone said of the work when it was written."""
        entry = Entry(read_rules(Profile()))
        for path, found in cells_of(self.record.metadata).items():
            entry.put_cell(path, write_cell(path, found))
        entry.finish()
        return entry.parts.metadata


def _plain(found: Sequence[str]) -> list[str]:
    """Values as they are compared: an empty one counts where others follow it."""
    values = [clean(value) for value in found]
    while values and not values[-1]:
        values.pop()
    return values
