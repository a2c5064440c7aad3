"""Files that are written into an export of EPrints, taken out of it before the load is checked.

What was received is changed where it lies: the files come to lie beside the export, which is then replaced by itself
without them. What a command names is left as it is, and a copy made in the load's own folder:

    <root>-loads/<batch>/received/<export>, embedded/<number>/<name>, and whatever else lay in the folder

A kill costs what was taken out so far: the export still holds its files until the very last step.
"""

import shutil
from pathlib import Path

from ingest.batch_reading import SourceError
from ingest.batch_staging import RECEIVED, load_folder
from ingest.limits import Limits, RefusalKind, Refused
from ingest.loaders.eprints import TAKEN_OUT, find_export, has_files_inside, take_out_files
from ingest.loaders.folders import extra_files, is_plain_file, main_folder
from ingest.models import LoadBatch
from ingest.sandbox import Sandbox
from repo.db import transaction
from repo.failpoints import failpoint
from repo.storage.disk import storage_errors, sync_directory, sync_tree

WORKSHOP = ".taking"
"""Where the child writes; systems' own files begin with a dot, so that no loader looks there."""
MARGIN = 1 << 24
"""Bytes by which XML that is written anew may be longer, beside being twice as long."""
SECONDS = 1500
"""For one export; a job that says no word for half an hour counts as dead."""


def take_out_inside(batch: LoadBatch) -> bool:
    """Take the files out of the export of a load, if there are any; return whether there were. May be called again.

    Raises SourceError when the export is damaged or the disk has no room, StorageFullError.
    """
    export = find_export(Path(batch.place))
    if export is None or not has_files_inside(export):
        return False
    room = _room_beside(batch, export)
    folder = export.parent if batch.own else load_folder(batch.id) / RECEIVED
    with storage_errors():
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < room:
            raise SourceError("embedded_no_room")
        if not batch.own:
            _copy_others(Path(batch.place), export, folder)
        _take_out(export, folder)
    if not batch.own:
        with transaction() as session:
            row = session.get_one(LoadBatch, batch.id)
            row.place, row.own = str(folder), True
    return True


def _room_beside(batch: LoadBatch, export: Path) -> int:
    """Bytes that are written beside what lies there: at most as many as the export has, and the files beside it."""
    others = {} if batch.own else _others(Path(batch.place), export)
    return export.stat().st_size + sum(path.stat().st_size for path in others.values())


def _others(place: Path, export: Path) -> dict[str, Path]:
    """The plain files of a folder beside the export, by their paths in it; to a file that was named alone nothing else
    belongs."""
    if not place.is_dir():
        return {}
    root = main_folder(place)
    return {name: path for name in extra_files(root, {export}) if is_plain_file(path := root / name)}


def _copy_others(place: Path, export: Path, folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir(mode=0o750)
    for name, path in _others(place, export).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target, follow_symlinks=False)


def _take_out(export: Path, folder: Path) -> None:
    workshop = folder / WORKSHOP
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(mode=0o750)
    limits = Limits(wall=SECONDS, cpu=SECONDS, scratch=2 * export.stat().st_size + MARGIN, tasks=1)
    try:
        with Sandbox(1, limits, ["ingest.loaders.eprints"], [export.parent], [workshop]) as sandbox:
            sandbox.run(take_out_files, export, workshop)
    except Refused as refused:
        shutil.rmtree(workshop, ignore_errors=True)
        full = refused.kind is RefusalKind.OUTPUT and shutil.disk_usage(folder).free < MARGIN
        raise SourceError("embedded_no_room" if full else "embedded_broken", detail=refused.detail) from refused
    failpoint("load:taken-out")
    _put_in_place(workshop, folder, export.name)


def _put_in_place(workshop: Path, folder: Path, name: str) -> None:
    if not all(is_plain_file(path) or (path.is_dir() and not path.is_symlink()) for path in workshop.rglob("*")):
        raise SourceError("embedded_broken", detail="what was taken out is no file")
    sync_tree(workshop)
    shutil.rmtree(folder / TAKEN_OUT, ignore_errors=True)
    if (workshop / TAKEN_OUT).exists():
        (workshop / TAKEN_OUT).rename(folder / TAKEN_OUT)
    sync_directory(folder)
    failpoint("load:embedded-moved")
    (workshop / "eprints.xml").replace(folder / name)
    shutil.rmtree(workshop, ignore_errors=True)
    sync_directory(folder)
    sync_directory(folder.parent)
