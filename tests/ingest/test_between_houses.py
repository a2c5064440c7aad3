"""A real second Muras is harvested: the demonstration's works, in three languages, with what happens to them there."""

import json
import subprocess
from pathlib import Path
from time import sleep

import pytest
import sqlalchemy as sa
from flask import Flask
from lxml import etree
from sickle import Sickle

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


class House:
    """A real house with its own namespace, asked by its own commands."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def muras(self, *arguments: str) -> str:
        done = subprocess.run(
            muras_command(*arguments), env=self.server.environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def follow(self, other: "House") -> None:
        names = ("--ky", "Чогултулган", "--ru", "Собранное", "--en", "Gathered")
        self.muras("library", "add", "gathered", *names)
        self.muras("collection", "add", "gathered-works", "--library", "gathered", *names)
        self.muras("harvest", "add", f"{other.server.url}/oai", "--collection", "gathered-works", "--format", "oai_dc")

    def harvest(self) -> dict[str, int]:
        self.muras("harvest", "run", "--all")
        (source,) = json.loads(self.muras("harvest", "list", "--json"))
        shown = json.loads(self.muras("harvest", "show", str(source["id"]), "--json"))
        found: dict[str, int] = shown["records"]
        return found

    def records(self) -> set[str]:
        """The identifiers of what it lists, once all that was written is listed."""
        sleep(4)
        return {
            header.identifier for header in Sickle(f"{self.server.url}/oai").ListIdentifiers(metadataPrefix="oai_dc")
        }


def test_two_houses_that_harvest_each_other_do_not_grow(start_server: StartServer) -> None:
    """Each takes what the other has of its own, knows its own works when they come back, and says whose each is."""
    one, other = (House(start_server(MURAS_OAI_NAMESPACE=f"{name}.example.org")) for name in ("one", "other"))
    one.muras("demo")
    one.follow(other)
    other.follow(one)
    own = one.records()
    assert {name.split(":")[1] for name in own} == {"one.example.org"}
    there = other.harvest()  # its worker may have been there before
    assert there["created"] + there["unchanged"] > 15 and there["refused"] == 0
    taken = other.records()
    assert 15 < len(taken) <= len(own), "what was withdrawn there before never came"
    back = one.harvest()
    assert back["skipped"] == len(taken) == sum(back.values()), "they are its own"
    for _ in range(2):
        other.harvest()
        one.harvest()
    assert (one.records(), other.records()) == (own, taken)
    record = Sickle(f"{other.server.url}/oai").GetRecord(metadataPrefix="oai_dc", identifier=min(taken))
    origin = etree.fromstring(record.raw).find(".//{*}originDescription")
    assert origin is not None and origin.findtext("{*}identifier") in own
