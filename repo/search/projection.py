"""What search does when an item changes."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from repo.items.projections import Change
from repo.search.services.indexing import note_changes


class IndexProjection:
    """Writes down, in the same commit, that the items have to be indexed."""

    def in_transaction(self, session: Session, changes: Sequence[Change]) -> None:
        note_changes(session, [change.item_id for change in changes])

    def after_commit(self, change: Change) -> None:
        """Nothing is left to do: the job was written with the change."""
