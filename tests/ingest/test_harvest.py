"""Harvesting a provider: new, changed, deleted and returning records, kills in the middle, nonsense beside sense."""

import json
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from xml.sax.saxutils import escape

import pytest
import sqlalchemy as sa
from flask import Flask

from ingest.harvest import Errand, Later, harvest
from ingest.harvest_looking import look_at_source
from ingest.harvest_messages import say_trouble
from ingest.harvest_records import source_key
from ingest.harvest_sources import (
    Plan,
    ask_for_due,
    change_source,
    create_source,
    pause_source,
    remove_source,
)
from ingest.models import HarvestRecord, HarvestSource, HarvestState
from ingest.turns import is_anybody_at_work
from repo.db import db, now, transaction
from repo.errors import InvalidError, StaleError
from repo.failpoints import armed
from repo.items.access import SYSTEM, Actor, FileRole, Grant
from repo.items.identifiers import ocfl_id
from repo.items.metadata import read_metadata
from repo.items.models import Event, Item, Version
from repo.items.origin import read_origin
from repo.items.services.importing import CHUNK
from repo.items.services.lifecycle import start_correction, withdraw_item
from repo.items.services.rebuilding import rebuild
from repo.jobs.models import Job, JobState
from repo.jobs.reconcile import take_back_jobs
from repo.jobs.services import run_pending_jobs
from repo.members.models import Collection
from repo.settings import current_settings
from repo.storage import store
from tests import factories
from tests.jobs.dying import die_too_often
from tests.services.provider import (
    DC,
    Answer,
    Held,
    RunningProvider,
    entity_expansion,
    html_page,
    only,
    redirect,
    running_provider,
    times,
)
from tests.services.server import muras_command, muras_environment


@pytest.fixture
def remote() -> Iterator[RunningProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def collection(context: Flask) -> Collection:
    return factories.make_collection(factories.make_library())


def make_source(collection: Collection, remote: RunningProvider, **more: object) -> int:
    with transaction() as session:
        place = session.get_one(Collection, collection.id)
        source = HarvestSource(collection=place, base_url=remote.url, trusted=True, **more)
        session.add(source)
    return source.id


def run(source_id: int, **more: object) -> HarvestSource:
    """Harvest to the end and return the source as it stands then."""
    waited: list[float] = []
    assert harvest(source_id, Errand(waited.append, **more))  # type: ignore[arg-type]
    return source_now(source_id)


def source_now(source_id: int) -> HarvestSource:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(HarvestSource, source_id)


def records(source_id: int) -> dict[str, HarvestRecord]:
    query = sa.select(HarvestRecord).where(HarvestRecord.source_id == source_id)
    return {row.identifier.rpartition(":")[2]: row for row in db.session.scalars(query)}


def item_of(source_id: int, number: int) -> Item:
    return db.session.get_one(Item, records(source_id)[str(number)].item_id)


def count_items() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Item)) or 0


# ---------------------------------------------------------------- following


def test_records_become_public_works_with_their_origin(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1, 2, 3)
    source = run(make_source(collection, remote))
    assert (source.state, source.counts, source.name) == (HarvestState.DONE, {"created": 3}, "Алыскы китепкана")
    item = item_of(source.id, 1)
    assert (item.title, item.collection_id, item.source) == ("Китеп 1", collection.id, source_key(source))
    assert item.current is not None
    origin = read_origin(item.origin)
    assert origin is not None
    assert (origin.base_url, origin.identifier, origin.repository) == (
        remote.url,
        "oai:provider.example.org:1",
        "Алыскы китепкана",
    )
    assert origin.address == "https://provider.example.org/works/1"
    private = [file for file in item.current.files if file.role is FileRole.PRIVATE]
    with store().open(ocfl_id(item.id), f"private/{private[0].name}") as stream:
        assert Held(1).xml().encode() in stream.read(), "as it was sent, byte by byte"
    verbs = db.session.scalars(sa.select(Event.verb).where(Event.item_id == item.id))
    assert "harvested" in list(verbs)


