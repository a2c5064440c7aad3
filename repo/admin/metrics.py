"""For monitoring.

/metrics    what the house counts, in the text format of Prometheus (0.0.4); nothing about anybody
"""

import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock

import sqlalchemy as sa
from flask import Blueprint, Response, current_app

from repo.db import db, now
from repo.items.models import Item
from repo.jobs import queue
from repo.jobs.models import Job, JobState
from repo.jobs.services import count_jobs
from repo.settings import current_settings

bp = Blueprint("metrics", __name__)

KEPT_SECONDS = 15
"""Rows are counted at most that often, whoever asks."""


@bp.route("/metrics")
def metrics() -> Response:
    lines = [line for name, kind, text, values in _measure() for line in _describe(name, kind, text, values)]
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


@bp.after_app_request
def count_request(response: Response) -> Response:
    with suppress(OSError):  # the disk is full: a request is answered also if nobody can count it
        _counters().add(response.status_code // 100)
    return response


Values = dict[str, float]
"""What stands between braces → the number."""
Measure = tuple[str, str, str, Values]
"""Name, type, what it is, values."""


def _describe(name: str, kind: str, text: str, values: Values) -> Iterator[str]:
    yield f"# HELP muras_{name} {text}"
    yield f"# TYPE muras_{name} {kind}"
    for labels, value in values.items():
        yield f"muras_{name}{f'{{{labels}}}' if labels else ''} {value:g}"


def _measure() -> Iterator[Measure]:
    answers = {f'status="{number}xx"': float(count) for number, count in _counters().totals().items()}
    yield "requests_total", "counter", "Requests answered, by the first digit of the status.", answers
    yield from _count_rows()
    yield "queue_messages", "gauge", "Messages that wait for a thread of the worker.", {"": queue().size()}


def _count_rows() -> list[Measure]:
    """Count in the database, or say what was counted a moment ago."""
    kept: tuple[datetime, list[Measure]] | None = current_app.extensions.get("muras.metrics.rows")
    if kept is not None and abs((now() - kept[0]).total_seconds()) < KEPT_SECONDS:
        return kept[1]
    jobs: Values = {f'state="{state}"': number for state, number in count_jobs().items()}
    oldest = db.session.scalar(sa.select(sa.func.min(Job.run_at)).where(Job.state == JobState.QUEUED))
    late = max(0.0, (now() - oldest).total_seconds()) if oldest else 0.0
    public = db.session.scalar(sa.select(sa.func.count()).select_from(Item).where(Item.current_id.is_not(None)))
    counted: list[Measure] = [
        ("jobs", "gauge", "Jobs by state; those that ended are forgotten after a week, failed ones later.", jobs),
        ("jobs_oldest_due_seconds", "gauge", "How long the oldest job that is due has waited.", {"": late}),
        ("items_public", "gauge", "Works that have been published.", {"": float(public or 0)}),
    ]
    current_app.extensions["muras.metrics.rows"] = (now(), counted)
    return counted


# ---------------------------------------------------------------- counters of several processes

SLOTS = 256
STATUSES = (1, 2, 3, 4, 5)
SLOT = struct.Struct(f"<q{len(STATUSES)}Q")  # who writes here, and the counters


class Counters:
    """Numbers that all web processes add to, each in a slot of its own of one small file, without waiting.

    The numbers of a process that ended stay; its slot is given to the next one, which goes on from there. After a
    power cut the file may lie a little behind, which a monitoring program takes for a restart.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._process = 0
        self._slot = 0
        self._memory: mmap.mmap | None = None

    def add(self, status: int) -> None:
        with self._lock:
            memory = self._open()
            if status in STATUSES:
                process, *numbers = SLOT.unpack_from(memory, self._slot)
                numbers[STATUSES.index(status)] += 1
                SLOT.pack_into(memory, self._slot, process, *numbers)

    def totals(self) -> dict[int, int]:
        with self._lock:
            memory = self._open()
            columns = list(zip(*SLOT.iter_unpack(memory[:]), strict=True))[1:]
        return {status: sum(column) for status, column in zip(STATUSES, columns, strict=True)}

    def _open(self) -> mmap.mmap:
        if self._memory is None or self._process != os.getpid():
            with self._path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                # Room is taken now: to write where a full disk has none would end the process (SIGBUS, mmap(2)).
                os.posix_fallocate(file.fileno(), 0, SLOTS * SLOT.size)
                self._memory = mmap.mmap(file.fileno(), SLOTS * SLOT.size)
                self._process = os.getpid()
                self._slot = self._take_slot(self._memory)
                # The mapping keeps the file open, and the lock with it, unless it is given back.
                fcntl.flock(file, fcntl.LOCK_UN)
        return self._memory

    def _take_slot(self, memory: mmap.mmap) -> int:
        for offset in range(0, len(memory), SLOT.size):
            process, *numbers = SLOT.unpack_from(memory, offset)
            if not process or process == self._process or not Path(f"/proc/{process}").exists():
                SLOT.pack_into(memory, offset, self._process, *numbers)
                return offset
        return len(memory) - SLOT.size  # so many processes share one slot and may miss a count


def _counters() -> Counters:
    found: Counters | None = current_app.extensions.get("muras.metrics.requests")
    if found is None:
        found = Counters(current_settings().data_dir / "requests.count")
        current_app.extensions["muras.metrics.requests"] = found
    return found
