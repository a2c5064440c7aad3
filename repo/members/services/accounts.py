"""Accounts, from signing up to a disabled one.

Nobody has a password before the address is confirmed: it is chosen on the page that the mailed link opens. So
whoever signs up with somebody else's address gains nothing, and signing up asks for a name and an address only.
What is answered never tells whether an address has an account; the mail tells its owner.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from repo.db import db, now
from repo.errors import ForbiddenError, InvalidError, StateError
from repo.mail.services import send_mail
from repo.members.actors import ANYBODY, Actor
from repo.members.checking import Faults, check_email, check_language, check_name, check_orcid
from repo.members.history import differences, record_event
from repo.members.models import Person, Role, RoleName
from repo.members.passwords import hash_password, is_outdated, matches, password_faults
from repo.members.people import find_person, new_person, rename
from repo.members.services.roles import require_another_administrator, send_invitation
from repo.members.throttle import MAIL_TO_ADDRESS, is_free
from repo.members.tokens import LIFETIMES, Purpose, make_token
from repo.settings import current_settings

UNCONFIRMED_KEPT = timedelta(days=30)


def sign_up_person(*, name: str, email: str, language: str) -> None:
    """Make an account that waits for its confirmation, and mail the link. Raises InvalidError beside the fields."""
    faults = Faults()
    name, email, language = check_name(faults, name), check_email(faults, email), check_language(faults, language)
    faults.tell()
    person = find_person(email)
    if person is None:
        person = new_person(email=email, name=name, language=language)
        record_event(ANYBODY, "signed up", subject=person)
    elif person.confirmed_at is None and not person.roles:
        rename(person, name)
        person.language = language
    if is_free(MAIL_TO_ADDRESS, email):
        _mail_sign_up(person)


def confirm_person(person: Person, *, name: str, password: str) -> None:
    """Open the account of whoever followed the mailed link. Raises InvalidError beside the fields."""
    faults = Faults()
    name = check_name(faults, name)
    for fault in password_faults(password, name, person.email):
        faults.add("password", fault)
    faults.tell()
    rename(person, name)
    person.confirmed_at = now()
    _set_password(person, password)
    record_event(Actor(person.id), "confirmed", subject=person)


def create_person(actor: Actor, *, name: str, email: str, language: str, password: str | None = None) -> Person:
    """Make an account at once, for commands: the first administrator, the demonstration. Raises InvalidError."""
    faults = Faults()
    name, email, language = check_name(faults, name), check_email(faults, email), check_language(faults, language)
    for fault in password_faults(password, name, email) if password is not None else []:
        faults.add("password", fault)
    if find_person(email) is not None:
        faults.add("email", _("There is an account with this address already."))
    faults.tell()
    person = new_person(email=email, name=name, language=language)
    person.password_hash = hash_password(password) if password is not None else None
    person.confirmed_at = now()
    db.session.flush()
    record_event(actor, "created", subject=person)
    return person


def authenticate_person(email: str, password: str) -> Person | None:
    """Return whose address and password these are; None when they are nobody's. Takes as long in either case.

    Writes nothing: guessing is slowed and hashes are renewed by `sessions.try_password`. Raises
    ForbiddenError("disabled") for the right password of a disabled account.
    """
    person = find_person(email.strip().lower())
    if not matches(password, person.password_hash if person else None) or person is None:
        return None
    if person.disabled_at is not None:
        raise ForbiddenError("disabled")
    return person if person.confirmed_at is not None else None


def renew_hash(person: Person, password: str) -> None:
    """Hash the (right) password again if it was hashed with weaker parameters than today's."""
    if person.password_hash is not None and is_outdated(person.password_hash):
        person.password_hash = hash_password(password)


def request_password_reset(email: str) -> None:
    """Mail a link to choose a new password, if the address has an account. Says nothing either way."""
    email = email.strip().lower()
    if not is_free(MAIL_TO_ADDRESS, email):
        return
    person = find_person(email)
    if person is None or person.disabled_at is not None:
        return
    if person.confirmed_at is None:
        _mail_sign_up(person)
        return
    _mail_link(person, "reset", Purpose.RESET)


def reset_password(person: Person, password: str) -> None:
    """Set the password of whoever followed the mailed link; all sessions end. Raises InvalidError."""
    _check_password(person, password)
    _set_password(person, password)
    record_event(Actor(person.id), "password reset", subject=person)
    _mail_password_changed(person)


