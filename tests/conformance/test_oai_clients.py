"""Five harvesters that we did not write walk a long list, and agree with the house on every identifier."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pytest

from repo.vocabularies import types
from tests.conformance.clients import HARVESTERS, Told, Wanted
from tests.conformance.house import BATCH, FIRST, PUBLIC, WHOLE, WITHDRAWN, House, Work

each = pytest.mark.parametrize("name", HARVESTERS)
"""A test for each of the harvesters."""

FULL = FIRST + timedelta(days=WHOLE // BATCH)
"""The datestamp of the first of two batches of which nothing was withdrawn."""


def expected(works: Iterable[Work], chosen: Callable[[Work], bool] = lambda work: True) -> list[Told]:
    return sorted(Told(work.identifier, work.deleted) for work in works if chosen(work))


def written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def is_thesis(work: Work) -> bool:
    return types()[work.type].group == "theses"


@each
@pytest.mark.parametrize("verb", ["ListIdentifiers", "ListRecords"])
def test_a_whole_harvest(large_house: House, name: str, verb: str) -> None:
    told = HARVESTERS[name](large_house.address, Wanted(verb))
    assert len(told) == PUBLIC + WITHDRAWN and sum(header.deleted for header in told) == WITHDRAWN
    assert sorted(told) == expected(large_house.works)


@pytest.mark.parametrize(
    ("name", "prefix"),
    [*(("sickle", prefix) for prefix in ("mods", "marcxml", "oai_openaire"))]
    + [("oaipmh-scythe", "mods"), ("oaipmh", "marcxml"), ("debian", "oai_openaire"), ("npm", "mods")],
)
def test_a_set_and_a_range_in_another_format(large_house: House, name: str, prefix: str) -> None:
    start, until = FIRST + timedelta(days=3), FIRST + timedelta(days=16)
    wanted = Wanted("ListRecords", prefix, "language:ru", written(start), written(until))
    told = expected(large_house.works, lambda work: "ru" in work.languages and start <= work.stamp <= until)
    assert len(told) > 2 * BATCH
    assert sorted(HARVESTERS[name](large_house.address, wanted)) == told


@each
def test_what_was_withdrawn_of_a_set_since(large_house: House, name: str) -> None:
    wanted = Wanted("ListIdentifiers", "oai_dc", "theses", written(FULL + timedelta(days=10)))
    told = expected(large_house.works, lambda work: work.deleted and is_thesis(work))
    assert told and sorted(HARVESTERS[name](large_house.address, wanted)) == told


def test_a_format_that_only_some_works_have(large_house: House) -> None:
    told = HARVESTERS["oaipmh-scythe"](large_house.address, Wanted("ListRecords", "oai_etdms"))
    assert sorted(told) == expected(large_house.works, is_thesis)


@each
@pytest.mark.parametrize("batches", [1, 2])
def test_a_list_that_ends_with_a_full_page(large_house: House, name: str, batches: int) -> None:
    """It needs no token, or an empty one, and no empty page after it."""
    until = FULL + timedelta(days=batches - 1)
    wanted = Wanted("ListIdentifiers", "oai_dc", "library:strangers", written(FULL), written(until))
    told = HARVESTERS[name](large_house.address, wanted)
    assert len(told) == batches * BATCH
    assert sorted(told) == expected(large_house.works, lambda work: FULL <= work.stamp <= until)
