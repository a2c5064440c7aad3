"""The client `resync`, which we did not write, mirrors the open files of a real server and keeps the copy as it is."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from urllib.parse import unquote
from urllib.request import urlopen

import pytest
import time_machine
from flask import Flask
from resync.hashes import Hashes
from resync.resource_list import ResourceList

from oai.resourcesync.contents import read_new
from oai.resourcesync.resources import open_due
from repo.db import now, transaction
from repo.items.access import Access
from repo.items.models import Item
from repo.items.services.drafts import remove_file
from repo.items.services.lifecycle import start_version, withdraw_item
from repo.members.models import Collection, Person, RoleName
from repo.settings import Settings
from tests import factories
from tests.factories import actor_for, attach_file, make_collection, make_library, make_metadata, make_person
from tests.services.server import Server, StartServer

PATIENCE = 60


class Mirror:
    """A folder that the client keeps like the server."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder = server, folder
        folder.mkdir()

    def run(self, *options: str) -> str:
        """Run the client as a process and return what it says."""
        command = [Path(sys.executable).with_name("resync-sync"), *options, self.server.url, self.folder / "copy"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def follow(self) -> str:
        changes = f"{self.server.url}/resourcesync/changelist.xml"
        return self.run("--incremental", "--delete", "--changelist-uri", changes)

    def files(self) -> dict[str, bytes]:
        copy = self.folder / "copy"
        files = (path for path in copy.rglob("*") if path.is_file())
        return {unquote(f"/{path.relative_to(copy)}"): path.read_bytes() for path in files}


def wait_until_told(server: Server, path: str, kind: str) -> None:
    """Changes are told when their second is over."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        with urlopen(f"{server.url}/resourcesync/changelist.xml", timeout=30) as answer:
            told = unquote(answer.read().decode())
        if any(path in entry and f'change="{kind}"' in entry for entry in told.split("<url>")):
            return
        time.sleep(0.1)
    pytest.fail(f"{kind} {path} was not told")


class Desk:
    """Who publishes, and what has to be in the mirror: bytes by path."""

    def __init__(self, author: Person, librarian: Person, collection: Collection) -> None:
        self.author, self.librarian, self.collection = author, librarian, collection
        self.open: dict[str, bytes] = {}

    def publish(self, name: str, content: bytes, **fields: object) -> tuple[str, str]:
        """Returns the id of a work and the path of its file."""
        item = factories.publish(
            self.author, self.librarian, self.collection, make_metadata(**fields), name=name, content=content
        )
        path = f"/records/{item.id}/v1/files/{name}"
        if not fields:
            self.open[path] = content
        return item.id, path

    def renew(self, item_id: str, name: str, content: bytes) -> str:
        """Publish a new version with another file in place of all others; returns its path."""
        with transaction() as session:
            newer = start_version(actor_for(self.author), session.get_one(Item, item_id))
            for file in list(newer.files):
                remove_file(actor_for(self.author), newer, file)
        attach_file(self.author, newer, name, content)
        factories.submit(self.author, newer)
        factories.accept(self.librarian, newer)
        factories.run_jobs()
        path = f"/records/{item_id}/v2/files/{name}"
        self.open[path] = content
        return path


@pytest.fixture
def desk(context: Flask) -> Desk:
    library = make_library("knu")
    collection = make_collection(library, "science")
    return Desk(make_person(), make_person("", RoleName.LIBRARIAN, library=library), collection)


def test_the_resync_client_mirrors_all_open_files_byte_for_byte(
    desk: Desk, settings: Settings, start_server: StartServer, tmp_path: Path
) -> None:
    today = datetime.now(UTC)
    # The client takes no notice of the end of a file that began after the last one of its first run.
    with time_machine.travel(today - timedelta(days=1, hours=1)):
        _, leaving = desk.publish("leaving.pdf", b"%PDF-1.4 leaving")
    with time_machine.travel(today - timedelta(days=1)):
        first, _ = desk.publish("шырдак, 1-бөлүк (көчүрмө) #7%.pdf", b"%PDF-1.4 \x00\xff\r\n" + bytes(range(256)) * 500)
        leaving_id = leaving.split("/")[2]
        desk.publish("page.html", b"<p>\xd0\x96\r\n</p>")
        desk.publish("closed.pdf", b"%PDF-1.4 closed", access="closed")
        until = today.date().isoformat()
        _, later = desk.publish("later.pdf", b"%PDF-1.4 later", access="embargoed", embargo_until=until)
        read_new(lambda: None)
    server = start_server(
        settings.data_dir, "web", MURAS_DATABASE_URL=settings.database_url, MURAS_SECRET_KEY=settings.secret_key
    )
    mirror = Mirror(server, tmp_path / "mirror")
    assert "created=3" in mirror.run("--baseline")
    assert mirror.files() == desk.open
    assert "IN SYNC (same=3" in mirror.run("--audit")
    check_hashes(server, mirror)

    desk.publish("new.pdf", b"%PDF-1.4 new" * 1000)
    newer = desk.renew(first, "second edition.pdf", b"%PDF-1.4 second edition")
    with transaction() as session:
        withdraw_item(actor_for(desk.librarian), session.get_one(Item, leaving_id), "Ката табылды")
    del desk.open[leaving]
    with transaction() as session:
        open_due(session, now())
    desk.open[later] = b"%PDF-1.4 later"
    read_new(lambda: None)
    wait_until_told(server, newer, "created")
    wait_until_told(server, leaving, "deleted")
    wait_until_told(server, later, "created")
    assert "NOT IN SYNC" in mirror.run("--audit")
    assert "CHANGES APPLIED" in mirror.follow()
    assert mirror.files() == desk.open and len(desk.open) == 5
    assert "IN SYNC (same=5" in mirror.run("--audit")
    check_hashes(server, mirror)


def check_hashes(server: Server, mirror: Mirror) -> None:
    """The client's own reading of the list, and its own checksums: the command leaves out those that it is told."""
    found = ResourceList()
    found.read(uri=f"{server.url}/resourcesync/resourcelist.xml")
    copies = 0
    for resource in found:
        path = mirror.folder / "copy" / resource.uri.removeprefix(f"{server.url}/")
        assert resource.sha256 == Hashes(["sha-256"], path).sha256 and resource.length == path.stat().st_size
        copies += 1
    assert copies == len(mirror.files())


def test_what_is_closed_leaves_the_mirror(
    desk: Desk, settings: Settings, start_server: StartServer, tmp_path: Path
) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=1)):
        closing = desk.publish("closing.pdf", b"%PDF-1.4 closing")
    staying = desk.publish("staying.pdf", b"%PDF-1.4 staying")
    server = start_server(
        settings.data_dir, "web", MURAS_DATABASE_URL=settings.database_url, MURAS_SECRET_KEY=settings.secret_key
    )
    mirror = Mirror(server, tmp_path / "mirror")
    mirror.run("--baseline")
    with transaction() as session:
        newer = start_version(actor_for(desk.author), session.get_one(Item, closing[0]))
        newer.meta = {**newer.meta, "access": Access.CLOSED.value}
    factories.submit(desk.author, newer)
    factories.accept(desk.librarian, newer)
    factories.run_jobs()
    wait_until_told(server, closing[1], "deleted")
    mirror.follow()
    assert mirror.files() == {staying[1]: b"%PDF-1.4 staying"}