def change_password(person: Person, password: str) -> None:
    """Set another password; all other sessions end. The caller has asked for the present one. Raises InvalidError."""
    _check_password(person, password)
    _set_password(person, password)
    record_event(Actor(person.id), "password changed", subject=person)
    _mail_password_changed(person)


def end_sessions(person: Person) -> None:
    """End every session of the person, wherever it is."""
    person.session_epoch += 1
    record_event(Actor(person.id), "sessions ended", subject=person)
    db.session.flush()


def change_profile(actor: Actor, person: Person, *, name: str, language: str, orcid: str) -> None:
    """Change what an account says about its person. Raises InvalidError beside the fields."""
    if actor.person_id != person.id and not actor.is_administrator:
        raise ForbiddenError("no_role")
    faults = Faults()
    name, language = check_name(faults, name), check_language(faults, language)
    number = check_orcid(faults, orcid)
    faults.tell()
    before = {"name": person.name, "language": person.language, "orcid": person.orcid}
    rename(person, name)
    person.language, person.orcid = language, number
    old, new = differences(before, {"name": name, "language": language, "orcid": number})
    if new:
        record_event(actor, "profile changed", subject=person, before=old, after=new)
    db.session.flush()


def disable_person(actor: Actor, person: Person, reason: str) -> None:
    """Close an account: its sessions end, its roles rest. Raises StateError for the last administrator."""
    _require_administrator(actor)
    if person.disabled_at is not None:
        return
    if any(role.name is RoleName.ADMINISTRATOR for role in person.roles):
        require_another_administrator(person)
    person.disabled_at = now()
    person.session_epoch += 1
    record_event(actor, "disabled", subject=person, comment=reason.strip() or None)
    db.session.flush()


def enable_person(actor: Actor, person: Person) -> None:
    _require_administrator(actor)
    if person.disabled_at is None:
        return
    person.disabled_at = None
    record_event(actor, "enabled", subject=person)
    db.session.flush()


def resend_confirmation(actor: Actor, person: Person) -> None:
    """Mail the link to confirm the address once more. Raises StateError when it is confirmed already."""
    if not (actor.is_administrator or any(actor.manages(library_id_of(role)) for role in person.roles)):
        raise ForbiddenError("no_role")
    if person.confirmed_at is not None:
        raise StateError("confirmed", "confirm")
    _mail_sign_up(person)
    record_event(actor, "confirmation sent", subject=person)


def forget_unconfirmed(before: datetime) -> int:
    """Remove accounts that nobody confirmed in a month and nobody gave a role. Returns how many."""
    stale = sa.select(Person).where(
        Person.confirmed_at.is_(None), Person.created_at < before - UNCONFIRMED_KEPT, ~Person.roles.any()
    )
    people = db.session.scalars(stale.limit(1000)).all()
    for person in people:
        db.session.delete(person)
    db.session.flush()
    return len(people)


def library_id_of(role: Role) -> int | None:
    """The library a role is held in, be it through a collection; None for the whole house."""
    return role.collection.library_id if role.collection is not None else role.library_id


def _check_password(person: Person, password: str) -> None:
    if faults := password_faults(password, person.name, person.email):
        raise InvalidError({"password": faults})


def _set_password(person: Person, password: str) -> None:
    person.password_hash = hash_password(password)
    person.session_epoch += 1
    db.session.flush()


def _require_administrator(actor: Actor) -> None:
    if not actor.is_administrator:
        raise ForbiddenError("no_role")


def _mail_sign_up(person: Person) -> None:
    """What the owner of the address is told when somebody signed up with it."""
    if person.disabled_at is not None:
        return
    if person.confirmed_at is not None:
        send_mail(
            person.email,
            person.language,
            "account_exists",
            name=person.name,
            links={key: f"{current_settings().base_url}/account/{key}" for key in ("sign-in", "forgot")},
        )
    elif person.roles:
        send_invitation(person, person.roles[0])
    else:
        _mail_link(person, "confirm", Purpose.CONFIRM)


def _mail_link(person: Person, template: str, purpose: Purpose) -> None:
    lifetime = LIFETIMES[purpose]
    send_mail(
        person.email,
        person.language,
        template,
        name=person.name,
        link=f"{current_settings().base_url}/account/{purpose}/{make_token(purpose, person)}",
        hours=int(lifetime.total_seconds()) // 3600,
        days=lifetime.days,
    )


def _mail_password_changed(person: Person) -> None:
    send_mail(
        person.email,
        person.language,
        "password_changed",
        name=person.name,
        link=f"{current_settings().base_url}/account/forgot",
        at=now(),
    )
