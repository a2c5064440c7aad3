"""Who may give which role, where; and what a person may do with it."""

import pytest
import sqlalchemy as sa

from repo.db import db, transaction
from repo.errors import ForbiddenError, InvalidError, StateError
from repo.members.actors import ANYBODY, SYSTEM, Grant
from repo.members.models import Event, Person, Role, RoleName
from repo.members.services.roles import SCOPES, Scope, actor_of, grant_role, invite_person, load_roles, revoke_role
from tests.members.conftest import Letters, MakeCollection, MakeLibrary, MakePerson


def test_roles_become_the_grants_of_an_actor(
    make_person: MakePerson, make_library: MakeLibrary, make_collection: MakeCollection
) -> None:
    library = make_library("knu")
    collection = make_collection(library, "theses")
    person = make_person("aibek")
    with transaction():
        grant_role(SYSTEM, person, RoleName.LIBRARIAN, library=library)
        grant_role(SYSTEM, person, RoleName.REVIEWER, collection=collection)
    actor = actor_of(person)
    assert actor.grants == {Grant("librarian", library.id), Grant("reviewer", None, collection.id)}
    assert actor.manages(library.id)
    assert not actor.manages(None)
    assert [role.name for role in load_roles(person)] == [RoleName.LIBRARIAN, RoleName.REVIEWER]


def test_a_role_is_given_once(make_person: MakePerson, make_library: MakeLibrary, letters: Letters) -> None:
    library, person = make_library("knu"), make_person("aibek")
    for _ in range(2):
        with transaction():
            grant_role(SYSTEM, person, RoleName.MEMBER, library=library)
    assert len(person.roles) == 1
    assert len(letters()) == 1
    assert "knu китепканасы" in letters()[0]["text"]


def test_an_administrator_gives_every_role(
    make_person: MakePerson, make_library: MakeLibrary, make_collection: MakeCollection
) -> None:
    library = make_library("knu")
    collection = make_collection(library, "theses")
    administrator, person = actor_of(make_person("admin", RoleName.ADMINISTRATOR)), make_person("aibek")
    for name, scopes in SCOPES.items():
        for scope in scopes:
            with transaction():
                grant_role(
                    administrator,
                    person,
                    name,
                    library=library if scope is Scope.LIBRARY else None,
                    collection=collection if scope is Scope.COLLECTION else None,
                )
    assert len(person.roles) == sum(map(len, SCOPES.values()))


def test_a_librarian_gives_roles_in_the_own_library_only(
    make_person: MakePerson, make_library: MakeLibrary, make_collection: MakeCollection
) -> None:
    own, other = make_library("knu"), make_library("oshsu")
    here, there = make_collection(own, "theses"), make_collection(other, "books")
    librarian, person = actor_of(make_person("cholpon", RoleName.LIBRARIAN, library=own)), make_person("aibek")
    with transaction():
        grant_role(librarian, person, RoleName.LIBRARIAN, library=own)
        grant_role(librarian, person, RoleName.REVIEWER, collection=here)
    for refused in (
        {"name": RoleName.ADMINISTRATOR},
        {"name": RoleName.LIBRARIAN, "library": other},
        {"name": RoleName.REVIEWER, "collection": there},
        {"name": RoleName.DEPOSITOR, "library": other},
    ):
        with pytest.raises(ForbiddenError), transaction():
            grant_role(librarian, person, **refused)
    assert len(person.roles) == 2


@pytest.mark.parametrize("role", [RoleName.REVIEWER, RoleName.DIGITIZER, RoleName.DEPOSITOR, RoleName.MEMBER])
def test_no_other_role_gives_roles(make_person: MakePerson, make_library: MakeLibrary, role: RoleName) -> None:
    library = make_library("knu")
    holder = make_person("aibek", role, library=library)
    for name in (RoleName.ADMINISTRATOR, RoleName.LIBRARIAN, RoleName.MEMBER):
        with pytest.raises(ForbiddenError), transaction():
            grant_role(actor_of(holder), holder, name, library=None if name is RoleName.ADMINISTRATOR else library)


def test_strangers_give_no_roles(make_person: MakePerson, make_library: MakeLibrary) -> None:
    library, person = make_library("knu"), make_person("aibek")
    with pytest.raises(ForbiddenError), transaction():
        grant_role(ANYBODY, person, RoleName.MEMBER, library=library)


