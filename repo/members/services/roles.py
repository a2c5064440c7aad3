"""Who may do what: roles are granted for the whole house, in a library or in a collection."""

import enum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from repo.db import db
from repo.errors import ForbiddenError, StateError
from repo.mail.services import send_mail
from repo.members.actors import ANYBODY, Actor, Grant
from repo.members.checking import Faults, check_email, check_language, check_name
from repo.members.history import record_event
from repo.members.models import Collection, Library, Person, Role, RoleName
from repo.members.people import find_person, new_person
from repo.members.tokens import LIFETIMES, Purpose, make_token
from repo.settings import current_settings


class Scope(enum.StrEnum):
    HOUSE = "house"
    LIBRARY = "library"
    COLLECTION = "collection"


SCOPES: dict[RoleName, frozenset[Scope]] = {
    RoleName.ADMINISTRATOR: frozenset({Scope.HOUSE}),
    RoleName.LIBRARIAN: frozenset({Scope.LIBRARY}),
    RoleName.DIGITIZER: frozenset({Scope.LIBRARY}),
    RoleName.REVIEWER: frozenset({Scope.LIBRARY, Scope.COLLECTION}),
    RoleName.DEPOSITOR: frozenset({Scope.LIBRARY, Scope.COLLECTION}),
    RoleName.MEMBER: frozenset({Scope.LIBRARY}),
}
"""Where a role can be held."""


def actor_of(person: Person) -> Actor:
    """Return the person as far as rights go; a disabled account is a stranger."""
    if person.disabled_at is not None:
        return ANYBODY
    grants = frozenset(Grant(role.name.value, role.library_id, role.collection_id) for role in person.roles)
    return Actor(person.id, grants)


def find_actor(person_id: int | None) -> Actor:
    """The person with an id, with the roles that they have now; a stranger where there is none."""
    person = db.session.get(Person, person_id, options=[joinedload(Person.roles)]) if person_id is not None else None
    return actor_of(person) if person is not None else ANYBODY


def load_roles(person: Person) -> list[Role]:
    """Return the roles of the person with the places they are held in, the widest first."""
    places = (joinedload(Role.library), joinedload(Role.collection))
    held = db.session.scalars(sa.select(Role).where(Role.person_id == person.id).options(*places))
    order = list(RoleName)
    return sorted(held, key=lambda role: (order.index(role.name), role.id))


def grant_role(
    actor: Actor,
    person: Person,
    name: RoleName,
    *,
    library: Library | None = None,
    collection: Collection | None = None,
) -> Role:
    """Give a role and tell the person by mail; a role already held stays as it is.

    Raises ForbiddenError when the actor may not give it, ValueError when it cannot be held there.
    """
    _require_right(actor, name, library, collection)
    db.session.refresh(person, with_for_update={"of": Person})  # two grants at once must not give the role twice
    held = _find(person, name, library, collection)
    if held is not None:
        return held
    role = Role(person=person, name=name, library=library, collection=collection)
    db.session.add(role)
    db.session.flush()
    record_event(actor, "role granted", subject=person, after=describe_role(role))
    if person.confirmed_at is not None:
        _tell_granted(person, role)
    return role


def revoke_role(actor: Actor, role: Role) -> None:
    """Take a role away. Raises StateError when nobody would be left to administer the house."""
    _require_right(actor, role.name, role.library, role.collection)
    if role.name is RoleName.ADMINISTRATOR:
        require_another_administrator(role.person)
    record_event(actor, "role revoked", subject=role.person, before=describe_role(role))
    role.person.roles.remove(role)
    db.session.flush()


def invite_person(
    actor: Actor,
    *,
    email: str,
    name: str,
    language: str,
    role: RoleName,
    library: Library | None = None,
    collection: Collection | None = None,
) -> Person:
    """Give a role to whoever has the address, with an account made for them if they have none; mail tells the rest.

    Raises InvalidError beside the fields, ForbiddenError when the actor may not give the role.
    """
    _require_right(actor, role, library, collection)
    faults = Faults()
    email = check_email(faults, email)
    person = find_person(email) if email else None
    if person is None:
        name = check_name(faults, name)
        language = check_language(faults, language)
        faults.tell()
        person = new_person(email=email, name=name, language=language)
        record_event(actor, "invited", subject=person)
    granted = grant_role(actor, person, role, library=library, collection=collection)
    if person.confirmed_at is None:
        send_invitation(person, granted)
    return person


def send_invitation(person: Person, role: Role) -> None:
    send_mail(
        person.email,
        person.language,
        "invitation",
        name=person.name,
        role=role.name.value,
        place=place_of(role, person.language),
        link=f"{current_settings().base_url}/account/confirm/{make_token(Purpose.CONFIRM, person)}",
        days=LIFETIMES[Purpose.CONFIRM].days,
    )


def may_grant(actor: Actor, name: RoleName, library_id: int | None) -> bool:
    """Whether the actor may give or take the role: everything the administrator, within the library a librarian."""
    return actor.is_administrator or (name is not RoleName.ADMINISTRATOR and actor.manages(library_id))


def require_another_administrator(person: Person) -> None:
    """Raise StateError when nobody else could administer the house."""
    active = sa.and_(Person.id != person.id, Person.disabled_at.is_(None), Person.confirmed_at.is_not(None))
    others = sa.select(Role.id).join(Person).where(Role.name == RoleName.ADMINISTRATOR, active).limit(1)
    if db.session.scalar(others) is None:
        raise StateError("last administrator", "leave")


def describe_role(role: Role) -> dict[str, str]:
    """How the history holds a role."""
    described = {"role": role.name.value}
    if role.library is not None:
        described["library"] = role.library.code
    if role.collection is not None:
        described["collection"] = role.collection.code
    return described


def place_of(role: Role, lang: str) -> str:
    """Where a role is held, for a reader of `lang`; "" for the whole house."""
    place = role.collection or role.library
    return place.name(lang) if place is not None else ""


def _require_right(actor: Actor, name: RoleName, library: Library | None, collection: Collection | None) -> None:
    if library is not None and collection is not None:
        raise ValueError("a role is held in a library or in a collection")
    scope = Scope.COLLECTION if collection is not None else Scope.LIBRARY if library is not None else Scope.HOUSE
    library_id = collection.library_id if collection is not None else library.id if library is not None else None
    if not may_grant(actor, name, library_id):
        raise ForbiddenError("no_role")
    if scope not in SCOPES[name]:
        raise ValueError(f"{name} cannot be held in: {scope}")


def _find(person: Person, name: RoleName, library: Library | None, collection: Collection | None) -> Role | None:
    wanted = (name, library.id if library else None, collection.id if collection else None)
    return next((r for r in person.roles if (r.name, r.library_id, r.collection_id) == wanted), None)


def _tell_granted(person: Person, role: Role) -> None:
    send_mail(
        person.email,
        person.language,
        "role_granted",
        name=person.name,
        role=role.name.value,
        place=place_of(role, person.language),
        link=f"{current_settings().base_url}/account/",
    )
