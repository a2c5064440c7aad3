"""Guessing is slow: after some attempts each further one has to wait, longer and longer, but never for ever.

Attempts are counted before they are made, so that a thousand at the same moment do not count as one. A key is an
HMAC of what is tried: the table tells nobody whose account was attacked or from where.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError

from repo.db import db, now
from repo.errors import TooManyError
from repo.members.models import Attempt
from repo.web.networks import Address

FORGET = timedelta(hours=24)


@dataclass(frozen=True)
class Limit:
    """`free` attempts cost nothing; then they wait 2, 4, 8 … seconds, at most `longest`."""

    name: str
    free: int
    longest: int


PASSWORD_OF_ACCOUNT = Limit("password of account", free=5, longest=300)
# A reading room of forty people is one address: it waits later, and shorter.
PASSWORD_FROM_ADDRESS = Limit("password from address", free=30, longest=60)
MAIL_TO_ADDRESS = Limit("mail to", free=3, longest=3600)
MAIL_FROM_ADDRESS = Limit("mail from address", free=20, longest=300)


def count_attempt(limit: Limit, value: str | Address | None) -> None:
    """Count an attempt. Raises TooManyError with the seconds to wait; what has to wait is not counted."""
    row = _row(_key(limit, value))
    at = now()
    if at - row.last_at > FORGET:
        row.count = 0
    wait = (row.last_at + _delay(limit, row.count) - at).total_seconds()
    if row.count and wait > 0:
        raise TooManyError(int(wait) + 1)
    row.count += 1
    row.last_at = at
    db.session.flush()


def is_free(limit: Limit, value: str | Address | None) -> bool:
    """Count an attempt; False when it has to wait. For what is refused without a word."""
    try:
        count_attempt(limit, value)
    except TooManyError:
        return False
    return True


def forgive(limit: Limit, value: str | Address | None) -> None:
    """Forget the attempts: the right password was given."""
    db.session.execute(sa.delete(Attempt).where(Attempt.key == _key(limit, value)))


def take_back(limit: Limit, value: str | Address | None) -> None:
    """Do not count the last attempt, but keep those before it: whoever owns one account shall not, by signing in to
    it now and then, go on guessing the passwords of others from the same address."""
    one_less = sa.update(Attempt).where(Attempt.key == _key(limit, value), Attempt.count > 0)
    db.session.execute(one_less.values(count=Attempt.count - 1))


def forget_attempts(before: datetime) -> int:
    """Remove the rows that no longer slow anybody down. Returns how many."""
    forgotten = sa.delete(Attempt).where(Attempt.last_at < before - FORGET).returning(Attempt.key)
    return len(db.session.scalars(forgotten).all())


def _delay(limit: Limit, count: int) -> timedelta:
    over = count - limit.free
    return timedelta(seconds=min(limit.longest, 2 ** min(over + 1, 30))) if over >= 0 else timedelta()


def _key(limit: Limit, value: str | Address | None) -> str:
    if isinstance(value, IPv6Address):
        value = str(ip_network((value, 64), strict=False))  # a household has 2^64 of them
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, f"attempt:{limit.name}:{value}".encode(), hashlib.sha256).hexdigest()


def _row(key: str) -> Attempt:
    """Return the row of `key`, locked, so that attempts at the same moment are counted one by one."""
    row = db.session.get(Attempt, key, with_for_update=True)
    if row is None:
        try:
            with db.session.begin_nested():
                row = Attempt(key=key, count=0, last_at=now())
                db.session.add(row)
        except IntegrityError:
            row = db.session.get_one(Attempt, key, with_for_update=True)
    return row
