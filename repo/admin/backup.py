"""A backup that is consistent while the house is open, and the way back.

    <folder>/20261123T183000Z/
        database.sqlite | database.dump    one snapshot
        ocfl/                              the objects, as they lie
        uploads/                           files of drafts
        usage/                             views that were not counted yet
        secret.key  backup.json            what signs sessions; what this is

The database is taken first: whatever a row names is older than the files copied after it. Files that changed
meanwhile are ahead of the rows, as after a crash, and rolled forward by the same means. A file that an earlier
backup in the same folder holds is linked, not copied. A backup that was interrupted is no backup: its name ends
in `.partial`, and the next one begins again with what it copied.
"""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain, count
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from repo.db import db, now
from repo.errors import MurasError
from repo.failpoints import failpoint
from repo.settings import Settings, current_settings
from repo.storage.disk import storage_errors, sync_directory, sync_tree

PARTIAL = ".partial"
FORMAT = 1

Beat = Callable[[int], None]
"""Called now and then with the number of files copied so far."""


@dataclass(frozen=True)
class BackupFacts:
    """`backup.json`: what a backup holds. `revision` is the database's migration."""

    format: int
    created: str
    database: str
    revision: str
    items: int
    files: int


class BackupError(MurasError):
    """The backup or the way back cannot go on; the message says why and what to do."""


def make_backup(folder: Path, beat: Beat = lambda count: None) -> Path:
    """Write a backup below `folder` and return where it lies. Raises BackupError, StorageFullError."""
    settings = current_settings()
    at = now()
    with storage_errors():
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        target = _free_name(folder, f"{at:%Y%m%dT%H%M%SZ}")
        partial = target.with_name(target.name + PARTIAL)
        earlier = _earlier_backups(folder)
        partial.mkdir()
        failpoint("backup:after-begin")
        database = save_database(settings, partial)
        failpoint("backup:after-database")
        count = 0
        for count, _path in enumerate(_copy_all(settings, partial, earlier), start=1):
            beat(count)
            if count % 50 == 0:
                failpoint("backup:between-files")
        failpoint("backup:after-files")
        facts = BackupFacts(FORMAT, at.isoformat(timespec="seconds"), database, _revision(), _count_items(), count)
        (partial / "backup.json").write_text(json.dumps(asdict(facts), indent=1) + "\n")
        sync_tree(partial)
        failpoint("backup:before-rename")
        partial.rename(target)
        sync_directory(folder)
        failpoint("backup:after-rename")
        for left in folder.glob("*" + PARTIAL):
            shutil.rmtree(left)
    return target


def _free_name(folder: Path, stamp: str) -> Path:
    """A name that neither a backup of the same second has nor what is left of one that was killed."""
    names = chain([stamp], (f"{stamp}-{number}" for number in count(2)))
    taken = {path.name.removesuffix(PARTIAL) for path in folder.iterdir()}
    return folder / next(name for name in names if name not in taken)


def restore_backup(source: Path, beat: Beat = lambda count: None) -> BackupFacts:
    """Bring a backup back into the data directory of the settings, which must not hold a database.

    Raises BackupError. The rows are as the backup has them; what the files have beyond them is rolled forward
    by the jobs that wait.
    """
    settings = current_settings()
    facts = read_facts(source)
    _require_empty(settings)
    with storage_errors():
        settings.data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
        copied = (_copy_tree(source / kind, place, []) for kind, place in _places(settings).items())
        for count, _path in enumerate(chain.from_iterable(copied), start=1):
            beat(count)
        _restore_key(source, settings)
        _load_database(settings, source, facts)
    return facts


