"""What mirrors are told: only what anybody may read, each change in the next answer, whole files in the dump."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from oai.resourcesync import dump, listing
from oai.resourcesync.contents import read_new
from oai.resourcesync.models import BEGUN, Resource, ResourceChange, ResourcePackage
from oai.resourcesync.resources import forget_before, open_due
from oai.resourcesync.tasks import KEPT, begin_list
from repo.app import create_app
from repo.db import db, now, transaction
from repo.errors import SettingsError
from repo.items.access import ANYBODY, SYSTEM, Access, Action, may
from repo.items.models import File, Item, Version
from repo.items.projections import Change, ChangeKind, announce_change
from repo.items.rights import version_target
from repo.items.services.expunging import expunge_item
from repo.items.services.lifecycle import open_embargoed_items, restore_item, start_version, withdraw_item
from repo.members.models import Collection, Person, RoleName
from repo.settings import Settings, read_settings
from tests import factories
from tests.conftest import VisitorClient, close_engines
from tests.factories import actor_for, attach_file, make_collection, make_library, make_metadata, make_person
from tests.oai.mirroring import SITE, changes, parse, read, read_list


@dataclass
class House:
    """Who publishes, and what: ids and contents by name."""

    author: Person
    librarian: Person
    collection: Collection
    ids: dict[str, str] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)

    def publish(self, name: str, file: str = "макала (1).pdf", **fields: object) -> str:
        """Publish a work with one file; returns the file's path."""
        content = self.contents[name] = f"%PDF-1.4 {name}".encode() * 100
        metadata = make_metadata(**fields)
        item = factories.publish(self.author, self.librarian, self.collection, metadata, name=file, content=content)
        self.ids[name] = item.id
        return f"/records/{item.id}/v1/files/{file}"

    def change(self, name: str, **fields: object) -> None:
        """Publish a new version with other metadata."""
        with transaction() as session:
            newer = start_version(actor_for(self.author), session.get_one(Item, self.ids[name]))
            newer.meta = {**newer.meta, **fields}
        factories.submit(self.author, newer)
        factories.accept(self.librarian, newer)
        factories.run_jobs()

    def withdraw(self, name: str) -> None:
        with transaction() as session:
            withdraw_item(actor_for(self.librarian), session.get_one(Item, self.ids[name]), "Ката табылды")
        factories.run_jobs()


@pytest.fixture
def house(context: Flask, clock: time_machine.Traveller) -> House:
    library = make_library("knu")
    collection = make_collection(library, "science")
    return House(make_person(), make_person("", RoleName.LIBRARIAN, library=library), collection)


def listed(client: VisitorClient) -> set[str]:
    return {unquote(entry.path) for entry in read_list(client, "resourcelist")}


