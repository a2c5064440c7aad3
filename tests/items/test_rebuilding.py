"""The OCFL root alone restores libraries, collections and items; what it cannot restore is left out."""

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from oai.models import OaiPayload, OaiRecord
from repo.app import create_app
from repo.db import db, transaction
from repo.errors import MurasError
from repo.items.models import Address, File, Heading, Identifier, Item, ItemCollection, Version
from repo.items.registry import preserve_registry
from repo.items.services.lifecycle import show_item_in, start_version, withdraw_item
from repo.items.services.rebuilding import Rebuilt, rebuild
from repo.members.models import Collection, Fact, Library, Person, RoleName
from repo.settings import Settings
from tests.conftest import close_engines
from tests.factories import (
    accept,
    actor_for,
    attach_file,
    make_collection,
    make_library,
    make_metadata,
    make_person,
    publish,
    run_jobs,
    submit,
)
from tests.services.databases import TestDatabases

ITEM_COLUMNS = ("source", "source_key", "type", "year", "title", "title_sort", "title_fold", "access", "embargo_until")


def build_house() -> None:
    library = make_library("knu", isil="KG-0001", networks=["192.0.2.0/24"])
    science = make_collection(library, "science")
    physics = make_collection(library, "physics", parent=science)
    author, reviewer = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
    first = publish(author, reviewer, physics, make_metadata("Биринчи"))
    second = publish(author, reviewer, science, make_metadata("Экинчи", access="embargoed", embargo_until="2099-01-01"))
    third = publish(author, reviewer, science, make_metadata("Үчүнчү"))
    with transaction() as session:
        session.add(Fact(name="oai_namespace", value="muras.example.org"))
        session.add(Address(path="handle/123/45", item_id=first.id))
        version = start_version(actor_for(author), session.get_one(Item, first.id))
    attach_file(author, version, "тиркеме.csv", b"1,2\n", "text/csv")
    submit(author, version)
    accept(reviewer, version)
    run_jobs()
    with transaction() as session:
        show_item_in(actor_for(reviewer), session.get_one(Item, second.id), [session.get_one(Collection, physics.id)])
        withdraw_item(actor_for(reviewer), session.get_one(Item, third.id), "Ката", first.id)
    run_jobs()
    preserve_registry()


def snapshot() -> dict[str, object]:
    """All that a rebuild has to bring back, without the numbers that the database gives out."""
    session = db.session
    return {
        "libraries": [
            (row.code, row.names, row.isil, row.networks, row.status) for row in session.scalars(sa.select(Library))
        ],
        "collections": [
            (c.code, c.library.code, c.parent.code if c.parent else None, c.deposit_policy, c.review_policy)
            for c in session.scalars(sa.select(Collection).order_by(Collection.code))
        ],
        "items": [
            (
                item.id,
                item.collection.code,
                [getattr(item, name) for name in ITEM_COLUMNS],
                item.withdrawn_reason,
                item.replaced_by,
                item.published_at,
                item.current.number if item.current else None,
            )
            for item in session.scalars(sa.select(Item).order_by(Item.id))
        ],
        "versions": [
            (v.item_id, v.number, v.revision, v.latest, v.ocfl_version, v.meta, v.published_at)
            for v in session.scalars(sa.select(Version).order_by(Version.item_id, Version.number, Version.revision))
        ],
        "files": sorted(
            (f.version.item_id, f.version.number, f.name, f.role, f.digest, f.blob.size, f.blob.mime)
            for f in session.scalars(sa.select(File))
        ),
        "shown": session.scalar(sa.select(sa.func.count()).select_from(ItemCollection)),
        "headings": sorted((h.item_id, h.kind, h.text) for h in session.scalars(sa.select(Heading))),
        "identifiers": sorted((i.item_id, i.scheme, i.value) for i in session.scalars(sa.select(Identifier))),
        "addresses": sorted((a.path, a.item_id) for a in session.scalars(sa.select(Address))),
        "listed": sorted((r.item_id, r.deleted) for r in session.scalars(sa.select(OaiRecord))),
        "payloads": session.scalar(sa.select(sa.func.count()).select_from(OaiPayload)),
    }


def last(counts: object) -> Rebuilt:
    *_, done = counts  # type: ignore[misc]
    return done


@pytest.fixture
def second_house(settings: Settings, databases: TestDatabases, tmp_path: Path) -> Settings:
    """The same OCFL root with an empty database."""
    with databases.migrated() as url:
        yield replace(
            settings, data_dir=tmp_path / "second", database_url=url, storage_url=f"file:{settings.ocfl_root}"
        )


def test_the_ocfl_root_alone_restores_the_house(app: Flask, second_house: Settings) -> None:
    with app.app_context():
        build_house()
        before = snapshot()
    other = create_app(second_house)
    with other.app_context():
        done = last(rebuild())
        run_jobs()
        after = snapshot()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0
        assert db.session.get_one(Fact, "oai_namespace").value == "muras.example.org"
    close_engines(other)
    assert after == before
    assert (done.libraries, done.collections, done.items, done.versions, done.withdrawn) == (1, 2, 3, 4, 1)
    assert done.damaged == {}


def test_a_rebuild_can_be_interrupted_and_begun_again(app: Flask, second_house: Settings) -> None:
    with app.app_context():
        build_house()
    other = create_app(second_house)
    with other.app_context():
        next(rebuild())
        first = last(rebuild())
        assert last(rebuild()) == first
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Item)) == 3
    close_engines(other)


def test_a_database_that_is_not_empty_is_left_alone(app: Flask, second_house: Settings) -> None:
    with app.app_context():
        build_house()
    other = create_app(second_house)
    with other.app_context():
        make_library("stranger")
        with pytest.raises(MurasError, match="stranger"):
            last(rebuild())
    close_engines(other)


def test_text_and_pictures_come_back_too(app: Flask, second_house: Settings, real_data: Path) -> None:
    """A word of a file's text is found again, and its first page shown, though no derivative was kept."""
    paper = real_data / "1-pdf/amironov73__ManagedIrbis5/Reference/Reference_management_software_(rus).pdf"
    with app.app_context():
        library = make_library("knu")
        collection = make_collection(library, "science")
        author, librarian = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
        item_id = publish(author, librarian, collection, content=paper.read_bytes()).id
        preserve_registry()
    other = create_app(second_house)
    with other.app_context():
        last(rebuild())
        run_jobs()
    visitor = other.test_client()
    assert item_id in visitor.get("/search?q=EndNote", buffered=True).text
    assert visitor.get(f"/records/{item_id}/v1/preview", buffered=True).status_code == 200
    close_engines(other)
