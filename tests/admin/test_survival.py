"""Backup, restore, verify, expunge: the drill."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from repo.admin.backup import BackupError, make_backup, read_facts, restore_backup
from repo.admin.verification import Verified, verify_house
from repo.app import create_app
from repo.db import db, transaction
from repo.failpoints import FAILPOINTS
from repo.items.access import SYSTEM
from repo.items.identifiers import ocfl_id
from repo.items.models import File, Item, Version
from repo.items.registry import preserve_registry
from repo.items.services.expunging import expunge_item
from repo.members.models import Person, RoleName
from repo.settings import Settings
from repo.storage import store, uploads
from tests.conftest import close_engines
from tests.factories import (
    attach_file,
    make_collection,
    make_draft,
    make_library,
    make_metadata,
    make_person,
    publish,
    run_jobs,
)
from tests.services.databases import TestDatabases


def build_house() -> tuple[str, str]:
    """A public item and a draft with a file; their ids."""
    library = make_library("knu")
    collection = make_collection(library, "science")
    author, librarian = make_person("Автор"), make_person("", RoleName.LIBRARIAN, library=library)
    item = publish(author, librarian, collection)
    draft = make_draft(author, collection, make_metadata("Каралама"))
    attach_file(author, draft, "каралама.pdf", b"%PDF-1.4 draft")
    preserve_registry()
    return item.id, draft.item_id


def last() -> Verified:
    *_, done = verify_house()
    return done


@pytest.fixture
def second_house(settings: Settings, databases: TestDatabases, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an empty data directory with an empty database."""
    folder = tmp_path / "second"
    if settings.database_url.startswith("sqlite"):
        yield replace(settings, data_dir=folder, database_url="")
        return
    with databases.empty() as url:
        yield replace(settings, data_dir=folder, database_url=url)


def test_a_backup_brings_everything_back(app: Flask, second_house: Settings, tmp_path: Path) -> None:
    with app.app_context():
        item_id, draft_id = build_house()
        made = make_backup(tmp_path / "backups")
        assert read_facts(made).items == 1
    other = create_app(second_house)
    with other.app_context():
        restore_backup(made)
        assert last().faults == []
        assert db.session.get_one(Item, item_id).current is not None
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 2
        version = db.session.scalar(sa.select(Version).where(Version.item_id == draft_id))
        assert uploads().path(version.files[0].upload_id).read_bytes() == b"%PDF-1.4 draft"
        with store().open(ocfl_id(item_id), "files/макала.pdf") as stream:
            assert stream.read().startswith(b"%PDF")
        with pytest.raises(BackupError):
            restore_backup(made)
    close_engines(other)


def test_what_a_backup_holds_already_is_linked(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        item_id, _ = build_house()
        first = make_backup(tmp_path / "backups")
        second = first.rename(first.with_name("20200101T000000Z"))
        third = make_backup(tmp_path / "backups")
        path = store().path(ocfl_id(item_id), "files/макала.pdf")
        inside = path.relative_to(app.extensions["muras.settings"].ocfl_root)
    assert (second / "ocfl" / inside).stat().st_ino == (third / "ocfl" / inside).stat().st_ino
    assert path.stat().st_ino != (third / "ocfl" / inside).stat().st_ino


def test_files_ahead_of_the_rows_are_rolled_forward(
    app: Flask, second_house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item is published between the snapshot of the database and the copy of the files."""
    from repo.admin import backup
    from repo.jobs.services import run_pending_jobs
    from tests.factories import accept, submit

    with app.app_context():
        library = make_library("knu")
        collection = make_collection(library, "science")
        author, librarian = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
        version = make_draft(author, collection)
        attach_file(author, version)
        submit(author, version)
        accept(librarian, version)
        real = backup.save_database

        def publish_after_snapshot(settings: Settings, partial: Path) -> str:
            kind = real(settings, partial)
            run_pending_jobs()
            return kind

        monkeypatch.setattr(backup, "save_database", publish_after_snapshot)
        made = make_backup(tmp_path / "backups")
        item_id = version.item_id
    other = create_app(second_house)
    with other.app_context():
        restore_backup(made)
        run_jobs()
        assert db.session.get_one(Item, item_id).current is not None
        assert last().faults == []
        assert store().head(ocfl_id(item_id)) == 1
    close_engines(other)


def test_verify_names_what_is_wrong(app: Flask) -> None:
    with app.app_context():
        item_id, draft_id = build_house()
        assert last().faults == []
        path = store().path(ocfl_id(item_id), "files/макала.pdf")
        path.chmod(0o640)
        path.write_bytes(b"%PDF-1.4\n% another one!\n")
        draft = db.session.scalar(sa.select(Version).where(Version.item_id == draft_id))
        uploads().discard(draft.files[0].upload_id)
        faults = last().faults
    assert any("changed" in fault and "0001.pdf" in fault for fault in faults)
    assert any(draft_id in fault and "каралама.pdf" in fault for fault in faults)


def test_expunging_leaves_a_note_and_no_bytes(app: Flask, settings: Settings) -> None:
    secret = "жашыруун маалымат".encode()
    with app.app_context():
        library = make_library("knu")
        collection = make_collection(library, "science")
        author, librarian = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
        item_id = publish(author, librarian, collection, make_metadata("Жеке иш"), content=secret).id
        with transaction() as session:
            expunge_item(SYSTEM, session.get_one(Item, item_id), "Соттун чечими")
        run_jobs()
        item = db.session.get_one(Item, item_id)
        assert item.withdrawn_reason == "Соттун чечими" and item.current.meta == {}
        assert db.session.scalar(sa.select(sa.func.count()).select_from(File)) == 0
        assert store().head(ocfl_id(item_id)) == 1
        assert last().faults == []
    for path in settings.ocfl_root.rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes() and "Жеке иш".encode() not in path.read_bytes()
    assert app.test_client().get(f"/records/{item_id}").status_code == 410


BACKUP_POINTS = [name for name in FAILPOINTS if name.startswith("backup:") and name != "backup:between-files"]


def test_a_backup_that_is_killed_is_none_and_the_next_one_is_whole(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    if not settings.database_url.startswith("sqlite"):
        return  # the files are the same; the database's own program takes its snapshot
    with app.app_context():
        build_house()
    close_engines(app)
    folder = tmp_path / "backups"
    environ = {**os.environ, "MURAS_DATA_DIR": str(settings.data_dir), "MURAS_DATABASE_URL": settings.database_url}
    environ["MURAS_SECRET_KEY"] = settings.secret_key
    command = [sys.executable, "-c", "from repo.cli import main; main()", "backup", str(folder)]
    for point in BACKUP_POINTS:
        killed = subprocess.run(command, env={**environ, "MURAS_FAILPOINT": point}, capture_output=True, check=False)
        assert killed.returncode == -9, (point, killed.stderr)
        finished = [path for path in folder.iterdir() if not path.name.endswith(".partial")]
        assert len(finished) == (1 if point == "backup:after-rename" else 0), point
        for path in finished:
            assert read_facts(path).items == 1
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not list(folder.glob("*.partial"))
