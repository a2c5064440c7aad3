"""What follows a change of libraries and collections: rooms above register here, `members` imports none of them."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class TreeChange:
    """A library or some collections were made or changed.

    `moved` are collections (with all below them) that now hang elsewhere or belong to another library: what is
    known of their works by library or by path has to be written anew.
    """

    library_ids: frozenset[int] = frozenset()
    collection_ids: frozenset[int] = frozenset()
    moved: frozenset[int] = frozenset()


Follower = Callable[[TreeChange], None]
_followers: list[Follower] = []


def register_followers(*followers: Follower) -> None:
    """Set who follows, in order; replaces what was registered. They are called inside the transaction, after the
    flush: rows only, no file and no network."""
    _followers[:] = followers


def announce_tree_change(change: TreeChange) -> None:
    for follow in _followers:
        follow(change)
