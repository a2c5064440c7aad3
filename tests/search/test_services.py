"""Items on their way into the index and out of it, and who finds what in them."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from itertools import count

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from repo.addresses import ClusterAddress
from repo.db import db, now, transaction
from repo.items.access import ANYBODY, SYSTEM, Access, Actor, Grant
from repo.items.metadata import Agent, Host, Number, PersonName, Subject, Text
from repo.items.models import Item
from repo.items.projections import Change, ChangeKind, announce_change
from repo.items.services.lifecycle import restore_item, show_item_in, withdraw_item
from repo.jobs.models import Job, JobState
from repo.members.models import Collection, Library, RoleName
from repo.search import engine
from repo.search.document import Facet
from repo.search.models import IndexChange
from repo.search.parser import parse_query
from repo.search.ports import IndexState, SearchRequest, SearchUnavailableError
from repo.search.query import Filters
from repo.search.services.finding import Found, reader_of, search_items
from repo.search.services.indexing import (
    index_changes,
    index_items,
    mend_index,
    note_change,
    rebuild_index,
    watch_index,
)
from repo.settings import Settings
from repo.storage.texts import write_text
from tests import factories
from tests.search.material import document

NOWHERE: frozenset[int] = frozenset()

on_both_engines = pytest.mark.parametrize("search_url", ["tantivy", "elasticsearch"], indirect=True)
"""For what depends on when a writing is seen, and on what an engine gives back; the contract has the rest."""


@pytest.fixture
def search_url(request: pytest.FixtureRequest) -> str:
    """MURAS_SEARCH_URL, of the embedded engine where a test does not say otherwise."""
    if getattr(request, "param", "tantivy") == "tantivy":
        return "tantivy:"
    address: ClusterAddress = request.getfixturevalue("search_cluster")
    return f"{address.nodes[0]}/{address.prefix}"


@pytest.fixture
def settings(settings: Settings, search_url: str) -> Settings:
    return replace(settings, search_url=search_url)


_contents = count()


def keep_text(content: bytes, *pages: str) -> None:
    """As the ingest pipeline keeps the text of a file."""
    write_text(hashlib.sha512(content).hexdigest(), pages)


class House:
    """A library with a collection, an author and a librarian, and a way to publish."""

    def __init__(self) -> None:
        self.library = factories.make_library("nlkr")
        self.top = factories.make_collection(self.library, "all")
        self.collection = factories.make_collection(self.library, "theses", self.top)
        self.author = factories.make_person("Автор")
        self.librarian = factories.make_person("Китепканачы", RoleName.LIBRARIAN, self.library)

    def publish(self, title: str, *pages: str, **fields: object) -> str:
        """The id of a published item whose file has these pages of text."""
        content = b"%%PDF-1.4\n%% file %d\n" % next(_contents)
        keep_text(content, *pages)
        metadata = factories.make_metadata(title, **fields)
        return factories.publish(self.author, self.librarian, self.collection, metadata, content=content).id


@pytest.fixture
def house(context: Flask) -> House:
    return House()


def search(text: str, actor: Actor = ANYBODY, networks: frozenset[int] = NOWHERE, **request: object) -> Found:
    db.session.rollback()
    return search_items(SearchRequest(query=parse_query(text), **request), actor, networks)  # type: ignore[arg-type]


def found(text: str, actor: Actor = ANYBODY, networks: frozenset[int] = NOWHERE) -> list[str]:
    return [one.item.id for one in search(text, actor, networks).items]


def shown(text: str, actor: Actor = ANYBODY, networks: frozenset[int] = NOWHERE) -> list[str]:
    """What fragments a reader is shown."""
    return [part.fragment.text for item in search(text, actor, networks).items for part in item.fragments]


# The way of an item ------------------------------------------------------------------------------------


@on_both_engines
def test_a_published_item_is_found_by_all_it_says(house: House) -> None:
    item = house.publish(
        "Көлдүн тазалыгы",
        "Биринчи бет",
        "Экинчи бетте балыктар тууралуу",
        creators=[
            Agent(names=[PersonName(family="Айтматова", given="Роза", lang="ky"), PersonName(family="Aitmatova")])
        ],
        contributors=[Agent(names=[PersonName(family="Осмонов", given="Алыкул", lang="ky")], role="advisor")],
        host=Host(titles=[Text(value="Илим журналы", lang="ky")], issn="1694-7649"),
        subjects=[Subject(scheme="udc", value="УДК 574.5; 556.55")],
        identifiers=[Number(scheme="isbn", value="9785020229389")],
        issued="2019-05",
    )
    for query in (
        "колдун",
        "author:Aitmatova",
        "Осмонов",
        "detail:журналы",
        "шырдак",
        "симметрия",
        "балыктар",
        "isbn:978-5-02-022938-9",
        "issn:1694-7649",
        "udc:574",
        "удк:556.55",
        "year:2019",
        "library:nlkr",
        "collection:all",
        "collection:theses",
        "type:article",
        "lang:ky",
        f"id:{item}",
    ):
        assert found(query) == [item], query
    assert found("author:Осмонов") == []
    facets = search("").result.facets
    assert facets[Facet.COLLECTION] == [("all", 1), ("theses", 1)]
    assert facets[Facet.SUBJECT] == [("оюу", 1), ("шырдак", 1)]


@on_both_engines
def test_fragments_say_where_they_stand(house: House) -> None:
    house.publish("Көлдүн тазалыгы", "Биринчи бет", "Экинчи бетте балыктар тууралуу")
    (item,) = search("балыктар").items
    (part,) = item.fragments
    assert (part.page, part.file_name, part.lang) == (2, "макала.pdf", "ky")
    assert [text for text, marked in part.fragment.parts if marked] == ["балыктар"]
    (item,) = search("салыштырылат").items
    assert (item.fragments[0].page, item.fragments[0].file_name) == (0, "")


@on_both_engines
def test_a_draft_is_not_found_and_a_withdrawn_item_no_more(house: House) -> None:
    factories.make_draft(house.author, house.collection, factories.make_metadata("Жашыруун долбоор"))
    factories.run_jobs()
    item_id = house.publish("Көлдүн тазалыгы", "балыктар")
    assert found("долбоор", SYSTEM) == []
    with transaction() as session:
        withdraw_item(SYSTEM, session.get_one(Item, item_id), "Автордун суранычы")
    # Before the index knows:
    assert found("тазалыгы") == shown("балыктар") == []
    factories.run_jobs()
    result = search("тазалыгы").result
    assert (result.total, result.facets[Facet.TYPE]) == (0, [])
    with transaction() as session:
        restore_item(SYSTEM, session.get_one(Item, item_id))
    factories.run_jobs()
    assert found("балыктар") == [item_id]


def test_a_change_and_its_job_are_one_commit(house: House) -> None:
    item_id = house.publish("Көлдүн тазалыгы")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(IndexChange)) == 0
    db.session.rollback()
    with pytest.raises(LookupError), transaction() as session:
        announce_change(session, Change(ChangeKind.REVISED, item_id))
        raise LookupError
    assert db.session.get(IndexChange, item_id) is None
    db.session.rollback()
    with transaction() as session:
        announce_change(session, Change(ChangeKind.REVISED, item_id))
    assert db.session.get(IndexChange, item_id) is not None
    waiting = sa.select(Job).where(Job.kind == "index", Job.state == JobState.QUEUED)
    assert len(db.session.scalars(waiting).all()) == 1


def test_what_changes_while_it_is_indexed_is_indexed_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    item_id = house.publish("Көлдүн тазалыгы")
    with transaction() as session:
        note_change(session, item_id)

    def index_and_change(ids: list[str]) -> None:
        index_items(ids)
        monkeypatch.undo()
        with transaction() as session:
            note_change(session, item_id)

    monkeypatch.setattr("repo.search.services.indexing.index_items", index_and_change)
    assert index_changes() == 2
    assert db.session.get(IndexChange, item_id) is None


# Rights ------------------------------------------------------------------------------------------------


@pytest.fixture
def other(house: House) -> Library:
    return factories.make_library("knu")


def member(library: Library, role: str = "member") -> Actor:
    return Actor(99, frozenset({Grant(role, library.id)}))


@on_both_engines
def test_restricted_texts_are_found_by_their_library_only(house: House, other: Library) -> None:
    item_id = house.publish("Ачык аталыш", "купуя мазмун", access=Access.RESTRICTED)
    assert found("аталыш") == [item_id]
    allowed = [(member(house.library), NOWHERE), (ANYBODY, frozenset({house.library.id})), (SYSTEM, NOWHERE)]
    for actor, networks in allowed:
        assert found("купуя", actor, networks) == [item_id]
        assert shown("купуя", actor, networks) == ["купуя мазмун"]
    for actor, networks in [(ANYBODY, NOWHERE), (member(other), NOWHERE), (ANYBODY, frozenset({other.id}))]:
        result = search("купуя", actor, networks).result
        assert (result.total, result.hits) == (0, ())
        assert not any(result.facets.values())
        assert shown("аталыш OR купуя", actor, networks) == []


def test_readers_are_known_by_grants_and_networks(house: House, other: Library) -> None:
    assert reader_of(ANYBODY, NOWHERE).classes == frozenset()
    assert reader_of(member(other), frozenset({house.library.id})).libraries == {"knu", "nlkr"}
    assert reader_of(SYSTEM, NOWHERE).everything


@pytest.mark.parametrize("access", [Access.CLOSED, Access.EMBARGOED])
def test_what_nobody_may_read_is_not_indexed(house: House, access: Access) -> None:
    until = {"embargo_until": "2999-01-01"} if access is Access.EMBARGOED else {}
    item_id = house.publish("Ачык аталыш", "купуя мазмун", access=access, **until)
    assert found("аталыш") == [item_id]
    assert found("купуя", SYSTEM) == shown("аталыш OR купуя", SYSTEM) == []
    assert search("").result.facets[Facet.ACCESS] == [(access.value, 1)]


def test_an_embargo_ends_in_the_index_too(house: House, clock: time_machine.Traveller) -> None:
    item_id = house.publish("Ачык аталыш", "купуя мазмун", access=Access.EMBARGOED, embargo_until="2026-03-05")
    assert found("купуя") == []
    clock.move_to("2026-03-05 00:10+00:00")
    assert mend_index() == 1
    assert found("купуя") == [item_id]
    assert shown("купуя") == ["купуя мазмун"]


def test_a_file_with_a_rule_of_its_own(house: House, clock: time_machine.Traveller) -> None:
    version = factories.make_draft(house.author, house.collection, factories.make_metadata("Ачык аталыш"))
    for number, (name, access) in enumerate([("a.pdf", None), ("b.pdf", Access.EMBARGOED), ("c.pdf", Access.CLOSED)]):
        content = b"%%PDF-1.4\n%% own %d\n" % number
        keep_text(content, f"сөз{name[0]}")
        factories.attach_file(house.author, version, name, content, access=access)
    with transaction() as session:
        version = session.merge(version)
        next(file for file in version.files if file.name == "b.pdf").until = date(2026, 3, 5)
    factories.submit(house.author, version)
    factories.accept(house.librarian, version)
    factories.run_jobs()
    assert (len(found("сөзa")), len(found("сөзb", SYSTEM)), len(found("сөзc", SYSTEM))) == (1, 0, 0)
    # No item changes on that day: only the comparison can notice.
    clock.move_to("2026-03-06 00:00+00:00")
    assert mend_index() == 1
    assert mend_index() == 0
    assert (len(found("сөзb")), len(found("сөзc", SYSTEM))) == (1, 0)


@on_both_engines
def test_a_right_taken_back_holds_before_the_index_knows(house: House) -> None:
    item_id = house.publish("Ачык аталыш", "ачык мазмун сөзү")
    assert shown("мазмун") == ["ачык мазмун сөзү"]
    with transaction() as session:
        item = session.get_one(Item, item_id)
        assert item.current is not None
        item.access = Access.CLOSED
        item.current.meta = {**item.current.meta, "access": "closed"}
    assert shown("мазмун") == []
    assert shown("мазмун", SYSTEM) == ["ачык мазмун сөзү"]
    assert shown("мазмун", factories.actor_for(house.librarian)) == ["ачык мазмун сөзү"]


# Upkeep ------------------------------------------------------------------------------------------------


@on_both_engines
def test_the_first_change_makes_the_index(context: Flask) -> None:
    assert engine().state() is IndexState.MISSING
    with pytest.raises(SearchUnavailableError):
        search("көл")
    house = House()
    item_id = house.publish("Көлдүн тазалыгы")
    assert engine().state() is IndexState.READY
    assert found("колдун") == [item_id]


@on_both_engines
def test_drift_is_mended(house: House) -> None:
    lost, old, right = (house.publish(f"Аталыш {word}", word) for word in ("бирөө", "экөө", "үчөө"))
    stranger = factories.make_draft(house.author, house.collection).item_id
    engine().update(remove=[lost])
    engine().update([document(old, "Эскирген аталыш"), document(stranger, "Бөтөн аталыш")])
    assert mend_index() == 3
    assert set(found("аталыш")) == {lost, old, right}
    assert found("эскирген") == found("бөтөн") == []
    assert found("бирөө") == [lost]
    assert mend_index() == 0


def test_a_moved_collection_is_drift(house: House) -> None:
    item_id = house.publish("Көлдүн тазалыгы")
    shelf = factories.make_collection(house.library, "shelf")
    with transaction() as session:
        collection = session.get_one(Collection, house.collection.id)
        collection.parent_id, collection.path = shelf.id, f"{shelf.path}{collection.id}/"
    assert mend_index() == 1
    assert found("collection:shelf") == [item_id]
    assert found("collection:all") == []


def test_an_item_shown_elsewhere_is_found_there(house: House) -> None:
    item_id = house.publish("Көлдүн тазалыгы")
    other = factories.make_collection(factories.make_library("knu"), "guests")
    with transaction() as session:
        show_item_in(SYSTEM, session.get_one(Item, item_id), [session.get_one(Collection, other.id)])
    factories.run_jobs()
    assert found("collection:guests") == found("collection:theses") == [item_id]


@on_both_engines
def test_a_rebuild_holds_everything_public(house: House) -> None:
    ids = {house.publish(f"Аталыш {number}", f"мазмун{number}") for number in range(3)}
    with transaction() as session:
        withdraw_item(SYSTEM, session.get_one(Item, min(ids)), "Кайталанма")
    assert rebuild_index() == 2
    assert set(found("аталыш")) == ids - {min(ids)}
    assert engine().count() == 2


@on_both_engines
def test_what_changes_during_a_rebuild_is_in_it(house: House) -> None:
    item_id = house.publish("Эски аталыш")
    index = engine()
    slow = index.rebuild

    def rebuild(documents):  # type: ignore[no-untyped-def]
        number = slow(documents)
        with transaction() as session:  # after its row was read, before anybody can write into the new index
            item = session.get_one(Item, item_id)
            assert item.current is not None
            item.current.meta = {**item.current.meta, "titles": [{"value": "Жаңы аталыш", "lang": "ky"}]}
            item.stamp += 1
            item.changed_at = now()
        return number

    index.rebuild = rebuild  # type: ignore[method-assign]
    rebuild_index()
    assert found("жаңы") == [item_id]
    assert found("эски") == []


@pytest.mark.parametrize("part", ["items/meta.json", "muras.json"])
def test_a_damaged_index_is_made_anew(house: House, settings, part: str) -> None:  # type: ignore[no-untyped-def]
    item_id = house.publish("Көлдүн тазалыгы", "балыктар")
    engine().close()
    generation = settings.index_dir / (settings.index_dir / "current").read_text()
    (generation / part).write_text("{")
    watch_index()
    factories.run_jobs()
    assert engine().state() is IndexState.READY
    assert found("балыктар") == [item_id]


def test_what_waits_without_a_job_is_taken_up(house: House) -> None:
    item_id = house.publish("Көлдүн тазалыгы")
    with transaction() as session:
        session.add(IndexChange(item_id=item_id, token=1))
    jobs = sa.select(sa.func.count()).select_from(Job).where(Job.kind == "index", Job.state == JobState.QUEUED)
    watch_index()
    assert db.session.scalar(jobs) == 1
    watch_index()
    assert db.session.scalar(jobs) == 1
    factories.run_jobs()
    assert db.session.get(IndexChange, item_id) is None
    watch_index()
    assert db.session.scalar(jobs) == 0


def test_one_damaged_item_keeps_no_other_out(house: House) -> None:
    bad = house.publish("Жаман")
    with transaction() as session:
        item = session.get_one(Item, bad)
        assert item.current is not None
        item.current.meta = {"titles": "not a list"}
        note_change(session, bad)
    good = house.publish("Жакшы")
    assert found("жакшы") == [good]
    assert found("жаман") == []
    assert rebuild_index() == 1


def test_a_longer_page_needs_no_more_queries(
    house: House, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    for number in range(12):
        house.publish(f"Аталыш {number}", "балыктар")
    actor = member(house.library)

    def queries(limit: int) -> int:
        db.session.rollback()
        db.session.expunge_all()
        with count_queries() as statements:
            assert len(search("балыктар", actor, limit=limit).items) == limit
        return len(statements)

    assert queries(2) == queries(12) <= 5


@on_both_engines
def test_filters_narrow_and_facets_stay(house: House) -> None:
    house.publish("Аталыш бир", type="article", issued="2001")
    report = house.publish("Аталыш эки", type="report", issued="2002")
    result = search("аталыш", filters=Filters(types=frozenset({"report"}))).result
    assert [hit.id for hit in result.hits] == [report]
    assert result.facets[Facet.TYPE] == [("article", 1), ("report", 1)]
    assert result.facets[Facet.YEAR] == [("2002", 1)]
