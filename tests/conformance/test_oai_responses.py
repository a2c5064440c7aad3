"""Every verb, every error, every format for works of every type: whole responses over HTTP, valid to the schema."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from lxml import etree

from oai.formats import FORMATS
from repo.vocabularies import types
from tests.conformance.house import BATCH, FIRST, WHOLE, House
from tests.oai.schemas import OAI, validate_response
from tests.oai.test_provider import ERRORS

NS = {"o": OAI}
FULL = FIRST + timedelta(days=WHOLE // BATCH)
"""The datestamp of a batch in which nothing is withdrawn, and every type is there with all, with little, with hostile
text."""

Ask = Callable[..., etree._Element]


@pytest.fixture
def ask(large_house: House, real_data: Path) -> Ask:
    """Ask with arguments, posted if `posted`; every answer has to be valid to the schema."""

    def ask(posted: bool = False, **arguments: str) -> etree._Element:
        query = urlencode({name.rstrip("_"): value for name, value in arguments.items()})
        address = large_house.address if posted else f"{large_house.address}?{query}"
        with urlopen(address, data=query.encode() if posted else None, timeout=60) as answer:
            assert answer.status == 200
            return validate_response(real_data, answer.read())

    return ask


@pytest.mark.parametrize("prefix", FORMATS)
def test_every_format_of_every_type(large_house: House, ask: Ask, prefix: str) -> None:
    day = f"{FULL:%Y-%m-%d}"
    root = ask(verb="ListRecords", metadataPrefix=prefix, from_=day, until=day)
    works = {work.identifier: work.type for work in large_house.works if work.stamp == FULL}
    listed = root.xpath("//o:record[o:metadata/*]/o:header/o:identifier/text()", namespaces=NS)
    only = FORMATS[prefix].only
    assert {works[name] for name in listed} == {code for code, term in types().items() if only in ("", term.group)}
    for identifier in listed[:3]:
        one = ask(verb="GetRecord", metadataPrefix=prefix, identifier=identifier, posted=True)
        record = root.xpath("//o:record[o:header/o:identifier=$name]", namespaces=NS, name=identifier)[0]
        assert _canonical(one.find(".//o:record", NS)) == _canonical(record), "one by one or in a list, the same"


def test_a_deleted_record_in_every_format(large_house: House, ask: Ask) -> None:
    gone = next(w.identifier for w in large_house.works if w.deleted and types()[w.type].group == "theses")
    for prefix in FORMATS:
        record = ask(verb="GetRecord", metadataPrefix=prefix, identifier=gone).find(".//o:record", NS)
        assert record.find("o:header", NS).get("status") == "deleted" and len(record) == 1


def test_identify(large_house: House, ask: Ask) -> None:
    root = ask(verb="Identify")
    assert root.findtext(".//o:baseURL", "", NS) == large_house.address
    assert root.findtext(".//o:earliestDatestamp", "", NS) == f"{FIRST:%Y-%m-%dT%H:%M:%SZ}"
    kinds = [etree.QName(element).localname for element in root.iterfind(".//o:description/*", NS)]
    assert kinds == ["oai-identifier", "eprints", "rightsManifest"]


def test_all_sets_and_all_formats(large_house: House, ask: Ask) -> None:
    """Each set that a record names is listed; what is listed of formats is what a work of a type is given in."""
    named = ask(verb="ListIdentifiers", metadataPrefix="oai_dc").xpath("//o:setSpec/text()", namespaces=NS)
    assert set(named) <= set(ask(verb="ListSets").xpath("//o:setSpec/text()", namespaces=NS))
    prefixes = ask(verb="ListMetadataFormats").xpath("//o:metadataPrefix/text()", namespaces=NS)
    assert prefixes == list(FORMATS)
    for work in [work for work in large_house.works if work.stamp == FULL][:30]:
        given = ask(verb="ListMetadataFormats", identifier=work.identifier)
        group = types()[work.type].group
        wanted = [prefix for prefix in prefixes if FORMATS[prefix].only in ("", group)]
        assert given.xpath("//o:metadataPrefix/text()", namespaces=NS) == wanted


@pytest.mark.parametrize("posted", [False, True])
def test_errors(ask: Ask, posted: bool) -> None:
    for arguments, code in ERRORS:
        root = ask(posted=posted, **arguments)
        assert [error.get("code") for error in root.iterfind("o:error", NS)] == [code], arguments


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
