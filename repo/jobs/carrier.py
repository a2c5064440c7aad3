"""The embedded queue: huey's storage in an SQLite file of its own, and the threads that empty it.

Of huey only the storage is used. Its tasks would write twice to the file for each job (results, revocations) and
pickle what they carry, and huey loses what a killed worker was doing all the same: that is why the rows are ours.
"""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import TypeVar

from repo.errors import is_disk_full
from repo.processes import without_module

# huey loads the drivers of all databases that it knows: 5 MB for one of which this queue has no use.
with without_module("psycopg"):
    from huey.storage import SqliteStorage

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""How long a message may lie before a thread that has nothing to do looks for it."""

LONGEST_PAUSE = 10.0
"""Seconds between two attempts of a thread that meets nothing but errors: the disk is full, the database away."""

T = TypeVar("T")


class _Storage(SqliteStorage):
    def _set_journal_mode(self, conn: sqlite3.Connection) -> None:
        """The last thing that huey does to a connection before it keeps it."""
        try:
            super()._set_journal_mode(conn)
            # The newest messages may be lost with the power, the file stays whole (https://www.sqlite.org/wal.html).
            conn.execute("PRAGMA synchronous=NORMAL")
        except BaseException:  # the file is damaged, and nobody else knows of the connection
            conn.close()
            raise


class FileQueue:
    """A queue in the file `path`, which may be deleted at any time: it is made again and filled by `reconcile`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._storage: SqliteStorage | None = None
        self._inode = 0

    def send(self, job_id: int, priority: int = 0) -> None:
        self._use(lambda storage: storage.enqueue(str(job_id).encode(), priority))

    def receive(self) -> int | None:
        """Take the next message; None: there is none."""
        message = self._use(lambda storage: storage.dequeue())
        return int(bytes(message)) if message is not None else None

    def size(self) -> int:
        return int(self._use(lambda storage: storage.queue_size()))

    def consume(self, run: Callable[[int], object], threads: int) -> "QueueThreads":
        return QueueThreads(self, run, threads)

    def close(self) -> None:
        with self._lock:
            if self._storage is not None:
                self._storage.close()
                self._storage = None

    def _use(self, action: Callable[[SqliteStorage], T]) -> T:
        """Use the file, and a new one when this one is damaged. Raises sqlite3.OperationalError when it is busy, or
        there is no room."""
        try:
            return action(self._open())
        except sqlite3.Error as error:
            if "locked" in str(error) or is_disk_full(error):
                raise
            logger.warning("the queue is damaged and begins anew: %s", error)
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        return action(self._open())

    def _open(self) -> SqliteStorage:
        with self._lock:
            if self._storage is None or self._inode != self._inode_now():
                if self._storage is not None:
                    self._storage.close()
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._storage = _Storage("jobs", filename=str(self._path), cache_mb=0, timeout=10)
                self._inode = self._inode_now()
            return self._storage

    def _inode_now(self) -> int:
        with suppress(FileNotFoundError):
            return self._path.stat().st_ino
        return 0


class QueueThreads:
    """Threads that take ids and run them, until `stop`."""

    def __init__(self, queue: FileQueue, run: Callable[[int], object], threads: int) -> None:
        self._queue = queue
        self._run = run
        self._stopped = Event()
        self._threads = [Thread(target=self._work, name=f"jobs-{n + 1}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def stop(self, patience: float) -> bool:
        self._stopped.set()
        deadline = monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        pause = POLL_SECONDS
        while not self._stopped.is_set():
            try:
                job_id = self._queue.receive()
                if job_id is None:
                    self._stopped.wait(POLL_SECONDS)
                else:
                    self._run(job_id)
                pause = POLL_SECONDS
            except Exception:  # the database is away; the job's row tells where it stands
                logger.exception("a job's thread goes on after an error")
                self._stopped.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