def test_a_role_is_held_where_it_means_something(
    make_person: MakePerson, make_library: MakeLibrary, make_collection: MakeCollection
) -> None:
    library, person = make_library("knu"), make_person("aibek")
    collection = make_collection(library, "theses")
    for wrong in (
        {"name": RoleName.ADMINISTRATOR, "library": library},
        {"name": RoleName.LIBRARIAN},
        {"name": RoleName.MEMBER, "collection": collection},
        {"name": RoleName.REVIEWER, "library": library, "collection": collection},
    ):
        with pytest.raises(ValueError, match="held"), transaction():
            grant_role(SYSTEM, person, **wrong)


def test_a_librarian_takes_no_role_elsewhere(make_person: MakePerson, make_library: MakeLibrary) -> None:
    own, other = make_library("knu"), make_library("oshsu")
    librarian = actor_of(make_person("cholpon", RoleName.LIBRARIAN, library=own))
    inside = make_person("inside", RoleName.MEMBER, library=own)
    outside = make_person("outside", RoleName.MEMBER, library=other)
    with transaction():
        revoke_role(librarian, inside.roles[0])
    assert inside.roles == []
    with pytest.raises(ForbiddenError), transaction():
        revoke_role(librarian, outside.roles[0])


def test_the_last_administrator_keeps_the_role(make_person: MakePerson) -> None:
    first, second = make_person("first", RoleName.ADMINISTRATOR), make_person("second", RoleName.ADMINISTRATOR)
    with transaction():
        revoke_role(actor_of(first), second.roles[0])
    with pytest.raises(StateError), transaction():
        revoke_role(actor_of(first), first.roles[0])


def test_an_administrator_who_never_confirmed_does_not_count(make_person: MakePerson) -> None:
    first = make_person("first", RoleName.ADMINISTRATOR)
    with transaction():
        invite_person(SYSTEM, email="second@example.kg", name="S", language="ky", role=RoleName.ADMINISTRATOR)
    with pytest.raises(StateError), transaction():
        revoke_role(SYSTEM, first.roles[0])


def test_whoever_is_invited_gets_an_account_and_a_link(
    make_person: MakePerson, make_library: MakeLibrary, make_collection: MakeCollection, letters: Letters
) -> None:
    library = make_library("knu")
    collection = make_collection(library, "theses")
    librarian = actor_of(make_person("cholpon", RoleName.LIBRARIAN, library=library))
    with transaction():
        person = invite_person(
            librarian,
            email="New@example.kg",
            name="Жаңы Автор",
            language="ru",
            role=RoleName.DEPOSITOR,
            collection=collection,
        )
    assert (person.email, person.password_hash, person.confirmed_at) == ("new@example.kg", None, None)
    assert actor_of(person).holds("depositor", None, collection.ancestor_ids)
    letter = letters()[-1]
    assert (letter["to"], letter["language"]) == ("new@example.kg", "ru")
    assert "/account/confirm/" in letter["text"]


def test_who_has_an_account_already_is_told_of_the_role(
    make_person: MakePerson, make_library: MakeLibrary, letters: Letters
) -> None:
    library, person = make_library("knu"), make_person("aibek", name="Айбек")
    with transaction():
        invite_person(
            SYSTEM, email="AIBEK@example.kg", name="Other", language="en", role=RoleName.MEMBER, library=library
        )
    assert person.name == "Айбек"
    assert "/account/confirm/" not in letters()[-1]["text"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1


def test_an_invitation_that_is_refused_makes_no_account(make_person: MakePerson, make_library: MakeLibrary) -> None:
    own, other = make_library("knu"), make_library("oshsu")
    librarian = actor_of(make_person("cholpon", RoleName.LIBRARIAN, library=own))
    with pytest.raises(ForbiddenError), transaction():
        invite_person(librarian, email="x@example.kg", name="X", language="ky", role=RoleName.LIBRARIAN, library=other)
    with pytest.raises(InvalidError), transaction():
        invite_person(librarian, email="x", name="X", language="ky", role=RoleName.MEMBER, library=own)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1


def test_roles_stand_in_the_history(make_person: MakePerson, make_library: MakeLibrary) -> None:
    library = make_library("knu")
    administrator, person = make_person("admin", RoleName.ADMINISTRATOR), make_person("aibek")
    with transaction():
        role = grant_role(actor_of(administrator), person, RoleName.MEMBER, library=library)
    with transaction():
        revoke_role(actor_of(administrator), db.session.get_one(Role, role.id))
    events = db.session.scalars(
        sa.select(Event).where(Event.subject == f"person:{person.id}", Event.verb.startswith("role")).order_by(Event.id)
    ).all()
    assert [(e.verb, e.actor_id) for e in events] == [
        ("role granted", administrator.id),
        ("role revoked", administrator.id),
    ]
    assert events[0].after == events[1].before == {"role": "member", "library": "knu"}
