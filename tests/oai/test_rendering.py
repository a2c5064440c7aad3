"""Records are rendered anew when the code of a format changes, by steps; the endpoint stays up."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from oai import listing, rendering
from oai.formats import FORMATS
from oai.formats.source import Source
from oai.models import OaiFormat, OaiPayload, OaiRecord, OaiSetMember
from oai.rendering import outdated, render_anew
from oai.tasks import follow_formats
from repo.app import create_app
from repo.db import db, transaction
from repo.errors import SettingsError
from repo.jobs.models import Job
from repo.settings import Settings
from tests.factories import run_jobs

LIST = "/oai?verb=ListRecords&metadataPrefix=oai_dc"


@pytest.fixture
def settled(app: Flask, house: list[str], clock: time_machine.Traveller) -> list[str]:
    """All is kept as this release wants it, since a minute."""
    with app.app_context():
        for prefix in outdated():
            list(render_anew(prefix))
        assert outdated() == []
    clock.shift(60)
    return house


@pytest.fixture
def newer(settled: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A release whose Dublin Core says a word more of what was published first."""
    before = FORMATS["oai_dc"]

    def render(source: Source) -> etree._Element:
        element = before.render(source)
        if source.item_id in settled[:2]:
            etree.SubElement(element, element[0].tag).text = "а word more"
        return element

    monkeypatch.setitem(FORMATS, "oai_dc", replace(before, render=render, write=None, version=before.version + 1))
    yield "а word more"


def stamps() -> dict[str, object]:
    db.session.rollback()
    return {row.item_id: row.ds for row in db.session.execute(sa.select(OaiRecord.item_id, OaiRecord.ds))}


def test_only_what_comes_out_differently_gets_a_new_datestamp(
    app: Flask, client: FlaskClient, settled: list[str], newer: str, clock: time_machine.Traveller
) -> None:
    clock.shift(3600)
    with app.app_context():
        before = stamps()
        assert outdated() == ["oai_dc"]
        list(render_anew("oai_dc"))
        assert outdated() == []
        after = stamps()
    assert {item_id for item_id in after if after[item_id] != before[item_id]} == set(settled[:2])
    clock.shift(60)
    since = client.get(f"{LIST}&set=library:knu&from=2026-03-02T10:00:00Z").text
    assert since.count(newer) == 2 and since.count("<record>") == 2
    assert since.count("<datestamp>2026-03-02T10:") == 2


def test_what_a_later_release_rendered_is_left(app: Flask, settled: list[str], newer: str) -> None:
    """While one release takes over from another, both are at work: they must not undo each other's work for ever."""
    with app.app_context():
        list(render_anew("oai_dc"))
        rendered, before = FORMATS["oai_dc"], stamps()
        with pytest.MonkeyPatch.context() as earlier:
            earlier.setitem(FORMATS, "oai_dc", replace(rendered, version=rendered.version - 1))
            assert outdated() == []
            assert list(render_anew("oai_dc")) == []
        assert stamps() == before
        assert outdated() == [], "nor does the later one begin again"


RESPONSE_DATE = re.compile(rb"<responseDate>[^<]+</responseDate>")


