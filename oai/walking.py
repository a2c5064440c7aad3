"""Walking along the kept records of a format: one page at a time, by keyset, at the same cost at any depth.

The driver is asked itself, without a session. Between it and a page of a hundred records SQLAlchemy takes as long as
the database, and the page is nearly all that a harvest costs (docs/figures.md).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from oai.resumption import Position
from repo.db import db

WHOLE = "SELECT whole FROM oai_format WHERE prefix = {prefix}"
"""Whether every record is kept in a format; asked with the page, and alone only when that is empty."""

# Along an index of its own, in the order of (datestamp, id).
ALL = """
SELECT id, ds, body FROM oai_payload WHERE prefix = {prefix} AND {range} AND ({whole}) ORDER BY ds, id LIMIT {limit}
""".replace("{whole}", WHOLE)

# A query of its own for each body: joined, PostgreSQL reads the whole table while it knows nothing of it.
IN_SET = """
SELECT id, ds, (SELECT body FROM oai_payload p WHERE p.prefix = {prefix} AND p.id = m.id)
FROM oai_set_member m WHERE spec = {spec} AND {range} AND ({whole}) ORDER BY ds, id LIMIT {limit}
""".replace("{whole}", WHOLE)

BEGUN = "(ds, id) > ({ds}, {id}) AND ds <= {end}"
FROM = "ds >= {ds} AND ds <= {end}"
UNTIL = "ds <= {end}"

SQLITE_TIME = "%Y-%m-%d %H:%M:%S.%f"
"""As SQLAlchemy writes a DateTime there."""

Row = tuple[int, Any, bytes]
"""(id, datestamp as the driver gives it, the whole `<record>`)"""


Ask = Callable[[str, dict[str, Any]], Sequence[Any]]
"""Asks a statement with named values; every row of the answer."""


def walk(position: Position, limit: int) -> Sequence[Row] | None:
    """The next `limit` records of a list; None while not every record is kept in its format."""
    ds, id_ = position.after or (position.start, 0)
    statement = IN_SET if position.spec else ALL
    span = BEGUN if position.after else UNTIL if position.start is None else FROM
    named = {"prefix": position.prefix, "spec": position.spec, "ds": ds, "id": id_, "end": position.end, "limit": limit}
    with _asking() as ask:
        if page := ask(statement.replace("{range}", span), named):
            return page
        found = ask(WHOLE, {"prefix": position.prefix})
        return [] if found and found[0][0] else None


@contextmanager
def _asking() -> Iterator[Ask]:
    """A connection of the pool, each statement a transaction of its own."""
    with closing(db.engine.raw_connection()) as pooled:
        connection: Any = pooled.driver_connection
        if db.engine.dialect.name == "sqlite":
            yield lambda statement, named: connection.execute(
                _sql(statement, ":{}"),
                {name: _text(value) if isinstance(value, datetime) else value for name, value in named.items()},
            ).fetchall()
        else:
            connection.autocommit = True  # a page is one way there and back, not three
            try:
                with connection.cursor(binary=True) as cursor:  # as text, each byte of a record is sent as two digits
                    yield lambda statement, named: cursor.execute(_sql(statement, "%({})s"), named).fetchall()
            finally:
                if not connection.closed:
                    connection.autocommit = False


def key_of_row(row: Row) -> tuple[datetime, int]:
    """(datestamp, id), after which a list goes on."""
    id_, at, _body = row
    return datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at.astimezone(UTC), id_


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime(SQLITE_TIME)


@cache
def _sql(statement: str, style: str) -> str:
    """The statement in a driver's style of parameters."""
    return statement.format(**{name: style.format(name) for name in ("prefix", "spec", "ds", "id", "end", "limit")})