def test_only_what_changed_is_asked_for_and_taken(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1, 2, 3)
    source_id = make_source(collection, remote)
    run(source_id)
    remote.asked.clear()
    remote.date = "2026-03-01T00:00:00Z"
    remote.records[1] = Held(2, title="Башка аталыш", datestamp="2026-02-15T00:00:00Z")
    source = run(source_id)
    assert [asked["from"] for asked in remote.asked if asked.get("verb") == "ListRecords"] == ["2026-01-31T23:50:00Z"]
    assert source.counts == {"updated": 1}
    item = item_of(source_id, 2)
    assert item.title == "Башка аталыш"
    assert item.current is not None
    assert (item.current.number, item.current.revision) == (1, 1), "a revision: the work is the same"
    assert len([file for file in item.current.files if file.role is FileRole.PRIVATE]) == 1
    assert store().inventory(ocfl_id(item.id)).head == 2
    assert source.since == "2026-02-28T23:50:00Z"


def test_a_record_that_says_the_same_changes_nothing(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1)
    source_id = make_source(collection, remote)
    run(source_id)
    stamp = item_of(source_id, 1).stamp
    remote.records[0] = Held(1, datestamp="2026-02-15T00:00:00Z")
    assert run(source_id).counts == {"unchanged": 1}
    item = item_of(source_id, 1)
    assert item.stamp == stamp
    assert store().inventory(ocfl_id(item.id)).head == 1


def test_days_are_asked_for_as_days(collection: Collection, remote: RunningProvider) -> None:
    remote.granularity = "YYYY-MM-DD"
    remote.hold(1, datestamp="2026-01-01")
    source_id = make_source(collection, remote)
    assert run(source_id).since == "2026-01-31"
    remote.asked.clear()
    assert run(source_id).counts == {}
    assert [asked["from"] for asked in remote.asked if asked.get("verb") == "ListRecords"] == ["2026-01-31"]


def test_deleted_records_are_withdrawn_and_come_back(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1, 2)
    source_id = make_source(collection, remote)
    run(source_id)
    remote.records[0] = Held(1, deleted=True, datestamp="2026-02-15T00:00:00Z")
    remote.hold(9, deleted=True, datestamp="2026-02-15T00:00:00Z")
    assert run(source_id).counts == {"deleted": 2}
    item = item_of(source_id, 1)
    assert item.withdrawn_at is not None
    assert "Алыскы китепкана" in (item.withdrawn_reason or "")
    assert records(source_id)["9"].item_id is None, "what was never here is not missed"
    remote.records[0] = Held(1, title="Кайра келди", datestamp="2026-02-16T00:00:00Z")
    assert run(source_id).counts == {"updated": 1, "deleted": 1}
    item = item_of(source_id, 1)
    assert (item.withdrawn_at, item.title) == (None, "Кайра келди")
    run_pending_jobs()


def test_what_was_withdrawn_here_stays_so(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1)
    source_id = make_source(collection, remote)
    run(source_id)
    with transaction():
        withdraw_item(SYSTEM, item_of(source_id, 1), "Укук ээси сурады")
    remote.records[0] = Held(1, title="Башка", datestamp="2026-02-15T00:00:00Z")
    assert run(source_id).counts == {"skipped": 1}
    assert item_of(source_id, 1).withdrawn_reason == "Укук ээси сурады"


def test_a_correction_on_its_way_is_not_trodden_on(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1)
    source_id = make_source(collection, remote)
    run(source_id)
    with transaction() as session:
        draft_id = start_correction(SYSTEM, session.get_one(Item, item_of(source_id, 1).id)).id
    remote.records[0] = Held(1, title="Башка", datestamp="2026-02-15T00:00:00Z")
    assert run(source_id).counts == {"refused": 1}
    with transaction() as session:
        session.delete(session.get_one(Version, draft_id))
    remote.date = "2026-06-01T00:00:00Z"
    remote.plays(only("ListRecords", remote.error("noRecordsMatch")))
    assert run(source_id).counts == {"updated": 1}, "it is asked for by name at the next harvest"


