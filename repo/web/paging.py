"""Pages of long lists by key, never by number: a page costs the same at the start and a million rows on.

A cursor is the key of the row where a page begins or ends, and the direction. It lies open in addresses, so
it is read as hostile text: whatever does not fit is the first page, never an error.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import InstrumentedAttribute, Session

Key = str | int | datetime
T = TypeVar("T")

CURSOR_LIMIT = 1000  # a sort key of 240 characters and an id need a third of it


@dataclass(frozen=True)
class Cursor:
    """The rows after `keys`, or before them when `back`."""

    keys: tuple[Key, ...]
    back: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows of one page, with the cursors of the pages beside it; "" where there is none."""

    rows: Sequence[T]
    before: str = ""
    after: str = ""


def write_cursor(cursor: Cursor) -> str:
    keys = [key.isoformat() if isinstance(key, datetime) else key for key in cursor.keys]
    text = json.dumps([int(cursor.back), *keys], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str, kinds: Sequence[type]) -> Cursor | None:
    """Return the cursor that `text` holds if its keys are of `kinds` (str, int, datetime); else None."""
    if not text or len(text) > CURSOR_LIMIT:
        return None
    try:
        back, *values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
        keys = tuple(_read_key(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, TypeError, RecursionError):
        return None
    return Cursor(keys, back == 1)


def _read_key(value: object, kind: type) -> Key:
    """Return `value` as a key of `kind`. Raises ValueError for what a database would choke on."""
    if kind is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if kind is int and type(value) is int and abs(value) < 2**63:
        return value
    if kind is str and isinstance(value, str) and value.isprintable():
        return value
    raise ValueError(value)


def load_page(
    session: Session,
    query: sa.Select[T],
    order: Sequence[InstrumentedAttribute[Any]],
    cursor: str = "",
    *,
    size: int = 20,
    descending: bool = False,
) -> Page[T]:
    """Load one page of `query`, ordered by the columns `order`, all in one direction.

    `query` selects one thing a row and has no order of its own. The columns must be NOT NULL, the last of
    them unique, and an index must begin with them: then a page costs `size` + 1 rows wherever it lies.
    """
    here = read_cursor(cursor, [_kind(column.type) for column in order])
    back = here is not None and here.back
    downwards = descending != back
    statement = query.add_columns(*order).limit(size + 1)
    statement = statement.order_by(*(column.desc() if downwards else column.asc() for column in order))
    if here is not None:
        row = sa.tuple_(*order)
        keys = sa.tuple_(*(sa.literal(key, column.type) for key, column in zip(here.keys, order, strict=True)))
        statement = statement.where(row < keys if downwards else row > keys)
    found = session.execute(statement).all()
    more, found = len(found) > size, found[:size]
    if not found:
        return Page(())
    if back:
        found = found[::-1]
    return Page(
        [row[0] for row in found],
        before=_cursor_at(found[0], back=True) if (more if back else here is not None) else "",
        after=_cursor_at(found[-1]) if back or more else "",
    )


def _kind(type_: sa.types.TypeEngine[Any]) -> type:
    """Return what Python makes of a column; our UTC times are a type around SQLAlchemy's."""
    return (type_.impl_instance if isinstance(type_, sa.TypeDecorator) else type_).python_type


def _cursor_at(row: sa.Row[Any, Any], back: bool = False) -> str:
    return write_cursor(Cursor(tuple(row[1:]), back))


def page_href(cursor: str) -> str:
    """Return the address of this list at `cursor`, everything else in its query kept; "" for no cursor."""
    if not cursor:
        return ""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in ("page", "lang")]
    return "?" + urlencode([*kept, ("page", cursor)])
