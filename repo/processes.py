"""What a tree of processes needs so that none is left behind."""

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent(parent: int) -> None:
    """Have the kernel send SIGTERM to this process when its parent, the process `parent`, dies however it dies."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before it could be said
        os._exit(1)


def leave_ending_to_root() -> None:
    """Ctrl-C reaches a whole tree at once, but it is the root that says when to end: SIGINT is blocked here."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD})
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h


def give_memory_back() -> None:
    """Have the C library keep little of what is freed, in processes of many threads; before the first thread.

    By default it makes up to eight heaps a core, each of which keeps what a burst of requests once needed (what
    was measured, and how surely, is in docs/decisions.md).
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # glibc
        libc.mallopt(M_ARENA_MAX, 2)
        # A page of a harvest is 300 KB: given back and fetched again for each, it costs twice as much.
        libc.mallopt(M_MMAP_THRESHOLD, 1 << 20)
        libc.mallopt(M_TRIM_THRESHOLD, 1 << 20)


def collect_rarely() -> None:
    """For processes that make many objects at once, as bulk loads do: what is loaded now is never looked through for
    cycles, and the rest less often. By its defaults the collector takes a sixth of a load's time. All that lives is
    looked through each 1.6 million objects, about ten thousand works: later, memory would grow by a kilobyte a work."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 4)


@contextmanager
def without_module(name: str) -> Iterator[None]:
    """Have what is imported inside not find the module `name`, unless it is loaded already."""
    modules: dict[str, object] = sys.modules  # type: ignore[assignment]  # None: an import of it fails
    if name in modules:
        yield
        return
    modules[name] = None
    try:
        yield
    finally:
        del modules[name]
