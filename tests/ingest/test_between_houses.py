"""A real second Muras is harvested: the demonstration's works, in three languages, with what happens to them there."""

import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from ingest.harvest import Errand, harvest
from ingest.models import HarvestRecord, HarvestSource, HarvestState
from repo.db import db, transaction
from repo.items.models import Item
from repo.items.origin import read_origin
from repo.members.models import Collection
from tests import factories
from tests.services.server import Server, StartServer, muras_command

FAR = "far.example.org"


@pytest.fixture
def far(start_server: StartServer) -> Server:
    server = start_server(MURAS_OAI_NAMESPACE=FAR)
    subprocess.run(muras_command("demo"), env=server.environment, check=True, capture_output=True)
    return server


def take(source_id: int) -> dict[str, int]:
    assert harvest(source_id, Errand(lambda _seconds: None))
    db.session.expire_all()
    source = db.session.get_one(HarvestSource, source_id)
    assert source.state is HarvestState.DONE, source.error
    return source.counts


def test_a_second_house_is_followed(context: Flask, far: Server, tmp_path: Path) -> None:
    collection = factories.make_collection(factories.make_library())
    with transaction() as session:
        place = session.get_one(Collection, collection.id)
        source = HarvestSource(collection=place, base_url=f"{far.url}/oai", trusted=True)
        session.add(source)
    counts = take(source.id)
    assert counts["created"] > 15
    assert "refused" not in counts
    titles = set(db.session.scalars(sa.select(Item.title)))
    assert any("Шырдак" in title or "шырдак" in title for title in titles)
    item = db.session.scalars(sa.select(Item).where(Item.withdrawn_at.is_(None)).limit(1)).one()
    origin = read_origin(item.origin)
    assert origin is not None
    assert origin.identifier.startswith(f"oai:{FAR}:")
    assert origin.address == f"{far.url}/records/{origin.identifier.rpartition(':')[2]}"
    again = take(source.id)
    assert set(again) <= {"unchanged", "deleted"}
    rows = db.session.scalar(sa.select(sa.func.count()).select_from(HarvestRecord))
    assert rows == sum(counts.values()), "no record twice"
