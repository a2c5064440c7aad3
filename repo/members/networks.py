"""The networks of the libraries: whoever comes from one may read what is open to its members.

What was read from the database is kept, and read again when any library has changed: one small query tells.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network, summarize_address_range

import sqlalchemy as sa
from flask import current_app

from repo.db import db
from repo.members.models import Library, LibraryStatus
from repo.settings import Network
from repo.web.networks import Address

# A whole provider, or a slip of the finger ("/1" for "/16"), is not a library.
WIDEST = {4: 12, 6: 29}

Stamp = tuple[int, int]


@dataclass(frozen=True)
class Overlap:
    """A network that also lies in one of another library: both count its readers as theirs."""

    network: Network
    library: Library
    other: Network


class Table:
    """Networks by the length of their prefix: an address is looked up once for each length in use."""

    def __init__(self, stamp: Stamp, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        self.stamp = stamp
        self.by_length: dict[tuple[int, int], dict[int, set[int]]] = {}
        for library_id, networks in rows:
            for text in networks:
                network = ip_network(text)
                key = (network.version, network.prefixlen)
                known = self.by_length.setdefault(key, {})
                known.setdefault(int(network.network_address), set()).add(library_id)

    def find(self, address: Address) -> frozenset[int]:
        number, bits = int(address), address.max_prefixlen
        found: set[int] = set()
        for (version, length), known in self.by_length.items():
            if version == address.version:
                found |= known.get(number >> (bits - length) << (bits - length), set())
        return frozenset(found)


_loading = threading.Lock()


def networks_of(address: Address | None) -> frozenset[int]:
    """Return the ids of the active libraries whose networks hold `address`."""
    if address is None:
        return frozenset()
    return _table().find(address)


def read_networks(lines: Iterable[str]) -> tuple[list[Network], list[str]]:
    """Read "192.0.2.0/24", "192.0.2.7", "192.0.2.1-192.0.2.20" or IPv6 alike, one each line or entry.

    Returns the networks, in order and without repeats, and the entries that cannot be read or are too wide.
    """
    read: dict[Network, None] = {}
    unread = []
    for line in lines:
        if not line.strip():
            continue
        try:
            found = _read(line.strip())
        except ValueError:
            found = []
        if not found or any(network.prefixlen < WIDEST[network.version] for network in found):
            unread.append(line.strip())
        else:
            read.update(dict.fromkeys(found))
    return list(read), unread


def find_private(networks: Iterable[Network]) -> list[Network]:
    """Return the networks that no reader ever comes from over the Internet (RFC 1918, RFC 4193, loopback …)."""
    return [network for network in networks if not network.is_global]


def find_overlaps(library_id: int | None, networks: Sequence[Network]) -> list[Overlap]:
    """Return where the networks of this library meet those of another active one."""
    others = db.session.scalars(
        sa.select(Library).where(Library.status == LibraryStatus.ACTIVE, Library.id != (library_id or 0))
    )
    return [
        Overlap(network, library, other)
        for library in others
        for other in (ip_network(text) for text in library.networks)
        for network in networks
        if network.version == other.version and network.overlaps(other)
    ]


def _read(text: str) -> list[Network]:
    first, dash, last = (part.strip() for part in text.replace("–", "-").partition("-"))
    if not dash:
        return [ip_network(first, strict=False)]
    low, high = ip_address(first), ip_address(last)
    if isinstance(low, IPv4Address) != isinstance(high, IPv4Address):
        raise ValueError(text)
    found: Iterable[IPv4Network | IPv6Network] = summarize_address_range(low, high)
    return list(found)


# Asked on each request: built once, and sent without the ORM.
_STAMP = sa.select(sa.func.count(), sa.func.sum(Library.edition))


def _table() -> Table:
    """Return the table as the database has it now. Libraries are never deleted, and every change raises an edition,
    so their number and the sum of the editions tell whether anything changed."""
    count, editions = db.session.connection().execute(_STAMP).one()
    stamp = (count, editions or 0)
    table: Table | None = current_app.extensions.get("muras.networks")
    if table is None or table.stamp != stamp:
        with _loading:
            active = sa.select(Library.id, Library.networks).where(Library.status == LibraryStatus.ACTIVE)
            table = Table(stamp, ((library_id, networks) for library_id, networks in db.session.execute(active)))
            current_app.extensions["muras.networks"] = table
    return table
