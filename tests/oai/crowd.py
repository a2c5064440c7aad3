"""Many items at once, and changes among them while somebody harvests."""

import random
from dataclasses import dataclass, field

from flask import Flask

from oai.ledger import write_records
from repo.db import now, transaction
from repo.items.models import Item
from repo.members.models import Collection
from tests.factories import insert_public, make_metadata


def seed_public(collection: Collection, count: int) -> list[str]:
    """Public items with their records."""
    with transaction() as session:
        ids = insert_public(session, collection, [make_metadata(f"Эмгек {n}") for n in range(count)])
        write_records(session, ids)
    return ids


@dataclass
class Changes:
    """Changes, withdraws and adds items; knows which of them are gone and new."""

    app: Flask
    collection: Collection
    ids: list[str]
    gone: set[str] = field(default_factory=set)
    new: list[str] = field(default_factory=list)

    def make(self, count: int) -> None:
        """So many of each."""
        here = [item_id for item_id in [*self.ids, *self.new] if item_id not in self.gone]
        chosen = random.sample(here, min(2 * count, len(here)))
        with self.app.app_context():
            with transaction() as session:
                write_records(session, chosen[:count])
            with transaction() as session:
                for item_id in chosen[count:]:
                    session.get_one(Item, item_id).withdrawn_at = now()
                session.flush()
                write_records(session, chosen[count:])
            self.gone |= set(chosen[count:])
            self.new += seed_public(self.collection, count)