def test_a_rebuilt_house_knows_its_harvested_works(collection: Collection, remote: RunningProvider) -> None:
    from repo.items.registry import preserve_registry

    preserve_registry()
    remote.hold(1)
    source_id = make_source(collection, remote)
    origin = item_of(run(source_id).id, 1).origin
    with transaction() as session:
        for table in (HarvestRecord, HarvestSource):
            session.execute(sa.delete(table))
        item = session.scalars(sa.select(Item)).one()
        item.current_id = None
        session.flush()
        session.execute(sa.text("DELETE FROM heading"))
        session.execute(sa.text("DELETE FROM identifier"))
        session.execute(sa.text("DELETE FROM event"))
        session.execute(sa.text("DELETE FROM file"))
        session.execute(sa.text("DELETE FROM version"))
        session.execute(sa.text("DELETE FROM oai_payload"))
        session.execute(sa.text("DELETE FROM oai_set_member"))
        session.execute(sa.text("DELETE FROM oai_record"))
        session.execute(sa.text("DELETE FROM item"))
    list(rebuild())
    restored = db.session.scalars(sa.select(Item)).one()
    assert restored.origin == origin
    again = run(make_source(db.session.get_one(Collection, collection.id), remote))
    assert again.counts == {"created": 1}, "noted for the first time"
    assert count_items() == 1, "but it is the same work"


# ---------------------------------------------------------------- what is ours


def test_our_own_records_do_not_come_back(collection: Collection, remote: RunningProvider) -> None:
    told = (
        '<provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance">'
        '<originDescription harvestDate="2026-01-01T00:00:00Z" altered="true"><baseURL>https://far.example/oai</baseURL>'
        "<identifier>oai:far.example:7</identifier><datestamp>2026-01-01</datestamp>"
        "<metadataNamespace>x</metadataNamespace>{}</originDescription></provenance>"
    )
    ours = (
        '<originDescription harvestDate="2025-01-01T00:00:00Z" altered="false"><baseURL>{}</baseURL>'
        "<identifier>{}</identifier><datestamp>2025-01-01</datestamp></originDescription>"
    )
    remote.hold(1, namespace="muras.example.org")
    remote.hold(2, about=told.format(ours.format("https://x.example/oai", "oai:muras.example.org:0123b4c5x")))
    remote.hold(3, about=told.format(ours.format(f"{current_settings().base_url}/oai", "odd-name")))
    remote.hold(4, about=told.format(""))
    source = run(make_source(collection, remote))
    assert source.counts == {"skipped": 3, "created": 1}
    origin = read_origin(item_of(source.id, 4).origin)
    assert origin is not None
    assert origin.before is not None
    assert (origin.before.identifier, origin.before.base_url) == ("oai:far.example:7", "https://far.example/oai")


# ---------------------------------------------------------------- kills


def harvest_by_command(source_id: int, failpoint: str = "") -> int:
    """The exit status of the real command, which dies at the failpoint."""
    settings = current_settings()
    environment = muras_environment(settings.data_dir, {"MURAS_DATABASE_URL": settings.database_url})
    if failpoint:
        environment["MURAS_FAILPOINT"] = failpoint
    return subprocess.run(muras_command("harvest", str(source_id)), env=environment, capture_output=True).returncode


FAILPOINTS = (
    "import:accepted",
    "import:accepted:2",
    "import:placed",
    "import:placed:2",
    "harvest:page-read:2",
    "harvest:chunk-done",
    "harvest:page-done",
    "place:after-version",
)


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_a_harvest_goes_on_after_a_kill(collection: Collection, remote: RunningProvider, failpoint: str) -> None:
    """Killed as by a power cut; whatever stood is found, and every record is there once in the end."""
    remote.page_size = CHUNK + 50 if failpoint == "harvest:chunk-done" else 2
    remote.hold(*range(1, CHUNK + 52 if failpoint == "harvest:chunk-done" else 6))
    source_id = make_source(collection, remote)
    db.session.rollback()
    assert harvest_by_command(source_id, failpoint) == -signal.SIGKILL
    asked = len(remote.asked)
    assert harvest_by_command(source_id) == 0
    source = source_now(source_id)
    assert source.state is HarvestState.DONE
    assert sum(source.counts.values()) >= len(remote.records)
    assert set(records(source_id)) == {str(held.number) for held in remote.records}
    assert count_items() == len(remote.records)
    assert {ocfl_id(item_id) for item_id in db.session.scalars(sa.select(Item.id))} == {
        object_id for object_id in store().objects() if object_id != "muras:registry"
    }, "no object without a row"
    states = set(db.session.scalars(sa.select(Version.state)))
    assert [state.value for state in states] == ["published"]
    if failpoint == "harvest:page-done":
        first = next(one for one in remote.asked[asked:] if one.get("verb") == "ListRecords")
        assert first.get("resumptionToken") == "||2", "the page that was done with is not asked for again"


