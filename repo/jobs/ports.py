"""What carries the ids of jobs from whoever has work to the threads that do it.

A carrier may lose a message or deliver it twice: the rows are the truth, and `reconcile` sends again what was lost.
"""

from collections.abc import Callable
from typing import Protocol


class Consumer(Protocol):
    """Threads that take messages and work."""

    def stop(self, patience: float) -> bool:
        """Take no more messages and wait at most `patience` seconds; return whether all work has ended."""
        ...


class Queue(Protocol):
    """A carrier of job ids."""

    def send(self, job_id: int, priority: int = 0) -> None:
        """Carry an id to a worker soon, those of a higher priority first. Any error means that it may be lost."""
        ...

    def size(self) -> int:
        """How many messages wait."""
        ...

    def consume(self, run: Callable[[int], object], threads: int) -> Consumer:
        """Start `threads` threads that call `run` with each id."""
        ...

    def close(self) -> None:
        """Let go of files and connections; the next call opens them again."""
        ...
