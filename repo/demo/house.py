"""The libraries, collections and people of the demonstration: made once, found again by their codes and addresses."""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field

import sqlalchemy as sa
from flask import current_app

from repo.db import db, transaction
from repo.demo.content import CollectionPlan, LibraryPlan, PersonPlan, load_house
from repo.errors import MurasError
from repo.items.access import SYSTEM
from repo.members.models import Collection, DepositPolicy, Fact, Library, Person, ReviewPolicy, RoleName
from repo.members.passwords import matches
from repo.members.people import find_person
from repo.members.services.accounts import create_person
from repo.members.services.collections import create_collection
from repo.members.services.libraries import create_library
from repo.members.services.roles import grant_role

FACT = "demo"
"""The fact that says what of this installation belongs to the demonstration: nothing else is ever removed by it."""


class NotOursError(MurasError):
    """Something stands already under a name of the demonstration, and is not its own."""

    status = 409


@dataclass
class Mark:
    """Codes of libraries and collections, addresses of people, keys of works that are done.

    `leaving` are the ids of items whose rows are gone already and `digests` those of their files, while a removal is
    under way.
    """

    libraries: list[str] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)


def read_mark() -> Mark | None:
    """Return what is there of the demonstration; None when it was never begun, or is gone."""
    fact = db.session.get(Fact, FACT)
    return Mark(**json.loads(fact.value)) if fact else None


def write_mark(mark: Mark) -> None:
    """Keep the mark, in the caller's transaction."""
    db.session.merge(Fact(name=FACT, value=json.dumps(asdict(mark), ensure_ascii=False)))
    db.session.flush()


@dataclass(frozen=True)
class Account:
    """An account as it is told to whoever runs the command. `password` is "" when it was changed meanwhile."""

    role: str
    name: str
    email: str
    password: str


def build_house() -> None:
    """Make what is missing of libraries, collections and people. Raises NotOursError."""
    house = load_house()
    with transaction():
        mark = read_mark() or Mark()
        for library in house.libraries:
            _make_library(library, mark)
        for collection in house.collections:
            _make_collection(collection, mark)
        for person in house.people:
            _make_person(person, mark)
        if mark != read_mark():
            write_mark(mark)


def list_accounts() -> list[Account]:
    """The accounts that there are, with their passwords."""
    accounts = []
    for plan in load_house().people:
        person = find_person(plan.email)
        if person is not None:
            password = password_of(plan.email)
            known = matches(password, person.password_hash)
            accounts.append(Account(plan.roles[0].name, person.name, plan.email, password if known else ""))
    return accounts


def password_of(email: str) -> str:
    """The password of a demonstration account: another one in each installation, and the same at each run.

    It is made from the installation's secret, so that nobody can know it from this source.
    """
    secret = current_app.config["SECRET_KEY"].encode()
    digest = hmac.new(secret, f"muras.demo:{email}".encode(), hashlib.sha256).digest()
    letters = base64.b32encode(digest).decode().lower()
    return "-".join((letters[:4], letters[4:8], letters[8:12], letters[12:16]))


def find_library(code: str) -> Library | None:
    return db.session.scalar(sa.select(Library).where(Library.code == code))


def find_collection(code: str) -> Collection | None:
    return db.session.scalar(sa.select(Collection).where(Collection.code == code))


def _make_library(plan: LibraryPlan, mark: Mark) -> None:
    if _is_there(find_library(plan.code), plan.code, mark.libraries):
        return
    create_library(SYSTEM, **plan.model_dump())
    mark.libraries.append(plan.code)


def _make_collection(plan: CollectionPlan, mark: Mark) -> None:
    if _is_there(find_collection(plan.code), plan.code, mark.collections):
        return
    library = find_library(plan.library)
    assert library is not None, plan.library
    create_collection(
        SYSTEM,
        library,
        code=plan.code,
        parent=find_collection(plan.parent) if plan.parent else None,
        names=plan.names,
        about=plan.about,
        licence=plan.licence,
        deposit_policy=DepositPolicy(plan.deposit_policy),
        review_policy=ReviewPolicy(plan.review_policy),
        types=plan.types,
    )
    mark.collections.append(plan.code)


def _make_person(plan: PersonPlan, mark: Mark) -> None:
    if _is_there(find_person(plan.email), plan.email, mark.people):
        return
    password = password_of(plan.email)
    person = create_person(SYSTEM, name=plan.name, email=plan.email, language=plan.language, password=password)
    for place in plan.roles:
        library = find_library(place.library) if place.library else None
        collection = find_collection(place.collection) if place.collection else None
        grant_role(SYSTEM, person, RoleName(place.name), library=library, collection=collection)
    mark.people.append(plan.email)


def _is_there(found: Library | Collection | Person | None, name: str, ours: list[str]) -> bool:
    """Whether one of ours stands. What somebody removed is made again under its name."""
    if found is None:
        if name in ours:
            ours.remove(name)
        return False
    if name not in ours:
        raise NotOursError(f"{name} stands already and is not part of the demonstration")
    return True