# ---------------------------------------------------------------- nonsense


def test_a_token_that_comes_again_ends_the_harvest(collection: Collection, remote: RunningProvider) -> None:
    remote.plays(only("ListRecords", Answer(remote.page([Held(1), Held(2)], "again", 100))))
    source = run(make_source(collection, remote))
    assert source.state is HarvestState.FAILED
    assert source.error == {"code": "token_loop", "data": {"pages": 1}}
    assert count_items() == 2, "what came is kept"


def test_tokens_that_lead_in_a_circle_end_the_harvest(collection: Collection, remote: RunningProvider) -> None:
    pages = iter(range(10_000))
    page = [Held(1), Held(2)]
    remote.plays(
        lambda asked: Answer(remote.page(page, f"t{next(pages)}")) if asked.get("verb") == "ListRecords" else None
    )
    source = run(make_source(collection, remote))
    assert source.error == {"code": "token_loop", "data": {"pages": 4}}
    assert len([asked for asked in remote.asked if asked.get("verb") == "ListRecords"]) == 5


def test_a_list_longer_than_it_said_ends(collection: Collection, remote: RunningProvider) -> None:
    numbers = iter(range(1, 10**6))

    def endless(asked: dict[str, str]) -> Answer | None:
        if asked.get("verb") != "ListRecords":
            return None
        held = [Held(next(numbers), deleted=True) for _ in range(400)]
        return Answer(remote.page(held, f"t{held[0].number}", 3))

    remote.plays(endless)
    source = run(make_source(collection, remote))
    assert source.error is not None
    assert source.error["code"] == "endless"


def test_a_token_that_was_forgotten_costs_one_new_beginning(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1, 2, 3, 4, 5)
    for held in remote.records:
        held.datestamp = f"2026-01-0{held.number}T00:00:00Z"
    remote.plays(lambda asked: remote.error("badResumptionToken") if asked.get("resumptionToken") == "||4" else None)
    source = run(make_source(collection, remote))
    assert source.state is HarvestState.DONE
    since = [asked.get("from") for asked in remote.asked if asked.get("verb") == "ListRecords"]
    assert since[3] == "2026-01-04T00:00:00Z", "from the newest datestamp of the last whole page"
    assert count_items() == 5
    remote.plays(lambda asked: remote.error("badResumptionToken") if asked.get("resumptionToken") else None)
    again = make_source(collection, remote, set_spec="a")
    for held in remote.records:
        held.sets = ("a",)
    assert run(again).error == {"code": "badResumptionToken", "data": {}}


def test_whole_records_of_a_broken_page_are_taken(collection: Collection, remote: RunningProvider) -> None:
    body = remote.page([Held(1), Held(2), Held(3)]).replace("Китеп 2".encode(), b"<b>")
    nameless = b"<record><header><datestamp>2026</datestamp></header></record></ListRecords>"
    remote.plays(only("ListRecords", Answer(body.replace(b"</ListRecords>", nameless))))
    source = run(make_source(collection, remote))
    assert source.counts == {"created": 2, "refused": 2}
    rows = records(source.id)
    assert rows["2"].report == [{"code": "broken", "data": {}}]
    assert rows["#1-1-4"].report == [{"code": "no_identifier", "data": {}}]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (html_page({}), "html"),
        (entity_expansion(), "doctype"),
        (redirect("http://169.254.169.254/latest"), "private_address"),
        (Answer(b"", 404), "status"),
    ],
)
def test_a_source_that_sends_nonsense_does_not_block_others(
    collection: Collection, remote: RunningProvider, answer: Answer, code: str
) -> None:
    remote.hold(1)
    with running_provider() as mad:
        mad.plays(lambda _asked: answer)
        bad, good = make_source(collection, mad), make_source(collection, remote)
        with transaction():
            assert ask_for_due(now()) == 2
        run_pending_jobs("harvest")
        assert source_now(bad).error is not None
        assert source_now(bad).error["code"] == code  # type: ignore[index]
    assert source_now(good).counts == {"created": 1}
    assert db.session.scalar(sa.select(sa.func.count()).where(Job.state == JobState.FAILED)) == 0
    with transaction():
        assert ask_for_due(now()) == 0, "both have had their turn"
        assert ask_for_due(now() + timedelta(hours=25)) == 2


