"""Which addresses lie in the open internet."""

import ipaddress
from contextlib import suppress
from urllib.parse import urlsplit

NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: Address) -> bool:
    """Whether an address lies in the open internet, also when it is wrapped into one of IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None or address.teredo is not None:
            return inner is not None and is_public(inner)
    return address.is_global and not address.is_multicast


def looks_public(address: str) -> bool:
    """Whether the host of an address may be known to everybody, as far as its name tells: nothing is looked up."""
    host = urlsplit(address).hostname or ""
    with suppress(ValueError):
        return is_public(ipaddress.ip_address(host))
    return "." in host and not host.endswith((".local", ".internal", ".lan"))
