"""`muras harvest` as an administrator or a script meets it: what it prints, and its exit status."""

import json
from collections.abc import Iterator

import pytest

from tests.cli.test_commands import Muras, muras
from tests.services.provider import RunningProvider, html_page, running_provider

__all__ = ["muras"]


@pytest.fixture
def remote() -> Iterator[RunningProvider]:
    with running_provider() as provider:
        provider.hold(1, 2, 3)
        yield provider


@pytest.fixture
def house(muras: Muras) -> Muras:
    """A library with a collection; the tables are there already."""
    assert muras("library", "add", "knu", "--ky", "КУУ").exit_code == 0
    assert muras("collection", "add", "guests", "--library", "knu", "--ky", "Меймандар").exit_code == 0
    return muras


def test_a_source_from_its_beginning_to_its_end(house: Muras, remote: RunningProvider) -> None:
    added = house("harvest", "add", remote.url, "--collection", "guests")
    assert added.exit_code == 0, added.output
    assert "Алыскы китепкана" in added.output
    assert "created" in house("harvest", remote.url).output
    again = house("harvest", "1", "--json")
    assert again.exit_code == 0
    assert [(one["state"], one["name"]) for one in json.loads(again.stdout)] == [("done", "Алыскы китепкана")]
    listed = house("harvest", "list").output
    assert remote.url in listed
    shown = json.loads(house("harvest", "show", "1", "--json").stdout)
    assert shown["records"]["created"] + shown["records"]["unchanged"] == 3
    assert house("harvest", "remove", "1", "--withdraw", "--yes").exit_code == 0
    assert json.loads(house("harvest", "list", "--json").stdout) == []
    assert house("harvest", "1").exit_code == 1


def test_statuses_tell_what_happened(house: Muras, remote: RunningProvider) -> None:
    house("harvest", "add", remote.url, "--collection", "guests")
    body = remote.page(remote.records).replace("Китеп 2".encode(), b"<b>")
    from tests.services.provider import Answer, only

    remote.plays(only("ListRecords", Answer(body)))
    assert house("harvest", "--all").exit_code == 3
    refused = house("harvest", "show", "1", "--refused").output
    assert "oai:provider.example.org:2: The record is not well-formed XML." in refused
    remote.plays(html_page)
    failed = house("harvest", "1")
    assert failed.exit_code == 1
    assert "A web page came instead of XML" in failed.output


def test_wrong_usage(house: Muras, remote: RunningProvider) -> None:
    assert house("harvest", "run").exit_code == 2
    assert house("harvest", "add", remote.url, "--collection", "nowhere").exit_code == 2
    assert house("harvest", "add", "nonsense", "--collection", "guests").exit_code == 1
    assert house("harvest", "99").exit_code == 1
