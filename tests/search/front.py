"""A server between an engine and its node, which sees every request and may answer it itself."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """`headers` beside the length; Elasticsearch signs its answers, so its clients take no others for one."""

    status: int
    body: bytes = b"{}"
    headers: dict[str, str] = field(
        default_factory=lambda: {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}
    )


Interfere = Callable[[Request], Answer | None]


@dataclass
class Front:
    """`interfere` answers in the node's place, or gives None; it may be replaced at any time."""

    url: str
    node: str
    interfere: Interfere
    seen: list[Request] = field(default_factory=list)


@contextmanager
def running_front(node: str = "", interfere: Interfere = lambda request: None) -> Iterator[Front]:
    """A front on a free port, before the node with the address `node`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, self.path, dict(self.headers), body)
            front.seen.append(request)
            found = front.interfere(request) or ask(node, request)
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(found.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what is seen is kept."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that went away is no error of the front's."""

    server = Server(("127.0.0.1", 0), Handler)
    front = Front(f"http://127.0.0.1:{server.server_port}", node, interfere)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(node: str, request: Request) -> Answer:
    """What the node answers."""
    at = urlsplit(node)
    assert at.hostname, "this front has no node behind it"
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
    try:
        connection.request(request.method, request.path, request.body, request.headers)
        answer = connection.getresponse()
        headers = {name: value for name, value in answer.getheaders() if name.lower() != "content-length"}
        headers.pop("Transfer-Encoding", None)
        return Answer(answer.status, answer.read(), headers)
    finally:
        connection.close()
