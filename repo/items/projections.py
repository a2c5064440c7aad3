"""What follows a change of an item: the ledger, the index, derivatives, mail, statistics.

The rooms above register here (in `app.follow_changes`, in order); `items` imports none of them.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from repo.db import after_commit


class ChangeKind(enum.StrEnum):
    PUBLISHED = "published"  # a new public version
    REVISED = "revised"  # a correction of the newest version
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    MOVED = "moved"  # to another collection
    OPENED = "opened"  # its embargo has ended
    EXPUNGED = "expunged"
    REBUILT = "rebuilt"  # its rows were restored from its OCFL object


@dataclass(frozen=True)
class Change:
    """`datestamp` is given when a change of the past is told again (by `rebuild`); else it is the present."""

    kind: ChangeKind
    item_id: str
    datestamp: datetime | None = None


class Projection(Protocol):
    def in_transaction(self, session: Session, changes: Sequence[Change]) -> None:
        """Write what must be true in the same commit. No file and no network."""

    def after_commit(self, change: Change) -> None:
        """Do what may be lost: whatever must not be is a job row written in `in_transaction`."""


_projections: list[Projection] = []


def register_projections(*projections: Projection) -> None:
    """Set the projections, in their order; replaces what was registered."""
    _projections[:] = projections


def announce_change(session: Session, change: Change) -> None:
    """Tell every projection; called by the services of `items` inside their transaction, after their flush."""
    announce_changes(session, [change])


def announce_changes(session: Session, changes: Sequence[Change]) -> None:
    """The same of changes of different items: one look at the tables does for a hundred."""
    if not changes:
        return
    for projection in _projections:
        projection.in_transaction(session, changes)

    def tell() -> None:
        for projection in _projections:
            for change in changes:
                projection.after_commit(change)

    after_commit(tell)
