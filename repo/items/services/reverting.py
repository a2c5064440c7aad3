"""Works that go back to how they were described before, by the chunk: a load of many is undone.

What they became stays in their history and in their objects. The chunk is written like that of an import
(`importing`), and what a crash leaves is settled there.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from repo.db import db, now, transaction
from repo.failpoints import failpoint
from repo.items.access import Actor, FileRole
from repo.items.models import Item, Version
from repo.items.preservation import describe_version, encode_record, logical_path
from repo.items.services.drafts import open_version
from repo.items.services.importing import Plan, copy_file, place_plans
from repo.items.services.publishing import finish_many
from repo.items.states import VersionState
from repo.storage.ports import Keep


def says_the_same(one: Version, other: Version) -> bool:
    """Whether two versions have the same description and the same originals."""
    return one.meta == other.meta and _originals(one) == _originals(other)


def revert_items(
    versions: Mapping[str, int], verb: str, actor: Actor, following: Callable[[Session, set[str]], None]
) -> None:
    """Publish for each item what its version of that id said, as its newest; outside of transactions.

    `following` is called in the transaction that makes all of it public, with the items that were reverted. Those that
    say so already, that are withdrawn, or that somebody is correcting are left alone. May be called again after a
    crash, once `importing.settle_import` was.
    """
    at = now().replace(microsecond=0)
    with transaction() as session:
        plans = [
            plan
            for item_id, version_id in versions.items()
            if (plan := _accept(session.get_one(Item, item_id), session.get_one(Version, version_id), at)) is not None
        ]
    failpoint("revert:accepted")
    heads = place_plans(plans, at)
    failpoint("revert:placed")
    with transaction() as session:
        finish_many({plan.version_id: head for plan, head in zip(plans, heads, strict=True)}, at, actor, verb)
        following(session, {plan.item_id for plan in plans})
    db.session.expunge_all()


def _accept(item: Item, before: Version, at: datetime) -> Plan | None:
    current = item.current
    if current is None or item.withdrawn_at is not None or open_version(item.id) is not None:
        return None
    if says_the_same(current, before):
        return None
    as_revision = _originals(current) == _originals(before)
    version = Version(
        item=item,
        number=current.number + (0 if as_revision else 1),
        revision=current.revision + 1 if as_revision else 0,
        meta=dict(before.meta),
        schema_version=before.schema_version,
        state=VersionState.ACCEPTED,
        agreement=before.agreement,
    )
    db.session.add(version)
    version.files = [copy_file(file) for file in before.files]
    db.session.flush()
    files = {logical_path(file): Keep(file.digest) for file in version.files}
    return Plan(version.id, item.id, encode_record(describe_version(version, at)), dict(files))


def _originals(version: Version) -> set[str]:
    return {file.digest for file in version.files if file.role is FileRole.ORIGINAL}
