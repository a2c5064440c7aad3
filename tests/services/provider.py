"""An OAI-PMH provider on the loopback address that plays whatever repositories have been seen to send.

It holds records in memory, answers the verbs that a harvester asks for, and every answer can be replaced by nonsense:
`provider.plays(html_page)`. What was asked is kept in `asked`.
"""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

OAI = "http://www.openarchives.org/OAI/2.0/"
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "{}</oai_dc:dc>"
)


@dataclass
class Held:
    """A record of the provider; `about` and `body` are XML."""

    number: int
    title: str = ""
    datestamp: str = "2026-01-01T00:00:00Z"
    deleted: bool = False
    about: str = ""
    body: str = ""
    namespace: str = "provider.example.org"
    sets: tuple[str, ...] = ()

    @property
    def identifier(self) -> str:
        return f"oai:{self.namespace}:{self.number}"

    def xml(self) -> str:
        status = ' status="deleted"' if self.deleted else ""
        specs = "".join(f"<setSpec>{spec}</setSpec>" for spec in self.sets)
        header = (
            f"<header{status}><identifier>{self.identifier}</identifier><datestamp>{self.datestamp}</datestamp>"
            f"{specs}</header>"
        )
        if self.deleted:
            return f"<record>{header}</record>"
        body = self.body or DC.format(
            f"<dc:title>{escape(self.title or f'Китеп {self.number}')}</dc:title><dc:type>book</dc:type>"
            f"<dc:identifier>https://provider.example.org/works/{self.number}</dc:identifier>"
        )
        about = f"<about>{self.about}</about>" if self.about else ""
        return f"<record>{header}<metadata>{body}</metadata>{about}</record>"


@dataclass
class Answer:
    """What goes over the wire; `drip` sends the body slowly, a byte each so many seconds."""

    body: bytes | Iterator[bytes] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/xml; charset=utf-8"})
    drip: float = 0


Play = Callable[[dict[str, str]], Answer | None]


