"""No question to the database may read a whole table that grows with the repository: SQLite tells how it would answer.

Every statement of the product that a test asks is explained once (https://www.sqlite.org/eqp.html), without the
statistics that a large house has: the worst case, which a house is in while its first load comes in.
"""

import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy.engine import Connection

ROOT = Path(__file__).resolve().parents[2]
ROOMS = tuple(str(ROOT / room) + "/" for room in ("repo", "oai", "ingest"))

GROWING = (
    "item version file blob page event heading identifier address item_collection upload oai_record oai_payload"
    " oai_set_member resource resource_change usage_event load_row load_file harvest_record"
)
SCAN = re.compile(rf"SCAN ({'|'.join(GROWING.split())})(_\d+)?$")
LIST = re.compile(r"\(\?(, \?)+\)")

ALLOWED = {
    "repo/search/services/indexing.py:_remove_strangers": "once a rebuild of the index or a day",
    "repo/admin/metrics.py:_count_rows": "at most once a minute, whoever asks",
    "repo/admin/backup.py:_count_items": "once a backup",
    "repo/members/services/accounts.py:forget_unconfirmed": "a person goes, seldom: the histories are looked through",
}
"""Where a whole table is read, and why it may be."""


class Plans:
    """What was asked so far in this process, and which of it reads whole tables."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self.scans: list[str] = []

    def look(
        self, connection: Connection, _cursor: object, statement: str, values: Any, _context: object, many: bool
    ) -> None:
        """Listener for `before_cursor_execute`."""
        if connection.dialect.name != "sqlite" or not statement.startswith(("SELECT", "UPDATE", "DELETE")):
            return
        shape = LIST.sub("(?)", statement)
        if shape in self._seen:
            return
        self._seen.add(shape)
        asker = _asker(sys._getframe())
        if asker is None or asker in ALLOWED:
            return
        raw: Any = connection.connection.driver_connection
        plan = raw.execute(f"EXPLAIN QUERY PLAN {statement}", values[0] if many else values).fetchall()
        if found := [row[3] for row in plan if SCAN.match(row[3])]:
            self.scans.append(f"{asker}: {', '.join(found)}: {' '.join(shape.split())}")


def _asker(frame: FrameType | None) -> str | None:
    """The function of the product that asks; None where a test or a migration does."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(ROOMS) and not name.endswith(("repo/db.py", "repo/web/paging.py")):
            return f"{Path(name).relative_to(ROOT)}:{frame.f_code.co_name}"
        if name.startswith(str(ROOT / "tests")) or "/migrations/" in name:
            return None
        frame = frame.f_back
    return None
