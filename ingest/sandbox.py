"""A pool of child processes in which hostile files are parsed.

`Sandbox.run(function, *args)` runs a function of this code base in a child with limits and returns what it
returns, checked against its declared type. A child that is too slow, too hungry, too talkative or that dies
is killed with everything it started, and the caller gets `Refused`, whose kind says what happened.

Children are started lean (no copy of the web process and its sockets), load their libraries once, are
replaced after a failure or after `Limits.tasks` tasks, and end when idle and when this process ends, however
it ends. See `ingest/confinement.py` for the walls around them.
"""

import atexit
import queue
import threading
import time
import typing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self, TypeVar

from ingest import plain
from ingest.confinement import Confinement
from ingest.limits import Limits, RefusalKind, Refused
from ingest.sandbox_process import Child, sweep

__all__ = ["Limits", "RefusalKind", "Refused", "Sandbox"]

T = TypeVar("T")


class Sandbox:
    """At most `workers` tasks at once; further callers wait. Safe to use from several threads.

    `preload` names what each child loads at its start (`module`, or `module:function` to call).
    `readable` are the folders from which documents may be read (None: any); a child that was taken over
    then cannot read the database or the keys beside them. `writable` are folders in which tasks may leave what is
    too large to be moved; whoever made them looks at nothing there but plain files, because a task may plant others.
    """

    def __init__(
        self,
        workers: int = 2,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        preload: Sequence[str] = (),
        readable: Sequence[Path] | None = None,
        writable: Sequence[Path] = (),
    ) -> None:
        self.limits = limits
        self._preload = list(preload)
        self._readable = readable
        self._writable = writable
        self._places = threading.BoundedSemaphore(workers)
        self._idle: list[Child] = []
        self._lock = threading.Lock()
        self._closed = False
        self._orders: queue.SimpleQueue[Future[Child] | None] = queue.SimpleQueue()
        self._keeper: threading.Thread | None = None

    def run(
        self,
        function: Callable[..., T] | str,
        *args: Any,
        files: Mapping[str, Path] | None = None,
        wall: float | None = None,
    ) -> T:
        """Run `function` (or "module:name") in a child and return its result.

        The function's working folder is empty and, beside `writable`, the only place it can write to; the files named
        in `files` are moved from there to the given paths. `wall` overrides the seconds it may take.
        Raises Refused.
        """
        request = {"function": _name(function), "arguments": list(args), "cpu": self.limits.cpu}
        deadline_in = self.limits.wall if wall is None else wall
        with self._places:
            child = self._take()
            try:
                answer = child.ask(plain.dump(request), deadline_in)
                result = _result(function, answer)
                child.collect(files or {})
            except BaseException:
                child.end()
                raise
            self._give_back(child)
        return typing.cast(T, result)

    def confinement(self) -> Confinement:
        """Start a child, if need be, and tell which walls stand around it."""
        with self._places:
            child = self._take()
            self._give_back(child)
        return child.confinement

    def close(self) -> None:
        """End all idle children; running tasks end theirs when they finish."""
        atexit.unregister(self.close)
        with self._lock:
            self._closed = True
            children, self._idle = self._idle, []
        for child in children:
            child.end()
        self._orders.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self) -> Child:
        with self._lock:
            if self._closed:
                raise RuntimeError("the sandbox is closed")
            while self._idle:
                child = self._idle.pop()
                if child.fit:
                    return child
                child.end()
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="sandbox-keeper", daemon=True)
                self._keeper.start()
                atexit.register(self.close)
            order: Future[Child] = Future()
            self._orders.put(order)
        return order.result()

    def _give_back(self, child: Child) -> None:
        with self._lock:
            if not self._closed and child.tasks < self.limits.tasks:
                self._idle.append(child)
                return
        child.end()

    def _keep(self) -> None:
        """Start children, and end those that have been idle for long.

        One thread starts them all, because the kernel kills a child when the *thread* that started it ends
        (PR_SET_PDEATHSIG, prctl(2)), and the threads that call `run` come and go.
        """
        sweep()
        while True:
            try:
                order = self._orders.get(timeout=min(1.0, self.limits.idle))
            except queue.Empty:
                self._end_idle()
                continue
            if order is None:
                return
            try:
                order.set_result(Child(self.limits, self._preload, self._readable, self._writable))
            except BaseException as error:
                order.set_exception(error)

    def _end_idle(self) -> None:
        before = time.monotonic() - self.limits.idle
        with self._lock:
            tired = [child for child in self._idle if child.used < before]
            self._idle = [child for child in self._idle if child.used >= before]
        for child in tired:
            child.end()


def _name(function: Callable[..., Any] | str) -> str:
    return function if isinstance(function, str) else f"{function.__module__}:{function.__qualname__}"


def _result(function: Callable[..., Any] | str, answer: dict[str, Any]) -> Any:
    if "refused" in answer:
        try:
            kind = RefusalKind(answer["refused"])
        except ValueError:
            kind = RefusalKind.ERROR
        raise Refused(kind, str(answer.get("detail"))[:300])
    declared = Any if isinstance(function, str) else typing.get_type_hints(function).get("return", Any)
    try:
        return plain.build(declared, answer.get("result"))
    except plain.WrongShapeError as error:
        raise Refused(RefusalKind.ERROR, f"unexpected answer: {error}") from error
