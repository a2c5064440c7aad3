"""Works follow their collections: into another library, to another place in the tree."""

import sqlalchemy as sa
from flask import Flask

from oai.models import OaiSet, OaiSetMember
from repo.db import db, transaction
from repo.items.models import Item
from repo.items.registry import read_registry
from repo.items.services import relocating
from repo.items.services.relocating import relocate_items
from repo.members.actors import SYSTEM
from repo.members.models import RoleName
from repo.members.services.collections import change_collection, create_collection, move_collection
from repo.members.services.libraries import merge_library
from tests.factories import make_collection, make_draft, make_library, make_person, publish, run_jobs


def specs() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(sa.select(OaiSetMember.spec).where(OaiSetMember.spec.startswith("library"))))


def test_a_library_that_merges_brings_its_works(context: Flask) -> None:
    old, new = make_library("old"), make_library("new")
    collection = make_collection(old, "science")
    author, reviewer = make_person(), make_person("", RoleName.REVIEWER, collection=collection)
    item = publish(author, reviewer, collection)
    draft = make_draft(author, collection)
    stamp = item.stamp
    with transaction():
        merge_library(SYSTEM, old, new)
    libraries = dict(db.session.execute(sa.select(Item.id, Item.library_id)).all())
    assert libraries == {item.id: new.id, draft.item_id: new.id}, "rights and lists are right in the same commit"
    run_jobs()
    assert specs() == {"library:new", "library:new:science"}
    assert db.session.get_one(Item, item.id).stamp > stamp, "nothing rendered before is shown again"
    assert {library["code"]: library["merged_into"] for library in read_registry()["libraries"]} == {
        "old": "new",
        "new": None,
    }


def test_a_branch_that_moves_takes_its_works_to_other_sets(context: Flask) -> None:
    library = make_library("knu")
    top, branch = make_collection(library, "top"), make_collection(library, "branch")
    leaf = make_collection(library, "leaf", branch)
    author, reviewer = make_person(), make_person("", RoleName.REVIEWER, collection=leaf)
    publish(author, reviewer, leaf)
    with transaction():
        move_collection(SYSTEM, branch, parent=top)
    run_jobs()
    assert specs() == {
        "library:knu",
        "library:knu:top",
        "library:knu:top:branch",
        "library:knu:top:branch:leaf",
    }


def test_many_works_are_told_of_in_steps(context: Flask, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(relocating, "STEP", 2)
    library = make_library("knu")
    collection, elsewhere = make_collection(library, "c"), make_collection(library, "d")
    author, reviewer = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
    ids = sorted(publish(author, reviewer, collection).id for _ in range(3))
    publish(author, reviewer, elsewhere)
    at = db.session.scalars(sa.select(Item.changed_at)).first()
    assert at is not None
    with transaction():
        first = relocate_items([collection.id], "", at)
    assert first == ids[1]
    with transaction():
        assert relocate_items([collection.id], first, at) == ids[2]
    with transaction():
        assert relocate_items([collection.id], ids[2], at) is None


def test_every_change_of_the_tree_is_preserved(context: Flask) -> None:
    library = make_library("knu")
    with transaction():
        made = create_collection(SYSTEM, library, code="theses", names={"ky": "Диссертациялар"})
    run_jobs()
    assert [collection["code"] for collection in read_registry()["collections"]] == ["theses"]
    assert db.session.get_one(OaiSet, "library:knu:theses").name == "Диссертациялар"
    with transaction():
        change_collection(SYSTEM, made, made.edition, names={"ky": "Эмгектер"})
    run_jobs()
    assert read_registry()["collections"][0]["names"] == {"ky": "Эмгектер"}
    assert db.session.get_one(OaiSet, "library:knu:theses").name == "Эмгектер"
