"""Five harvesters that we did not write, asked in one way: each returns the headers that it was told, in their order.

What a client makes of the records themselves is looked at on the way: a record has metadata unless it is deleted.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from shutil import which
from tempfile import TemporaryFile
from typing import Any, NamedTuple

import pytest
from lxml import etree
from oaipmh.client import Client
from oaipmh.metadata import MetadataRegistry
from oaipmh_scythe import Scythe
from sickle import Sickle

SCRIPT = Path(__file__).parents[2] / "scripts" / "oai-pmh-client"


class Told(NamedTuple):
    identifier: str
    deleted: bool


class Wanted(NamedTuple):
    """What to harvest; times as they stand in requests, to the second."""

    verb: str = "ListRecords"
    prefix: str = "oai_dc"
    set: str | None = None
    start: str | None = None
    until: str | None = None


Harvest = Callable[[str, Wanted], list[Told]]
"""Harvests an address whole."""


def sickle(address: str, wanted: Wanted) -> list[Told]:
    client = Sickle(address)
    arguments = _arguments(wanted, prefix="metadataPrefix", start="from")
    if wanted.verb == "ListIdentifiers":
        return [Told(header.identifier, header.deleted) for header in client.ListIdentifiers(**arguments)]
    records = client.ListRecords(**arguments)
    return [_told(r.header.identifier, r.deleted, r.xml.find("{*}metadata") is not None) for r in records]


def scythe(address: str, wanted: Wanted) -> list[Told]:
    arguments = _arguments(wanted, prefix="metadata_prefix", start="from_", set="set_")
    with Scythe(address) as client:
        if wanted.verb == "ListIdentifiers":
            return [Told(header.identifier, header.deleted) for header in client.list_identifiers(**arguments)]
        records = client.list_records(**arguments)
        return [_told(r.header.identifier, r.deleted, r.xml.find("{*}metadata") is not None) for r in records]


def oaipmh(address: str, wanted: Wanted) -> list[Told]:
    """The client of the library that serves us; times are naive datetimes there."""
    registry = MetadataRegistry()
    registry.registerReader(wanted.prefix, lambda element: len(element) == 1)
    client = Client(address, registry)
    arguments = _arguments(wanted, prefix="metadataPrefix", start="from_")
    for name in {"from_", "until"} & arguments.keys():
        arguments[name] = datetime.fromisoformat(arguments[name].removesuffix("Z"))
    if wanted.verb == "ListIdentifiers":
        return [Told(header.identifier(), header.isDeleted()) for header in client.listIdentifiers(**arguments)]
    records = client.listRecords(**arguments)
    return [_told(header.identifier(), header.isDeleted(), bool(read)) for header, read, _about in records]


def oai_pmh_of_debian(address: str, wanted: Wanted) -> list[Told]:
    """HTTP::OAI, of Perl: blocks that end with a form feed, first the lines of the header, then the metadata."""
    if which("oai_pmh") is None:
        pytest.skip("libhttp-oai-perl is not installed")
    options = _options(wanted, prefix="--metadataPrefix", start="--from")
    printed = _run(["oai_pmh", "-X", wanted.verb, *options, address])
    return list(_read_blocks(wanted.verb, printed))


def oai_pmh_of_npm(address: str, wanted: Wanted) -> list[Told]:
    """A line of JSON for each header or record."""
    verb = {"ListIdentifiers": "list-identifiers", "ListRecords": "list-records"}[wanted.verb]
    options = _options(wanted, prefix="--metadata-prefix", start="--from")
    lines = map(json.loads, _run(["node", _npm_client(), verb, *options, address]).splitlines())
    if wanted.verb == "ListIdentifiers":
        return [Told(header["identifier"], _is_deleted(header)) for header in lines]
    return [_told(r["header"]["identifier"], _is_deleted(r["header"]), "metadata" in r) for r in lines]


HARVESTERS: dict[str, Harvest] = {
    "sickle": sickle,
    "oaipmh-scythe": scythe,
    "oaipmh": oaipmh,
    "debian": oai_pmh_of_debian,
    "npm": oai_pmh_of_npm,
}


def _told(identifier: str, deleted: bool, described: bool) -> Told:
    assert described is not deleted, f"{identifier} is {'' if deleted else 'not '}deleted"
    return Told(identifier, deleted)


def _arguments(wanted: Wanted, **names: str) -> dict[str, Any]:
    """What is wanted, without the verb, by the names that a client has for it."""
    given = {name: value for name, value in wanted._asdict().items() if value is not None and name != "verb"}
    return {names.get(name, name): value for name, value in given.items()}


def _options(wanted: Wanted, **names: str) -> list[str]:
    given = _arguments(wanted, **{"set": "--set", "until": "--until", **names})
    return [part for pair in given.items() for part in pair]


def _run(command: list[str | Path]) -> str:
    with TemporaryFile() as printed:  # a file: at its end the client of npm forgets what a pipe has not taken yet
        done = subprocess.run(command, stdout=printed, stderr=subprocess.PIPE)
        assert done.returncode == 0, done.stderr.decode()
        printed.seek(0)
        return printed.read().decode()


def _read_blocks(verb: str, printed: str) -> Iterator[Told]:
    *blocks, rest = printed.split("\f")
    assert rest == ""
    for block in blocks:
        head, _, content = block.partition("\n\n")
        lines = dict(line.split(": ", 1) for line in head.splitlines() if not line.startswith("setSpec"))
        deleted = lines.get("status") == "deleted"
        if verb == "ListIdentifiers":
            yield Told(lines["identifier"], deleted)
        else:
            yield _told(lines["identifier"], deleted, bool(content) and etree.fromstring(content.encode()) is not None)


@cache
def _npm_client() -> Path:
    made = subprocess.run([SCRIPT], capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"oai-pmh of npm is not to be had: {made.stderr.strip()[-500:]}")
    return Path(made.stdout.strip())


def _is_deleted(header: dict[str, Any]) -> bool:
    return header.get("$", {}).get("status") == "deleted"
