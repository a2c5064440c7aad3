"""Works that are described elsewhere: who may read their files, by whom that is told, and by whom not."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from repo.db import db, transaction
from repo.items.access import Access
from repo.items.models import File, Item
from repo.items.services.importing import Described, Outcome, bring_bytes, import_items
from tests.factories import make_collection, make_library, make_metadata

FILE = bring_bytes("a.txt", b"one", "text/plain")


def bring(collection_id: int, one: Described) -> Outcome:
    results = import_items(collection_id, "far", [one], "loaded", lambda _session, _results: None)
    db.session.rollback()
    return results[one.key].outcome


def rules() -> list[Access | None]:
    db.session.rollback()
    db.session.expire_all()
    (item,) = db.session.scalars(sa.select(Item))
    assert item.current is not None
    return [file.access for file in item.current.files]


@pytest.mark.parametrize("tells", [True, False])
def test_a_rule_that_was_made_here(context: Flask, tells: bool) -> None:
    """A source that says who may read a file is followed; of one that does not, a file stays as shut as it is."""
    collection_id = make_collection(make_library()).id
    first = Described("1", make_metadata("Көл"), files=(FILE,), tells_rules=tells)
    assert bring(collection_id, first) is Outcome.CREATED
    with transaction() as session:
        session.execute(sa.update(File).values(access=Access.CLOSED))
    assert bring(collection_id, first) is (Outcome.UPDATED if tells else Outcome.UNCHANGED)
    assert rules() == [None if tells else Access.CLOSED]
    changed = replace(first, metadata=make_metadata("Башка көл"))
    assert bring(collection_id, changed) is Outcome.UPDATED
    assert rules() == [None if tells else Access.CLOSED]