def read_facts(source: Path) -> BackupFacts:
    """Return what a backup says of itself. Raises BackupError for what is none."""
    try:
        facts = BackupFacts(**json.loads((source / "backup.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{source} is not a finished backup: {error}") from error
    if facts.format != FORMAT:
        raise BackupError(f"{source} was made by a newer release of Muras")
    return facts


def _places(settings: Settings) -> dict[str, Path]:
    return {"ocfl": settings.ocfl_root, "uploads": settings.uploads_dir, "usage": settings.usage_dir}


def _earlier_backups(folder: Path) -> list[Path]:
    """Backups from which files may be linked, the newest first; an interrupted one is as good for that."""
    return sorted((path for path in folder.iterdir() if path.is_dir()), reverse=True)[:2]


# ---------------------------------------------------------------- files


def _copy_all(settings: Settings, partial: Path, earlier: list[Path]) -> Iterator[Path]:
    key = settings.data_dir / "secret.key"
    if key.exists():
        shutil.copy2(key, partial / "secret.key")
    for kind, place in _places(settings).items():
        yield from _copy_tree(place, partial / kind, [old / kind for old in earlier])


def _copy_tree(source: Path, target: Path, earlier: list[Path]) -> Iterator[Path]:
    """Copy or link everything below `source`, yielding each file that was looked at.

    In each folder plain files go before subfolders: an OCFL object's inventory is copied before its versions, so
    that versions may only be ahead of it, as after a crash. What vanishes meanwhile (an upload that was
    published, a file that was replaced) is left out.
    """
    if not source.is_dir():
        return
    target.mkdir(parents=True, exist_ok=True)
    entries = sorted(os.scandir(source), key=lambda entry: (entry.is_dir(), entry.name != "state", entry.name))
    for entry in entries:
        older = [old / entry.name for old in earlier]
        if entry.is_dir(follow_symlinks=False):
            yield from _copy_tree(Path(entry.path), target / entry.name, older)
        elif entry.is_file(follow_symlinks=False):
            _copy_file(Path(entry.path), target / entry.name, older)
            yield target / entry.name


def _copy_file(source: Path, target: Path, earlier: list[Path]) -> None:
    try:
        found = source.stat()
        for old in earlier:
            if _is_same(old, found):
                os.link(old, target)
                return
        shutil.copy2(source, target)
    except FileNotFoundError:
        target.unlink(missing_ok=True)


def _is_same(old: Path, found: os.stat_result) -> bool:
    """An equal size and time of change: what lies in these trees is written once, or replaced by a new file."""
    try:
        there = old.stat()
    except FileNotFoundError:
        return False
    return there.st_size == found.st_size and there.st_mtime_ns == found.st_mtime_ns


# ---------------------------------------------------------------- database


def save_database(settings: Settings, partial: Path) -> str:
    """Take a snapshot of the database into a folder; returns the kind. Readers and writers go on meanwhile."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        source = sqlite3.connect(f"file:{url.database}?mode=ro", uri=True)
        target = sqlite3.connect(partial / "database.sqlite")
        try:
            source.backup(target)
        finally:
            target.close()
            source.close()
        return "sqlite"
    _run_postgres("pg_dump", settings, "--format=custom", f"--file={partial / 'database.dump'}")
    return "postgresql"


def _load_database(settings: Settings, source: Path, facts: BackupFacts) -> None:
    url = make_url(settings.database)
    if url.get_backend_name() != facts.database:
        raise BackupError(f"the backup is of {facts.database}, MURAS_DATABASE_URL is {url.get_backend_name()}")
    db.session.remove()
    db.engine.dispose()
    if facts.database == "sqlite" and url.database:
        place = Path(url.database)
        draft = place.with_name(place.name + PARTIAL)
        shutil.copyfile(source / "database.sqlite", draft)
        draft.replace(place)
        sync_directory(place.parent)
    else:
        _run_postgres("pg_restore", settings, "--no-owner", "--exit-on-error", str(source / "database.dump"))


def _run_postgres(program: str, settings: Settings, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs on our database. Raises BackupError with its last words."""
    url = make_url(settings.database).set(drivername="postgresql")
    address = url.render_as_string(hide_password=False)
    database = [f"--dbname={address}"]
    try:
        done = subprocess.run([program, *database, *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise BackupError(f"{program} is not installed (Debian: postgresql-client)") from error
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip()[-400:]}")


def _require_empty(settings: Settings) -> None:
    """A way back never overwrites: the database must have no tables, the OCFL root must not be there."""
    url = make_url(settings.database)
    missing = url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).exists())
    if not missing and sa.inspect(db.engine).has_table("item"):
        raise BackupError("the database is not empty: restore into a new data directory")
    if settings.ocfl_root.exists() and any(settings.ocfl_root.iterdir()):
        raise BackupError(f"{settings.ocfl_root} is not empty: restore into a new data directory")


def _restore_key(source: Path, settings: Settings) -> None:
    key = source / "secret.key"
    if key.exists():
        shutil.copy2(key, settings.data_dir / "secret.key")


def _revision() -> str:
    return str(db.session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one())


def _count_items() -> int:
    return db.session.execute(sa.text("SELECT count(*) FROM item WHERE current_id IS NOT NULL")).scalar_one()
