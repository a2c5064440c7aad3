"""One rule, three forms: `may`, the filters in SQL and the readers of the index decide alike, whatever is asked.

Works, actors, networks and moments are made up; the rows are real, written as publishing writes them. The first test
compares what a document of the index allows, the second what the engine finds.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from repo.db import db, now, transaction
from repo.items.access import ANYBODY, Access, Action, Actor, FileRole, Grant, Target, is_staff, may
from repo.items.models import Blob, File, Item, Version
from repo.items.rights import NOWHERE, has_open_files, is_looked_after_by, is_public, version_target
from repo.items.services.publishing import show_newest
from repo.items.states import VersionState
from repo.members.models import Collection, Library, Person
from repo.search.document import EVERYTHING, OPEN
from repo.search.parser import parse_query
from repo.search.ports import MAX_PAGE, SearchRequest
from repo.search.services.finding import reader_of, search_items
from repo.search.services.indexing import rebuild_index
from repo.search.sources import load_sources
from repo.storage.texts import write_text
from tests import factories

DAYS = [date(2026, 3, day) for day in (1, 2, 3)]
PUBLISHED_AT = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)


# ---------------------------------------------------------------- what is made up


@dataclass(frozen=True)
class Rule:
    """As a depositor chooses it: an embargo may lack its day, or have one that is none."""

    access: Access
    until: str = ""


@dataclass(frozen=True)
class MadeFile:
    role: FileRole
    own: Rule | None


@dataclass(frozen=True)
class MadeItem:
    """`rules` are those of its public versions, oldest first; `open_version` is the state of one that is not public."""

    collection: int
    depositor: int | None
    rules: tuple[Rule, ...]
    files: tuple[MadeFile, ...]
    open_version: VersionState | None
    withdrawn: bool


days = st.sampled_from(DAYS)
rules = st.one_of(
    st.sampled_from([Rule(Access.OPEN), Rule(Access.RESTRICTED), Rule(Access.CLOSED)]),
    st.builds(Rule, st.just(Access.EMBARGOED), days.map(date.isoformat) | st.sampled_from(["", "2026", "soon"])),
)
file_rules = st.none() | rules.filter(lambda rule: rule.until in ("", *map(date.isoformat, DAYS)))
items = st.builds(
    MadeItem,
    collection=st.integers(0, 12),
    depositor=st.sampled_from([None, 0, 1]),
    rules=st.lists(rules, max_size=2).map(tuple),
    files=st.lists(st.builds(MadeFile, st.sampled_from(FileRole), file_rules), min_size=1, max_size=3).map(tuple),
    open_version=st.sampled_from([None, VersionState.DRAFT, VersionState.SUBMITTED, VersionState.ACCEPTED]),
    withdrawn=st.booleans(),
)

# (role, library, collection): held where it can be (members.services.roles.SCOPES).
in_library = st.tuples(
    st.sampled_from(["librarian", "digitizer", "reviewer", "depositor", "member"]), st.integers(0, 1), st.none()
)
in_collection = st.tuples(st.sampled_from(["reviewer", "depositor"]), st.none(), st.integers(0, 12))
grants = st.frozensets(in_library | in_collection | st.just(("administrator", None, None)), max_size=3)
Made = tuple[int | None, frozenset[tuple[str, int | None, int | None]]]
actors: st.SearchStrategy[Made] = st.one_of(st.just((None, frozenset())), st.tuples(st.sampled_from([0, 1, 2]), grants))
networks = st.frozensets(st.integers(0, 1))
moments = st.builds(
    lambda day, at, hours: datetime.combine(day, at, UTC).astimezone(timezone(timedelta(hours=hours))),
    st.sampled_from([*DAYS, DAYS[0] - timedelta(days=1)]),
    st.sampled_from([time(0), time(12, 30), time(23, 59, 59, 999_999)]),
    st.sampled_from([0, 6, -11, 14]),
)


# ---------------------------------------------------------------- … in real rows


@dataclass
class World:
    """Two libraries, a tree of three collections and single ones (so that there are ids 1 and 11), three people."""

    libraries: list[Library]
    collections: list[Collection]
    people: list[Person]

    def actor(self, made: Made) -> Actor:
        person, held = made
        given = {
            Grant(
                role,
                None if library is None else self.libraries[library].id,
                None if collection is None else self.collections[collection].id,
            )
            for role, library, collection in held
        }
        return Actor(None if person is None else self.people[person].id, frozenset(given))

    def networks(self, made: frozenset[int]) -> frozenset[int]:
        return frozenset(self.libraries[number].id for number in made)

    def write(self, session: Session, number: int, made: MadeItem) -> Item:
        """The rows of an item, as depositing and publishing leave them."""
        collection = self.collections[made.collection]
        item = Item(
            id=f"{number:09}",
            collection_id=collection.id,
            library_id=collection.library_id,
            depositor_id=None if made.depositor is None else self.people[made.depositor].id,
        )
        session.add(item)
        for count, rule in enumerate(made.rules, start=1):
            item.versions.append(
                Version(
                    number=count,
                    state=VersionState.PUBLISHED,
                    latest=True,
                    ocfl_version=count,
                    published_at=PUBLISHED_AT,
                    meta=factories.make_metadata(f"Эмгек {number}").model_dump(mode="json")
                    | {"access": rule.access.value, "embargo_until": rule.until},
                    files=[self._file(session, number, place, file) for place, file in enumerate(made.files)],
                )
            )
        if made.open_version is not None:
            item.versions.append(Version(number=len(made.rules) + 1, state=made.open_version, meta={"access": "open"}))
        session.flush()
        if made.rules:
            show_newest(item, PUBLISHED_AT)
            item.withdrawn_at = PUBLISHED_AT if made.withdrawn else None
        session.flush()
        session.refresh(item)
        return item

    def _file(self, session: Session, number: int, place: int, made: MadeFile) -> File:
        digest = digest_of(number, place)
        if session.get(Blob, digest) is None:
            session.add(Blob(digest=digest, size=1, mime="application/pdf"))
        until = date.fromisoformat(made.own.until) if made.own and made.own.until else None
        access = made.own.access if made.own else None
        return File(
            name=word_of(number, place), position=place, role=made.role, digest=digest, access=access, until=until
        )


def word_of(number: int, place: int) -> str:
    """The word that stands in one file only; its name too."""
    return f"сөз{number}х{place}"


def digest_of(number: int, place: int) -> str:
    return hashlib.sha512(word_of(number, place).encode()).hexdigest()


@pytest.fixture
def world(context: Flask) -> World:
    knu, osh = factories.make_library("knu"), factories.make_library("osh")
    root = factories.make_collection(knu)
    child = factories.make_collection(knu, parent=root)
    below = factories.make_collection(knu, parent=child)
    single = [factories.make_collection(library) for _ in range(5) for library in (knu, osh)]
    keep_texts(range(4))
    return World([knu, osh], [root, child, below, *single], [factories.make_person() for _ in range(3)])


def keep_texts(numbers: range) -> None:
    """The texts that the pipeline would have kept: one word in each file."""
    for number in numbers:
        for place in range(3):
            write_text(digest_of(number, place), [word_of(number, place)])


class Undone(Exception):
    """Takes back what an example wrote."""


@contextmanager
def taken_back() -> Iterator[Session]:
    with suppress(Undone), transaction() as session:
        yield session
        raise Undone


def ids_where(*conditions: sa.ColumnElement[bool]) -> set[str]:
    query = sa.select(Item.id).join(Collection, Item.collection_id == Collection.id).where(*conditions)
    return set(db.session.scalars(query))


# ---------------------------------------------------------------- the rules agree


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(items, min_size=1, max_size=4), who=actors, place=networks, at=moments)
def test_rows_filters_and_documents_say_the_same(world: World, made, who, place, at) -> None:  # type: ignore[no-untyped-def]
    actor, inside = world.actor(who), world.networks(place)
    with time_machine.travel(at, tick=False), taken_back() as session:
        assert now() == at
        rows = [world.write(session, number, one) for number, one in enumerate(made)]
        compare_filters(rows, actor, at)
        compare_documents(rows, actor, inside, at)


def compare_filters(rows: list[Item], actor: Actor, at: datetime) -> None:
    public, open_files = ids_where(is_public()), ids_where(is_public(), has_open_files(at))
    looked_after = ids_where(is_looked_after_by(actor))
    for item in rows:
        note(f"{item.id} {item.access} {item.embargo_until}")
        for version in item.versions:
            target = version_target(version)
            published = version.state is VersionState.PUBLISHED
            assert (item.id in looked_after) == is_staff(actor, target)
            assert (published and item.id in public) == may(ANYBODY, NOWHERE, Action.SEE, target, at).allowed
            own = actor.person_id is not None and actor.person_id == item.depositor_id
            seen = item.id in looked_after or (item.id in public if published else own)
            assert seen == may(actor, NOWHERE, Action.SEE, target, at).allowed
        if item.current is not None:
            target = version_target(item.current)
            assert (item.id in open_files) == may(ANYBODY, NOWHERE, Action.READ, target, at).allowed
        else:
            assert item.id not in public


def public_files(item: Item) -> list[tuple[File, Target]]:
    version = item.current
    return [(file, version_target(version, file)) for file in version.files] if version is not None else []


def compare_documents(rows: list[Item], actor: Actor, inside: frozenset[int], at: datetime) -> None:
    """Whoever finds a file by its words may read it; of readers who neither keep nor deposited it, the others may not.

    (Staff and depositors find only what other readers find too: their rights are not written into the index.)
    """
    classes = reader_of(actor, inside).classes | {OPEN}
    documents = {source.id: list(source.texts) for source in load_sources([item.id for item in rows])}
    for item in rows:
        found = {text.value for text in documents.get(item.id, []) if classes & (text.audience | {EVERYTHING})}
        for file, target in public_files(item):
            readable = may(actor, inside, Action.READ, target, at).allowed
            if file.name in found:
                assert readable and item.id in documents
            elif readable:
                assert is_staff(actor, target) or actor.person_id == item.depositor_id


def test_the_engine_finds_for_each_reader_what_they_may_read(world: World) -> None:
    """The same with the real index: many works, many readers, each word asked for by each."""
    chance = Random(20260302)
    numbers = range(60)
    keep_texts(numbers)
    with transaction() as session:
        for number in numbers:
            world.write(session, number, made_up(chance))
    with time_machine.travel(datetime.combine(DAYS[1], time(12), UTC), tick=False):
        assert rebuild_index() > len(numbers) / 2
        found = 0
        for _ in range(16):
            person = chance.choice([None, 0, 1, 2])
            actor = world.actor((person, some_grants(chance) if person is not None else frozenset()))
            inside = world.networks(frozenset(n for n in (0, 1) if chance.random() < 0.3))
            found += compare_engine(chance.sample(numbers, 10), actor, inside)
    assert 20 < found < 16 * 10, "some words were found and some were not"


def made_up(chance: Random) -> MadeItem:
    def rule() -> Rule:
        access = chance.choice(list(Access))
        return Rule(access, chance.choice(DAYS).isoformat() if access is Access.EMBARGOED else "")

    return MadeItem(
        collection=chance.randrange(13),
        depositor=chance.choice([None, 0, 1]),
        rules=(rule(), rule()),
        files=tuple(
            MadeFile(chance.choice(list(FileRole)), rule() if chance.random() < 0.3 else None) for _ in range(2)
        ),
        open_version=None,
        withdrawn=chance.random() < 0.15,
    )


def some_grants(chance: Random) -> frozenset[tuple[str, int | None, int | None]]:
    possible: list[tuple[str, int | None, int | None]] = [
        *(("librarian", n, None) for n in (0, 1)),
        *(("member", n, None) for n in (0, 1)),
        *(("reviewer", None, n) for n in (0, 1, 3)),
        ("administrator", None, None),
    ]
    return frozenset(chance.sample(possible, chance.randrange(3)))


def compare_engine(numbers: list[int], actor: Actor, inside: frozenset[int]) -> int:
    """Returns how many words were found."""
    count = 0
    for number in numbers:
        item = db.session.get_one(Item, f"{number:09}")
        for place, (file, target) in enumerate(public_files(item)):
            request = SearchRequest(parse_query(f'"{word_of(number, place)}"'), limit=MAX_PAGE, passages=2)
            answer = search_items(request, actor, inside)
            readable = may(actor, inside, Action.READ, target, now()).allowed
            hits = {hit.item.id for hit in answer.items}
            assert answer.result.total == len(hits), "what is counted is what is shown"
            count += len(hits)
            if hits:
                assert hits == {item.id} and readable
                assert [found.file_name for found in answer.items[0].fragments] == [file.name]
            elif readable and item.withdrawn_at is None:
                assert is_staff(actor, target) or actor.person_id == item.depositor_id
    return count
