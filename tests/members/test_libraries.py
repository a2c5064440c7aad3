"""Libraries and the tree of their collections."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from repo.db import db, transaction
from repo.errors import ForbiddenError, InvalidError, StaleError, StateError
from repo.members import changes
from repo.members.actors import ANYBODY, SYSTEM
from repo.members.changes import TreeChange, register_followers
from repo.members.models import Collection, DepositPolicy, Event, LibraryStatus, RoleName
from repo.members.services.collections import (
    DEEPEST,
    change_collection,
    close_collection,
    create_collection,
    load_branch,
    load_tree,
    move_collection,
    reopen_collection,
)
from repo.members.services.libraries import (
    change_library,
    close_library,
    create_library,
    merge_library,
    reopen_library,
)
from repo.members.services.roles import actor_of, grant_role
from tests.members.conftest import MakeCollection, MakeLibrary, MakePerson


@pytest.fixture
def told() -> Iterator[list[TreeChange]]:
    """What the rooms above are told; they are put back afterwards."""
    before = list(changes._followers)
    heard: list[TreeChange] = []
    register_followers(heard.append)
    yield heard
    register_followers(*before)


def test_a_library_is_made_by_the_administrator(
    make_person: MakePerson, make_library: MakeLibrary, told: list[TreeChange]
) -> None:
    library = make_library("knu", names={"ru": " Библиотека  КНУ "}, city={"ky": "Бишкек"}, isil="KG-0001")
    assert library.names == {"ru": "Библиотека КНУ"}
    assert library.name("ky") == library.name("en") == "Библиотека КНУ"
    assert told == [TreeChange(library_ids=frozenset({library.id}))]
    librarian = actor_of(make_person("cholpon", RoleName.LIBRARIAN, library=library))
    with pytest.raises(ForbiddenError), transaction():
        create_library(librarian, code="other", names={"ky": "Башка"})


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("code", {"code": "KNU"}),
        ("code", {"code": "к-н-у"}),
        ("code", {"code": "x" * 33}),
        ("code", {"code": "taken"}),
        ("names.ky", {"names": {"ky": " "}}),
        ("names.ru", {"names": {"ru": "x" * 301}}),
        ("ror", {"ror": "05dxps056"}),
        ("isil", {"isil": "KG"}),
        ("website", {"website": "javascript:alert(1)"}),
        ("networks", {"networks": ["192.0.2.0/33"]}),
        ("networks", {"networks": ["0.0.0.0/0"]}),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(make_library: MakeLibrary, field: str, typed: dict[str, Any]) -> None:
    make_library("taken")
    with pytest.raises(InvalidError) as refused, transaction():
        create_library(SYSTEM, **{"code": "knu", "names": {"ky": "КУУ"}, **typed})
    assert list(refused.value.faults) == [field]


def test_a_librarian_describes_the_own_library(make_person: MakePerson, make_library: MakeLibrary) -> None:
    own, other = make_library("knu"), make_library("oshsu")
    librarian = actor_of(make_person("cholpon", RoleName.LIBRARIAN, library=own))
    with transaction():
        change_library(
            librarian,
            own,
            own.edition,
            names={"ky": "КУУнун китепканасы"},
            about={"ky": "Биринчи абзац.\n\n\n\nЭкинчи\u0000 абзац. "},
            ror="https://ror.org/05dxps055",
            networks=["192.0.2.7/24", "2001:db8::/32", ""],
        )
    assert own.about == {"ky": "Биринчи абзац.\n\nЭкинчи абзац."}
    assert own.ror == "05dxps055"
    assert own.networks == ["192.0.2.0/24", "2001:db8::/32"]
    with pytest.raises(ForbiddenError), transaction():
        change_library(librarian, other, other.edition, names={"ky": "Меники"})


def test_saving_what_somebody_changed_meanwhile_is_refused(make_library: MakeLibrary) -> None:
    library = make_library("knu")
    seen = library.edition
    with transaction():
        change_library(SYSTEM, library, seen, names={"ky": "Биринчи"})
    with pytest.raises(StaleError), transaction():
        change_library(SYSTEM, library, seen, names={"ky": "Экинчи"})
    assert library.names == {"ky": "Биринчи"}


def test_saving_without_a_change_leaves_no_trace(make_library: MakeLibrary, told: list[TreeChange]) -> None:
    library = make_library("knu")
    with transaction():
        change_library(SYSTEM, library, library.edition, names=library.names)
    assert library.edition == 1
    assert len(told) == 1


def test_a_library_takes_over_another(
    make_person: MakePerson, make_library: MakeLibrary, make_collection: MakeCollection, told: list[TreeChange]
) -> None:
    source, target, earlier = make_library("old", networks=["192.0.2.0/24"]), make_library("new"), make_library("first")
    top = make_collection(source, "theses")
    below = make_collection(source, "phd", top)
    both = make_person("both", RoleName.LIBRARIAN, library=source)
    with transaction():
        merge_library(SYSTEM, earlier, source)
    with transaction():
        grant_role(SYSTEM, both, RoleName.LIBRARIAN, library=target)
        merge_library(SYSTEM, source, target)
    db.session.expire_all()
    assert (source.status, source.merged_into, source.networks) == (LibraryStatus.MERGED, target, [])
    assert earlier.merged_into == target, "an old address leads to where the works are now"
    assert target.networks == ["192.0.2.0/24"]
    assert {top.library_id, below.library_id} == {target.id}
    assert [(role.name, role.library_id) for role in both.roles] == [(RoleName.LIBRARIAN, target.id)]
    assert TreeChange(frozenset({source.id}), frozenset({top.id, below.id}), frozenset({top.id, below.id})) in told


def test_what_cannot_be_merged(make_person: MakePerson, make_library: MakeLibrary) -> None:
    own, other, closed = make_library("knu"), make_library("oshsu"), make_library("closed")
    librarian = actor_of(make_person("cholpon", RoleName.LIBRARIAN, library=own))
    with transaction():
        close_library(SYSTEM, closed)
    with pytest.raises(ForbiddenError), transaction():
        merge_library(librarian, other, own)
    with pytest.raises(InvalidError), transaction():
        merge_library(SYSTEM, own, own)
    with pytest.raises(StateError), transaction():
        merge_library(SYSTEM, own, closed)


def test_a_closed_library_takes_nothing_more(make_library: MakeLibrary, make_collection: MakeCollection) -> None:
    library = make_library("knu")
    collection = make_collection(library, "theses")
    with transaction():
        close_library(SYSTEM, library)
    assert collection.closed
    with pytest.raises(StateError), transaction():
        close_library(SYSTEM, library)
    with pytest.raises(StateError), transaction():
        create_collection(SYSTEM, library, code="books", names={"ky": "Китептер"})
    with pytest.raises(StateError), transaction():
        reopen_collection(SYSTEM, collection)
    with transaction():
        reopen_library(SYSTEM, library)
        reopen_collection(SYSTEM, collection)
    assert not collection.closed


def test_paths_hold_the_way_from_the_root(make_library: MakeLibrary, make_collection: MakeCollection) -> None:
    library = make_library("knu")
    top = make_collection(library, "theses")
    below = make_collection(library, "phd", top)
    assert top.path == f"/{top.id}/"
    assert below.path == f"/{top.id}/{below.id}/"
    assert below.ancestor_ids == (top.id, below.id)


def test_a_branch_moves_with_all_below_it(make_library: MakeLibrary, make_collection: MakeCollection) -> None:
    library = make_library("knu")
    a, z = make_collection(library, "a"), make_collection(library, "z")
    b = make_collection(library, "b", a)
    c = make_collection(library, "c", b)
    with transaction():
        move_collection(SYSTEM, b, parent=z)
    db.session.expire_all()
    assert [x.path for x in (a, z, b, c)] == [
        f"/{a.id}/",
        f"/{z.id}/",
        f"/{z.id}/{b.id}/",
        f"/{z.id}/{b.id}/{c.id}/",
    ]
    with transaction():
        move_collection(SYSTEM, b)
    assert c.path == f"/{b.id}/{c.id}/"
    assert b.parent_id is None


def test_ids_that_begin_alike_are_not_one_branch(make_library: MakeLibrary, make_collection: MakeCollection) -> None:
    """/1/ and /12/: a prefix of the number is no ancestor."""
    library = make_library("knu")
    made = [make_collection(library, f"c{n}") for n in range(12)]
    assert load_branch(made[0]) == [made[0]]


def test_a_collection_moves_into_another_library_with_the_right_of_both(
    make_person: MakePerson, make_library: MakeLibrary, make_collection: MakeCollection, told: list[TreeChange]
) -> None:
    own, other = make_library("knu"), make_library("oshsu")
    top = make_collection(own, "theses")
    below = make_collection(own, "phd", top)
    librarian = make_person("cholpon", RoleName.LIBRARIAN, library=own)
    with pytest.raises(ForbiddenError), transaction():
        move_collection(actor_of(librarian), top, library=other)
    with transaction():
        move_collection(SYSTEM, top, library=other)
    db.session.expire_all()
    assert {top.library_id, below.library_id} == {other.id}
    assert told[-1].moved == {top.id, below.id}


def test_what_cannot_be_moved(make_library: MakeLibrary, make_collection: MakeCollection) -> None:
    library = make_library("knu")
    chain = [make_collection(library, "c0")]
    while len(chain) < DEEPEST:
        chain.append(make_collection(library, f"c{len(chain)}", chain[-1]))
    branch = make_collection(library, "branch")
    make_collection(library, "leaf", branch)
    for collection, parent in ((chain[0], chain[0]), (chain[0], chain[3]), (branch, chain[-1]), (branch, chain[-2])):
        with pytest.raises(InvalidError) as refused, transaction():
            move_collection(SYSTEM, collection, parent=parent)
        assert list(refused.value.faults) == ["parent"]
    with transaction():
        move_collection(SYSTEM, branch, parent=chain[-3])


def test_closing_a_branch_closes_what_lies_below(make_library: MakeLibrary, make_collection: MakeCollection) -> None:
    library = make_library("knu")
    top = make_collection(library, "theses")
    below, beside = make_collection(library, "phd", top), make_collection(library, "books")
    with transaction():
        close_collection(SYSTEM, top)
    assert (top.closed, below.closed, beside.closed) == (True, True, False)
    with transaction():
        reopen_collection(SYSTEM, below)
    assert (top.closed, below.closed) == (True, False)


def test_the_rules_of_a_collection(
    make_person: MakePerson, make_library: MakeLibrary, make_collection: MakeCollection
) -> None:
    own, other = make_library("knu"), make_library("oshsu")
    collection, foreign = make_collection(own, "theses"), make_collection(other, "books")
    librarian = actor_of(make_person("cholpon", RoleName.LIBRARIAN, library=own))
    with transaction():
        change_collection(
            librarian,
            collection,
            collection.edition,
            names={"ky": "Диссертациялар"},
            licence="cc-by-4.0",
            deposit_policy=DepositPolicy.INVITED,
            types=["doctoral-thesis", "autoreferat"],
        )
    assert collection.deposit_policy is DepositPolicy.INVITED
    assert collection.types == ["doctoral-thesis", "autoreferat"]
    event = db.session.scalars(sa.select(Event).where(Event.verb == "collection changed")).one()
    assert event.after is not None
    assert event.after["deposit_policy"] == "invited"
    wrong: list[dict[str, Any]] = [{"licence": "mine"}, {"types": ["poem"]}, {"names": {}}]
    for refused in wrong:
        with pytest.raises(InvalidError), transaction():
            change_collection(
                librarian,
                collection,
                collection.edition,
                **{"names": {"ky": "Х"}, **refused},
            )
    for actor, target in ((librarian, foreign), (ANYBODY, collection)):
        with pytest.raises(ForbiddenError), transaction():
            change_collection(actor, target, target.edition, names={"ky": "Меники"})


def test_a_collection_belongs_below_one_of_its_library(
    make_library: MakeLibrary, make_collection: MakeCollection
) -> None:
    own, other = make_library("knu"), make_library("oshsu")
    foreign = make_collection(other, "books")
    with pytest.raises(InvalidError) as refused, transaction():
        create_collection(SYSTEM, own, code="mine", names={"ky": "Меники"}, parent=foreign)
    assert list(refused.value.faults) == ["parent"]


def test_a_tree_is_read_in_its_order(make_library: MakeLibrary, make_collection: MakeCollection) -> None:
    library = make_library("knu")
    z, a = make_collection(library, "z"), make_collection(library, "a")
    make_collection(library, "zz", z)
    make_collection(library, "ab", a)
    make_collection(library, "aa", a)
    assert [collection.code for collection in load_tree(library)] == ["a", "aa", "ab", "z", "zz"]


def test_a_collection_that_was_refused_leaves_nothing(make_library: MakeLibrary) -> None:
    library = make_library("knu")
    with pytest.raises(InvalidError), transaction():
        create_collection(SYSTEM, library, code="UPPER", names={})
    assert db.session.scalars(sa.select(Collection)).all() == []
