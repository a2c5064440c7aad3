"""Whoever works in the house while it is harvested; a process of its own.

Each line of its input is a number: so many records change, so many go and so many come; it answers with the id of the
item that came last. When its input ends it prints the items that are and were public, as {id: withdrawn}.
"""

import json
import sys

import sqlalchemy as sa

from repo.app import create_app
from repo.db import db
from repo.items.models import Item
from repo.members.models import Collection
from tests.conftest import close_engines
from tests.oai.crowd import Changes


def main() -> None:
    app = create_app()
    with app.app_context():
        collection = db.session.scalars(sa.select(Collection)).one()
        ids = list(db.session.scalars(sa.select(Item.id).where(Item.withdrawn_at.is_(None))))
        db.session.expunge_all()
        db.session.rollback()
        changes = Changes(app, collection, ids)
        for line in sys.stdin:
            changes.make(int(line))
            print(changes.new[-1], flush=True)
        rows = db.session.execute(sa.select(Item.id, Item.withdrawn_at))
        print(json.dumps({id_: withdrawn is not None for id_, withdrawn in rows}), flush=True)
    close_engines(app)


if __name__ == "__main__":
    main()
