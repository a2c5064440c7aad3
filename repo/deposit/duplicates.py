"""Works that are probably here already: a warning for the depositor, never an obstacle."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from repo.db import db
from repo.items.access import Actor
from repo.items.likeness import folds_of
from repo.items.metadata import Metadata, read_metadata
from repo.items.models import File, Identifier, Item, Version
from repo.items.rights import is_public
from repo.items.states import VersionState
from repo.items.traits import Likeness, traits_of

SHOWN = 5


@dataclass(frozen=True)
class Duplicate:
    """Another work: published, or a draft of the actor's own."""

    item_id: str
    title: str
    year: int | None
    likeness: Likeness
    published: bool


def find_duplicates(actor: Actor, version: Version) -> list[Duplicate]:
    """Return the works that `version` probably repeats: at most a few, only such as the actor may see."""
    metadata = read_metadata(version.meta)
    found: dict[str, Likeness] = {}
    for likeness, condition in _conditions(version, metadata):
        rows = db.session.scalars(
            sa.select(Item.id).where(Item.id != version.item_id, _may_be_told(actor), condition).limit(SHOWN)
        )
        for item_id in rows:
            found.setdefault(item_id, likeness)
    return _describe(dict(list(found.items())[:SHOWN]))


def _conditions(version: Version, metadata: Metadata) -> Iterable[tuple[Likeness, sa.ColumnElement[bool]]]:
    traits = traits_of(metadata)
    if traits.numbers:
        pairs = sa.or_(*(sa.and_(Identifier.scheme == s, Identifier.value == value) for s, value in traits.numbers))
        yield Likeness.IDENTIFIER, Item.id.in_(sa.select(Identifier.item_id).where(pairs))
    digests = [file.digest for file in version.files]
    if digests:
        same = sa.select(Version.item_id).join(File).where(File.digest.in_(digests))
        yield Likeness.FILE, Item.id.in_(same)
    folds = folds_of(traits)
    if folds:
        same_year = sa.true() if metadata.year is None else sa.or_(Item.year.is_(None), Item.year == metadata.year)
        yield Likeness.TITLE, sa.and_(Item.title_fold.in_(folds), same_year)


def _may_be_told(actor: Actor) -> sa.ColumnElement[bool]:
    """What is public, and the actor's own drafts; nobody learns of another's draft by uploading its file."""
    own = sa.false() if actor.person_id is None else Item.depositor_id == actor.person_id
    return sa.or_(is_public(), sa.and_(own, Item.withdrawn_at.is_(None)))


def _describe(found: dict[str, Likeness]) -> list[Duplicate]:
    if not found:
        return []
    items = db.session.scalars(sa.select(Item).where(Item.id.in_(found))).all()
    drafts = {
        version.item_id: read_metadata(version.meta)
        for version in db.session.scalars(
            sa.select(Version).where(
                Version.item_id.in_([item.id for item in items if item.current_id is None]),
                Version.state != VersionState.PUBLISHED,
            )
        )
    }
    told = [
        Duplicate(
            item_id=item.id,
            title=item.title or drafts.get(item.id, Metadata()).title().value,
            year=item.year or drafts.get(item.id, Metadata()).year,
            likeness=found[item.id],
            published=item.current_id is not None,
        )
        for item in items
    ]
    return sorted(told, key=lambda duplicate: list(found).index(duplicate.item_id))
