"""From which library a reader comes."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo.db import db, transaction
from repo.members.actors import SYSTEM
from repo.members.networks import Table, find_overlaps, find_private, networks_of, read_networks
from repo.members.services.libraries import change_library, close_library, merge_library
from tests.members.conftest import CountQueries, MakeLibrary


def test_networks_as_people_write_them() -> None:
    lines = [" 192.0.2.0/25 ", "192.0.2.7", "198.51.100.1 – 198.51.100.6", "2001:db8::/32", "192.0.2.7/25", "", "  "]
    read, unread = read_networks(lines)
    assert [str(network) for network in read] == [
        "192.0.2.0/25",
        "192.0.2.7/32",
        "198.51.100.1/32",
        "198.51.100.2/31",
        "198.51.100.4/31",
        "198.51.100.6/32",
        "2001:db8::/32",
    ]
    assert unread == []


@pytest.mark.parametrize(
    "line",
    [
        "library.kg",
        "192.0.2",
        "192.0.2.0/99",
        "0.0.0.0/0",
        "10.0.0.0/8",
        "::/0",
        "192.0.2.9-192.0.2.1",
        "192.0.2.1-2001:db8::1",
        "0.0.0.0-255.255.255.255",
        "192.0.2.1-",
        "1" * 500,
    ],
)
def test_what_is_no_network_or_too_wide(line: str) -> None:
    assert read_networks([line]) == ([], [line])


@given(st.lists(st.text(alphabet="0123456789abcdef.:/- –", max_size=40), max_size=5))
def test_whatever_is_typed_never_fails(lines: list[str]) -> None:
    read, unread = read_networks(lines)
    assert len(unread) <= len(lines)
    assert all(str(network) for network in read)


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.integers(0, 2**32 - 1), st.integers(12, 32)),
        max_size=8,
    ),
    st.integers(0, 2**32 - 1),
)
def test_the_table_finds_what_looking_at_each_network_finds(rows: list[tuple[int, int, int]], number: int) -> None:
    networks = [(library, ip_network((base, length), strict=False)) for library, base, length in rows]
    table = Table((0, 0), [(library, [str(network)]) for library, network in networks])
    address = ip_address(number)
    candidates = [address, *(network.network_address for _, network in networks)]
    for candidate in candidates:
        assert table.find(candidate) == {library for library, network in networks if candidate in network}


def test_a_change_counts_at_once(make_library: MakeLibrary) -> None:
    first, second = make_library("knu", networks=["192.0.2.0/24"]), make_library("oshsu", networks=["2001:db8::/32"])
    inside, outside = ip_address("192.0.2.7"), ip_address("198.51.100.7")
    assert networks_of(inside) == {first.id}
    assert networks_of(ip_address("2001:db8::7")) == {second.id}
    assert networks_of(outside) == networks_of(None) == frozenset()
    with transaction():
        change_library(SYSTEM, first, first.edition, names=first.names, networks=["198.51.100.0/24"])
    assert networks_of(inside) == frozenset()
    assert networks_of(outside) == {first.id}


def test_a_look_up_costs_one_small_query(make_library: MakeLibrary, count_queries: CountQueries) -> None:
    for number in range(5):
        make_library(f"lib{number}", networks=[f"192.0.{number}.0/24"])
    networks_of(ip_address("192.0.2.7"))
    with count_queries() as queries:
        networks_of(ip_address("192.0.3.7"))
    assert len(queries) == 1


def test_closed_and_merged_libraries_have_no_networks(make_library: MakeLibrary) -> None:
    first, second = make_library("knu", networks=["192.0.2.0/24"]), make_library("oshsu", networks=["192.0.3.0/24"])
    with transaction():
        merge_library(SYSTEM, first, second)
    assert networks_of(ip_address("192.0.2.7")) == {second.id}
    with transaction():
        close_library(SYSTEM, second)
    assert networks_of(ip_address("192.0.2.7")) == frozenset()


def test_a_shared_network_counts_for_both(make_library: MakeLibrary) -> None:
    first, second = make_library("knu", networks=["192.0.2.0/24"]), make_library("oshsu", networks=["192.0.2.0/25"])
    assert networks_of(ip_address("192.0.2.7")) == {first.id, second.id}
    overlaps = find_overlaps(first.id, read_networks(first.networks)[0])
    assert [(str(o.network), o.library.code, str(o.other)) for o in overlaps] == [
        ("192.0.2.0/24", "oshsu", "192.0.2.0/25")
    ]
    assert find_overlaps(first.id, read_networks(["192.0.3.0/24", "2001:db8::/32"])[0]) == []
    db.session.rollback()


def test_private_networks() -> None:
    read, _ = read_networks(["10.1.0.0/16", "192.168.1.7", "8.8.8.0/24", "fd00::/64", "2a00:1450::/32"])
    assert [str(network) for network in find_private(read)] == ["10.1.0.0/16", "192.168.1.7/32", "fd00::/64"]
