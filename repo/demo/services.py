"""The demonstration: brought in, described, taken away."""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from repo.db import db
from repo.demo.house import Account, Mark, build_house, list_accounts, read_mark
from repo.demo.loading import SOURCE, Tell, load_missing
from repo.demo.removal import Removed, StrangersError, remove_demonstration
from repo.items.models import Item, Version
from repo.items.states import VersionState
from repo.settings import current_settings
from repo.storage.disk import lock_file

__all__ = ["Loaded", "Removed", "StrangersError", "load_demonstration", "remove_demonstration"]


@dataclass(frozen=True)
class Loaded:
    """What there is now. `new` works were brought in by this run; `works` are counted by where they stand."""

    new: int
    libraries: int
    collections: int
    works: dict[str, int]
    accounts: list[Account]


def load_demonstration(tell: Tell = lambda done, total: None) -> Loaded:
    """Bring in what is missing of the demonstration, all of it or the rest; a second run changes nothing.

    `tell(done, all)` hears how many works are done. Not inside a transaction. Raises NotOursError.
    """
    with lock_file(current_settings().data_dir / "demo.lock"):
        build_house()
        new = load_missing(tell)
    mark = read_mark() or Mark()
    return Loaded(new, len(mark.libraries), len(mark.collections), _count_works(), list_accounts())


def _count_works() -> dict[str, int]:
    """How many works are public, withdrawn, waiting for a reviewer, and drafts."""
    ours = Item.source == SOURCE
    public = db.session.execute(sa.select(Item.withdrawn_at).where(ours, Item.current_id.is_not(None))).all()
    states = sa.select(Version.state).join(Item, Version.item_id == Item.id).where(ours, Item.current_id.is_(None))
    waiting = Counter(db.session.scalars(states))
    withdrawn = sum(row.withdrawn_at is not None for row in public)
    return {
        "published": len(public) - withdrawn,
        "withdrawn": withdrawn,
        "submitted": waiting[VersionState.SUBMITTED],
        "drafts": waiting[VersionState.DRAFT],
    }
