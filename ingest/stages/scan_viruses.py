"""Ask a ClamAV daemon about a file, over its own protocol.

clamd(8), INSTREAM: chunks, each preceded by its length as four bytes in network order, end with an empty one.
The daemon parses the file in its own process; nothing of it is parsed here.
"""

import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

CHUNK = 1 << 16
PATIENCE = 120.0
"""Seconds for each step: the daemon answers only when it has unpacked and searched everything."""


class Verdict(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Scan:
    """`detail` is the name of what was found, or why there is no answer."""

    verdict: Verdict
    detail: str = ""


def scan_viruses(path: Path, address: str, patience: float = PATIENCE) -> Scan:
    """Have the daemon at `address` (a socket's path or "host:port") look at `path`.

    Never raises for what the daemon does: one that is away, too busy, or refuses a file of that size
    (StreamMaxLength in clamd.conf) is "unavailable".
    """
    try:
        with _connect(address, patience) as connection:
            refused = _send(connection, path)
            answer = _receive(connection)
    except (OSError, ValueError) as error:
        return Scan(Verdict.UNAVAILABLE, str(error) or type(error).__name__)
    if answer == "stream: OK" and not refused:
        return Scan(Verdict.CLEAN)
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return Scan(Verdict.INFECTED, answer.removeprefix("stream: ").removesuffix(" FOUND"))
    return Scan(Verdict.UNAVAILABLE, answer or "no answer")


def _connect(address: str, patience: float) -> socket.socket:
    host, _, port = address.rpartition(":")
    if host and port.isdecimal() and not address.startswith("/"):
        return socket.create_connection((host.strip("[]"), int(port)), timeout=patience)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(patience)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, path: Path) -> bool:
    """Send the file; True when the daemon hangs up before its end, which it does where it is too large."""
    try:
        connection.sendall(b"zINSTREAM\0")
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
    except (BrokenPipeError, ConnectionResetError):
        return True
    return False


def _receive(connection: socket.socket) -> str:
    received = b""
    while not received.endswith(b"\0") and len(received) < CHUNK and (part := connection.recv(4096)):
        received += part
    return received.rstrip(b"\0").decode(errors="replace").strip()
