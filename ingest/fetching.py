"""Getting what lies at an address that somebody else wrote down: with limits, and never from our own network.

A name is resolved once, each address it has is judged, and the connection goes to the one that was judged, so that a
name that points elsewhere a moment later (DNS rebinding) leads nowhere. Redirects are followed by hand in the same
way. What arrives is unpacked here, piece by piece, and counted before and after: a bomb ends at the limit.
"""

import ipaddress
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from ingest.addresses import Address, is_public

REDIRECTS = (301, 302, 303, 307, 308)
HOPS = 5
LONGEST_WAIT = 3600.0
"""Seconds: whoever asks us to come back tomorrow is asked again in an hour."""
PIECE = 1 << 16
SAFE = "%/:=&?~+!$,;'@()*[]|"


class FetchFault(StrEnum):
    BAD_ADDRESS = "bad_address"
    PRIVATE_ADDRESS = "private_address"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    CUT_OFF = "cut_off"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    STATUS = "status"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"


class FetchError(Exception):
    """`data` is what a sentence about it needs; `passing`: it may be gone in a while, after `retry_after` seconds if
    the server said when."""

    def __init__(
        self, fault: FetchFault, *, passing: bool = False, retry_after: float | None = None, **data: str | int
    ) -> None:
        super().__init__(f"{fault}: {data}")
        self.fault = fault
        self.data = data
        self.passing = passing
        self.retry_after = retry_after


@dataclass(frozen=True)
class Timing:
    """Seconds: for a connection to come about, for silence in between, for all of an answer."""

    connect: float = 10
    silence: float = 30
    whole: float = 300


@dataclass
class Reply:
    """An answer whose body is still to come. `address` is where redirects ended."""

    status: int
    headers: Mapping[str, str]
    address: str
    limit: int
    _response: BaseHTTPResponse
    _alarm: "_Alarm"
    _left: bytes = field(default=b"", repr=False)
    _pieces: Iterator[bytes] | None = field(default=None, repr=False)

    def pieces(self) -> Iterator[bytes]:
        """The body, unpacked. Raises FetchError when it is larger than `limit`, packed or not, or ends too early."""
        unpack = _unpacker(self.headers.get("Content-Encoding", ""))
        packed = unpacked = 0
        while piece := self._read():
            packed += len(piece)
            for part in unpack(piece):
                unpacked += len(part)
                if max(packed, unpacked) > self.limit:
                    raise FetchError(FetchFault.TOO_LARGE, limit=self.limit)
                yield part

    def content(self) -> bytes:
        return b"".join(self.pieces())

    def read(self, size: int) -> bytes:
        """At most `size` bytes, b"" at the end: so that a file can be stored as it arrives."""
        self._pieces = self._pieces or self.pieces()
        self._left = self._left or next(self._pieces, b"")
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def _read(self) -> bytes:
        try:
            # Not `read`, which waits until it has all that was asked for, however slowly that drips.
            return self._response.read1(PIECE, decode_content=False)
        except (HTTPError, OSError, ValueError) as error:
            raise self._alarm.explain(error, FetchFault.CUT_OFF) from error


@dataclass(frozen=True)
class Fetcher:
    """Asks in the name of `agent`. `home` is an address that an administrator wrote down: its host and port may lie in
    our own network, all others may not."""

    agent: str
    home: str = ""
    timing: Timing = Timing()

    @contextmanager
    def get(self, address: str, limit: int, accept: str = "*/*") -> Iterator[Reply]:
        """Ask for `address`; the body may have `limit` bytes. Raises FetchError, for the statuses 429 and 5xx too."""
        for _hop in range(HOPS + 1):
            with self._ask(address, limit, accept) as reply:
                target = reply.headers.get("Location")
                if reply.status not in REDIRECTS or not target:
                    _check_status(reply)
                    yield reply
                    return
            address = urljoin(address, target)
        raise FetchError(FetchFault.TOO_MANY_REDIRECTS, count=HOPS)

    @contextmanager
    def _ask(self, address: str, limit: int, accept: str) -> Iterator[Reply]:
        parts = _split(address)
        connection = self._connection(parts)
        alarm = _Alarm(self.timing.whole)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "Host": parts.netloc.rpartition("@")[2],
            "User-Agent": self.agent,
            "Accept": accept,
            "Accept-Encoding": "gzip, deflate",
            "Connection": "close",
        }
        response: BaseHTTPResponse | None = None
        try:
            try:
                connection.connect()
                connection.timeout = self.timing.silence
                alarm.watch(connection.sock, self.timing.silence)
                connection.request("GET", target, headers=headers, preload_content=False, decode_content=False)
                response = connection.getresponse()
            except (HTTPError, OSError, ValueError) as error:
                raise alarm.explain(error, FetchFault.UNREACHABLE) from error
            yield Reply(response.status, response.headers, address, limit, response, alarm)
        finally:
            alarm.off()
            if response is not None:  # it has taken the socket over
                response.close()
            connection.close()

    def _connection(self, parts: SplitResult) -> HTTPConnection:
        """A connection, not yet open, to an address of the host that we may speak to."""
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        at = str(_choose(host, port, trusted=self._is_home(host, port)))
        if parts.scheme == "http":
            return HTTPConnection(at, port, timeout=self.timing.connect)
        return HTTPSConnection(at, port, timeout=self.timing.connect, server_hostname=host, assert_hostname=host)

    def _is_home(self, host: str, port: int) -> bool:
        if not self.home:
            return False
        home = _split(self.home)
        return (host, port) == (home.hostname, home.port or (443 if home.scheme == "https" else 80))