@pytest.mark.parametrize(
    "query",
    ["", "&set=library:knu:science", "&from=2026-03-02T09:30:00Z", "&set=library:knu&until=2026-03-02T09:59:00Z"],
)
def test_a_list_is_the_same_whether_it_is_walked_or_rendered(
    app: Flask, client: FlaskClient, settled: list[str], query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    walked = pages(client, f"{LIST}{query}")
    assert len(walked) > 1
    with app.app_context(), transaction() as session:
        session.execute(sa.update(OaiFormat).values(whole=False))
        session.execute(sa.delete(OaiPayload))
    assert pages(client, f"{LIST}{query}") == walked


def test_a_page_of_long_records_ends_earlier_either_way(
    app: Flask, client: FlaskClient, settled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_BYTES", 3000)
    walked = pages(client, LIST)
    assert len(walked) > 1 and sum(page.count(b"<record>") for page in walked) == len(settled)
    with app.app_context(), transaction() as session:
        session.execute(sa.update(OaiFormat).values(whole=False))
    assert pages(client, LIST) == walked


def pages(client: FlaskClient, address: str) -> list[bytes]:
    """The whole list, page by page."""
    found = []
    while address:
        body = client.get(address).data
        assert b"<error" not in body
        found.append(RESPONSE_DATE.sub(b"", body))
        token = re.search(rb"<resumptionToken[^>]*>([^<]+)<", body)
        address = f"/oai?verb=ListRecords&resumptionToken={token[1].decode()}" if token else ""
    return found


def test_sets_follow_the_new_datestamp(
    app: Flask, settled: list[str], newer: str, clock: time_machine.Traveller
) -> None:
    clock.shift(3600)
    with app.app_context():
        list(render_anew("oai_dc"))
        apart = sa.select(OaiSetMember.id).join(OaiRecord, OaiRecord.id == OaiSetMember.id)
        assert db.session.scalars(apart.where(OaiSetMember.ds != OaiRecord.ds)).all() == []


def test_an_end_in_the_middle_is_gone_on_from(
    app: Flask,
    client: FlaskClient,
    settled: list[str],
    newer: str,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rendering, "CHUNK", 1)
    with app.app_context():
        steps = render_anew("oai_dc")
        next(steps)
        steps.close()
        assert db.session.get_one(OaiFormat, "oai_dc").complete is False
        db.session.rollback()
    clock.shift(60)
    assert client.get(LIST).text.count(newer) == 1, "the endpoint tells of the one and still of the others as before"
    with app.app_context():
        assert [done for done, _total in render_anew("oai_dc")] == [1, 2, 3, 4], "not from the beginning again"
        assert outdated() == []
    clock.shift(60)
    assert client.get(LIST).text.count(newer) == 2


def test_the_worker_notices_by_itself(app: Flask, settled: list[str], newer: str) -> None:
    with app.app_context():
        follow_formats()
        follow_formats()
        waiting = db.session.scalars(sa.select(Job.key).where(Job.kind == "render records", Job.state == "queued"))
        assert waiting.all() == ["oai_dc"], "asked for once"
        db.session.rollback()
        run_jobs()
        assert outdated() == []


def test_a_format_that_is_kept_from_now_on_is_told_meanwhile_and_gets_no_new_datestamp(
    app: Flask, client: FlaskClient, settled: list[str]
) -> None:
    keep(app, "oai_dc", "mods")
    asked = "/oai?verb=ListRecords&metadataPrefix=mods&set=library:knu"
    before = client.get(asked).data
    with app.app_context():
        moments = stamps()
        assert sorted(outdated()) == ["marcxml", "mods", "oai_openaire"], "one to render, two to forget"
        for prefix in outdated():
            list(render_anew(prefix))
        assert outdated() == [] and stamps() == moments
        kept = db.session.scalars(sa.select(OaiPayload.prefix).distinct()).all()
        assert sorted(kept) == ["mods", "oai_dc"]
    assert records(client.get(asked).data) == records(before)


def test_headers_and_sets_are_written_anew_too(app: Flask, settled: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "RECORDS_VERSION", 99)
    with app.app_context():
        db.session.execute(sa.delete(OaiSetMember))
        db.session.commit()
        assert outdated() == [""]
        list(render_anew(""))
        assert outdated() == []
        members = db.session.scalars(sa.select(OaiSetMember.id).where(OaiSetMember.spec == "library:knu")).all()
        assert len(members) == 5


def test_a_format_that_does_not_exist_stops_the_start(app: Flask) -> None:
    settings: Settings = app.extensions["muras.settings"]
    with pytest.raises(SettingsError, match="MURAS_STORED_FORMATS.*'oai_cd'.*oai_dc"):
        create_app(replace(settings, stored_formats=("oai_cd",)))


def keep(app: Flask, *prefixes: str) -> None:
    settings: Settings = app.extensions["muras.settings"]
    app.extensions["muras.settings"] = replace(settings, stored_formats=prefixes)


def records(body: bytes) -> list[bytes]:
    return [etree.tostring(record) for record in etree.fromstring(body).iter("{*}record")]


def test_every_format_is_kept_as_it_is_rendered(
    app: Flask, client: FlaskClient, settled: list[str], count_queries: Callable
) -> None:
    """What is kept and what is rendered on request come from the same functions: the bytes are equal."""
    for prefix in ("oai_dc", "oai_openaire", "marcxml"):
        asked = f"/oai?verb=ListRecords&metadataPrefix={prefix}"
        kept = records(client.get(asked).data)
        settings: Settings = app.extensions["muras.settings"]
        keep(app, "oai_dc" if prefix != "oai_dc" else "mods")
        assert records(client.get(asked).data) == kept
        app.extensions["muras.settings"] = settings
