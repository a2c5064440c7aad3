"""Which files anybody may read: written down when an item changes, in the same commit, never found out on request.

`items.access.may` decides for somebody without an account. What has an embargo is written down too, so that a daily
look finds the day on which it ends.
"""

from collections.abc import Collection as Several
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from oai.horizon import begin_stamping
from oai.resourcesync.models import BEGUN, Resource, ResourceChange, ResourcePackage
from repo.db import now
from repo.items.access import ANYBODY, Access, Action, FileRole, Reason, Target, may
from repo.items.models import Blob, File, Item, Version
from repo.items.projections import Change, ChangeKind
from repo.items.states import VersionState

STEP = 100
"""Items in a transaction."""

Key = tuple[str, int, str]
"""Item, version and name of a file: its address."""


@dataclass(frozen=True)
class Found:
    """A file that is open or will be, as `models.Resource` has it."""

    item_id: str
    number: int
    name: str
    ocfl_version: int
    digest: str
    size: int
    mime: str
    modified: datetime
    opens_on: date | None
    news: bool
    """Whether it is of the version that was published just now."""

    @property
    def key(self) -> Key:
        return self.item_id, self.number, self.name


class ResourceProjection:
    """Follows changed items. What `rebuild` restores is no news: a mirror compares its files with the list."""

    def in_transaction(self, session: Session, changes: Sequence[Change]) -> None:
        for told in dict.fromkeys(change.kind is not ChangeKind.REBUILT for change in changes):
            some = [one.item_id for one in changes if (one.kind is not ChangeKind.REBUILT) is told]
            follow_items(session, some, told=told)

    def after_commit(self, change: Change) -> None:
        """Nothing is left to do."""


def follow_items(session: Session, item_ids: Several[str], *, told: bool = True) -> None:
    """Write down what is open of these items now and, if `told`, what changed thereby."""
    at = begin_stamping(session)
    # Locked, so that two who look at an item at once do not both write what they see.
    session.execute(sa.select(Item.id).where(Item.id.in_(item_ids)).order_by(Item.id).with_for_update())
    query = sa.select(Resource).where(Resource.item_id.in_(item_ids))
    kept = {(row.item_id, row.number, row.name): row for row in session.scalars(query)}
    found = {file.key: file for file in _find_files(session, item_ids, now())}
    if told:
        found = {key: _dated(file, at, known=key in kept) for key, file in found.items()}
    gone = {key: row for key, row in kept.items() if key not in found or not _is_same(row, found[key])}
    new = {key: file for key, file in found.items() if key not in kept or key in gone}
    _remove(session, gone)
    ids = _add(session, new, {row.digest: row.sha256 for row in kept.values()})
    if told:
        _tell(session, gone, new, ids, at)


def open_due(session: Session, at: datetime) -> int:
    """Write down what an embargo does not keep closed any more, for some items. Returns for how many."""
    due = sa.select(Resource.item_id).where(Resource.opens_on <= at.date()).distinct().limit(STEP)
    item_ids = session.scalars(due).all()
    if item_ids:
        follow_items(session, item_ids)
    return len(item_ids)


def follow_all(session: Session, after: str) -> str | None:
    """Write down what is open of the next items after an id, for a house that is older than this table.

    Returns the id to go on after, None when all are done: from then on every change is told.
    """
    query = sa.select(Item.id).where(Item.current_id.is_not(None), Item.id > after).order_by(Item.id).limit(STEP)
    item_ids = session.scalars(query).all()
    if item_ids:
        follow_items(session, item_ids, told=False)
        return item_ids[-1]
    _begin(session, begin_stamping(session))
    return None


def has_begun(session: Session) -> bool:
    """Whether all items of the house are written down."""
    return session.scalar(sa.select(ResourceChange.id).where(ResourceChange.kind == BEGUN).limit(1)) is not None


def forget_before(session: Session, moment: datetime) -> None:
    """Forget changes before a moment. From then on all are still there, and that is said in their place."""
    oldest = session.scalar(sa.select(sa.func.min(ResourceChange.at)))
    if oldest is not None and oldest < moment:
        session.execute(sa.delete(ResourceChange).where(ResourceChange.at < moment))
        _begin(session, moment)


def forget_items(session: Session, item_ids: Several[str]) -> None:
    """Take items away as if they had never been here, without telling anybody."""
    for model in (Resource, ResourceChange):
        session.execute(sa.delete(model).where(model.item_id.in_(item_ids)))
    session.execute(sa.update(ResourcePackage).values(stale=True))


