"""Where a request comes from. Only the proxies that the administrator named may say so for another."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from flask import Request

from repo.settings import Network

Address = IPv4Address | IPv6Address


def client_address(request: Request, trusted: Sequence[Network]) -> Address | None:
    """Return the address of the reader behind `request`; None when the server did not say.

    `X-Forwarded-For` is read from its end, where the nearest proxy wrote, for as long as the address at hand
    is one of `trusted`. By default nobody is trusted: the header is then whatever a reader put into it, and
    would open the libraries' networks to everyone.
    """
    address = _parse(request.remote_addr or "")
    if not trusted:
        return address
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For")).split(",")
    while address is not None and forwarded and any(address in network for network in trusted):
        before = _parse(forwarded.pop())
        if before is None:  # empty or garbage: whatever stands further left was not written by a proxy
            break
        address = before
    return address


def _parse(text: str) -> Address | None:
    """Read `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::1` or `[2001:db8::1]:4711`."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # a server that listens on both families sees IPv4 readers as ::ffff:192.0.2.7
    return getattr(address, "ipv4_mapped", None) or address
