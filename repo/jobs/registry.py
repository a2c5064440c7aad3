"""Which kinds of work there are. Each room registers its own in `tasks.py`:

@job("derive", attempts=3)
def derive(job: RunningJob) -> None: ...        work that somebody asks for with `services.enqueue_job`

@given_up("derive")
def tell(payload: Payload, cause: Cause) -> None: ...   its owner is told when no attempt of it is left

@every(timedelta(hours=1), "forget drafts")
def forget_drafts(job: RunningJob) -> None: ... work that comes round by itself

@reconcile("publishing")
def roll_forward() -> None: ...                 a short look every 30 s for what a crash left behind

A handler runs in an application context of its own, outside of a transaction; it opens its own and may be run
again after it did everything but say so: what it leaves behind must be the same then.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from repo.jobs.running import RunningJob as RunningJob

Handler = Callable[[RunningJob], None]
Check = Callable[[], None]
Payload = dict[str, Any]


class Cause(enum.StrEnum):
    """Why a job is given up."""

    ACCIDENT = "accident"  # its last attempt raised an error
    INTERRUPTED = "interrupted"  # its worker ended in the middle of it, again and again
    CANCELLED = "cancelled"  # a person did not want it to run


Tell = Callable[[Payload, Cause], None]

F = TypeVar("F")

LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True)
class Kind:
    """What is known of one kind of work.

    `lease`: how long a handler may go without a sign of life; `backoff`: the wait after the first failure, four
    times as long after each further one; `final`: errors that another attempt cannot mend; `priority`: higher
    ones go first; `period`: how often it comes round by itself.
    """

    name: str
    run: Handler
    attempts: int
    lease: timedelta
    backoff: timedelta
    final: tuple[type[Exception], ...]
    priority: int
    period: timedelta | None = None

    def wait_after(self, attempt: int) -> timedelta:
        return min(self.backoff * 4 ** (attempt - 1), LONGEST_WAIT)


kinds: dict[str, Kind] = {}
checks: dict[str, Check] = {}
owners: dict[str, Tell] = {}


def job(
    name: str,
    *,
    attempts: int = 5,
    lease: timedelta = timedelta(minutes=5),
    backoff: timedelta = timedelta(seconds=10),
    final: tuple[type[Exception], ...] = (),
    priority: int = 0,
    period: timedelta | None = None,
) -> Callable[[Handler], Handler]:
    """Register the function below as the handler of the kind `name`."""

    def register(handler: Handler) -> Handler:
        if name in kinds:
            raise ValueError(f"two handlers for jobs of the kind {name!r}")
        kinds[name] = Kind(name, handler, attempts, lease, backoff, final, priority, period)
        return handler

    return register


def given_up(name: str) -> Callable[[Tell], Tell]:
    """Register the function below to be told when a job of the kind `name` has ended without being done and nothing
    goes on with it. It is called in the transaction that gives the job up, and flushes."""
    return _into(owners, name, f"two owners of jobs of the kind {name!r}")


def every(period: timedelta, name: str, *, attempts: int = 3) -> Callable[[Handler], Handler]:
    """Register the function below as work that begins again `period` after its last end; at least a minute."""
    return job(name, attempts=attempts, period=period)


def reconcile(name: str) -> Callable[[Check], Check]:
    """Register the function below to be called every 30 s by the worker, in an application context of its own."""
    return _into(checks, name, f"two checks called {name!r}")


def _into(table: dict[str, F], name: str, twice: str) -> Callable[[F], F]:
    def register(function: F) -> F:
        if name in table:
            raise ValueError(twice)
        table[name] = function
        return function

    return register