def test_descriptions_without_a_title_can_be_opened(collection: Collection, remote: RunningProvider) -> None:
    body = (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Адам</dc:creator></oai_dc:dc>'
    )
    remote.hold(1, body=body)
    source = run(make_source(collection, remote))
    assert item_of(source.id, 1).title == "oai:provider.example.org:1"
    assert {"code": "title_missing", "data": {}} in records(source.id)["1"].report


def test_hostile_descriptions_are_stored_or_refused(collection: Collection, remote: RunningProvider) -> None:
    long, strange = "узун сөз " * 8_000, "\u202e\u0301\ud7ff\U0010fffd " * 50
    for number, text in enumerate((long, strange, "x" * 100_000, "ң" * 500, "<b>&amp;</b>", "2" * 400), start=1):
        fields = "".join(
            f"<dc:{name}>{escape(text)}</dc:{name}>"
            for name in (
                *("title", "creator", "contributor", "subject", "description", "publisher", "date", "type", "format"),
                *("identifier", "source", "language", "relation", "coverage", "rights"),
            )
        )
        remote.hold(number, body=DC.format(fields))
    remote.hold(7)
    remote.page_size = 10
    source = run(make_source(collection, remote))
    assert source.state is HarvestState.DONE
    assert source.counts == {"created": 7}
    run_pending_jobs()
    assert db.session.scalar(sa.select(sa.func.count()).where(Job.state == JobState.FAILED)) == 0


def test_a_record_that_cannot_be_stored_does_not_stop_the_others(
    collection: Collection, remote: RunningProvider
) -> None:
    """The database refuses one of them, as it would a value that nobody has thought of."""

    def refuse(_connection: object, _cursor: object, statement: str, values: object, *_others: object) -> None:
        if statement.startswith("INSERT INTO item ") and "'oai:provider.example.org:2'" in repr(values):
            raise sa.exc.DataError("INSERT", {}, ValueError("out of range"))

    remote.hold(1, 2, 3)
    source_id = make_source(collection, remote)
    sa.event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        source = run(source_id)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", refuse)
    assert (source.state, source.counts) == (HarvestState.DONE, {"created": 2, "refused": 1})
    assert records(source_id)["2"].report == [{"code": "unreadable", "data": {}}]
    assert count_items() == 2


def test_an_accident_of_ours_is_told(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1)
    source_id = make_source(collection, remote)
    with transaction():
        ask_for_due(now())
    with armed("stage:before-content=raise:EIO"):
        run_pending_jobs("harvest")
        assert source_now(source_id).state is HarvestState.RUNNING, "it is tried again"
    with transaction() as session:
        job = session.scalars(sa.select(Job).where(Job.kind == "harvest")).one()
        job.attempts, job.run_at = 2, now()
    with armed("stage:before-content=raise:EIO"):
        run_pending_jobs("harvest")
    assert source_now(source_id).error == {"code": "accident", "data": {}}
    assert run(source_id).counts == {"created": 1}


def test_a_harvest_whose_worker_ends_too_often_is_told(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1)
    source_id = make_source(collection, remote)
    with transaction() as session:
        ask_for_due(now())
        job = session.scalars(sa.select(Job).where(Job.kind == "harvest")).one()
    die_too_often(job.id)
    take_back_jobs()
    source = source_now(source_id)
    assert (source.state, source.error) == (HarvestState.FAILED, {"code": "interrupted", "data": {}})
    assert say_trouble("interrupted", {}) != say_trouble("unreachable", {})
    assert run(source_id).counts == {"created": 1}


# ---------------------------------------------------------------- time


def test_a_busy_source_is_left_alone_and_asked_later(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1)
    remote.plays(times(2, Answer(b"", 503, {"Retry-After": "120"})))
    source_id = make_source(collection, remote)

    def later(seconds: float) -> None:
        raise Later(seconds)

    with pytest.raises(Later) as caught:
        harvest(source_id, Errand(later))
    assert caught.value.seconds == 120
    assert (source_now(source_id).state, source_now(source_id).tries) == (HarvestState.WAITING, 1)
    assert run(source_id).counts == {"created": 1}


