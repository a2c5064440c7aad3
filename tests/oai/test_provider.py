"""The provider at /oai, held against the protocol, the schema and harvesters that we did not write."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from oai import listing
from oai.ledger import write_records
from oai.models import OaiRecord
from oai.sets import describe_sets
from repo.db import db, now, transaction
from repo.items.models import Item
from repo.items.services.lifecycle import withdraw_item
from repo.members.models import Fact, RoleName
from tests.factories import (
    actor_for,
    make_collection,
    make_library,
    make_metadata,
    make_person,
    publish,
    run_jobs,
)
from tests.oai.schemas import OAI, validate_response

NS = {"o": OAI, "dc": "http://purl.org/dc/elements/1.1/"}

def error_of(root: etree._Element) -> str:
    return root.findtext("o:error", "", NS) and root.find("o:error", NS).get("code", "")


def test_identify(house: list[str], ask: Callable[..., etree._Element]) -> None:
    root = ask(verb="Identify")
    assert root.findtext(".//o:baseURL", "", NS) == "http://muras.example.org/oai"
    assert root.findtext(".//o:deletedRecord", "", NS) == "persistent"
    assert root.findtext(".//o:earliestDatestamp", "", NS) == "2026-03-02T09:31:00Z"


def test_a_whole_harvest_in_pages(
    house: list[str], ask: Callable[..., etree._Element], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    root = ask(verb="ListRecords", metadataPrefix="oai_dc")
    seen, pages = root.xpath(".//o:header/o:identifier/text()", namespaces=NS), 1
    token = root.find(".//o:resumptionToken", NS)
    assert token.get("completeListSize") == "5" and token.get("cursor") == "0"
    while token.text:
        root = ask(verb="ListRecords", resumptionToken=token.text)
        seen += root.xpath(".//o:header/o:identifier/text()", namespaces=NS)
        token = root.find(".//o:resumptionToken", NS)
        assert token.get("cursor") == str(pages * 2)
        pages += 1
    assert pages == 3 and seen == [f"oai:muras.example.org:{item_id}" for item_id in house]


def test_a_record_is_what_was_published(house: list[str], ask: Callable[..., etree._Element]) -> None:
    root = ask(verb="GetRecord", metadataPrefix="oai_dc", identifier=f"oai:muras.example.org:{house[0]}")
    assert root.xpath(".//dc:title/text()", namespaces=NS)[0] == "Биринчи"
    identifiers = root.xpath(".//dc:identifier/text()", namespaces=NS)
    assert identifiers[0] == f"http://muras.example.org/records/{house[0]}"
    assert identifiers[1].startswith(f"http://muras.example.org/records/{house[0]}/v1/files/")
    assert "info:eu-repo/semantics/openAccess" in root.xpath(".//dc:rights/text()", namespaces=NS)
    specs = root.xpath(".//o:setSpec/text()", namespaces=NS)
    assert specs == ["library:knu:science", "access:open", "type:article", "language:ky", "openaire"]


def test_hostile_text_stays_text(house: list[str], ask: Callable[..., etree._Element]) -> None:
    root = ask(verb="GetRecord", metadataPrefix="oai_dc", identifier=f"oai:muras.example.org:{house[2]}")
    title = root.xpath(".//dc:title/text()", namespaces=NS)[0]
    assert "<b>&amp;" in title and "😀" in title and "\u0001" not in title


def test_a_withdrawn_item_is_a_deleted_record(house: list[str], ask: Callable[..., etree._Element]) -> None:
    root = ask(verb="ListRecords", metadataPrefix="oai_dc", set="library:knu")
    deleted = root.xpath(".//o:header[@status='deleted']/o:identifier/text()", namespaces=NS)
    assert deleted == [f"oai:muras.example.org:{house[-1]}"]
    record = root.xpath(".//o:record[o:header[@status='deleted']]", namespaces=NS)[0]
    assert record.find("o:metadata", NS) is None
    assert "Бешинчи" not in etree.tostring(root, encoding="unicode")


def test_sets_are_hierarchical(house: list[str], ask: Callable[..., etree._Element]) -> None:
    specs = ask(verb="ListSets").xpath(".//o:setSpec/text()", namespaces=NS)
    tree = ["library", "library:knu", "library:knu:science", "library:knu:science:physics"]
    assert [spec for spec in specs if spec.startswith("library")] == tree
    for spec, count in {"library": 5, "library:knu:science": 5, "library:knu:science:physics": 2}.items():
        root = ask(verb="ListIdentifiers", metadataPrefix="oai_dc", set=spec)
        assert len(root.findall(".//o:header", NS)) == count


def test_ranges_include_both_ends(house: list[str], ask: Callable[..., etree._Element]) -> None:
    first, second = "2026-03-02T09:31:00Z", "2026-03-02T09:32:00Z"
    root = ask(verb="ListIdentifiers", metadataPrefix="oai_dc", from_=first, until=second)
    assert len(root.findall(".//o:header", NS)) == 2
    assert root.find("o:request", NS).get("from") == first
    root = ask(verb="ListIdentifiers", metadataPrefix="oai_dc", from_="2026-03-02", until="2026-03-02")
    assert len(root.findall(".//o:header", NS)) == 5
    assert root.find("o:request", NS).get("until") == "2026-03-02"


ERRORS = [
    ({}, "badVerb"),
    ({"verb": "GetMetadata"}, "badVerb"),
    ({"verb": "ListRecords"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "marcxml"}, "cannotDisseminateFormat"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2027-01-01"}, "noRecordsMatch"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-03-03", "until": "2026-03-01"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-3-1"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-02-30"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-03-01T00:00:00.5Z"}, "badArgument"),
    (
        {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-03-01", "until": "2026-03-02T00:00:00Z"},
        "badArgument",
    ),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": ""}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "library:nowhere"}, "noRecordsMatch"),
    ({"verb": "ListRecords", "resumptionToken": "stranger"}, "badResumptionToken"),
    ({"verb": "ListRecords", "resumptionToken": "x", "metadataPrefix": "oai_dc"}, "badArgument"),
    ({"verb": "ListSets", "resumptionToken": "x"}, "badResumptionToken"),
    (
        {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:muras.example.org:00000000"},
        "idDoesNotExist",
    ),
    ({"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "a\x00b"}, "idDoesNotExist"),
    ({"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "x" * 5000}, "idDoesNotExist"),
    ({"verb": "Identify", "stranger": "1"}, "badArgument"),
    ({"verb": "ListMetadataFormats", "identifier": "oai:elsewhere:1"}, "idDoesNotExist"),
]


def test_errors_are_the_protocols(house: list[str], client: FlaskClient, real_data: Path) -> None:
    for arguments, code in ERRORS:
        for response in (client.get("/oai", query_string=arguments), client.post("/oai", data=arguments)):
            assert response.status_code == 200, arguments
            root = validate_response(real_data, response.data)
            assert error_of(root) == code, arguments
            echoed = root.find("o:request", NS).attrib
            assert not echoed if code in ("badVerb", "badArgument") else echoed["verb"] == arguments["verb"]


def test_repeated_arguments(house: list[str], client: FlaskClient) -> None:
    for query, code in (("verb=Identify&verb=Identify", "badVerb"), ("verb=ListSets&set=a&set=a", "badArgument")):
        assert error_of(etree.fromstring(client.get(f"/oai?{query}").data)) == code


def test_a_token_is_bound_to_its_verb_time_and_bytes(
    house: list[str], client: FlaskClient, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    page = etree.fromstring(client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").data)
    token = page.findtext(".//o:resumptionToken", "", NS)

    def answer(verb: str, sent: str) -> str:
        response = client.get("/oai", query_string={"verb": verb, "resumptionToken": sent})
        assert response.status_code == 200
        return error_of(etree.fromstring(response.data))

    assert answer("ListIdentifiers", token) == "badResumptionToken"
    for place in range(0, len(token), 7):
        flipped = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert answer("ListRecords", flipped) == "badResumptionToken"
    assert answer("ListRecords", token) == answer("ListRecords", token) == ""
    clock.shift(49 * 3600)
    assert answer("ListRecords", token) == "badResumptionToken"


def test_a_record_that_changes_meanwhile_is_not_missed(
    app: Flask, house: list[str], client: FlaskClient, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record leaves the frozen range, and no other one slips through; the next incremental harvest has it."""
    monkeypatch.setattr(listing, "PAGE", 2)
    page = etree.fromstring(client.get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc").data)
    seen = page.xpath(".//o:identifier/text()", namespaces=NS)
    with app.app_context(), transaction() as session:
        moment = now().replace(microsecond=0)
        write_records(session, [house[0]])
    clock.shift(60)
    while token := page.findtext(".//o:resumptionToken", "", NS):
        response = client.get("/oai", query_string={"verb": "ListIdentifiers", "resumptionToken": token})
        page = etree.fromstring(response.data)
        seen += page.xpath(".//o:identifier/text()", namespaces=NS)
    assert [name.rsplit(":", 1)[1] for name in seen] == house
    query = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "from": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
    again = etree.fromstring(client.get("/oai", query_string=query).data)
    assert house[0] in again.xpath("string(.)")


def test_a_page_costs_the_same_number_of_queries_at_any_length(
    house: list[str], client: FlaskClient, count_queries: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    with count_queries() as few:
        client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc&until=2026-03-02T09:31:00Z")
    with count_queries() as many:
        client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc")
    assert len(many) == len(few)


def test_a_fresh_record_waits_until_it_has_settled(
    app: Flask, house: list[str], client: FlaskClient, clock: time_machine.Traveller
) -> None:
    with app.app_context(), transaction() as session:
        write_records(session, [house[0]])
    assert house[0] not in client.get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc").text
    clock.shift(10)
    assert house[0] in client.get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc").text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(OaiRecord)) == 5
