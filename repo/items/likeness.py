"""Public works that are probably the same as some that come in, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from repo.db import db
from repo.items.models import File, Identifier, Item, Version
from repo.items.rights import is_public
from repo.items.traits import Likeness, Traits
from repo.web.folding import fold_text


@dataclass(frozen=True)
class Alike:
    item_id: str
    likeness: Likeness


def find_alike(works: Sequence[Traits]) -> list[Alike | None]:
    """Return for each of some hundred works one that is public here and probably the same, None where none is.

    An identifier counts more than a file, and a file more than a title. Years differ only where both are known.
    """
    by_number = _find_numbers({number for work in works for number in work.numbers})
    by_digest = _find_files({digest for work in works for digest in work.digests})
    by_title = _find_titles({fold for work in works for fold in folds_of(work)})
    return [_first_alike(work, by_number, by_digest, by_title) for work in works]


def folds_of(work: Traits) -> list[str]:
    """The titles of a work as they are compared."""
    return [fold for title in work.titles if (fold := fold_text(title))]


def _first_alike(
    work: Traits,
    by_number: dict[tuple[str, str], str],
    by_digest: dict[str, str],
    by_title: dict[str, list[tuple[str, int | None]]],
) -> Alike | None:
    for number in work.numbers:
        if number in by_number:
            return Alike(by_number[number], Likeness.IDENTIFIER)
    for digest in work.digests:
        if digest in by_digest:
            return Alike(by_digest[digest], Likeness.FILE)
    for fold in folds_of(work):
        for item_id, year in by_title.get(fold, ()):
            if work.year is None or year is None or work.year == year:
                return Alike(item_id, Likeness.TITLE)
    return None


def _find_numbers(numbers: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for scheme in sorted({scheme for scheme, _value in numbers}):
        values = [value for of, value in numbers if of == scheme]
        query = sa.select(Identifier.value, Identifier.item_id).join(Item, Identifier.item_id == Item.id)
        rows = db.session.execute(query.where(Identifier.scheme == scheme, Identifier.value.in_(values), is_public()))
        found |= {(scheme, value): item_id for value, item_id in rows}
    return found


def _find_files(digests: set[str]) -> dict[str, str]:
    if not digests:
        return {}
    query = sa.select(File.digest, Version.item_id).join(Version, File.version_id == Version.id)
    query = query.join(Item, Version.item_id == Item.id).where(File.digest.in_(digests), Version.latest, is_public())
    return {row.digest: row.item_id for row in db.session.execute(query)}


def _find_titles(folds: set[str]) -> dict[str, list[tuple[str, int | None]]]:
    found: dict[str, list[tuple[str, int | None]]] = {}
    if folds:
        query = sa.select(Item.title_fold, Item.id, Item.year).where(Item.title_fold.in_(folds), is_public())
        for fold, item_id, year in db.session.execute(query.order_by(Item.id)):
            found.setdefault(fold or "", []).append((item_id, year))
    return found
