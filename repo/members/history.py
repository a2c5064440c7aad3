"""History and audit: who did what to what, and how it stood before and after."""

from typing import Any

from repo.db import db, now
from repo.members.actors import Actor
from repo.members.models import Collection, Event, Library, Person


def record_event(
    actor: Actor,
    verb: str,
    *,
    item_id: str | None = None,
    version_id: int | None = None,
    subject: Library | Collection | Person | None = None,
    comment: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Add a row to the history. `subject` is what it is about when that is no item; passwords never stand in it."""
    db.session.add(
        Event(
            at=now(),
            actor_id=actor.person_id,
            verb=verb,
            item_id=item_id,
            version_id=version_id,
            subject=subject_of(subject) if subject is not None else None,
            comment=comment,
            before=before,
            after=after,
        )
    )


def subject_of(thing: Library | Collection | Person) -> str:
    """Return how the history names a thing: "library:knu", "collection:theses", "person:12"."""
    match thing:
        case Library() | Collection():
            return f"{type(thing).__name__.lower()}:{thing.code}"
        case Person():
            return f"person:{thing.id}"


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the entries that differ, as they stood and as they stand: what a history needs to show."""
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return ({k: before[k] for k in changed if k in before}, {k: after[k] for k in changed if k in after})
