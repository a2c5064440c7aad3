"""Resumption tokens: opaque, signed, stateless.

A token holds all that the next page needs: what was asked, the end of the range frozen at the first request, the
key after which the page begins, how many were there and how many were given. It works after a restart and in any
process, as often as it is sent, until it expires.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from oaipmh.error import BadResumptionTokenError

from repo.db import now

LIFE = timedelta(hours=48)
LONGEST = 1024


@dataclass(frozen=True)
class Position:
    """Where a list goes on: what was asked for, and the last (datestamp, id) that was given, None before the first.

    `spec` is the key of the rows that are walked along, "" for all (`oai.sets.within`).
    """

    verb: str
    prefix: str
    spec: str
    start: datetime | None
    end: datetime
    after: tuple[datetime, int] | None
    given: int
    total: int
    expires: datetime


def write_token(position: Position) -> str:
    """Return the token for what follows a page: `position.after` is the last record on it."""
    assert position.after is not None
    stamp, key = position.after
    stamps = [_seconds(position.start), _seconds(position.end), _seconds(stamp)]
    return _serializer().dumps(
        [position.verb, position.prefix, position.spec, *stamps, key]
        + [position.given, position.total, _seconds(position.expires)]
    )


def read_token(token: str, verb: str) -> Position:
    """Raises BadResumptionTokenError for a token that is not ours, of another verb, or expired."""
    try:
        if len(token) > LONGEST:
            raise BadData("too long")
        named, prefix, spec, start, end, stamp, key, given, total, expires = _serializer().loads(token)
    except (BadData, ValueError, TypeError) as error:
        raise BadResumptionTokenError("This resumption token was not given out here.") from error
    if named != verb:
        raise BadResumptionTokenError(f"This resumption token belongs to {named}.")
    position = Position(
        verb=named,
        prefix=prefix,
        spec=spec,
        start=_moment(start) if start is not None else None,
        end=_moment(end),
        after=(_moment(stamp), key),
        given=given,
        total=total,
        expires=_moment(expires),
    )
    if position.expires < now():
        raise BadResumptionTokenError("This resumption token has expired; begin the list again.")
    return position


def _serializer() -> URLSafeSerializer:
    return _signing_with(current_app.config["SECRET_KEY"])


@cache
def _signing_with(key: str) -> URLSafeSerializer:
    """HMAC-SHA256 over the whole content, with a key of its own."""
    return URLSafeSerializer(key, salt="oai-resumption", signer_kwargs={"digest_method": hashlib.sha256})


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment is not None else None


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
