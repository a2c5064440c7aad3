"""Accounts as services: signing up, confirming, passwords, profiles, closing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from repo.db import db, now, transaction
from repo.errors import ForbiddenError, InvalidError, StateError
from repo.members.actors import ANYBODY, SYSTEM
from repo.members.models import Event, Library, Person, RoleName
from repo.members.passwords import matches, password_faults
from repo.members.services import accounts
from repo.members.services.roles import actor_of, grant_role, invite_person
from repo.members.tokens import Purpose, make_token, read_token
from tests.members.conftest import PASSWORD, Letters, MakeLibrary, MakePerson, link_in


def sign_up(email: str = "aibek@example.kg", name: str = "Айбек Усенов", language: str = "ky") -> Person:
    with transaction():
        accounts.sign_up_person(name=name, email=email, language=language)
    return db.session.scalars(sa.select(Person).where(Person.email == email.lower())).one()


def token_of(letter: dict[str, str]) -> str:
    return link_in(letter).rsplit("/", 1)[1]


def test_an_account_opens_with_the_mailed_link(context: Flask, letters: Letters) -> None:
    sign_up()
    letter = letters()[0]
    assert letter["to"] == "aibek@example.kg"
    assert letter["language"] == "ky"
    with transaction():
        person = read_token(Purpose.CONFIRM, token_of(letter))
        assert person is not None
        accounts.confirm_person(person, name="Айбек Усенов", password=PASSWORD)
    assert accounts.authenticate_person("Aibek@Example.KG ", PASSWORD) == person
    assert read_token(Purpose.CONFIRM, token_of(letter)) is None, "a link works once"


def test_nobody_is_let_in_before_the_address_is_confirmed(context: Flask) -> None:
    person = sign_up()
    assert person.password_hash is None
    assert accounts.authenticate_person("aibek@example.kg", "") is None


def test_signing_up_twice_sends_another_link_and_makes_no_second_account(context: Flask, letters: Letters) -> None:
    sign_up()
    person = sign_up("AIBEK@example.kg", name="Айбек У.")
    assert person.name == "Айбек У."
    assert [letter["to"] for letter in letters()] == ["aibek@example.kg"] * 2


def test_signing_up_with_the_address_of_another_tells_the_owner_only(make_person: MakePerson, letters: Letters) -> None:
    owner = make_person("aibek", name="Айбек")
    person = sign_up("aibek@example.kg", name="Somebody else")
    assert (person.id, person.name) == (owner.id, "Айбек")
    assert "/account/confirm/" not in letters()[-1]["text"]
    assert "/account/sign-in" in letters()[-1]["text"]


def test_letters_to_one_address_are_few(context: Flask, letters: Letters, clock: time_machine.Traveller) -> None:
    for _ in range(10):
        sign_up()
    assert len(letters()) == 3
    clock.shift(timedelta(hours=25))
    sign_up()
    assert len(letters()) == 4


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", "two@at@example.kg"),
        ("email", "x@nodot"),
        ("email", "айбек@example.kg"),
        ("name", "  "),
        ("name", "x" * 201),
        ("name", "Win at https://evil.example"),
        ("language", "xx"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(context: Flask, field: str, value: str) -> None:
    typed = {"name": "Айбек", "email": "aibek@example.kg", "language": "ky"} | {field: value}
    with pytest.raises(InvalidError) as refused, transaction():
        accounts.sign_up_person(**typed)
    assert list(refused.value.faults) == [field]


def test_an_address_with_a_kyrgyz_domain_is_kept_in_ascii(context: Flask) -> None:
    with transaction():
        accounts.sign_up_person(name="Айбек", email="Aibek@Мурас.KG", language="ky")
    assert db.session.scalars(sa.select(Person.email)).one().startswith("aibek@xn--")


def test_tokens_are_for_one_purpose_and_some_time(make_person: MakePerson, clock: time_machine.Traveller) -> None:
    person = make_person("aibek")
    reset, confirm = make_token(Purpose.RESET, person), make_token(Purpose.CONFIRM, person)
    assert read_token(Purpose.CONFIRM, reset) is None
    assert read_token(Purpose.RESET, confirm) is None
    assert read_token(Purpose.RESET, reset + "x") is None
    assert read_token(Purpose.RESET, "") is None
    clock.shift(timedelta(hours=23))
    assert read_token(Purpose.RESET, reset) == person
    clock.shift(timedelta(hours=2))
    assert read_token(Purpose.RESET, reset) is None


def test_a_new_password_ends_the_links_that_were_sent_before(make_person: MakePerson, letters: Letters) -> None:
    person = make_person("aibek")
    with transaction():
        accounts.request_password_reset("AIBEK@example.kg")
        accounts.request_password_reset("aibek@example.kg")
    first, second = map(token_of, letters())
    with transaction():
        reader = read_token(Purpose.RESET, second)
        assert reader is not None
        accounts.reset_password(reader, "a wholly different one")
    assert read_token(Purpose.RESET, first) is None
    assert accounts.authenticate_person(person.email, PASSWORD) is None
    assert accounts.authenticate_person(person.email, "a wholly different one") == person


def test_asking_for_a_password_of_nobody_sends_nothing(context: Flask, letters: Letters) -> None:
    with transaction():
        accounts.request_password_reset("nobody@example.kg")
    assert letters() == []


def test_asking_for_a_password_before_confirming_sends_the_first_link_again(context: Flask, letters: Letters) -> None:
    sign_up()
    with transaction():
        accounts.request_password_reset("aibek@example.kg")
    assert "/account/confirm/" in letters()[-1]["text"]


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaa", "1234567890", "Кыргызстан1", "aibek@example.kg", "x" * 201, "ababababab"]
)
def test_passwords_that_are_refused(context: Flask, password: str) -> None:
    assert password_faults(password, "Айбек Усенов", "aibek@example.kg")


@pytest.mark.parametrize("password", [PASSWORD, "үч тынч жылкы", "p\u0430ssw0rd and more"])
def test_passwords_that_are_taken(context: Flask, password: str) -> None:
    assert password_faults(password, "Айбек Усенов", "aibek@example.kg") == []


def test_nobody_has_no_password_that_matches(context: Flask) -> None:
    assert not matches("nobody", None)
    assert not matches("", None)
    assert not matches("anything", "no hash at all")


def test_a_hash_of_weaker_parameters_is_renewed(make_person: MakePerson) -> None:
    from argon2 import PasswordHasher

    person = make_person("aibek")
    with transaction():
        person.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with transaction():
        accounts.renew_hash(person, PASSWORD)
    assert person.password_hash is not None
    assert "m=19456,t=2,p=1" in person.password_hash
    assert accounts.authenticate_person(person.email, PASSWORD) == person


def test_a_disabled_account_is_told_so_only_after_the_right_password(make_person: MakePerson) -> None:
    person = make_person("aibek")
    with transaction():
        accounts.disable_person(SYSTEM, person, "left")
    assert accounts.authenticate_person(person.email, "wrong") is None
    with pytest.raises(ForbiddenError):
        accounts.authenticate_person(person.email, PASSWORD)
    assert actor_of(person) == ANYBODY
    with transaction():
        accounts.enable_person(SYSTEM, person)
    assert accounts.authenticate_person(person.email, PASSWORD) == person


def test_links_of_a_disabled_account_lead_nowhere(make_person: MakePerson, letters: Letters) -> None:
    person = make_person("aibek")
    token = make_token(Purpose.RESET, person)
    with transaction():
        accounts.disable_person(SYSTEM, person, "")
        accounts.request_password_reset(person.email)
    assert read_token(Purpose.RESET, token) is None
    assert letters() == []


def test_the_last_administrator_stays(make_person: MakePerson) -> None:
    first = make_person("aibek", RoleName.ADMINISTRATOR)
    with pytest.raises(StateError), transaction():
        accounts.disable_person(SYSTEM, first, "")
    make_person("bermet", RoleName.ADMINISTRATOR)
    with transaction():
        accounts.disable_person(SYSTEM, first, "")


def test_nobody_but_the_administrator_disables(make_person: MakePerson, make_library: MakeLibrary) -> None:
    library = make_library("knu")
    librarian = actor_of(make_person("cholpon", RoleName.LIBRARIAN, library=library))
    reader = make_person("aibek", RoleName.MEMBER, library=library)
    for actor in (librarian, actor_of(reader), ANYBODY):
        with pytest.raises(ForbiddenError), transaction():
            accounts.disable_person(actor, reader, "")


def test_a_profile_is_changed_by_its_owner(make_person: MakePerson) -> None:
    person, other = make_person("aibek"), make_person("bermet")
    with transaction():
        accounts.change_profile(
            actor_of(person),
            person,
            name=" Даи\u0306ыр  Усенов ",
            language="ru",
            orcid="https://orcid.org/0000-0002-1694-233x",
        )
    assert (person.name, person.language, person.orcid) == ("Дайыр Усенов", "ru", "0000-0002-1694-233X")
    with pytest.raises(ForbiddenError), transaction():
        accounts.change_profile(actor_of(other), person, name="X", language="ru", orcid="")
    with pytest.raises(InvalidError) as refused, transaction():
        accounts.change_profile(actor_of(person), person, name="", language="de", orcid="0000-0002-1694-2330")
    assert set(refused.value.faults) == {"name", "language", "orcid"}


def test_every_change_stands_in_the_history_and_no_password_does(make_person: MakePerson) -> None:
    person = make_person("aibek")
    with transaction():
        accounts.change_profile(actor_of(person), person, name="Айбек", language="en", orcid="")
        accounts.change_password(person, "a wholly different one")
        accounts.disable_person(SYSTEM, person, "left the library")
    events = db.session.scalars(sa.select(Event).where(Event.subject == f"person:{person.id}").order_by(Event.id)).all()
    assert [event.verb for event in events] == ["created", "profile changed", "password changed", "disabled"]
    assert (events[1].before, events[1].after) == (
        {"name": "Aibek", "language": "ky"},
        {"name": "Айбек", "language": "en"},
    )
    assert events[2].before is None
    assert events[2].after is None
    assert (events[3].actor_id, events[3].comment) == (None, "left the library")


def test_accounts_that_nobody_confirmed_are_forgotten(
    make_person: MakePerson, make_library: MakeLibrary, clock: time_machine.Traveller
) -> None:
    library: Library = make_library("knu")
    make_person("kept")
    sign_up("stranger@example.kg")
    with transaction():
        invite_person(
            SYSTEM, email="invited@example.kg", name="I", language="ky", role=RoleName.DEPOSITOR, library=library
        )
    clock.shift(timedelta(days=31))
    sign_up("fresh@example.kg")
    with transaction():
        assert accounts.forget_unconfirmed(now()) == 1
    assert set(db.session.scalars(sa.select(Person.email))) == {
        "kept@example.kg",
        "invited@example.kg",
        "fresh@example.kg",
    }


def test_the_letter_is_in_the_language_of_its_reader(make_person: MakePerson, letters: Letters) -> None:
    person = make_person("aibek", language="ru")
    with transaction():
        grant_role(SYSTEM, person, RoleName.ADMINISTRATOR)
    assert letters()[-1]["language"] == "ru"
