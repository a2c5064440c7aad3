"""The provider at /oai, held against the protocol, the schema and harvesters that we did not write."""

import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from oai import listing, views
from oai.arguments import FORMS
from oai.formats import FORMATS
from oai.identify import register_friends
from oai.ledger import write_records
from oai.models import OaiRecord
from oai.sets import describe_sets
from repo.db import db, now, transaction
from repo.items.access import Access
from repo.items.metadata import Text, Thesis
from repo.items.models import File, Item
from repo.items.origin import write_origin
from repo.jobs.reconcile import plan_periodic_jobs
from repo.members.models import RoleName
from tests.factories import make_collection, make_library, make_metadata, make_person, publish, run_jobs
from tests.oai.crowd import Changes, seed_public
from tests.oai.formats.examples import ORIGIN
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
    ({"verb": "ListRecords", "metadataPrefix": "stranger"}, "cannotDisseminateFormat"),
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


def token_of(root: etree._Element) -> str:
    return root.findtext(".//o:resumptionToken", "", NS)


def identifiers_of(root: etree._Element) -> list[str]:
    return [name.rpartition(":")[2] for name in root.xpath(".//o:header/o:identifier/text()", namespaces=NS)]


@pytest.mark.parametrize("prefix", FORMATS)
def test_every_format_is_listed_and_given(
    house: list[str], ask: Callable[..., etree._Element], monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """Kept or rendered on request: the same items, the same pages, each valid."""
    monkeypatch.setattr(listing, "PAGE", 2)
    arguments = {"verb": "ListRecords", "metadataPrefix": prefix}
    if FORMATS[prefix].only:
        assert error_of(ask(**arguments)) == "noRecordsMatch"
        return
    root, seen = ask(**arguments), []
    while True:
        seen += identifiers_of(root)
        if not (token := token_of(root)):
            break
        root = ask(verb="ListRecords", resumptionToken=token)
    assert seen == house
    record = ask(verb="GetRecord", metadataPrefix=prefix, identifier=f"oai:muras.example.org:{house[0]}")
    assert len(record.findall(".//o:record/o:metadata/*", NS)) == 1


def test_formats_differ_from_item_to_item(
    app: Flask, house: list[str], ask: Callable[..., etree._Element], clock: time_machine.Traveller
) -> None:
    with app.app_context():
        library = make_library("theses-lib")
        collection = make_collection(library, "theses")
        author, reviewer = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
        thesis = Thesis(degree="candidate", institutions=[Text(value="КУУ", lang="ky")])
        metadata = make_metadata("Иш", type="candidate-thesis", thesis=thesis)
        thesis_id = publish(author, reviewer, collection, metadata).id
        with transaction() as session:
            describe_sets(session)
        run_jobs()
    clock.shift(60)
    names = {
        item_id: ask(verb="ListMetadataFormats", identifier=f"oai:muras.example.org:{item_id}").xpath(
            ".//o:metadataPrefix/text()", namespaces=NS
        )
        for item_id in (thesis_id, house[0])
    }
    assert names[thesis_id] == list(FORMATS)
    assert set(names[thesis_id]) - set(names[house[0]]) == {"oai_etdms"}
    given = {"verb": "GetRecord", "metadataPrefix": "oai_etdms"}
    assert error_of(ask(**given, identifier=f"oai:muras.example.org:{house[0]}")) == "cannotDisseminateFormat"
    assert ask(**given, identifier=f"oai:muras.example.org:{thesis_id}").find(".//o:metadata", NS) is not None
    for spec in ("", "library:theses-lib", "theses", "type:candidate-thesis"):
        root = ask(verb="ListRecords", metadataPrefix="oai_etdms", **({"set": spec} if spec else {}))
        assert identifiers_of(root) == [thesis_id]
    assert error_of(ask(verb="ListRecords", metadataPrefix="oai_etdms", set="library:knu")) == "noRecordsMatch"


def test_a_long_page_ends_earlier(
    house: list[str], ask: Callable[..., etree._Element], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_BYTES", 10)
    for prefix in ("oai_dc", "mods"):
        root = ask(verb="ListRecords", metadataPrefix=prefix)
        pages: list[list[str]] = [[]]
        while True:
            pages.append(identifiers_of(root))
            assert root.find(".//o:resumptionToken", NS).get("cursor") == str(sum(map(len, pages[:-1])))
            if not (token := token_of(root)):
                break
            root = ask(verb="ListRecords", resumptionToken=token)
        assert [len(page) for page in pages[1:]] == [1, 1, 1, 1, 1]
        assert [item_id for page in pages for item_id in page] == house


def test_what_is_said_about_a_record(house: list[str], ask: Callable[..., etree._Element]) -> None:
    root = ask(verb="ListRecords", metadataPrefix="oai_dc")
    rights = root.xpath(".//o:about/*/*[local-name()='rightsReference']/@ref", namespaces=NS)
    assert rights == ["https://creativecommons.org/publicdomain/zero/1.0/"] * 4, "of all but the deleted one"


def test_where_a_record_was_harvested_is_told_on(
    app: Flask, house: list[str], ask: Callable[..., etree._Element], clock: time_machine.Traveller
) -> None:
    before = ORIGIN.model_copy(update={"base_url": "https://first.example.org/oai"})
    with app.app_context(), transaction() as session:
        item = session.get_one(Item, house[0])
        item.origin = write_origin(ORIGIN.model_copy(update={"before": before}))
        session.flush()
        write_records(session, [house[0]])
    clock.shift(60)
    root = ask(verb="GetRecord", metadataPrefix="marcxml", identifier=f"oai:muras.example.org:{house[0]}")
    steps = root.xpath(".//o:about//*[local-name()='originDescription']", namespaces=NS)
    assert [step.findtext("{*}baseURL") for step in steps] == [ORIGIN.base_url, before.base_url]
    assert steps[1].getparent() is steps[0], "the earlier step stands in the later one"
    assert steps[0].get("altered") == "true" and steps[0].get("harvestDate") == ORIGIN.harvested_at


def test_identify_describes_the_house(house: list[str], ask: Callable[..., etree._Element]) -> None:
    register_friends(lambda: ["https://friend.example.org/oai"])
    try:
        root = ask(verb="Identify")
    finally:
        register_friends(tuple)
    kinds = [etree.QName(element).localname for element in root.iterfind(".//o:description/*", NS)]
    assert kinds == ["oai-identifier", "eprints", "friends", "rightsManifest"]
    assert root.xpath("string(.//*[local-name()='repositoryIdentifier'])") == "muras.example.org"
    assert root.xpath("string(.//*[local-name()='friends']/*)") == "https://friend.example.org/oai"
    policies = root.xpath("//*[local-name()='eprints']/*")
    assert [etree.QName(policy).localname for policy in policies] == [
        *("content", "metadataPolicy", "dataPolicy", "submissionPolicy")
    ]


def test_an_answer_is_packed_for_whoever_takes_it(house: list[str], client: FlaskClient) -> None:
    asked = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    plain = client.get(asked)
    packed = client.get(asked, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data).split(b"</responseDate>")[1] == plain.data.split(b"</responseDate>")[1]
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_too_many_harvesters_at_once_are_asked_to_come_again(
    house: list[str], client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PATIENCE", 0.01)
    places = [views._places.acquire(timeout=0) for _ in range(views.AT_ONCE)]
    try:
        answer = client.get("/oai?verb=Identify")
    finally:
        for _ in places:
            views._places.release()
    assert all(places) and answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/oai?verb=Identify").status_code == 200


def test_a_token_with_any_byte_changed_is_refused(
    house: list[str], client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    token = token_of(etree.fromstring(client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").data))
    for place in range(len(token)):
        for other in ("A", "z", "-", "."):
            changed = token[:place] + other + token[place + 1 :]
            if changed != token:
                query = {"verb": "ListRecords", "resumptionToken": changed}
                root = etree.fromstring(client.get("/oai", query_string=query).data)
                assert error_of(root) == "badResumptionToken", changed


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["verb", *FORMS, "стрелка", ""]),
            st.one_of(
                st.sampled_from(["ListRecords", "GetRecord", "Identify", "ListSets", "oai_dc", "2026-03-02", "\x00"]),
                st.binary(max_size=12),
                st.text(max_size=12),
            ),
        ),
        max_size=5,
    ),
    st.booleans(),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_the_answer_is_the_protocols(
    house: list[str], client: FlaskClient, real_data: Path, pairs: list[tuple[str, str | bytes]], posted: bool
) -> None:
    """Arguments that are missing, repeated, empty, malformed, with NUL or no UTF-8 at all."""
    query = urlencode(pairs)
    if posted:
        answer = client.post("/oai", data=query, content_type="application/x-www-form-urlencoded")
    else:
        answer = client.get(f"/oai?{query}")
    assert answer.status_code == 200
    validate_response(real_data, answer.data)


def test_a_token_posted_with_other_arguments(
    house: list[str], client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    token = token_of(etree.fromstring(client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").data))
    whole = {"verb": "ListRecords", "resumptionToken": token}
    for more in ({"from": "2026-01-01"}, {"metadataPrefix": "oai_dc"}, {"set": "library"}, {"until": "2026-03-02"}):
        for answer in (client.post("/oai", data={**whole, **more}), client.get("/oai", query_string={**whole, **more})):
            assert error_of(etree.fromstring(answer.data)) == "badArgument"
    assert error_of(etree.fromstring(client.post("/oai", data=whole).data)) == ""


def test_an_embargo_that_ends_is_told_by_itself(
    app: Flask, house: list[str], ask: Callable[..., etree._Element], clock: time_machine.Traveller
) -> None:
    """Of a whole item, and of a single file: the datestamp rises, and the address of the file is told."""
    with app.app_context():
        library = make_library("late")
        collection = make_collection(library, "late-works")
        author, reviewer = make_person(), make_person("", RoleName.LIBRARIAN, library=library)
        until = {"access": "embargoed", "embargo_until": "2026-03-10"}
        whole = publish(author, reviewer, collection, make_metadata("Бүтүн", **until), name="whole.pdf").id
        part = publish(author, reviewer, collection, make_metadata("Бөлүк"), name="part.pdf").id
        with transaction() as session:
            file = session.scalars(sa.select(File).where(File.name == "part.pdf")).one()
            file.access, file.until = Access.EMBARGOED, date(2026, 3, 10)
            session.flush()
            write_records(session, [part])
            describe_sets(session)
        run_jobs()
    clock.shift(60)
    listed = etree.tostring(ask(verb="ListRecords", metadataPrefix="oai_dc", set="library:late"), encoding="unicode")
    assert "embargoEnd/2026-03-10" in listed and "whole.pdf" not in listed and "part.pdf" not in listed
    clock.move_to(datetime(2026, 3, 10, 0, 20, tzinfo=UTC))
    with app.app_context():
        plan_periodic_jobs()
        run_jobs()
    clock.shift(60)
    since = ask(verb="ListRecords", metadataPrefix="oai_dc", set="library:late", from_="2026-03-10")
    assert set(identifiers_of(since)) == {whole, part}
    told = etree.tostring(since, encoding="unicode")
    assert f"{whole}/v1/files/whole.pdf" in told and f"{part}/v1/files/part.pdf" in told
    assert "info:eu-repo/semantics/openAccess" in told
    clock.shift(24 * 3600)
    with app.app_context():
        plan_periodic_jobs()
        run_jobs()
    assert error_of(ask(verb="ListRecords", metadataPrefix="oai_dc", set="library:late", from_="2026-03-11")), "once"


def test_a_walk_while_everything_changes(
    app: Flask, client: FlaskClient, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Per page some records change, some go and some come. One walk and one from its beginning on miss nothing, tell of
    no record twice, and of each as it stands."""
    monkeypatch.setattr(listing, "PAGE", 20)
    with app.app_context():
        collection = make_collection(make_library("walk"), "walked")
        ids = seed_public(collection, 200)
        clock.shift(60)
    began, seen, changes = now(), [], Changes(app, collection, ids)
    root = etree.fromstring(client.get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc").data)
    while True:
        seen += identifiers_of(root)
        if not (token := token_of(root)):
            break
        changes.make(10)
        clock.shift(5)
        query = {"verb": "ListIdentifiers", "resumptionToken": token}
        root = etree.fromstring(client.get("/oai", query_string=query).data)
        assert error_of(root) in ("", "badResumptionToken")
        if error_of(root):
            break
    assert len(seen) == len(set(seen)), "nothing is told twice"
    clock.shift(60)
    monkeypatch.setattr(listing, "PAGE", 10_000)
    query = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "from": began.strftime("%Y-%m-%dT%H:%M:%SZ")}
    later = etree.fromstring(client.get("/oai", query_string=query).data)
    gone = {
        header.findtext("o:identifier", "", NS).rpartition(":")[2]
        for header in later.xpath(".//o:header[@status='deleted']", namespaces=NS)
    }
    assert {*seen, *identifiers_of(later)} == {*ids, *changes.new}, "nothing is missed"
    assert gone == changes.gone


def test_a_person_who_opens_an_answer_sees_a_page(house: list[str], client: FlaskClient) -> None:
    """Only browsers that open a page say so; whoever else asks, asks for XML."""
    opened = {"Sec-Fetch-Dest": "document"}
    for query in ("verb=Identify", "verb=ListRecords&metadataPrefix=oai_dc", "verb=ListSets", "verb=nonsense", ""):
        answer = client.get(f"/oai?{query}", headers=opened)
        assert answer.mimetype == "text/html" and "<main" in answer.text
        assert "Sec-Fetch-Dest" in answer.headers["Vary"]
        for other in ({}, {"Sec-Fetch-Dest": "empty"}, {"Accept": "text/html, image/gif, *; q=.2"}):
            assert client.get(f"/oai?{query}", headers=other).mimetype == "text/xml"
    shown = client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc", headers=opened).text
    assert "Биринчи" in shown and "<b>&amp;" not in shown, "hostile text stays text"
