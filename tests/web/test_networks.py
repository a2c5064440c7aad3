from ipaddress import ip_address, ip_network

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from repo.web.networks import client_address

PROXIES = (ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))


def request_from(address: str, forwarded: str = "") -> Request:
    headers = [("X-Forwarded-For", forwarded)] if forwarded else []
    return Request(EnvironBuilder(headers=headers, environ_overrides={"REMOTE_ADDR": address}).get_environ())


def test_the_header_is_not_believed_by_default() -> None:
    assert client_address(request_from("198.51.100.7", "192.0.2.1"), ()) == ip_address("198.51.100.7")


@pytest.mark.parametrize(
    ("remote", "forwarded", "reader"),
    [
        ("10.0.0.2", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.2", "192.0.2.1, 10.0.0.9", "192.0.2.1"),  # two proxies of ours
        ("10.0.0.2", "203.0.113.5, 192.0.2.1", "192.0.2.1"),  # the reader wrote the first part
        ("10.0.0.2", "10.1.2.3, 192.0.2.1", "192.0.2.1"),  # … and tries to look like one of us
        ("10.0.0.2", "garbage", "10.0.0.2"),
        ("10.0.0.2", "192.0.2.1, garbage", "10.0.0.2"),
        ("10.0.0.2", "10.0.0.3", "10.0.0.3"),  # a reader on the proxies' own network
        ("10.0.0.2", "192.0.2.1:51234", "192.0.2.1"),
        ("2001:db8:1::1", "[2001:db8:2::5]:443", "2001:db8:2::5"),
        ("::ffff:127.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("198.51.100.7", "192.0.2.1", "198.51.100.7"),  # nobody whom we trust
        ("fe80::1%eth0", "", "fe80::1"),
    ],
)
def test_only_trusted_proxies_speak_for_others(remote: str, forwarded: str, reader: str) -> None:
    assert client_address(request_from(remote, forwarded), PROXIES) == ip_address(reader)


def test_a_server_that_does_not_say() -> None:
    assert client_address(request_from(""), PROXIES) is None
