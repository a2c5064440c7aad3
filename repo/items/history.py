"""The history of items: what was done, by whom, and how it stood before and after."""

from typing import Any

from repo.items.access import Actor
from repo.items.models import Version
from repo.members.history import record_event


def record_change(
    actor: Actor,
    verb: str,
    version: Version,
    *,
    comment: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    record_event(
        actor, verb, item_id=version.item_id, version_id=version.id, comment=comment, before=before, after=after
    )
