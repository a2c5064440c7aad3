"""The edge of signing in: transactions around the counting of attempts, and what the cookie holds."""

from urllib.parse import urlsplit

from flask import g, session
from flask_login import login_user, logout_user

from repo.db import now, transaction
from repo.members.current import SignedIn, current_address
from repo.members.models import Person
from repo.members.services.accounts import authenticate_person, renew_hash
from repo.members.throttle import (
    PASSWORD_FROM_ADDRESS,
    PASSWORD_OF_ACCOUNT,
    count_attempt,
    forgive,
    take_back,
)


def try_password(email: str, password: str) -> Person | None:
    """Return whose address and password these are, None when they are nobody's. Commits the count of attempts.

    Raises TooManyError when it is too early for another attempt, ForbiddenError for a disabled account.
    """
    account, address = email.strip().lower(), current_address()
    with transaction():
        count_attempt(PASSWORD_FROM_ADDRESS, address)
        count_attempt(PASSWORD_OF_ACCOUNT, account)
    # Hashing takes long on purpose: no writer waits for it.
    person = authenticate_person(account, password)
    if person is None:
        return None
    with transaction():
        forgive(PASSWORD_OF_ACCOUNT, account)
        take_back(PASSWORD_FROM_ADDRESS, address)
        renew_hash(person, password)
        person.seen_at = now()
    return person


def start_session(person: Person, *, keep: bool = False) -> None:
    """Sign in. Whatever the cookie held before is gone, its CSRF token too: a session that somebody else prepared in
    this browser does not become this person's. `keep`: it outlives the browser window."""
    session.clear()
    login_user(SignedIn(person))
    session.pop("_id", None)  # a hash of address and browser, which nothing compares (see current.py)
    session.permanent = keep
    g.pop("actor", None)


def end_session() -> None:
    logout_user()
    session.clear()
    g.pop("actor", None)


def local_target(target: str | None) -> str | None:
    """Return `target` if it is an address on this site, else None: nobody is sent elsewhere after signing in.

    Browsers read "\\" as "/" and skip tabs and newlines, so "/\\evil.org" and "/\\t/evil.org" lead away.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(char.isspace() or not char.isprintable() for char in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target
