"""The way to the cluster: how long it may take to answer, what is asked again, and its errors in our words."""

import logging
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from repo.addresses import ClusterAddress
from repo.search.ports import IndexBusyError, SearchUnavailableError

if TYPE_CHECKING:
    from elasticsearch import ApiError, Elasticsearch

logger = logging.getLogger(__name__)

SEARCH_SECONDS = 2.0
"""How long a reader waits for a cluster that says nothing."""

READ_SECONDS = 5.0
"""How long everybody else does."""

WRITE_SECONDS = 120.0
"""Longest bulk, refresh or change of aliases: a busy cluster is no broken one."""

THREADS = 64
"""Connections to each node that a process keeps at the most: one for each thread of a web process."""

TOO_BUSY = 429


class Connection:
    """Clients of one cluster, made when they are first needed; may be used from several threads."""

    def __init__(self, address: ClusterAddress) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._client: Elasticsearch | None = None

    def searching(self) -> "Elasticsearch":
        """For readers. Asked once more; where there is one node alone, not after having waited for it in vain."""
        again = len(self._address.nodes) > 1
        return self._open().options(request_timeout=SEARCH_SECONDS, max_retries=1, retry_on_timeout=again)

    def reading(self) -> "Elasticsearch":
        return self._open().options(request_timeout=READ_SECONDS, max_retries=1)

    def writing(self) -> "Elasticsearch":
        """Nothing is asked twice: whoever writes decides what may be repeated."""
        return self._open().options(request_timeout=WRITE_SECONDS, max_retries=0)

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None

    def _open(self) -> "Elasticsearch":
        with self._lock:
            if self._client is None:
                self._client = _connect(self._address)
            return self._client


def _connect(address: ClusterAddress) -> "Elasticsearch":
    from elasticsearch import Elasticsearch

    options: dict[str, Any] = {"connections_per_node": THREADS}
    if address.user:
        # The client would take ASCII alone.
        options["basic_auth"] = b64encode(f"{address.user}:{address.password}".encode()).decode()
    if address.nodes[0].startswith("https:"):
        # The certificates that this machine trusts, or those of SSL_CERT_FILE.
        options["ssl_context"] = ssl.create_default_context()
    return Elasticsearch(list(address.nodes), **options)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Whatever the client raises is SearchUnavailableError; what passes if it is asked again later, IndexBusyError."""
    from elasticsearch import ApiError, ConflictError, TransportError

    try:
        yield
    except ConflictError as error:
        raise IndexBusyError(reason_of(error)) from error
    except ApiError as error:
        if error.status_code == TOO_BUSY:
            raise IndexBusyError(reason_of(error)) from error
        logger.warning("the search cluster cannot do it: %s", reason_of(error))
        raise SearchUnavailableError(reason_of(error)) from error
    except TransportError as error:
        logger.warning("the search cluster does not answer: %s", error)
        raise SearchUnavailableError(f"the cluster does not answer: {error}") from error


def reason_of(error: "ApiError") -> str:
    """What an answer says is wrong, in a line."""
    body = error.body if isinstance(error.body, dict) else {}
    said = body.get("error", error.message)
    if isinstance(said, dict):
        causes = [said, *said.get("root_cause", ())]
        said = "; ".join(dict.fromkeys(f"{cause.get('type')}: {cause.get('reason')}" for cause in causes))
    return f"{error.status_code} {said}"[:500]
