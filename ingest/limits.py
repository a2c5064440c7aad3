"""What a task in the sandbox may use, and what a caller is told when it used more."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Limits:
    """What one task may use, and how long a child lives."""

    memory: int = 1 << 30
    """Bytes of address space of a child, its libraries included (about 90 MB)."""
    cpu: float = 30
    """Seconds of CPU time of a task."""
    wall: float = 60
    """Seconds a task may take."""
    output: int = 64 << 20
    """Bytes of a task's answer."""
    scratch: int = 128 << 20
    """Bytes a task may leave in files; of one file, and of all together as far as somebody looks in time."""
    tasks: int = 1000
    """Tasks after which a child is replaced: parsers leak, and a file may have planted something."""
    idle: float = 60
    """Seconds without work after which a child ends, so that a quiet server is small."""


class RefusalKind(StrEnum):
    TIMEOUT = "timeout"
    MEMORY = "memory"
    OUTPUT = "output"
    CRASH = "crash"
    ERROR = "error"


class Refused(Exception):  # noqa: N818 - it is not the sandbox that fails
    """A task was not finished: `kind` says which limit it met, `detail` (for the log) how."""

    def __init__(self, kind: RefusalKind, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
