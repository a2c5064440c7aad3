"""Links that come by mail: signed, for one purpose, for some time, for one use.

One use needs no table: the token holds the person's `session_epoch`, which rises when the link has done its work.
"""

import enum
import hashlib
from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from repo.db import db
from repo.members.models import Person


class Purpose(enum.StrEnum):
    CONFIRM = "confirm"  # the address belongs to whoever signed up or was invited
    RESET = "reset"  # a new password


# Mail may be late, and an invitation is read after the holidays; a reset is asked for when it is needed.
LIFETIMES = {Purpose.CONFIRM: timedelta(days=14), Purpose.RESET: timedelta(hours=24)}


def make_token(purpose: Purpose, person: Person) -> str:
    return _serializer(purpose).dumps([person.id, person.session_epoch])


def read_token(purpose: Purpose, token: str, *, lock: bool = False) -> Person | None:
    """Return whom the link was sent to; None when it is not ours, too old, used or meant for something else.

    `lock`: nobody else can use it until the transaction ends.
    """
    try:
        person_id, epoch = _serializer(purpose).loads(token, max_age=int(LIFETIMES[purpose].total_seconds()))
    except BadData:
        return None
    person = db.session.get(Person, person_id, with_for_update=lock or None)
    if person is None or person.session_epoch != epoch or person.disabled_at is not None:
        return None
    return person


def _serializer(purpose: Purpose) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        current_app.config["SECRET_KEY"],
        salt=f"muras.{purpose}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
