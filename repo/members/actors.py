"""Who acts, as far as rights go; pure. `items/access.py` decides what an actor may do."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Grant:
    """A role: for the whole house, in a library, or in a collection and what lies below it."""

    role: str
    library_id: int | None = None
    collection_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """A person as far as rights go; without `person_id`, somebody who is not signed in."""

    person_id: int | None = None
    grants: frozenset[Grant] = frozenset()

    @property
    def is_administrator(self) -> bool:
        return any(grant.role == "administrator" for grant in self.grants)

    def holds(self, role: str, library_id: int | None, collection_ids: Iterable[int] = ()) -> bool:
        """Whether the actor holds `role` in this library or in one of these collections."""
        return any(
            grant.role == role
            and (
                (grant.library_id is not None and grant.library_id == library_id)
                or (grant.collection_id is not None and grant.collection_id in collection_ids)
            )
            for grant in self.grants
        )

    def belongs_to(self, library_id: int) -> bool:
        """Whether the actor holds any role in the library."""
        return any(grant.library_id == library_id for grant in self.grants)

    @property
    def librarian_of(self) -> frozenset[int]:
        """The libraries in which the actor is librarian."""
        return frozenset(g.library_id for g in self.grants if g.role == "librarian" and g.library_id is not None)

    def manages(self, library_id: int | None) -> bool:
        """Whether the actor looks after the library: its collections and its people. None: the whole house."""
        return self.is_administrator or (library_id is not None and self.holds("librarian", library_id))


ANYBODY = Actor()
SYSTEM = Actor(grants=frozenset({Grant("administrator")}))
"""The house itself: jobs and commands."""
