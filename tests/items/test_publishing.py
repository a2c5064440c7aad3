"""From a draft to a public item, and what the files alone can restore."""

import pytest
import sqlalchemy as sa
from flask import Flask

from repo.db import db, transaction
from repo.errors import InvalidError, StaleError, StateError
from repo.items.identifiers import is_id, ocfl_id
from repo.items.metadata import read_metadata
from repo.items.models import Event, Heading, Item, Version
from repo.items.services.drafts import save_draft
from repo.items.services.lifecycle import restore_item, start_correction, start_version, withdraw_item
from repo.items.services.publishing import publish_version, read_record
from repo.items.services.submission import return_version, submit_version
from repo.items.states import VersionState
from repo.members.models import RoleName
from repo.storage import store
from tests.factories import (
    accept,
    actor_for,
    attach_file,
    make_collection,
    make_draft,
    make_library,
    make_metadata,
    make_person,
    publish,
    run_jobs,
    submit,
)


def people() -> tuple:
    library = make_library("knu")
    collection = make_collection(library, "science")
    return collection, make_person("Автор"), make_person("Редактор", RoleName.REVIEWER, collection=collection)


def test_an_accepted_draft_becomes_public_with_its_bytes(context: Flask) -> None:
    collection, author, reviewer = people()
    item = publish(author, reviewer, collection, content=b"%PDF-1.4 bytes")
    assert is_id(item.id)
    assert item.current is not None and item.current.state is VersionState.PUBLISHED
    assert item.title == "Шырдактын оюуларындагы симметрия" and item.year == 2026
    with store().open(ocfl_id(item.id), "files/макала.pdf") as stream:
        assert stream.read() == b"%PDF-1.4 bytes"
    record = read_record(item.id, 1)
    assert record["metadata"] == item.current.meta
    assert set(db.session.scalars(sa.select(Heading.text))) >= {"Токтосунова, Жаркынай", "шырдак"}
    verbs = list(db.session.scalars(sa.select(Event.verb).where(Event.item_id == item.id).order_by(Event.id)))
    assert verbs == ["created", "submitted", "accepted", "published"]


def test_publishing_twice_changes_nothing(context: Flask) -> None:
    collection, author, reviewer = people()
    item = publish(author, reviewer, collection)
    assert publish_version(item.current_id) is False
    assert store().head(ocfl_id(item.id)) == 1


def test_nothing_is_submitted_without_file_and_agreement(context: Flask) -> None:
    collection, author, _ = people()
    version = make_draft(author, collection, make_metadata(abstracts=[]))
    with pytest.raises(InvalidError) as caught, transaction():
        submit_version(actor_for(author), db.session.get_one(Version, version.id))
    assert set(caught.value.faults) == {"files", "agreement", "abstracts"}


def test_a_stale_save_is_refused_and_nothing_is_lost(context: Flask) -> None:
    collection, author, _ = people()
    version = make_draft(author, collection)
    with transaction():
        version = db.session.get_one(Version, version.id)
        save_draft(actor_for(author), version, make_metadata("Биринчи"), 1)
    with pytest.raises(StaleError), transaction():
        version = db.session.get_one(Version, version.id)
        save_draft(actor_for(author), version, make_metadata("Экинчи"), 1)
    assert read_metadata(db.session.get_one(Version, version.id).meta).title().value == "Биринчи"


def test_a_returned_draft_carries_the_comment(context: Flask) -> None:
    collection, author, reviewer = people()
    version = make_draft(author, collection)
    attach_file(author, version)
    submit(author, version)
    with transaction():
        return_version(actor_for(reviewer), db.session.get_one(Version, version.id), "Аннотацияны толуктаңыз")
    version = db.session.get_one(Version, version.id)
    assert version.state is VersionState.DRAFT
    comment = db.session.scalar(sa.select(Event.comment).where(Event.verb == "returned"))
    assert comment == "Аннотацияны толуктаңыз"


def test_versions_and_revisions_keep_what_was_published(context: Flask) -> None:
    collection, author, reviewer = people()
    item = publish(author, reviewer, collection)
    with transaction():
        version = start_version(actor_for(author), db.session.get_one(Item, item.id))
    attach_file(author, version, "тиркеме.csv", b"a,b\n1,2\n", "text/csv")
    submit(author, version)
    accept(reviewer, version)
    run_jobs()
    with transaction():
        correction = start_correction(actor_for(reviewer), db.session.get_one(Item, item.id))
        save_draft(actor_for(reviewer), correction, make_metadata("Оңдолгон аталыш"), correction.edition)
        correction.agreement = {"version": "2026-1"}
        submit_version(actor_for(reviewer), correction)
    run_jobs()
    item = db.session.get_one(Item, item.id)
    assert [(v.number, v.revision, v.latest) for v in item.versions] == [(1, 0, True), (2, 0, False), (2, 1, True)]
    assert item.title == "Оңдолгон аталыш"
    assert [file.name for file in item.current.files] == ["макала.pdf", "тиркеме.csv"]
    assert store().head(ocfl_id(item.id)) == 3
    assert read_record(item.id, 1)["files"][0]["name"] == "макала.pdf"


def test_a_withdrawn_item_is_noted_in_its_object_and_can_be_restored(context: Flask) -> None:
    collection, author, reviewer = people()
    item = publish(author, reviewer, collection)
    with transaction():
        withdraw_item(actor_for(reviewer), db.session.get_one(Item, item.id), "Автордун өтүнүчү боюнча")
    run_jobs()
    assert read_record(item.id, 2)["item"]["withdrawn"]["reason"] == "Автордун өтүнүчү боюнча"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Heading)) == 0
    with pytest.raises(StateError), transaction():
        withdraw_item(actor_for(reviewer), db.session.get_one(Item, item.id), "кайра")
    with transaction():
        restore_item(actor_for(reviewer), db.session.get_one(Item, item.id))
    run_jobs()
    assert read_record(item.id, 3)["item"]["withdrawn"] is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Heading)) > 0
