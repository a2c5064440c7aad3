"""What `muras doctor` looks at: each room registers what it knows how to check.

    @check("search")
    def check_index() -> Iterator[Finding]:
        yield Finding(Level.WARNING, "the index is empty", "run: muras reindex")

A check runs in an application context, changes nothing, and may fail: that is a finding too.
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass


class Level(enum.StrEnum):
    GOOD = "good"
    WARNING = "warning"  # works, but something is missing or will go wrong
    BAD = "bad"  # readers or staff notice it


@dataclass(frozen=True)
class Finding:
    """One thing seen; `advice` says what the administrator can do about it."""

    level: Level
    text: str
    advice: str = ""


Check = Callable[[], Iterable[Finding]]

checks: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Register the function below under a subject; subjects are shown in the order in which they were registered."""

    def register(look: Check) -> Check:
        if name in checks:
            raise ValueError(f"two checks of {name!r}")
        checks[name] = look
        return look

    return register


def examine() -> dict[str, list[Finding]]:
    """Run all checks; return the findings by subject."""
    return {name: _look(look) for name, look in checks.items()}


def _look(look: Check) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(look())
    except Exception as error:
        found.append(Finding(Level.BAD, f"cannot be checked: {type(error).__name__}: {error}"))
    return found
