"""Counting what was viewed and downloaded."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from repo.db import db, now, transaction
from repo.settings import current_settings
from repo.statistics.models import UsageEvent, UsageLog, UsageTotal
from repo.statistics.recorder import Kind, Visitor

SETTLED = timedelta(seconds=90)
"""After this long nobody writes to the log of a minute any more."""

COLUMNS = ("at", "kind", "item_id", "version", "file", "visitor", "network", "session", "bytes")
SESSION_KEPT = timedelta(hours=24)


def count_logs() -> int:
    """Move the events of finished logs into the table, a log a transaction. Returns how many events."""
    counted = 0
    for path in finished_logs(current_settings().usage_dir, now()):
        events = list(_read_events(path))
        with transaction():
            if db.session.get(UsageLog, path.name) is None:
                db.session.add(UsageLog(name=path.name, counted_at=now()))
                _add_events(events)
                counted += len(events)
        path.unlink(missing_ok=True)
    return counted


def forget_sessions() -> None:
    """Take the hashes off events of more than 24 hours ago: they were for double clicks only."""
    before = now() - SESSION_KEPT
    with transaction():
        db.session.execute(
            sa.update(UsageEvent)
            .where(UsageEvent.at < before, UsageEvent.at > before - timedelta(days=3), UsageEvent.session.is_not(None))
            .values(session=None)
        )
        db.session.execute(sa.delete(UsageLog).where(UsageLog.counted_at < before))


def finished_logs(folder: Path, at: datetime) -> list[Path]:
    """The logs that nobody writes to any more, oldest first."""
    newest = f"{at - SETTLED:%Y%m%d%H%M}"
    return sorted(path for path in folder.glob("*.log") if path.name.split("-")[0] <= newest)


def usage_of_item(item_id: str) -> dict[Kind, int]:
    """How often people viewed and downloaded an item; robots and harvesters are left out."""
    rows = db.session.execute(sa.select(UsageTotal.kind, UsageTotal.count).where(UsageTotal.item_id == item_id))
    counts = {Kind(kind): count for kind, count in rows}
    return {kind: counts.get(kind, 0) for kind in Kind}


def _add_events(events: list[dict[str, Any]]) -> None:
    if not events:
        return
    db.session.execute(sa.insert(UsageEvent), events)
    by_people = Counter((e["item_id"], e["kind"]) for e in events if e["visitor"] == Visitor.PERSON.value)
    for (item_id, kind), count in by_people.items():
        total = db.session.get(UsageTotal, (item_id, kind))
        if total is None:
            total = UsageTotal(item_id=item_id, kind=kind, count=0)
            db.session.add(total)
        total.count += count


def _read_events(path: Path) -> Iterator[dict[str, Any]]:
    """The events of a log; a line cut by a crash is passed over."""
    for line in path.read_bytes().splitlines():
        try:
            event = dict(zip(COLUMNS, json.loads(line), strict=True))
            event["at"] = datetime.fromisoformat(event["at"])
        except (ValueError, TypeError):
            continue
        yield event
