"""Lists to walk through without a question: newest, by type, year, language, library, collection, name, subject, title.

Every list is read by keyset along an index, so that a page costs the same at any depth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from repo.db import db
from repo.errors import NotFoundError
from repo.items.models import Heading, Item, ItemCollection
from repo.items.rights import is_public, with_files
from repo.members.models import Collection, Library, LibraryStatus
from repo.web.collation import sort_key
from repo.web.paging import Cursor, Page, load_page, read_cursor, write_cursor

PAGE = 20
HEADINGS = 60
OLDEST = -5000  # years: older than any writing


@dataclass(frozen=True)
class HeadingRow:
    """A name or subject with the number of its items; `fold` is its address."""

    text: str
    fold: str
    count: int


def newest_items(cursor: str = "", *conditions: sa.ColumnElement[bool], size: int = PAGE) -> Page[Item]:
    """Public items that meet the conditions, the newest first."""
    query = sa.select(Item).where(is_public(), *conditions).options(*with_files())
    return load_page(db.session(), query, [Item.published_at, Item.id], cursor, size=size, descending=True)


def items_by_title(cursor: str = "", letter: str = "") -> Page[Item]:
    """Public items in the order of their titles, beginning at a letter."""
    query = sa.select(Item).where(is_public()).options(*with_files())
    if letter:
        query = query.where(Item.title_sort >= sort_key(letter))
    return load_page(db.session(), query, [Item.title_sort, Item.id], cursor, size=PAGE)


def items_of_heading(kind: str, fold: str, cursor: str = "") -> tuple[str, Page[Item]]:
    """The heading's text and its public items, newest first. Raises NotFoundError."""
    text = db.session.scalar(sa.select(Heading.text).where(Heading.kind == kind, Heading.fold == fold).limit(1))
    if text is None:
        raise NotFoundError()
    has_heading = sa.exists().where(Heading.item_id == Item.id, Heading.kind == kind, Heading.fold == fold)
    return text, newest_items(cursor, has_heading)


def list_headings(kind: str, cursor: str = "", letter: str = "") -> Page[HeadingRow]:
    """Names or subjects in Kyrgyz order with the number of their items, from a letter on."""
    here = read_cursor(cursor, (str, str))
    back = here is not None and here.back
    columns = (Heading.sort_key, Heading.fold)
    query = (
        sa.select(
            sa.func.min(Heading.text), Heading.fold, sa.func.count(sa.distinct(Heading.item_id)), Heading.sort_key
        )
        .where(Heading.kind == kind)
        .group_by(*columns)
        .order_by(*(column.desc() if back else column for column in columns))
        .limit(HEADINGS + 1)
    )
    if letter:
        query = query.where(Heading.sort_key >= sort_key(letter))
    if here is not None:
        key = sa.tuple_(*columns)
        at = sa.tuple_(*(sa.literal(value, column.type) for value, column in zip(here.keys, columns, strict=True)))
        query = query.where(key < at if back else key > at)
    return _heading_page(db.session.execute(query).all(), here)


def _heading_page(found: Sequence[sa.Row[str, str, int, str]], here: Cursor | None) -> Page[HeadingRow]:
    back = here is not None and here.back
    more, found = len(found) > HEADINGS, found[:HEADINGS]
    if not found:
        return Page(())
    if back:
        found = found[::-1]
    before = write_cursor(Cursor((found[0][3], found[0][1]), back=True))
    after = write_cursor(Cursor((found[-1][3], found[-1][1])))
    rows = [HeadingRow(text, fold, count) for text, fold, count, _ in found]
    return Page(rows, before if (more if back else here is not None) else "", after if back or more else "")


def years_with_items() -> list[int]:
    """The years of public items, newest first: one step along the index for each, not one for each item."""
    first = sa.select(sa.func.max(Item.year)).where(Item.year > OLDEST, is_public()).scalar_subquery()
    years = sa.select(first.label("year")).cte("years", recursive=True)
    following = sa.select(sa.func.max(Item.year)).where(Item.year < years.c.year, is_public()).scalar_subquery()
    years = years.union_all(sa.select(following).where(years.c.year.is_not(None)))
    return [year for year in db.session.scalars(sa.select(years.c.year)) if year is not None]


def types_with_items(codes: Sequence[str]) -> set[str]:
    """Those of the types that some public item has: a look at the index for each."""
    some = sa.union_all(
        *(sa.select(sa.select(Item.type).where(Item.type == c, is_public()).limit(1).subquery()) for c in codes)
    )
    return set(db.session.scalars(some))


def libraries_by_name() -> Sequence[Library]:
    """Member libraries, in Kyrgyz order; those that were closed or merged are found by their address only."""
    query = sa.select(Library).where(Library.status == LibraryStatus.ACTIVE).order_by(Library.sort_name, Library.id)
    return db.session.scalars(query).all()


def find_library(code: str) -> Library:
    """Raises NotFoundError."""
    library = db.session.scalar(sa.select(Library).where(Library.code == code))
    if library is None:
        raise NotFoundError()
    return library


def find_collection(code: str) -> Collection:
    """Raises NotFoundError."""
    collection = db.session.scalar(sa.select(Collection).where(Collection.code == code))
    if collection is None:
        raise NotFoundError()
    return collection


def collections_below(library: Library, parent: Collection | None = None) -> Sequence[Collection]:
    """The collections of a library, or those directly below one of them, in Kyrgyz order."""
    query = sa.select(Collection).where(Collection.library_id == library.id)
    query = query.where(Collection.parent_id == (parent.id if parent else None))
    return db.session.scalars(query.order_by(Collection.sort_name, Collection.id)).all()


def in_collection(collection: Collection) -> sa.ColumnElement[bool]:
    """The filter of items that stand in a collection or below it, or are shown in it."""
    below = sa.select(Collection.id).where(Collection.path.startswith(collection.path, autoescape=True))
    shown = sa.exists().where(ItemCollection.item_id == Item.id, ItemCollection.collection_id.in_(below))
    return sa.or_(Item.collection_id.in_(below), shown)
