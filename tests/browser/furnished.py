"""A furnished house for looking at pages: a work in every state, people of every role, work that failed."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from ingest.batch_accepting import UNTOUCHED
from ingest.export_models import Export, ExportState
from ingest.models import (
    BatchState,
    HarvestRecord,
    HarvestSource,
    HarvestState,
    HarvestStatus,
    LoadBatch,
    LoadProfile,
    LoadRow,
    RowStatus,
)
from repo import backends
from repo.app import create_app
from repo.db import db, now, transaction
from repo.deposit.uploads import receive_file
from repo.installation import prepare
from repo.items.metadata import Metadata
from repo.items.models import Item, Version
from repo.items.services.lifecycle import start_version, withdraw_item
from repo.items.services.submission import return_version
from repo.jobs.models import Job, JobState
from repo.members.models import Collection, Person, RoleName
from repo.members.tokens import Purpose, make_token
from repo.settings import Settings
from tests import factories
from tests.articles import draft_article, load_articles
from tests.articles.writers import write_pdf
from tests.factories import actor_for

LONG_TITLE = "Кыргызстандын бийик тоолуу жайыттарындагы өсүмдүктөрдүн көптүрдүүлүгү: Сары-Жаз, Ак-Шыйрак, Көк-Ой"
"""Longer than a line on any screen, and with the letters that only Kyrgyz has."""


def furnish(settings: Settings) -> dict[str, str]:
    """Fill the data directory of `settings` and return what addresses are made of, by name.

    Names: item ids (open, embargoed, withdrawn, draft, empty, submitted, returned), `collection`, `library`, `person`,
    `job`, two tokens, and the addresses of `author`, `librarian` and `administrator`.
    """
    app = create_app(settings)
    try:
        prepare(app)
        with app.app_context():
            return _furnish(app, settings.data_dir)
    finally:
        backends.close(app)
        with app.app_context():
            db.engine.dispose()


def _furnish(app: Flask, folder: Path) -> dict[str, str]:
    library = factories.make_library("knu")
    collection = factories.make_collection(library, "articles")
    author = factories.make_person("Нуриза Сайдылдаева", RoleName.MEMBER, library)
    librarian = factories.make_person("Гүлмира Сыдыкова", RoleName.LIBRARIAN, library)
    administrator = factories.make_person("Бактыгүл Осмонкулова", RoleName.ADMINISTRATOR)
    newcomer = factories.make_person("Аскар Жолдошев")
    with transaction() as session:
        newcomer = session.get_one(Person, newcomer.id)
        newcomer.confirmed_at = newcomer.password_hash = None
    works = _deposit(author, librarian, collection, folder / "paper.pdf")
    found = {
        "library": library.code,
        "collection": collection.code,
        "person": str(author.id),
        "author": author.email,
        "librarian": librarian.email,
        "administrator": administrator.email,
        "confirm": make_token(Purpose.CONFIRM, newcomer),
        "reset": make_token(Purpose.RESET, author),
        **_publish(author, librarian, collection),
        **works,
        "job": _fail_jobs(),
        "source": _harvest(collection),
        "export": _export(collection),
        **_load(collection, folder / "books.csv", works["submitted"]),
    }
    factories.run_jobs()
    db.session.rollback()
    return found


def _publish(author: Person, librarian: Person, collection: Collection) -> dict[str, str]:
    """Open in two versions, embargoed, and withdrawn without anything in its place."""

    def publish(title: str, **fields: object) -> Item:
        metadata = factories.make_metadata(title, **fields)
        return factories.publish(author, librarian, collection, metadata)

    works = {
        "open": publish(LONG_TITLE),
        "embargoed": publish("Эмбаргодогу макала", access="embargoed", embargo_until="2099-01-01"),
        "withdrawn": publish("Кайтарылып алынган макала"),
    }
    ids = {name: item.id for name, item in works.items()}
    with transaction() as session:
        newer = start_version(actor_for(author), session.get_one(Item, ids["open"]))
    factories.attach_file(author, newer, "толукталган.pdf", b"%PDF-1.4 the second version")
    factories.submit(author, newer)
    factories.accept(librarian, newer)
    with transaction() as session:
        withdraw_item(actor_for(librarian), session.get_one(Item, ids["withdrawn"]), "Эсептөөдөн ката табылды")
    return ids


def _deposit(author: Person, librarian: Person, collection: Collection, path: Path) -> dict[str, str]:
    """Drafts with and without anything in them, one that came back, and a paper that was really read."""
    write_pdf(draft_article(load_articles()[0]), path)
    works = {
        "draft": factories.make_draft(author, collection),
        "empty": factories.make_draft(author, collection, Metadata(type="article")),
        "submitted": factories.make_draft(author, collection, factories.make_metadata(LONG_TITLE + " (уландысы)")),
        "returned": factories.make_draft(author, collection, factories.make_metadata("Оңдоого кайтарылган макала")),
    }
    ids = {name: version.item_id for name, version in works.items()}
    for item_id in (ids["draft"], ids["submitted"]):
        receive_file(actor_for(author), item_id, "макала.pdf", BytesIO(path.read_bytes()))
    factories.run_jobs()
    factories.submit(author, works["submitted"])
    factories.attach_file(author, works["returned"])
    factories.submit(author, works["returned"])
    with transaction() as session:
        version = session.get_one(Version, works["returned"].id)
        return_version(actor_for(librarian), version, "Аннотацияны орусча да кошуп коюңуз.")
    return ids


def _harvest(collection: Collection) -> str:
    """A repository that was harvested, with records of every fate."""
    with transaction() as session:
        place = session.get_one(Collection, collection.id)
        source = HarvestSource(collection=place, base_url="https://far.example.org/oai", name="Алыскы китепкана")
        source.state, source.finished_at, source.enabled = HarvestState.DONE, now(), False
        source.counts = {status.value: 1 for status in HarvestStatus}
        session.add(source)
        session.flush()
        for status in HarvestStatus:
            said = [{"code": "unreadable", "data": {}}] if status is HarvestStatus.REFUSED else []
            identifier = f"oai:far.example.org:{status.value}"
            session.add(HarvestRecord(source_id=source.id, identifier=identifier, status=status, report=said))
        return str(source.id)


def _export(collection: Collection) -> str:
    """A package that is done, with remarks."""
    with transaction() as session:
        library = session.get_one(Collection, collection.id).library
        export = Export(library=library, format="csv", state=ExportState.DONE, size=2_400_000, digest="0f" * 64)
        export.counts = {"works": 12, "withdrawn": 1, "remarks": 2, "faults": 1}
        export.finished_at, export.expires_at = now(), now() + timedelta(days=7)
        session.add(export)
        session.flush()
        return str(export.id)


def _load(collection: Collection, table: Path, submitted: str) -> dict[str, str]:
    """Bulk loads: one whose file is awaited, one that was checked, one that is done with rows of every fate; a profile.
    The file of the second is there, to be tried on, and others beside it; a work of the third waits for review."""
    table.write_text("key,title,type\n1,Манас,book\n", encoding="utf-8")
    with transaction() as session:
        place = session.get_one(Collection, collection.id)
        loads = {
            "awaited": LoadBatch(state=BatchState.RECEIVING),
            "checked": LoadBatch(state=BatchState.CHECKED, total=1, done=1, counts={"new": 1}, checked_at=now()),
            "loaded": LoadBatch(state=BatchState.DONE, counts={status.value: 1 for status in RowStatus}),
        }
        for name, batch in loads.items():
            batch.collection, batch.format, batch.source = place, "table", f"load:{place.library.code}:{name}"
            batch.filename, batch.place = table.name, str(table)
        loads["checked"].extra = {"count": 60, "names": [f"скандар/бет-{number:04}.tif" for number in range(50)]}
        loads["loaded"].total = loads["loaded"].done = len(RowStatus)
        loads["loaded"].checked_at = loads["loaded"].finished_at = now()
        session.add_all([*loads.values(), LoadProfile(library=place.library, name="Китептер", number=1)])
        session.flush()
        for number, status in enumerate(RowStatus, 1):
            said = [{"code": "wrong_value", "about": "date", "data": {"value": "1998-13"}}]
            row = LoadRow(batch_id=loads["loaded"].id, number=number, key=str(number), place=str(number), status=status)
            row.title, row.remarks = LONG_TITLE, said if status is RowStatus.REFUSED else []
            if status is RowStatus.SUBMITTED:
                version = session.scalars(sa.select(Version).where(Version.item_id == submitted)).one()
                row.version_id, version.edition = version.id, UNTOUCHED
            session.add(row)
        return {name: str(batch.id) for name, batch in loads.items()}


def _fail_jobs() -> str:
    """A piece of work and a letter that failed for good, as the office finds them."""
    letter = {"to": "okurman@example.org", "subject": "Эмгегиңиз жарыяланды", "text": "…", "language": "ky"}
    with transaction() as session:
        failed = [
            Job(kind="publish", key="1", state=JobState.FAILED, attempts=5, error="OSError: no space left on device"),
            Job(kind="mail", key="m1", payload=letter, state=JobState.FAILED, attempts=5, error="550 no such mailbox"),
        ]
        session.add_all(failed)
        session.flush()
        return str(failed[0].id)
