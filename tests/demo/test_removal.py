"""Interrupted, gone on with, taken away: nothing twice, nothing of others, nothing left."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from repo.app import create_app
from repo.checkup import Level
from repo.db import Base, db, transaction
from repo.demo.checks import check_demonstration
from repo.demo.house import NotOursError, build_house, find_collection, find_library
from repo.demo.services import StrangersError, load_demonstration, remove_demonstration
from repo.items.models import Item
from repo.jobs.models import Job, JobState
from repo.members.actors import SYSTEM
from repo.members.models import Library, RoleName
from repo.members.people import find_person
from repo.members.services.libraries import change_library, create_library
from repo.members.services.roles import actor_of
from repo.search import engine
from repo.settings import Settings
from repo.storage import store
from tests.conftest import close_engines
from tests.factories import make_collection, make_library, make_person, publish, run_jobs

ON = {"job", "fact", "oai_set"}
"""Tables in which the house's own rows stand."""


class Interrupted(Exception):
    pass


def stop_after(number: int) -> Callable[[int, int], None]:
    def tell(done: int, _total: int) -> None:
        if done == number:
            raise Interrupted

    return tell


def count_rows() -> dict[str, int]:
    """How many rows each table has."""
    tables = (table for table in Base.metadata.sorted_tables if table.name not in ON)
    counted = {table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables}
    db.session.rollback()
    return counted


def test_interrupted_it_goes_on_and_leaves_no_trace_when_it_is_removed(app: Flask, settings: Settings) -> None:
    with app.app_context():
        for number in (2, 9):
            with pytest.raises(Interrupted):
                load_demonstration(stop_after(number))
        assert load_demonstration().works == {"published": 32, "withdrawn": 1, "submitted": 1, "drafts": 2}
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Item)) == 36
        assert engine().count() == 32
        assert remove_demonstration().items == 36
        assert {name: count for name, count in count_rows().items() if count} == {}
        assert engine().count() == 0
        assert list(store().objects()) == ["muras:registry"]
        assert remove_demonstration().items == 0
    left = [path for folder in (settings.derivatives, settings.uploads_dir) for path in folder.rglob("*")]
    assert not [path for path in left if path.is_file()]
    assert not list(settings.mail_dir.glob("*.eml"))


def test_what_is_not_its_own_stays_and_stands_in_the_way(app: Flask) -> None:
    with app.app_context():
        own = make_collection(make_library("knu"), "own")
        author, librarian = make_person(), make_person("", RoleName.LIBRARIAN, library=own.library)
        with pytest.raises(Interrupted):
            load_demonstration(stop_after(1))
        rows = count_rows()
        guide = find_collection("demo-region")
        assert guide is not None
        administrator = make_person("", RoleName.ADMINISTRATOR)
        item_id = publish(author, administrator, own).id
        with transaction() as session:
            item = session.get_one(Item, item_id)
            item.collection, item.library_id = find_collection("demo-region"), guide.library_id
        with pytest.raises(StrangersError, match=item_id):
            remove_demonstration()
        assert count_rows()["collection"] == rows["collection"]
        assert find_library("demo-tengir-too") is not None
        with transaction() as session:
            item = session.get_one(Item, item_id)
            item.collection, item.library_id = own, own.library_id
            ours = find_person("administrator@muras.example")
            assert ours is not None
            knu = session.get_one(Library, own.library_id)
            change_library(actor_of(ours), knu, knu.edition, names={"ky": "Башкача"})
        remove_demonstration()
        run_jobs()
        assert [library.code for library in db.session.scalars(sa.select(Library))] == ["knu"]
        assert db.session.scalars(sa.select(Item.id)).all() == [item_id]
        assert find_person(librarian.email) is not None
        assert set(store().objects()) == {"muras:registry", f"muras:{item_id}"}


def test_an_interrupted_removal_goes_on(app: Flask, settings: Settings) -> None:
    with app.app_context():
        with pytest.raises(Interrupted):
            load_demonstration(stop_after(1))
        run_jobs()
        settings.derivatives.rename(settings.derivatives.with_name("away"))
        with pytest.raises(OSError):
            remove_demonstration()
        assert find_library("demo-tengir-too") is None and list(store().objects()) == ["muras:registry"]
        settings.derivatives.with_name("away").rename(settings.derivatives)
        assert remove_demonstration().items == 36
        assert not [path for path in settings.derivatives.rglob("*") if path.is_file()]


def test_no_letter_to_people_who_do_not_exist_leaves_the_house(settings: Settings) -> None:
    app = create_app(replace(settings, mail_url="smtp://127.0.0.1:9"))
    with app.app_context():
        with pytest.raises(Interrupted):
            load_demonstration(stop_after(1))
        states = db.session.scalars(sa.select(Job.state).where(Job.kind == "mail")).all()
        assert states and set(states) == {JobState.CANCELLED}
    close_engines(app)


def test_the_doctor_warns_where_readers_come_from_elsewhere(app: Flask, settings: Settings) -> None:
    with app.app_context():
        assert [finding.level for finding in check_demonstration()] == [Level.GOOD]
        build_house()
        assert [finding.level for finding in check_demonstration()] == [Level.WARNING]
    at_home = create_app(replace(settings, base_url="http://127.0.0.1:8000"))
    with at_home.app_context():
        assert [finding.level for finding in check_demonstration()] == [Level.GOOD]
    close_engines(at_home)


def test_a_library_of_somebody_else_is_not_taken_for_its_own(app: Flask) -> None:
    with app.app_context():
        with transaction():
            create_library(SYSTEM, code="demo-sulayman", names={"en": "A real one"})
        with pytest.raises(NotOursError, match="demo-sulayman"):
            load_demonstration()
        assert remove_demonstration().libraries == 0
        assert find_library("demo-sulayman") is not None


def test_the_command_makes_the_house_and_tells_the_accounts(
    muras: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    first = muras("demo", "--json")
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert told["new"] == 36 and [account["role"] for account in told["accounts"]][0] == "administrator"
    assert all(len(account["password"]) == 19 for account in told["accounts"])
    again = muras("demo")
    assert told["accounts"][0]["password"] in again.stdout and "32 published" in again.stdout
    removed = muras("demo", "--remove", "--json")
    assert json.loads(removed.stdout) == {"items": 36, "libraries": 4, "collections": 11, "people": 5}
    assert muras("user", "list", "--json").stdout.strip() == "[]"
