"""Where bulk loads lie until they are done with: a folder for each, beside the archive of works.

    <root>-loads/<batch>/received/<name>    the file as it was sent
    <root>-loads/<batch>/unpacked/          what was in it, where it is an archive

An upload is linked in under its name, because loaders go by names; an archive is unpacked by the job of the check.
"""

import shutil
from contextlib import suppress
from pathlib import Path

from ingest.models import LoadBatch
from repo.failpoints import failpoint
from repo.items.names import clean_name
from repo.settings import current_settings
from repo.storage.disk import link_or_copy, storage_errors, sync_directory, sync_tree

RECEIVED = "received"
UNPACKED = "unpacked"


def load_folder(batch_id: int) -> Path:
    return current_settings().loads_dir / str(batch_id)


def keep_received(batch_id: int, path: Path, name: str) -> Path:
    """Keep a finished upload as the file `name` of a load, durably, and return where it lies. May be called again."""
    folder = load_folder(batch_id) / RECEIVED
    target = folder / clean_name(name)
    with storage_errors():
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            target.unlink()
        link_or_copy(path, target)
        sync_tree(folder)
        sync_directory(folder.parent)
    failpoint("load:received")
    return target


def is_archive(path: Path) -> bool:
    """Whether a file is an archive that is unpacked before it is read; a workbook is a ZIP file too, but no archive."""
    name = path.name.casefold()
    return path.is_file() and name.endswith((".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"))


def unpack_received(batch: LoadBatch) -> Path:
    """Unpack the archive of a load and return the folder. May be called again after a crash.

    Raises `loaders.unpack.UnpackError` for what is no archive, or would not stay in its folder or its bounds.
    """
    from ingest.loaders.unpack import unpack

    folder = load_folder(batch.id)
    target = folder / UNPACKED
    if not target.exists():
        with storage_errors():
            unpack(Path(batch.place), target)
            sync_directory(folder)
        failpoint("load:unpacked")
    return target


def discard_load(batch_id: int) -> None:
    """Remove what lies here of a load; nothing happens if there is nothing."""
    shutil.rmtree(load_folder(batch_id), ignore_errors=True)
