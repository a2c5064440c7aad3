"""Recording a view or download: one line appended to a log, which the worker counts a minute later.

No database lock is taken while a reader waits, and nothing is lost when a process dies: a line is one write.
No address is written: visitors are told apart by a hash under a key that lives for one day and is then deleted,
so that nobody, not even with the hashes, can say afterwards who came from where.
"""

import enum
import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import threading
from datetime import datetime
from pathlib import Path

from flask import Request, request

from repo.db import now
from repo.settings import current_settings
from repo.web.networks import client_address

logger = logging.getLogger(__name__)

# How robots name themselves. Counting rules are applied when events are read; this only sorts them.
ROBOT = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|archiver|fetch|scan|monitor|preview|validator|curl|wget|libwww|python|java/|"
    r"go-http|okhttp|httpclient|headless|scrapy|facebookexternalhit|yandex\w*/|mediapartners",
    re.IGNORECASE,
)
HARVESTER = re.compile(r"oai|harvest|sickle|metha|core\b|openaire|base-search", re.IGNORECASE)


class Kind(enum.StrEnum):
    VIEW = "view"
    DOWNLOAD = "download"


class Visitor(enum.StrEnum):
    PERSON = "person"
    ROBOT = "robot"
    HARVESTER = "harvester"


def record_usage(
    kind: Kind, item_id: str, version: int, *, file: str | None = None, size: int | None = None, network: str = ""
) -> None:
    """Append the event of this request to the log of this process and minute. `size` is what was sent, in bytes;
    `network` the code of the member library from whose network the visitor comes."""
    at = now()
    try:
        event = [
            at.isoformat(timespec="milliseconds"),
            kind.value,
            item_id,
            version,
            file,
            visitor_of(request).value,
            network or None,
            _session(request, at),
            size,
        ]
        _append(current_settings().usage_dir, at, json.dumps(event, ensure_ascii=False).encode() + b"\n")
    except OSError as error:  # the disk is full: the reader is served all the same
        logger.warning("a %s of %s was not recorded: %s", kind, item_id, error)


def visitor_of(asked: Request) -> Visitor:
    agent = asked.user_agent.string
    if HARVESTER.search(agent):
        return Visitor.HARVESTER
    return Visitor.ROBOT if not agent or ROBOT.search(agent) else Visitor.PERSON


def log_name(at: datetime) -> str:
    """The log of this process and minute: nobody writes to it once the minute has passed."""
    return f"{at:%Y%m%d%H%M}-{os.getpid()}.log"


_lock = threading.Lock()
_open: tuple[Path, int] | None = None
_day_key: tuple[Path, str, bytes] | None = None


def _append(folder: Path, at: datetime, line: bytes) -> None:
    global _open
    path = folder / log_name(at)
    with _lock:
        if _open is None or _open[0] != path:
            if _open is not None:
                os.close(_open[1])
                _open = None  # should the next one not open: a number that is closed belongs to somebody else
            folder.mkdir(parents=True, exist_ok=True)
            _open = (path, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640))
        os.write(_open[1], line)


def _session(asked: Request, at: datetime) -> str:
    """A hash that is the same for one visitor on one day, for double clicks (COUNTER 5.1, 7.3)."""
    who = f"{client_address(asked, current_settings().trusted_proxies)} {asked.user_agent.string}"
    return hmac.new(_key_of_day(current_settings().usage_dir, at), who.encode(), hashlib.sha256).hexdigest()[:24]


def _key_of_day(folder: Path, at: datetime) -> bytes:
    """The key of this day, shared by all processes; those of other days are deleted."""
    global _day_key
    day = f"{at:%Y%m%d}"
    if _day_key is not None and _day_key[:2] == (folder, day):
        return _day_key[2]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{day}.key"
    draft = folder / f"{day}.{os.getpid()}.{threading.get_ident()}.draft"
    draft.write_bytes(secrets.token_bytes(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        draft.unlink()
    for old in folder.glob("*.key"):
        if old != path:
            old.unlink(missing_ok=True)
    _day_key = (folder, day, path.read_bytes())
    return _day_key[2]
