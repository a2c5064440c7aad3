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

Row = tuple[int, Any, bytes]
"""(id, datestamp as the driver gives it, the whole `<record>`)"""


def walk(position: Position, limit: int) -> Sequence[Row]:
    """The next `limit` kept records of a list."""
    connection = db.session.connection().connection.driver_connection
    assert connection is not None
    ds, id_ = position.after or (position.start, 0)
    named = {"prefix": position.prefix, "spec": position.spec, "id": id_, "limit": limit}
    statement = (bool(position.spec), position.after is not None, position.start is not None)
    rows: Sequence[Row]
    if db.engine.dialect.name == "sqlite":
        at = {"ds": _text(ds), "end": _text(position.end)}
        rows = connection.execute(_sql(":{}", *statement), {**named, **at}).fetchall()
    else:
        with connection.cursor(binary=True) as cursor:  # as text, each byte of a record is sent as two digits
            rows = cursor.execute(_sql("%({})s", *statement), {**named, "ds": ds, "end": position.end}).fetchall()
    return rows


def moment_of(row: Row) -> datetime:
    """The datestamp of a row."""
    at = row[1]
    return datetime.strptime(at, SQLITE_TIME).replace(tzinfo=UTC) if isinstance(at, str) else at.astimezone(UTC)


def _text(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime(SQLITE_TIME) if at else None


@cache
def _sql(style: str, in_set: bool, begun: bool, ranged: bool) -> str:
    """The statement in a driver's style of parameters."""
    text = (IN_SET if in_set else ALL).replace("{range}", BEGUN if begun else FROM if ranged else UNTIL)
    return text.format(**{name: style.format(name) for name in ("prefix", "spec", "ds", "id", "end", "limit")})
