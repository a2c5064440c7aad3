"""What the office reads: people, libraries, collections, history. A list costs the same however long it is."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from repo.db import db
from repo.errors import NotFoundError
from repo.members.actors import Actor
from repo.members.history import subject_of
from repo.members.models import Collection, Event, Library, LibraryStatus, Person, Role
from repo.members.people import found_by
from repo.web.paging import Page, load_page

RECENT = 20


def list_people(actor: Actor, text: str = "", cursor: str = "") -> Page[Person]:
    """One page of people by name: all for administrators, those with a role in their libraries for librarians."""
    query = sa.select(Person).options(selectinload(Person.roles).joinedload(Role.library))
    query = query.options(selectinload(Person.roles).joinedload(Role.collection))
    if text.strip():
        query = query.where(found_by(text))
    if not actor.is_administrator:
        query = query.where(Person.id.in_(_people_of(actor.librarian_of)))
    return load_page(db.session(), query, [Person.sort_name, Person.id], cursor, size=50)


def load_person(actor: Actor, person_id: int) -> Person:
    """Return a person whom the actor may see. Raises NotFoundError, also for people of other libraries only."""
    query = sa.select(Person).where(Person.id == person_id)
    if not actor.is_administrator:
        query = query.where(Person.id.in_(_people_of(actor.librarian_of)))
    person = db.session.scalar(query)
    if person is None:
        raise NotFoundError
    return person


def load_role(person: Person, role_id: int) -> Role:
    role = db.session.get(Role, role_id)
    if role is None or role.person_id != person.id:
        raise NotFoundError
    return role


def list_libraries(actor: Actor) -> Sequence[Library]:
    """The libraries that the actor looks after, members first. There are as many as the consortium has members."""
    query = sa.select(Library).options(joinedload(Library.merged_into))
    if not actor.is_administrator:
        query = query.where(Library.id.in_(actor.librarian_of))
    members_first = sa.case((Library.status == LibraryStatus.ACTIVE, 0), else_=1)
    return db.session.scalars(query.order_by(members_first, Library.sort_name, Library.id)).all()


def active_libraries(actor: Actor) -> list[Library]:
    return [library for library in list_libraries(actor) if library.status is LibraryStatus.ACTIVE]


def load_library(code: str) -> Library:
    library = db.session.scalar(sa.select(Library).where(Library.code == code))
    if library is None:
        raise NotFoundError
    return library


def load_collection(code: str) -> Collection:
    found = sa.select(Collection).where(Collection.code == code)
    collection = db.session.scalar(found.options(joinedload(Collection.library), joinedload(Collection.parent)))
    if collection is None:
        raise NotFoundError
    return collection


def list_collection_roles(collection: Collection) -> Sequence[Role]:
    """Who reviews this collection or is invited to deposit into it."""
    held = sa.select(Role).join(Person).where(Role.collection_id == collection.id).options(joinedload(Role.person))
    return db.session.scalars(held.order_by(Role.name, Person.sort_name, Role.id)).all()


def list_history(thing: Library | Collection | Person) -> Sequence[Event]:
    """The last things done to it, the newest first."""
    told = sa.select(Event).where(Event.subject == subject_of(thing)).options(joinedload(Event.actor))
    return db.session.scalars(told.order_by(Event.id.desc()).limit(RECENT)).all()


def _people_of(library_ids: frozenset[int]) -> sa.Select[int]:
    """Ids of the people who hold a role in these libraries or in a collection of theirs."""
    here = sa.or_(Role.library_id.in_(library_ids), Collection.library_id.in_(library_ids))
    return sa.select(Role.person_id).outerjoin(Collection, Role.collection_id == Collection.id).where(here)
