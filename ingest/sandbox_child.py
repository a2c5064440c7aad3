"""The process that parses hostile files: started by `ingest.sandbox`, run as a script, never imported.

    sandbox_child.py SOCKET PARENT OPTIONS

It limits itself, loads what every task needs, says that it is ready, and then answers one request after the
other over the socket until its parent hangs up. A message is its length (8 bytes, big-endian) and JSON.
"""

import importlib
import json
import os
import socket
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Run with -I from a scratch folder: neither the checkout nor that folder is on the path.
sys.path.append(str(Path(__file__).resolve().parents[1]))

from ingest import plain
from ingest.confinement import allow_cpu, confine
from repo.processes import collect_rarely


def main() -> None:
    channel = socket.socket(fileno=int(sys.argv[1]))
    options = json.loads(sys.argv[3])
    readable = options["readable"]
    confinement = confine(
        Path.cwd(),
        None if readable is None else [Path(folder) for folder in readable],
        options["memory"],
        options["scratch"],
        options["cpu"],
        [Path(folder) for folder in options["writable"]],
    )
    # The signal of the parent's death is armed now; a parent that died before that is seen here.
    if os.getppid() != int(sys.argv[2]):
        return
    for name in options["preload"]:
        _preload(name)
    collect_rarely()
    _send(channel, {"ready": confinement})
    while (request := _receive(channel)) is not None:
        _send(channel, _answer(request))


def _preload(name: str) -> None:
    """Import `module`, or import `module:function` and call it."""
    module, _, function = name.partition(":")
    loaded = importlib.import_module(module)
    if function:
        getattr(loaded, function)()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run one task. Whatever it raises is an answer, too: a parser may raise anything on a broken file."""
    allow_cpu(request["cpu"])
    try:
        module, _, name = request["function"].partition(":")
        function = getattr(importlib.import_module(module), name)
        return {"result": function(*_arguments(function, request["arguments"]))}
    except MemoryError:
        return {"refused": "memory", "detail": "out of memory"}
    except OSError as error:
        kind = "output" if error.errno in (27, 28) else "error"  # EFBIG, ENOSPC
        return {"refused": kind, "detail": f"{type(error).__name__}: {error}"[:300]}
    except Exception as error:
        return {"refused": "error", "detail": f"{type(error).__name__}: {error}"[:300]}


def _arguments(function: Callable[..., Any], values: list[Any]) -> list[Any]:
    """The arguments as the function declares them: dataclasses and paths instead of plain values."""
    hints = typing.get_type_hints(function)
    hints.pop("return", None)
    names = function.__code__.co_varnames[: len(values)]
    return [plain.build(hints.get(name, Any), value) for name, value in zip(names, values, strict=True)]


def _receive(channel: socket.socket) -> dict[str, Any] | None:
    header = _read(channel, 8)
    if header is None:
        return None
    body = _read(channel, int.from_bytes(header))
    return None if body is None else plain.parse(body)


def _read(channel: socket.socket, size: int) -> bytes | None:
    received = bytearray()
    while len(received) < size:
        chunk = channel.recv(min(size - len(received), 1 << 20))
        if not chunk:
            return None
        received += chunk
    return bytes(received)


def _send(channel: socket.socket, answer: dict[str, Any]) -> None:
    try:
        body = plain.dump(answer)
    except (MemoryError, TypeError, ValueError, RecursionError) as error:
        body = plain.dump({"refused": "error", "detail": f"{type(error).__name__}: {error}"[:300]})
    channel.sendall(len(body).to_bytes(8) + body)


if __name__ == "__main__":
    main()