def test_a_job_gives_its_thread_back(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1, 2, 3, 4, 5)
    remote.plays(times(1, Answer(b"", 503, {"Retry-After": "120"})))
    source_id = make_source(collection, remote)
    with transaction():
        ask_for_due(now())
    assert run_pending_jobs("harvest") == 1
    assert source_now(source_id).state is HarvestState.WAITING
    waiting = sa.select(Job).where(Job.kind == "harvest", Job.state == JobState.QUEUED)
    job = db.session.scalars(waiting).one()
    assert now() + timedelta(seconds=100) < job.run_at <= now() + timedelta(seconds=120)
    with transaction():
        ask_for_due(now() + timedelta(days=2))
    with patch("ingest.turns.SLICE", -1.0):
        assert run_pending_jobs("harvest") == 3, "a page each, and each time at the end of the queue"
    assert source_now(source_id).counts == {"created": 5}


def test_a_harvest_whose_time_is_over_goes_on_later(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1, 2, 3, 4, 5)
    source_id = make_source(collection, remote)
    assert not harvest(source_id, Errand(lambda _seconds: None, time_over=lambda: True))
    assert (source_now(source_id).pages, count_items()) == (1, 2)
    assert not harvest(source_id, Errand(lambda _seconds: None, time_over=lambda: True))
    assert run(source_id).counts == {"created": 5}


def test_one_harvests_at_a_time(collection: Collection, remote: RunningProvider) -> None:
    with transaction() as session:
        session.add(Job(kind="harvest", key="9", state=JobState.RUNNING, lease_until=datetime(2100, 1, 1, tzinfo=UTC)))
    assert is_anybody_at_work(besides=0)
    source_id = make_source(collection, remote)
    with transaction():
        ask_for_due(now())
    run_pending_jobs("harvest")
    assert source_now(source_id).state is HarvestState.NEW
    waiting = db.session.scalars(sa.select(Job).where(Job.key == str(source_id), Job.state == JobState.QUEUED)).one()
    assert waiting.run_at > now()


# ---------------------------------------------------------------- full texts


def test_full_texts_come_with_their_records(collection: Collection, remote: RunningProvider) -> None:
    remote.formats["ore"] = "http://www.w3.org/2005/Atom"
    remote.files["/files/1.txt"] = Answer("Ысык-Көл жөнүндө китеп.".encode(), headers={"Content-Type": "text/plain"})
    remote.files["/files/page.pdf"] = Answer(b"<!DOCTYPE html><html><body>Sign in</body></html>")
    links = "".join(
        f'<link rel="http://www.openarchives.org/ore/terms/aggregates" href="{address}" title="{name}" type="{mime}"/>'
        for address, name, mime in (
            (f"{remote.origin}/files/1.txt", "китеп.txt", "text/plain"),
            (f"{remote.origin}/files/none.pdf", "none.pdf", "application/pdf"),
            (f"{remote.origin}/files/page.pdf", "page.pdf", "application/pdf"),
            ("http://10.0.0.1/secret.txt", "secret.txt", "text/plain"),
        )
    )
    remote.hold(1, 2)
    remote.maps["oai:provider.example.org:1"] = f'<entry xmlns="http://www.w3.org/2005/Atom">{links}</entry>'
    source_id = make_source(collection, remote, full_texts=True)
    run(source_id)
    item = item_of(source_id, 1)
    assert item.current is not None
    assert [file.name for file in item.current.files if file.role is FileRole.ORIGINAL] == ["китеп.txt"]
    with store().open(ocfl_id(item.id), "files/китеп.txt") as stream:
        assert stream.read().decode() == "Ысык-Көл жөнүндө китеп."
    codes = [said["code"] for said in records(source_id)["1"].report if said["code"].startswith("file_")]
    assert codes == ["file_status", "file_is_a_page", "file_private_address"]
    remote.files["/files/1.txt"] = Answer("Экинчи басылышы.".encode(), headers={"Content-Type": "text/plain"})
    remote.records[0] = Held(1, title="Экинчи", datestamp="2026-02-15T00:00:00Z")
    run(source_id)
    item = item_of(source_id, 1)
    assert item.current is not None
    assert (item.current.number, item.current.revision) == (2, 0), "other files are another version"