def _begin(session: Session, at: datetime) -> None:
    session.add(ResourceChange(at=at, kind=BEGUN, item_id="", number=0, name=""))
    session.flush()


def _dated(file: Found, at: datetime, *, known: bool) -> Found:
    """What is not open since it was published came to be for mirrors at the moment `at`."""
    return file if file.news and not known else replace(file, modified=at)


def _is_same(row: Resource, file: Found) -> bool:
    return row.digest == file.digest and row.opens_on == file.opens_on


def _remove(session: Session, gone: dict[Key, Resource]) -> None:
    ids = [row.id for row in gone.values()]
    for row in gone.values():
        session.expunge(row)
        if row.opens_on is None:
            holds = sa.and_(ResourcePackage.last >= row.id, ResourcePackage.first <= row.id)
            session.execute(sa.update(ResourcePackage).where(holds).values(stale=True))
    if ids:
        session.execute(sa.delete(Resource).where(Resource.id.in_(ids)))


def _add(session: Session, new: dict[Key, Found], known: dict[str, str | None]) -> dict[Key, int]:
    """Insert resources and return their ids; `known` are SHA-256 by SHA-512, of bytes that were read before."""
    if not new:
        return {}
    rows = [asdict(file) | {"sha256": known.get(file.digest)} for file in new.values()]
    for row in rows:
        del row["news"]
    session.execute(sa.insert(Resource), rows)
    items = {file.item_id for file in new.values()}
    query = sa.select(Resource.id, Resource.item_id, Resource.number, Resource.name)
    found = session.execute(query.where(Resource.item_id.in_(items)))
    return {(row.item_id, row.number, row.name): row.id for row in found}


def _tell(
    session: Session, gone: dict[Key, Resource], new: dict[Key, Found], ids: dict[Key, int], at: datetime
) -> None:
    before = {key for key, row in gone.items() if row.opens_on is None}
    after = {key for key, file in new.items() if file.opens_on is None}
    changes: list[dict[str, Any]] = []
    for key in sorted(before | after):
        kind = "updated" if key in before & after else "created" if key in after else "deleted"
        item_id, number, name = key
        changes.append(
            {
                "at": at,
                "kind": kind,
                "resource_id": ids[key] if key in after else None,
                "item_id": item_id,
                "number": number,
                "name": name,
            }
        )
    if changes:
        session.execute(sa.insert(ResourceChange), changes)


def _find_files(session: Session, item_ids: Several[str], at: datetime) -> list[Found]:
    """The original files of all public versions that are open or will be."""
    found = []
    for row in session.execute(_public_files(item_ids)):
        target = Target(
            library_id=row.library_id,
            state=row.state,
            withdrawn=row.withdrawn_at is not None,
            access=row.file_access or row.access or Access.OPEN,
            until=row.until if row.file_access else row.embargo_until,
            role=row.role,
        )
        decision = may(ANYBODY, frozenset(), Action.READ, target, at)
        waits = decision.reason is Reason.EMBARGOED and decision.until is not None
        if decision.allowed or waits:
            found.append(
                Found(
                    item_id=row.id,
                    number=row.number,
                    name=row.name,
                    ocfl_version=row.ocfl_version or 1,
                    digest=row.digest,
                    size=row.size,
                    mime=row.mime or "application/octet-stream",
                    modified=row.published,
                    opens_on=decision.until.date() if decision.until else None,
                    news=row.published == row.changed_at,
                )
            )
    return found


def _public_files(item_ids: Several[str]) -> sa.Select[*tuple[Any, ...]]:
    first = sa.orm.aliased(Version)
    # As a value of its own, so that SQLite does not take the index of it: nearly every version is published.
    state = Version.state.concat("")
    published = (
        sa.select(sa.func.min(first.published_at))
        .where(first.item_id == Version.item_id, first.number == Version.number)
        .correlate(Version)
        .scalar_subquery()
    )
    item = (Item.id, Item.library_id, Item.changed_at, Item.withdrawn_at, Item.access, Item.embargo_until)
    version = (Version.number, Version.state, Version.ocfl_version, published.label("published"))
    file = (File.name, File.role, File.access.label("file_access"), File.until, File.digest, Blob.size, Blob.mime)
    return (
        sa.select(*item, *version, *file)
        .join(Version, Version.item_id == Item.id)
        .join(File, File.version_id == Version.id)
        .join(Blob, Blob.digest == File.digest)
        .where(Item.id.in_(item_ids), Version.latest, state == VersionState.PUBLISHED)
        .where(File.role == FileRole.ORIGINAL)
    )
