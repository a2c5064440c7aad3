"""Everything that can go wrong and is meant to be told to a person.

    MurasError                  500  something failed
    ├── SettingsError           -    a setting is missing or wrong (stops the start)
    ├── NotFoundError           404  no such thing, or not for this person's eyes
    ├── GoneError               410  withdrawn: a tombstone stands in its place
    ├── NotSignedInError        401  signing in may help
    ├── ForbiddenError          403  signing in does not help
    ├── StaleError              409  somebody else changed it meanwhile
    ├── InvalidError            422  what was sent does not pass; carries the faults by field
    ├── StateError              409  the thing is in a state that does not allow this
    ├── TooLargeError           413  larger than the limit, refused before the first byte
    ├── TooManyError            429  too many attempts; carries when to try again
    ├── StorageFullError        507  the disk is full; nothing was lost
    └── UnavailableError        503  a part (search, database) is away for now

Each class carries its HTTP status and data, never a finished sentence: `web/errors.py` turns it into a
page in the reader's language that says what to do.
"""

import errno
from collections.abc import Mapping, Sequence
from datetime import datetime


class MurasError(Exception):
    """Something failed that a person should be told about."""

    status = 500


class SettingsError(MurasError):
    """A setting cannot be used; the message is one clear line for the administrator."""


class NotFoundError(MurasError):
    status = 404


class GoneError(MurasError):
    """A withdrawn item; `item_id` leads to its tombstone."""

    status = 410

    def __init__(self, item_id: str) -> None:
        super().__init__(item_id)
        self.item_id = item_id


class NotSignedInError(MurasError):
    status = 401


class ForbiddenError(MurasError):
    """`reason` is a value of `items.access.Reason`, `until` the moment it ends, if it does."""

    status = 403

    def __init__(self, reason: str = "", until: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.until = until


class StaleError(MurasError):
    """Somebody saved meanwhile; `current` is what stands now, for a page that shows both."""

    status = 409

    def __init__(self, current: object = None) -> None:
        super().__init__("stale")
        self.current = current


class InvalidError(MurasError):
    """`faults` maps a field's path ("creators.0.name") to its messages, already in the person's language."""

    status = 422

    def __init__(self, faults: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{field}: {', '.join(map(str, said))}" for field, said in faults.items()))
        self.faults = {field: list(said) for field, said in faults.items()}


class StateError(MurasError):
    """The thing is in state `state`, which does not allow `action`."""

    status = 409

    def __init__(self, state: str, action: str) -> None:
        super().__init__(f"{action} is not possible while {state}")
        self.state = state
        self.action = action


class TooLargeError(MurasError):
    """`limit` in bytes."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(str(limit))
        self.limit = limit


class TooManyError(MurasError):
    """`retry_after` in seconds."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(str(retry_after))
        self.retry_after = retry_after


class StorageFullError(MurasError):
    status = 507


def is_disk_full(error: BaseException) -> bool:
    """Whether something failed for want of room: for files or for the database, in whosever words."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    cause = getattr(error, "orig", error)  # what SQLAlchemy wraps; its own message holds what people typed
    # 53100: disk_full (PostgreSQL, appendix A); the other sentence is SQLite's, for SQLITE_FULL.
    words = "database or disk is full"
    return isinstance(error, StorageFullError) or getattr(cause, "sqlstate", "") == "53100" or str(cause) == words


class UnavailableError(MurasError):
    """`part` names what is away: "search", "database", "queue"."""

    status = 503

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part