class _Alarm:
    """Ends a connection when its time is over: no time limit of a socket covers an answer that drips."""

    def __init__(self, seconds: float) -> None:
        self._socket: socket.socket | None = None
        self._rang = False
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, opened: socket.socket | None, silence: float) -> None:
        """The socket to end; the response takes it away from its connection."""
        self._socket = opened
        if opened is not None:
            opened.settimeout(silence)

    def _ring(self) -> None:
        self._rang = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def off(self) -> None:
        self._timer.cancel()

    def explain(self, error: Exception, otherwise: FetchFault) -> FetchError:
        """What an error of the connection means."""
        cause = error.__cause__ or error.__context__ or error
        if self._rang or isinstance(error, TimeoutError) or "timed out" in str(error):
            return FetchError(FetchFault.TIMEOUT, passing=True)
        if isinstance(error, ssl.SSLCertVerificationError) or isinstance(cause, ssl.SSLCertVerificationError):
            return FetchError(FetchFault.CERTIFICATE, reason=str(error)[:200])
        return FetchError(otherwise, passing=True, reason=str(error)[:200])


def _split(address: str) -> SplitResult:
    """The parts of an http(s) address that a request can be made of, letters beyond ASCII quoted. Raises FetchError."""
    try:
        parts = urlsplit(address.strip())
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts._replace(
                netloc=parts.netloc.encode("idna").decode(),
                path=quote(parts.path, safe=SAFE),
                query=quote(parts.query, safe=SAFE),
            )
    except ValueError:  # and UnicodeError, which is one
        pass
    raise FetchError(FetchFault.BAD_ADDRESS, address=address[:200])


def _choose(host: str, port: int, *, trusted: bool) -> Address:
    """The first address of a host that we may speak to. Raises FetchError."""
    for address in _resolve(host, port):
        if trusted or is_public(address):
            return address
    raise FetchError(FetchFault.PRIVATE_ADDRESS, host=host)


def _resolve(host: str, port: int) -> list[Address]:
    """The addresses of a host; one that is a number already is not looked up. Raises FetchError."""
    with suppress(ValueError):
        return [ipaddress.ip_address(host.partition("%")[0])]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(FetchFault.UNREACHABLE, passing=True, reason=str(error)[:200]) from error
    return [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]


def _check_status(reply: Reply) -> None:
    if reply.status == 429 or reply.status >= 500:
        after = read_retry_after(reply.headers.get("Retry-After", ""), datetime.now(UTC))
        raise FetchError(FetchFault.STATUS, passing=True, retry_after=after, status=reply.status)


def read_retry_after(value: str, at: datetime) -> float | None:
    """The seconds to wait (RFC 9110, 10.2.3: a number or a date), at most LONGEST_WAIT; None if nothing sensible."""
    if value.strip().isdecimal():
        return min(float(value), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - at).total_seconds(), 0.0), LONGEST_WAIT)


class _Inflater:
    """Unpacks gzip or zlib in pieces of bounded size."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def __call__(self, piece: bytes) -> Iterator[bytes]:
        try:
            while piece:
                yield self._stream.decompress(piece, PIECE)
                piece = self._stream.unconsumed_tail
        except zlib.error as error:
            raise FetchError(FetchFault.BAD_ENCODING, reason=str(error)[:200]) from error


def _as_it_is(piece: bytes) -> Iterator[bytes]:
    yield piece


def _unpacker(encoding: str) -> Callable[[bytes], Iterator[bytes]]:
    match encoding.strip().lower():
        case "" | "identity":
            return _as_it_is
        case "gzip" | "x-gzip" | "deflate":
            return _Inflater()
    raise FetchError(FetchFault.BAD_ENCODING, reason=encoding[:40])
