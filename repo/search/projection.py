"""What search does when an item changes."""

from sqlalchemy.orm import Session

from repo.items.projections import Change
from repo.search.services.indexing import note_change


class IndexProjection:
    """Writes down, in the same commit, that the item has to be indexed."""

    def in_transaction(self, session: Session, change: Change) -> None:
        note_change(session, change.item_id)

    def after_commit(self, change: Change) -> None:
        """Nothing is left to do: the job was written with the change."""
