"""A house with a long list to harvest: works of every type, language and access, some withdrawn, behind a real server.

Filled as rows, as a rebuild fills it: each hundred with a datestamp of its own, those withdrawn with a later one.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from oai.ledger import write_records
from oai.models import OaiFormat
from oai.rendering import wanted_versions
from oai.sets import describe_sets
from repo.app import create_app
from repo.db import now, transaction
from repo.installation import prepare
from repo.items.access import Access
from repo.items.metadata import Metadata
from repo.items.models import Item
from repo.members.models import Collection
from repo.settings import Settings, read_settings
from repo.vocabularies import types
from tests.conftest import close_engines
from tests.factories import insert_public, make_collection, make_library
from tests.oai.formats.examples import full_metadata, hostile_metadata, least_metadata
from tests.services.server import Server

NAMESPACE = "muras.example.org"
PUBLIC, WITHDRAWN = 1950, 63
BATCH = 100
WHOLE = 1800
"""The works from here on stay, so that their batches are pages that are full to the last record."""

FIRST = datetime(2025, 1, 1, 12, tzinfo=UTC)
LAST = FIRST + timedelta(days=40)
"""The datestamps of the first batch, the next a day later, and of what was withdrawn."""

LANGUAGES = (["ky"], ["ru"], ["en"], ["ky", "ru"], ["ky-Arab"], [])
ACCESSES = (Access.OPEN, Access.OPEN, Access.EMBARGOED, Access.RESTRICTED, Access.CLOSED)


@dataclass(frozen=True)
class Work:
    """What a harvester has to be told of an item."""

    identifier: str
    stamp: datetime
    deleted: bool
    type: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class House:
    server: Server
    works: Sequence[Work]

    @property
    def address(self) -> str:
        return f"{self.server.url}/oai"


@contextmanager
def open_house(folder: Path, database_url: str, **settings: str) -> Iterator[House]:
    """A house in `folder`, filled and served until the end. `settings` such as MURAS_STORED_FORMATS="oai_dc"."""
    named = {"MURAS_DATABASE_URL": database_url, "MURAS_OAI_NAMESPACE": NAMESPACE, **settings}
    server = Server(folder / "data", named)
    server.data_dir.mkdir()
    works = fill(read_settings(server.environment))
    server.start()
    try:
        yield House(server, works)
    finally:
        server.kill()


def fill(settings: Settings) -> list[Work]:
    app = create_app(settings)
    prepare(app)
    with app.app_context():
        collection = make_collection(make_library("strangers"), "read")
        described = list(islice(_descriptions(), PUBLIC + WITHDRAWN))
        ids: list[str] = []
        for number in range(0, len(described), BATCH):
            with transaction() as session:
                ids += _insert_batch(session, collection, described[number : number + BATCH], number // BATCH)
        gone = set(random.Random(63).sample(ids[:WHOLE], WITHDRAWN))
        with transaction() as session:
            session.execute(sa.update(Item).where(Item.id.in_(gone)).values(withdrawn_at=now()))
            write_records(session, gone, LAST)
        with transaction() as session:
            describe_sets(session)
            session.add_all(
                OaiFormat(prefix=p, version=n, complete=True, whole=True) for p, n in wanted_versions().items()
            )
    close_engines(app)
    return [
        Work(
            identifier=f"oai:{NAMESPACE}:{item_id}",
            stamp=LAST if item_id in gone else FIRST + timedelta(days=number // BATCH),
            deleted=item_id in gone,
            type=metadata.type,
            languages=tuple(metadata.languages),
        )
        for number, (item_id, metadata) in enumerate(zip(ids, described, strict=True))
    ]


def _descriptions() -> Iterator[Metadata]:
    """Every type with all that it may hold, with the least and with hostile text, in turn."""
    written = [cache(write) for write in (full_metadata, least_metadata, hostile_metadata)]
    chance = random.Random(2013)
    while True:
        for code in types():
            for write in written:
                yield write(code).model_copy(update={"languages": chance.choice(LANGUAGES)})


def _insert_batch(session: Session, collection: Collection, described: Sequence[Metadata], number: int) -> list[str]:
    ids = insert_public(session, collection, described)
    for place, access in enumerate(ACCESSES):
        until = date(2099, 1, 1) if access is Access.EMBARGOED else None
        some = sa.update(Item).where(Item.id.in_(ids[place :: len(ACCESSES)]))
        session.execute(some.values(access=access, embargo_until=until))
    write_records(session, ids, FIRST + timedelta(days=number))
    return ids
