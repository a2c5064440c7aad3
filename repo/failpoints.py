"""Named places where a test may kill the process or make the disk fail, to prove that nothing is lost.

    MURAS_FAILPOINT=place:after-version                     kill -9 of this process at the first hit
    MURAS_FAILPOINT=place:after-version:3                   … at the third
    MURAS_FAILPOINT=stage:before-sync=raise:ENOSPC          OSError(ENOSPC) instead

A name is `<what>:<step>`, stands before or after a step whose effect survives a crash, and is listed in
FAILPOINTS, so that the tests can go through all of them. The variable is read once, at import; an
unknown name stops the start, because a crash test with a misspelt name would pass without a crash.
"""

import errno
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

FAILPOINTS = (
    # The root of the object store: declared last, so that a half-made root is finished at the next start.
    "root:before-declaration",
    # A version is written in staging …
    "stage:before-content",
    "stage:after-content",
    "stage:before-sync",
    "stage:after-sync",
    # … and put in place.
    "place:before-bulk-sync",
    "place:after-bulk-sync",
    "place:before-version",
    "place:after-parents",
    "place:after-version",
    "place:after-version-sync",
    "place:after-sidecar",
    "place:after-inventory",
    "place:after-sync",
    # The rows follow.
    "publish:placed",
    "publish:committed",
    # Works come in bulk: their rows stand, their versions are in place.
    "import:accepted",
    "import:placed",
    # … and a load of many is undone.
    "revert:accepted",
    "revert:placed",
    # A source is harvested: a page was read, a chunk of it is in, the page with its token is done with.
    "harvest:page-read",
    "harvest:chunk-done",
    "harvest:page-done",
    # A bulk load: its upload is a folder, files are taken out of its XML and lie beside it, a slice is checked, a chunk
    # has its files, a chunk is in, a chunk is undone.
    "load:received",
    "load:unpacked",
    "load:taken-out",
    "load:embedded-moved",
    "load:checked",
    "load:files-brought",
    "load:chunk-done",
    "load:undone",
    "load:accepted",
    # Works leave the house: a stretch of a package is written, noted; all of it is there, noted so, has its name.
    "export:written",
    "export:noted",
    "export:whole",
    "export:ended",
    "export:named",
    # A job is sent, taken, and has its effect.
    "job:before-send",
    "job:after-claim",
    "job:after-effect",
    "job:after-done",
    # What a crash left behind is removed, or an object is expunged.
    "recover:after-rollback",
    "purge:before-move",
    "purge:after-move",
    "purge:after-removal",
    # Chunks arrive.
    "upload:after-directory",
    "upload:after-create",
    "upload:after-data",
    "upload:after-data-sync",
    "upload:after-offset",
    "upload:after-stream",
    "upload:before-discard",
    "upload:after-discard-state",
    # Files that can be made again.
    "derivative:before-rename",
    "derivative:after-rename",
    "derivative:after-discard",
    # A backup is written.
    "backup:after-begin",
    "backup:after-database",
    "backup:between-files",
    "backup:after-files",
    "backup:before-rename",
    "backup:after-rename",
)


@dataclass
class _Armed:
    """One failpoint that waits to be hit `countdown` times; `error` is raised there, without one the process dies."""

    name: str
    countdown: int
    error: int | None

    def hit(self, name: str) -> None:
        if name != self.name:
            return
        self.countdown -= 1
        if self.countdown != 0:
            return
        if self.error is None:
            os.write(2, f"failpoint {name} kills process {os.getpid()}\n".encode())  # past all buffers, into the log
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(self.error, f"failpoint {name}")


def _parse(text: str) -> _Armed:
    where, _, action = text.partition("=")
    name, _, times = where.rpartition(":")
    if not times.isdigit():
        name, times = where, "1"
    if name not in FAILPOINTS:
        raise ValueError(f"MURAS_FAILPOINT: there is no failpoint {name!r}")
    verb, _, number = action.partition(":")
    error = getattr(errno, number, None)
    if action and (verb != "raise" or error is None):
        raise ValueError(f"MURAS_FAILPOINT: {action!r} is not `raise:` and a name of errno")
    return _Armed(name, int(times), error)


_armed: _Armed | None = _parse(os.environ["MURAS_FAILPOINT"]) if os.environ.get("MURAS_FAILPOINT") else None


def failpoint(name: str) -> None:
    """Die or fail here if MURAS_FAILPOINT says so; otherwise one comparison with None."""
    if _armed is not None:
        _armed.hit(name)


@contextmanager
def armed(text: str) -> Iterator[None]:
    """Within the block, act as if the process had been started with MURAS_FAILPOINT=`text`."""
    global _armed
    before, _armed = _armed, _parse(text)
    try:
        yield
    finally:
        _armed = before
