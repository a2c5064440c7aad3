"""Addresses of services that are several machines: of a cluster, written as one setting."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

DEFAULT_PORT = 9200
DEFAULT_PREFIX = "muras"

# Part of the names of indices, which are in small letters; a dot parts it from the rest.
_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class ClusterAddress:
    """`http(s)://[user:password@]host[:port][,host[:port] …][/prefix]`."""

    nodes: tuple[str, ...]
    """`https://host:port` of each, without a name or password."""
    user: str = ""
    password: str = field(default="", repr=False)
    prefix: str = DEFAULT_PREFIX
    """What the names of this house's indices begin with."""


def read_cluster_address(text: str) -> ClusterAddress:
    """Read the address of a cluster. Raises ValueError with what is wrong."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise ValueError("an address like https://user:password@search.example.kg:9200/muras")
    names, _, hosts = parts.netloc.rpartition("@")
    user, _, password = names.partition(":")
    nodes = tuple(_read_node(parts.scheme, host.strip()) for host in hosts.split(","))
    prefix = parts.path.strip("/") or DEFAULT_PREFIX
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"{prefix!r} is no prefix of names: small letters, digits, - and _")
    return ClusterAddress(nodes, unquote(user), unquote(password), prefix)


def _read_node(scheme: str, host: str) -> str:
    try:
        parts = urlsplit(f"{scheme}://{host}")
        name, port = parts.hostname, parts.port or DEFAULT_PORT
    except ValueError:
        name = None
    if not name:
        raise ValueError(f"{host!r} is no host with a port")
    return f"{scheme}://[{name}]:{port}" if ":" in name else f"{scheme}://{name}:{port}"