def news(client: VisitorClient, clock: time_machine.Traveller, seen: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """What was told since the last look, once the second is over; `seen` grows by it."""
    clock.shift(10)
    told = [(kind, unquote(path)) for kind, path in changes(client)]
    assert told[: len(seen)] == seen
    fresh, seen[:] = set(told[len(seen) :]), told
    return fresh


def bytes_of(answer: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(answer)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


# ---------------------------------------------------------------- lists


def test_a_mirror_finds_its_way_from_the_well_known_address(house: House, client: VisitorClient) -> None:
    path = house.publish("open")
    start = read(client, "/.well-known/resourcesync")
    (capabilities,) = start.entries
    assert start.capability == "description" and capabilities.facts == {"capability": "capabilitylist"}
    offered = read(client, capabilities.path)
    assert offered.links["up"] == f"{SITE}/.well-known/resourcesync"
    assert {entry.facts["capability"] for entry in offered.entries} == {"resourcelist", "changelist", "resourcedump"}
    for entry in offered.entries:
        assert read(client, entry.path).capability == entry.facts["capability"]
    assert f"Sitemap: {SITE}/resourcesync/resourcelist.xml" in client.get("/robots.txt").text
    assert f'<{SITE}{capabilities.path}>;rel="resourcesync"' in client.get(path).headers["Link"]


def test_an_entry_tells_how_to_check_the_file_and_where_it_is_described(house: House, client: VisitorClient) -> None:
    path = house.publish("open")
    (before,) = read_list(client, "resourcelist")
    assert "hash" not in before.facts
    assert read_new(lambda: None) == 1 and read_new(lambda: None) == 0
    (entry,) = read_list(client, "resourcelist")
    content = client.get(entry.path).data
    assert unquote(entry.path) == path and content == house.contents["open"]
    assert entry.facts == {
        "hash": f"sha-256:{hashlib.sha256(content).hexdigest()}",
        "length": str(len(content)),
        "type": "application/pdf",
    }
    assert entry.modified == "2026-03-02T09:30:00Z"
    for rel, kind in (("describedby", "application/xml"), ("collection", "text/html")):
        assert client.get(entry.links[rel].removeprefix(SITE)).mimetype == kind


def test_exactly_what_anybody_may_read_is_listed(
    house: House, client: VisitorClient, clock: time_machine.Traveller
) -> None:
    house.publish("open")
    house.publish("embargoed", access="embargoed", embargo_until="2099-01-01")
    house.publish("over", access="embargoed", embargo_until="2026-03-03")
    house.publish("restricted", access="restricted")
    house.publish("closed", access="closed")
    house.publish("closing")
    house.change("closing", access="closed")
    house.publish("withdrawn")
    house.withdraw("withdrawn")
    version = factories.make_draft(house.author, house.collection)
    attach_file(house.author, version, "own.pdf", b"%PDF-1.4 own", access=Access.CLOSED)
    attach_file(house.author, version, "all.pdf", b"%PDF-1.4 all")
    factories.submit(house.author, version)
    factories.accept(house.librarian, version)
    factories.run_jobs()
    clock.move_to(datetime(2026, 3, 3, 0, 5, tzinfo=UTC))
    with transaction() as session:
        open_due(session, now())
    expected = set()
    for file in db.session.scalars(sa.select(File).join(Version).where(Version.latest)):
        if may(ANYBODY, frozenset(), Action.READ, version_target(file.version, file), now()).allowed:
            expected.add(f"/records/{file.version.item_id}/v{file.version.number}/files/{file.name}")
    assert listed(client) == expected and len(expected) == 3
    for path in expected:
        assert client.get(path).status_code == 200


def test_pages_hold_so_many_ids_and_cost_the_same_at_any_depth(
    house: House,
    client: VisitorClient,
    monkeypatch: pytest.MonkeyPatch,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
    clock: time_machine.Traveller,
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    paths = {house.publish(f"work {number}") for number in range(5)}
    clock.shift(10)
    assert listed(client) == paths == {unquote(path) for _, path in changes(client)}
    counts: dict[str, list[int]] = {}
    for name in ("resourcelist", "changelist"):
        index = read(client, f"/resourcesync/{name}.xml")
        assert len(index.entries) == 3
        for entry in index.entries:
            with count_queries() as queries:
                read(client, entry.path)
            counts.setdefault(name, []).append(len(queries))
    assert counts["resourcelist"] == [2, 2, 2]
    first, second, last = counts["changelist"]
    assert first == second >= last and first <= 8  # how far all is told takes some, more on one database
    pages = [read(client, f"/resourcesync/changelist/{page}.xml") for page in (1, 2, 3)]
    assert [("until" in page.facts) for page in pages] == [True, True, False]


@pytest.mark.parametrize("page", ["0", "4", "-1", "2147483647", "9" * 40, "x", "1%00"])
def test_pages_that_are_not_there_are_not_found(house: House, client: VisitorClient, page: str) -> None:
    house.publish("open")
    for path in (f"resourcelist/{page}.xml", f"changelist/{page}.xml", f"resourcedump/{page}.zip"):
        assert client.get(f"/resourcesync/{path}").status_code in (400, 404), path


# ---------------------------------------------------------------- changes


def test_every_change_is_told(house: House, client: VisitorClient, clock: time_machine.Traveller) -> None:
    seen: list[tuple[str, str]] = []
    first, other = house.publish("first"), house.publish("other")
    assert news(client, clock, seen) == {("created", first), ("created", other)}
    house.change("first")
    assert news(client, clock, seen) == {("created", first.replace("/v1/", "/v2/"))}
    house.withdraw("other")
    assert news(client, clock, seen) == {("deleted", other)} and other not in listed(client)
    with transaction() as session:
        restore_item(actor_for(house.librarian), session.get_one(Item, house.ids["other"]))
    assert news(client, clock, seen) == {("created", other)} and other in listed(client)
    opened = {entry.modified for entry in read_list(client, "resourcelist") if unquote(entry.path) == other}
    assert opened == {entry.facts["datetime"] for entry in read_list(client, "changelist")[-1:]}
    house.change("first", access="closed")
    assert news(client, clock, seen) == {("deleted", first), ("deleted", first.replace("/v1/", "/v2/"))}
    with transaction() as session:
        expunge_item(SYSTEM, session.get_one(Item, house.ids["other"]), "Соттун чечими")
    assert news(client, clock, seen) == {("deleted", other)}
    assert listed(client) == set()


def test_the_end_of_an_embargo_is_told(house: House, client: VisitorClient, clock: time_machine.Traveller) -> None:
    seen: list[tuple[str, str]] = []
    path = house.publish("embargoed", access="embargoed", embargo_until="2026-03-10")
    assert news(client, clock, seen) == set() and path not in listed(client)
    clock.move_to(datetime(2026, 3, 10, 0, 5, tzinfo=UTC))
    with transaction():
        assert open_embargoed_items(now()) == 1
    assert news(client, clock, seen) == {("created", path)} and path in listed(client)
    assert client.get(path).status_code == 200


def test_a_file_with_an_embargo_of_its_own_is_listed_on_its_day(
    house: House, client: VisitorClient, clock: time_machine.Traveller
) -> None:
    seen: list[tuple[str, str]] = []
    version = factories.make_draft(house.author, house.collection)
    attach_file(house.author, version, "later.pdf", b"%PDF-1.4 later", access=Access.EMBARGOED)
    with transaction() as session:
        session.scalars(sa.select(File).where(File.version_id == version.id)).one().until = date(2026, 3, 10)
    factories.submit(house.author, version)
    factories.accept(house.librarian, version)
    factories.run_jobs()
    path = f"/records/{version.item_id}/v1/files/later.pdf"
    assert news(client, clock, seen) == set() and client.get(path).status_code == 401
    clock.move_to(datetime(2026, 3, 10, 0, 5, tzinfo=UTC))
    with transaction() as session:
        assert open_due(session, now()) == 1
    with transaction() as session:
        assert open_due(session, now()) == 0
    assert news(client, clock, seen) == {("created", path)} and client.get(path).data == b"%PDF-1.4 later"


def test_a_change_is_told_when_its_second_is_over(
    house: House, client: VisitorClient, clock: time_machine.Traveller
) -> None:
    """A mirror that was told of this second would not ask for it again, and more may happen in it."""
    path = house.publish("open")
    assert path in listed(client) and list(changes(client)) == []
    clock.shift(3)
    assert [unquote(told) for _, told in changes(client)] == [path]


def test_a_house_that_is_older_than_the_list_is_written_down_without_news(
    house: House, client: VisitorClient, clock: time_machine.Traveller
) -> None:
    path, waiting = house.publish("open"), house.publish("later", access="embargoed", embargo_until="2026-03-10")
    with transaction() as session:
        for model in (Resource, ResourceChange):
            session.execute(sa.delete(model))
    clock.shift(60)
    for _ in range(2):
        begin_list()
        factories.run_jobs()
    assert listed(client) == {path} and waiting not in listed(client)
    clock.shift(60)
    assert list(changes(client)) == []
    assert read(client, "/resourcesync/changelist.xml").facts == {"from": "2026-03-02T09:31:00Z"}
    house.withdraw("open")
    clock.shift(60)
    assert [(kind, unquote(told)) for kind, told in changes(client)] == [("deleted", path)]


def test_what_is_restored_from_the_archive_is_no_news(
    house: House, client: VisitorClient, clock: time_machine.Traveller
) -> None:
    """A mirror finds the same dates in the list, and fetches nothing again."""
    house.publish("open")
    before = read_list(client, "resourcelist")
    with transaction() as session:
        for model in (Resource, ResourceChange):
            session.execute(sa.delete(model))
    clock.shift(86400)
    with transaction() as session:
        announce_change(session, Change(ChangeKind.REBUILT, house.ids["open"]))
    clock.shift(60)
    assert read_list(client, "resourcelist") == before and list(changes(client)) == []


def test_old_changes_are_forgotten_and_that_is_said(
    house: House, client: VisitorClient, clock: time_machine.Traveller
) -> None:
    house.publish("old")
    clock.shift(KEPT - timedelta(days=1))
    path = house.publish("new")
    clock.shift(timedelta(days=2))
    with transaction() as session:
        forget_before(session, now() - KEPT)
    assert [unquote(told) for _, told in changes(client)] == [path]
    assert read(client, "/resourcesync/changelist.xml").facts == {"from": "2026-03-03T09:30:00Z"}
    with transaction() as session:
        forget_before(session, now() - KEPT)
    assert db.session.scalar(sa.select(sa.func.count()).where(ResourceChange.kind == BEGUN)) == 1


# ---------------------------------------------------------------- the dump


def packages(client: VisitorClient) -> dict[str, dict[str, bytes]]:
    """The files of every package by its path, each package checked against what the list and its manifest say."""
    found = {}
    for entry in read(client, "/resourcesync/resourcedump.xml").entries:
        answer = client.get(entry.path)
        assert answer.status_code == 200 and answer.mimetype == entry.facts["type"] == "application/zip"
        assert entry.facts["length"] == str(len(answer.data))
        assert entry.facts["hash"] == f"sha-256:{hashlib.sha256(answer.data).hexdigest()}"
        files = bytes_of(answer.data)
        manifest = parse(files.pop("manifest.xml"))
        assert manifest.capability == "resourcedump-manifest"
        told = {each.facts["path"].removeprefix("/"): each for each in manifest.entries}
        assert told.keys() == files.keys()
        for name, content in files.items():
            assert told[name].facts["hash"] == f"sha-256:{hashlib.sha256(content).hexdigest()}"
            assert told[name].facts["length"] == str(len(content))
            assert client.get(told[name].path).data == content
        found[entry.path] = files
    return found


def make() -> int:
    return dump.make_packages(lambda: None)


def test_the_dump_holds_every_open_file_byte_for_byte(
    house: House, client: VisitorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "MOST_FILES", 2)
    names = [f"work {number}" for number in range(5)]
    for name in names:
        house.publish(name)
    house.publish("closed", access="closed")
    house.publish("embargoed", access="embargoed", embargo_until="2099-01-01")
    assert packages(client) == {}
    assert make() == 3 and make() == 0
    found = packages(client)
    assert [len(files) for files in found.values()] == [2, 2, 1]
    contents = sorted(content for files in found.values() for content in files.values())
    assert contents == sorted(house.contents[name] for name in names)
    path = next(iter(found))
    part = client.get(path, headers={"Range": "bytes=0-3"})
    assert part.status_code == 206 and part.data == b"PK\x03\x04"
    house.publish("one more")
    assert make() == 1
    later = packages(client)
    assert [len(files) for files in later.values()] == [2, 2, 2] and path in later
    house.publish("and another")
    assert make() == 1 and len(packages(client)) == 4


def test_a_package_is_as_large_as_it_may_be(
    house: House, client: VisitorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "six"):
        house.publish(name)
    monkeypatch.setattr(dump, "MOST_BYTES", 2 * len(house.contents["one"]))
    assert make() == 2 and make() == 0
    assert [len(files) for files in packages(client).values()] == [2, 1]
    monkeypatch.setattr(dump, "MOST_BYTES", 1)  # a file that is larger has a package of its own
    house.publish("larger")
    assert make() == 1 and len(packages(client)) == 3


@pytest.mark.parametrize("name", ["first", "last"])
def test_a_package_with_a_file_that_is_open_no_more_is_not_given_out(
    house: House, client: VisitorClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(dump, "MOST_FILES", 2)
    for work in ("first", "second", "third", "last"):
        house.publish(work)
    make()
    before = packages(client)
    path = next(path for path, files in before.items() if house.contents[name] in files.values())
    assert dump.discard_stale() == 0
    house.change(name, access="restricted")
    assert client.get(path).status_code == 404 and packages(client).keys() == before.keys() - {path}
    assert dump.discard_stale() == 1 and len(list(dump.derivatives().root.rglob(dump.RECIPE))) == 1
    assert make() == 1
    after = packages(client)
    assert client.get(path).status_code == 404
    everything = [content for files in after.values() for content in files.values()]
    assert len(everything) == 3 and house.contents[name] not in everything
    root = db.session.scalars(sa.select(ResourcePackage.sha256)).all()
    assert len(root) == 2 == len(list(dump.derivatives().root.rglob(dump.RECIPE)))
    house.withdraw("first" if name == "last" else "last")
    house.withdraw("second" if name == "last" else "third")
    make()
    assert sum(len(files) for files in packages(client).values()) == 1


def test_a_package_whose_file_was_closed_while_it_was_made_is_thrown_away(house: House, client: VisitorClient) -> None:
    house.publish("first")
    house.publish("second")
    closed = []

    def close() -> None:
        if not closed:
            closed.append(house.change("first", access="closed"))

    assert dump.make_packages(close) == 0
    assert packages(client) == {} and not list(dump.derivatives().root.rglob(dump.RECIPE))
    assert make() == 1 and [len(files) for files in packages(client).values()] == [1]


def test_a_deleted_package_is_made_again(house: House, client: VisitorClient) -> None:
    """Everything among the derivatives may be deleted at any time."""
    house.publish("first")
    make()
    (path,) = packages(client)
    for file in dump.derivatives().root.rglob(dump.RECIPE):
        file.unlink()
    assert client.get(path).status_code == 404 and packages(client) == {}
    assert make() == 1 and len(packages(client)) == 1


@pytest.fixture
def without_dumps(settings: Settings) -> Iterator[VisitorClient]:
    app = create_app(replace(settings, resource_dumps=False))
    app.test_client_class = VisitorClient
    client = app.test_client()
    assert isinstance(client, VisitorClient)
    yield client
    close_engines(app)


def test_a_house_may_do_without_a_dump(house: House, client: VisitorClient, without_dumps: VisitorClient) -> None:
    house.publish("first")
    make()
    (path,) = packages(client)
    for address in ("/resourcesync/resourcedump.xml", path):
        assert without_dumps.get(address).status_code == 404
    with pytest.raises(SettingsError, match="yes or no"):
        read_settings({"MURAS_RESOURCE_DUMPS": "maybe"})
    assert not read_settings({"MURAS_RESOURCE_DUMPS": "no"}).resource_dumps
    offered = read(without_dumps, "/resourcesync/capabilitylist.xml").entries
    assert {entry.facts["capability"] for entry in offered} == {"resourcelist", "changelist"}
    dump.remove_packages()
    assert not list(dump.derivatives().root.rglob(dump.RECIPE)) and packages(client) == {}