def test_files_are_compared_with_their_digest(collection: Collection, remote: RunningProvider) -> None:
    remote.formats = {"mets": "http://www.loc.gov/METS/"}
    remote.files["/files/a.txt"] = Answer(b"not what was promised")
    body = (
        '<mets xmlns="http://www.loc.gov/METS/" xmlns:x="http://www.w3.org/1999/xlink" LABEL="Китеп"><fileSec><fileGrp>'
        f'<file CHECKSUM="{"ab" * 64}" CHECKSUMTYPE="SHA-512"><FLocat x:href="{remote.origin}/files/a.txt"/></file>'
        "</fileGrp></fileSec></mets>"
    )
    remote.hold(1, body=body)
    source = run(make_source(collection, remote, full_texts=True, prefix="mets"))
    assert "file_changed" in [said["code"] for said in records(source.id)["1"].report]
    current = item_of(source.id, 1).current
    assert current is not None
    assert [file.role for file in current.files] == [FileRole.PRIVATE]


# ---------------------------------------------------------------- sources


def test_a_source_is_looked_at_before_it_is_written_down(collection: Collection, remote: RunningProvider) -> None:
    plan = Plan(remote.url, collection)
    assert look_at_source(SYSTEM, plan).name == "Алыскы китепкана"
    for wrong, field in (
        (Plan("nonsense", collection), "base_url"),
        (Plan(f"{current_settings().base_url}/oai", collection), "base_url"),
        (Plan(remote.url, collection, prefix="mods"), "format"),
        (Plan(remote.url, collection, hours=0), "hours"),
    ):
        with pytest.raises(InvalidError) as caught:
            look_at_source(SYSTEM, wrong)
        assert list(caught.value.faults) == [field]
    remote.asked.clear()
    with pytest.raises(InvalidError) as caught:
        look_at_source(Actor(1, frozenset({Grant("librarian", collection.library_id)})), plan)
    assert "base_url" in caught.value.faults
    assert remote.asked == [], "only administrators lead the house to an address of its own network"
    remote.plays(html_page)
    with pytest.raises(InvalidError) as caught:
        look_at_source(SYSTEM, plan)
    assert "base_url" in caught.value.faults


def test_sources_are_changed_paused_and_removed(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1, 2)
    plan = Plan(remote.url, collection)
    with transaction():
        source_id = create_source(SYSTEM, plan).id
    run_pending_jobs("harvest")
    assert count_items() == 2
    with transaction(), pytest.raises(InvalidError):
        create_source(SYSTEM, plan)
    with transaction():
        change_source(SYSTEM, source_now_in(source_id), 1, Plan(remote.url, collection, hours=5))
    with transaction(), pytest.raises(StaleError):
        change_source(SYSTEM, source_now_in(source_id), 1, plan)
    assert source_now(source_id).hours == 5
    with transaction():
        pause_source(SYSTEM, source_now_in(source_id), enabled=False)
        assert ask_for_due(now() + timedelta(days=9)) == 0
    with transaction():
        remove_source(SYSTEM, source_now_in(source_id), withdraw=True)
    run_pending_jobs()
    assert db.session.get(HarvestSource, source_id) is None
    assert all(item.withdrawn_at for item in db.session.scalars(sa.select(Item)))


def source_now_in(source_id: int) -> HarvestSource:
    return db.session.get_one(HarvestSource, source_id)


def test_another_format_is_read_anew(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1)
    source_id = make_source(collection, remote)
    run(source_id)
    with transaction():
        change_source(SYSTEM, source_now_in(source_id), 1, Plan(remote.url, collection, full_texts=True))
    assert source_now(source_id).since == ""
    assert run(source_id).counts == {"unchanged": 1}


def test_what_is_kept_of_a_record_is_json(collection: Collection, remote: RunningProvider) -> None:
    remote.hold(1)
    source = run(make_source(collection, remote))
    assert json.loads(json.dumps(records(source.id)["1"].report)) == records(source.id)["1"].report
    current = item_of(source.id, 1).current
    assert current is not None
    assert read_metadata(current.meta).type == "book"
