"""Who asks, and from where: the person, the actor and the networks of the request at hand.

Nothing is read before somebody asks, and for readers without a session nothing is read at all.
"""

from flask import Flask, current_app, g, request
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import joinedload

from repo.db import db
from repo.errors import NotSignedInError
from repo.members.actors import ANYBODY, Actor
from repo.members.models import Person
from repo.members.networks import networks_of
from repo.members.services.roles import actor_of
from repo.settings import current_settings
from repo.web.networks import Address, client_address


class SignedIn(UserMixin):
    """What Flask-Login keeps: the session names the person and the epoch, and ends when the epoch has risen."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_id(self) -> str:
        return f"{self.person.id}.{self.person.session_epoch}"


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    # Its protection compares addresses and browsers: phones change their address on the way from room to room.
    manager.session_protection = None
    manager.user_loader(load_user)


def load_user(text: str) -> SignedIn | None:
    """Return whom a session belongs to; None when it was ended or the account was disabled."""
    person_id, _dot, epoch = text.partition(".")
    if not person_id.isdecimal() or len(person_id) > 9:
        return None
    person = db.session.get(Person, int(person_id), options=[joinedload(Person.roles)])
    if person is None or str(person.session_epoch) != epoch or person.disabled_at is not None:
        return None
    return SignedIn(person)


def current_person() -> Person | None:
    """Return who is signed in, None for a reader without an account."""
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies and "_login_user" not in g:
        return None
    return current_user.person if current_user.is_authenticated else None


def current_actor() -> Actor:
    """Return the reader as far as rights go."""
    if "actor" not in g:
        person = current_person()
        g.actor = actor_of(person) if person is not None else ANYBODY
    actor: Actor = g.actor
    return actor


def require_person() -> Person:
    """Return who is signed in. Raises NotSignedInError, whose page leads to the sign-in page and back."""
    person = current_person()
    if person is None:
        raise NotSignedInError
    return person


def current_address() -> Address | None:
    return client_address(request, current_settings().trusted_proxies)


def current_networks() -> frozenset[int]:
    """Return the ids of the libraries from whose networks the reader comes."""
    if "networks" not in g:
        g.networks = networks_of(current_address())
    networks: frozenset[int] = g.networks
    return networks