class RunningProvider:
    """`url` is the base address; `records` may change while it runs; `files` are served below /files/."""

    def __init__(self) -> None:
        self.records: list[Held] = []
        self.files: dict[str, Answer] = {}
        self.maps: dict[str, str] = {}
        """Resource maps (ORE) by identifier."""
        self.page_size = 2
        self.date = "2026-02-01T00:00:00Z"
        self.granularity = "YYYY-MM-DDThh:mm:ssZ"
        self.formats = {"oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/"}
        self.asked: list[dict[str, str]] = []
        self.agents: list[str] = []
        self._plays: list[Play] = []
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/oai"

    def close(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def plays(self, *plays: Play) -> None:
        """Each request is offered to these in turn; what none takes is answered properly."""
        self._plays = list(plays)

    def hold(self, *numbers: int, **more: object) -> None:
        self.records += [Held(number, **more) for number in numbers]  # type: ignore[arg-type]

    def page(self, records: list[Held], token: str = "", size: int | None = None, verb: str = "ListRecords") -> bytes:
        counted = f' completeListSize="{size}"' if size is not None else ""
        resumption = f"<resumptionToken{counted}>{token}</resumptionToken>" if token else ""
        return self.envelope(f"<{verb}>{''.join(held.xml() for held in records)}{resumption}</{verb}>")

    def envelope(self, inner: str) -> bytes:
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{OAI}"><responseDate>{self.date}</responseDate>'
            f"<request>{self.url}</request>{inner}</OAI-PMH>"
        ).encode()

    def error(self, code: str) -> Answer:
        return Answer(self.envelope(f'<error code="{code}">told</error>'))

    def answer(self, asked: dict[str, str]) -> Answer:
        """The proper answer."""
        match asked.get("verb"):
            case "Identify":
                return Answer(
                    self.envelope(
                        f"<Identify><repositoryName>Алыскы китепкана</repositoryName><baseURL>{self.url}</baseURL>"
                        "<protocolVersion>2.0</protocolVersion><deletedRecord>persistent</deletedRecord>"
                        f"<granularity>{self.granularity}</granularity></Identify>"
                    )
                )
            case "ListMetadataFormats":
                formats = "".join(
                    f"<metadataFormat><metadataPrefix>{prefix}</metadataPrefix>"
                    f"<metadataNamespace>{namespace}</metadataNamespace></metadataFormat>"
                    for prefix, namespace in self.formats.items()
                )
                return Answer(self.envelope(f"<ListMetadataFormats>{formats}</ListMetadataFormats>"))
            case "GetRecord":
                return self._one(asked)
            case "ListRecords":
                return self._list(asked)
        return self.error("badVerb")

    def _one(self, asked: dict[str, str]) -> Answer:
        found = [held for held in self.records if held.identifier == asked.get("identifier")]
        if not found:
            return self.error("idDoesNotExist")
        if asked.get("metadataPrefix") == "ore":
            if found[0].identifier not in self.maps:
                return self.error("cannotDisseminateFormat")
            found = [Held(found[0].number, body=self.maps[found[0].identifier])]
        return Answer(self.page(found, verb="GetRecord"))

    def _list(self, asked: dict[str, str]) -> Answer:
        """Tokens are "<from>|<set>|<cursor>"."""
        since, wanted, cursor = asked.get("from", ""), asked.get("set", ""), 0
        if token := asked.get("resumptionToken"):
            if token.count("|") != 2:
                return self.error("badResumptionToken")
            since, wanted, text = token.split("|")
            cursor = int(text)
        listed = [
            held
            for held in sorted(self.records, key=lambda held: (held.datestamp, held.number))
            if held.datestamp[: len(since)] >= since and (not wanted or wanted in held.sets)
        ]
        if not listed:
            return self.error("noRecordsMatch")
        page, after = listed[cursor : cursor + self.page_size], cursor + self.page_size
        return Answer(self.page(page, f"{since}|{wanted}|{after}" if after < len(listed) else "", len(listed)))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                provider.asked.append({"path": parts.path, **asked})
                provider.agents.append(self.headers.get("User-Agent", ""))
                self._send(self._choose(parts.path, asked))

            def _choose(self, path: str, asked: dict[str, str]) -> Answer:
                for play in provider._plays:
                    if (answer := play({"path": path, **asked})) is not None:
                        return answer
                if path.startswith("/files/"):
                    return provider.files.get(path, Answer(b"", 404))
                return provider.answer(asked)

            def _send(self, answer: Answer) -> None:
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    if isinstance(answer.body, bytes) and "Content-Length" not in answer.headers:
                        self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    pieces = [answer.body] if isinstance(answer.body, bytes) else answer.body
                    for piece in pieces:
                        self._write(piece, answer.drip)
                except OSError:  # the harvester has had enough
                    self.close_connection = True

            def _write(self, piece: bytes, drip: float) -> None:
                if not drip:
                    self.wfile.write(piece)
                    return
                for at in range(len(piece)):
                    if provider._ended.wait(drip):
                        return
                    self.wfile.write(piece[at : at + 1])
                    self.wfile.flush()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing on the tests' terminal."""

        return Handler


@contextmanager
def running_provider() -> Iterator[RunningProvider]:
    provider = RunningProvider()
    try:
        yield provider
    finally:
        provider.close()


# ---------------------------------------------------------------- nonsense


def only(verb: str, answer: Answer) -> Play:
    """Play `answer` for one verb."""
    return lambda asked: answer if asked.get("verb") == verb else None


def times(count: int, answer: Answer) -> Play:
    """Play `answer` for the first `count` requests."""
    left = [count]

    def play(_asked: dict[str, str]) -> Answer | None:
        left[0] -= 1
        return answer if left[0] >= 0 else None

    return play


def html_page(_asked: dict[str, str]) -> Answer:
    body = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><p>Back soon<br></body></html>"
    return Answer(body, headers={"Content-Type": "text/html"})


def gzip_bomb(megabytes: int) -> Answer:
    """A small answer that becomes very large."""
    packed = gzip.compress(b"<a>" + b" " * (megabytes << 20), 9)
    return Answer(packed, headers={"Content-Type": "text/xml", "Content-Encoding": "gzip"})


def huge(megabytes: int) -> Answer:
    """A record that does not end."""
    pieces = (b"<OAI-PMH>" if n == 0 else b"x" * (1 << 20) for n in range(megabytes))
    return Answer(pieces, headers={"Content-Type": "text/xml"})


def entity_expansion() -> Answer:
    """A billion laughs."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<?xml version="1.0"?><!DOCTYPE OAI-PMH [<!ENTITY l0 "ha">{levels}]><OAI-PMH xmlns="{OAI}">&l9;</OAI-PMH>'
    return Answer(body.encode())


def redirect(target: str) -> Answer:
    return Answer(b"", 302, {"Location": target})
