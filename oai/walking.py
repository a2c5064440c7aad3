"""Walking along the kept records of a format: one page at a time, by keyset, at the same cost at any depth.

The driver is asked itself. Between it and a page of a hundred records SQLAlchemy takes as long as the database, and the
page is nearly all that a harvest costs (docs/figures.md).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from oai.resumption import Position
from repo.db import db

# Along an index of its own, in the order of (datestamp, id).
ALL = "SELECT id, ds, body FROM oai_payload WHERE prefix = {prefix} AND {range} ORDER BY ds, id LIMIT {limit}"

# A query of its own for each body: joined, PostgreSQL reads the whole table while it knows nothing of it.
IN_SET = """
SELECT id, ds, (SELECT body FROM oai_payload p WHERE p.prefix = {prefix} AND p.id = m.id)
FROM oai_set_member m WHERE spec = {spec} AND {range} ORDER BY ds, id LIMIT {limit}
"""

BEGUN = "(ds, id) > ({ds}, {id}) AND ds <= {end}"
FROM = "ds >= {ds} AND ds <= {end}"
UNTIL = "ds <= {end}"

SQLITE_TIME = "%Y-%m-%d %H:%M:%S.%f"
"""As SQLAlchemy writes a DateTime there."""

WHOLE = "SELECT whole FROM oai_format WHERE prefix = {prefix}"

Row = tuple[int, Any, bytes]
"""(id, datestamp as the driver gives it, the whole `<record>`)"""


def is_whole(prefix: str) -> bool:
    """Whether every record is kept in a format."""
    found = _ask(WHOLE, {"prefix": prefix})
    return bool(found and found[0][0])


def walk(position: Position, limit: int) -> Sequence[Row]:
    """The next `limit` kept records of a list."""
    ds, id_ = position.after or (position.start, 0)
    statement = IN_SET if position.spec else ALL
    span = BEGUN if position.after else UNTIL if position.start is None else FROM
    named = {"prefix": position.prefix, "spec": position.spec, "ds": ds, "id": id_, "end": position.end, "limit": limit}
    return _ask(statement.replace("{range}", span), named)


def _ask(statement: str, named: dict[str, Any]) -> Sequence[Any]:
    connection = db.session.connection().connection.driver_connection
    assert connection is not None
    rows: Sequence[Any]
    if db.engine.dialect.name == "sqlite":
        times = {name: _text(value) for name, value in named.items() if isinstance(value, datetime)}
        rows = connection.execute(_sql(statement, ":{}"), {**named, **times}).fetchall()
    else:
        with connection.cursor(binary=True) as cursor:  # as text, each byte of a record is sent as two digits
            rows = cursor.execute(_sql(statement, "%({})s"), named).fetchall()
    return rows


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
