"""The client against a provider that plays every kind of nonsense, over real HTTP."""

import base64
import gzip
import ipaddress
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from ingest.addresses import is_public, looks_public
from ingest.fetching import Fetcher, FetchError, FetchFault, Timing, read_retry_after
from ingest.limits import RefusalKind
from ingest.oai_client import Provider, ProviderError, Trouble
from ingest.oai_pages import Flaw, NotOai
from ingest.sandbox import Sandbox
from tests.services.provider import (
    Answer,
    Held,
    Play,
    RunningProvider,
    entity_expansion,
    gzip_bomb,
    html_page,
    huge,
    only,
    redirect,
    running_provider,
    times,
)

FAST = Timing(connect=2, silence=1, whole=3)


@pytest.fixture
def remote() -> Iterator[RunningProvider]:
    with running_provider() as provider:
        yield provider


class Asking:
    """A client of a provider, and how long it would have waited."""

    def __init__(self, remote: RunningProvider, sandbox: Sandbox, limit: int = 4 << 20) -> None:
        self.waited: list[float] = []
        fetcher = Fetcher("Muras (mailto:a@b.kg)", remote.url, FAST)
        self.provider = Provider(remote.url, fetcher, sandbox, self.waited.append, limit=limit, most=4)


@pytest.fixture
def asking(remote: RunningProvider, sandbox: Sandbox) -> Asking:
    return Asking(remote, sandbox)


def trouble(asking: Asking) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        asking.provider.list_records("oai_dc")
    return caught.value


def test_pages_and_what_a_provider_says_of_itself(remote: RunningProvider, asking: Asking) -> None:
    remote.hold(1, 2, 3)
    first = asking.provider.list_records("oai_dc")
    assert [record.identifier for record in first.records] == [
        "oai:provider.example.org:1",
        "oai:provider.example.org:2",
    ]
    assert (first.size, first.token, first.date) == (3, "||2", "2026-02-01T00:00:00Z")
    assert first.records[0].metadata is not None
    assert first.records[0].metadata["titles"] == [{"value": "Китеп 1"}]
    assert first.records[0].address == "https://provider.example.org/works/1"
    last = asking.provider.list_records("oai_dc", token=first.token)
    assert ([record.identifier for record in last.records], last.token) == (["oai:provider.example.org:3"], "")
    identity = asking.provider.identify()
    assert (identity.name, identity.fine, identity.deleted) == ("Алыскы китепкана", True, "persistent")
    assert "oai_dc" in asking.provider.formats()
    assert set(remote.agents) == {"Muras (mailto:a@b.kg)"}


def test_a_record_keeps_the_bytes_that_were_sent(remote: RunningProvider, asking: Asking) -> None:
    header = "<header><identifier>a</identifier><datestamp>2026</datestamp></header>"
    odd = f"<record  >{header}<metadata><x a=\"1\"   b='2'/></metadata></record >"
    remote.plays(only("ListRecords", Answer(remote.envelope(f"<ListRecords>{odd}</ListRecords>"))))
    record = asking.provider.list_records("oai_dc").records[0]
    kept = base64.b64decode(record.source).decode()
    assert odd in kept
    assert kept.startswith("<?xml")
    assert kept.endswith("</OAI-PMH>")
    assert record.flaw is Flaw.FORMAT_UNKNOWN


@pytest.mark.parametrize(
    ("play", "code"),
    [
        (html_page, NotOai.HTML),
        (only("ListRecords", Answer(b"<html><body>no doctype</body></html>")), NotOai.HTML),
        (only("ListRecords", Answer(b"")), NotOai.EMPTY),
        (only("ListRecords", Answer(b'{"error": 1}')), NotOai.NOT_XML),
        (only("ListRecords", Answer(b"\x00\x01\x02\xff" * 100)), NotOai.NOT_XML),
        (only("ListRecords", Answer(b"<rss/>")), NotOai.OTHER_XML),
        (only("ListRecords", entity_expansion()), NotOai.DOCTYPE),
        (only("ListRecords", Answer(b"no", 404)), Trouble.STATUS),
        (only("ListRecords", gzip_bomb(200)), FetchFault.TOO_LARGE),
        (only("ListRecords", huge(100)), FetchFault.TOO_LARGE),
        (only("ListRecords", Answer(b"not gzip", headers={"Content-Encoding": "gzip"})), FetchFault.BAD_ENCODING),
        (only("ListRecords", Answer(b"?", headers={"Content-Encoding": "br"})), FetchFault.BAD_ENCODING),
    ],
)
def test_nonsense_is_told_by_its_name(remote: RunningProvider, asking: Asking, play: Play, code: str) -> None:
    remote.plays(play)
    assert trouble(asking).code == code
    assert asking.waited == [], "what will not change is not asked for again"


def test_the_content_type_is_not_believed(remote: RunningProvider, asking: Asking) -> None:
    remote.hold(1)
    body = gzip.compress(remote.page(remote.records))
    remote.plays(only("ListRecords", Answer(body, headers={"Content-Type": "image/png", "Content-Encoding": "gzip"})))
    assert len(asking.provider.list_records("oai_dc").records) == 1


def test_an_error_of_the_protocol_counts_whatever_its_status(remote: RunningProvider, asking: Asking) -> None:
    answer = remote.error("noRecordsMatch")
    answer.status = 404
    remote.plays(only("ListRecords", answer))
    assert trouble(asking).code == Trouble.NO_RECORDS
    remote.plays(only("ListRecords", remote.error("badArgument")))
    error = trouble(asking)
    assert (error.code, error.data) == (Trouble.PROTOCOL, {"error": "badArgument", "text": "told"})


def test_whole_records_of_a_broken_page_are_used(remote: RunningProvider, asking: Asking) -> None:
    whole, bad, cut = Held(1).xml(), Held(2).xml().replace("<dc:type>", "&nbsp;<dc:type"), Held(3).xml()[:-40]
    control = Held(4, title="дени \x0b соо").xml()
    body = remote.envelope(f"<ListRecords>{whole}{bad}{control}{cut}").removesuffix(b"</OAI-PMH>")
    remote.plays(only("ListRecords", Answer(body)))
    page = asking.provider.list_records("oai_dc")
    assert page.broken
    assert [(record.identifier[-1], record.flaw, record.mended) for record in page.records] == [
        ("1", None, False),
        ("2", Flaw.BROKEN, False),
        ("4", None, True),
        ("3", Flaw.BROKEN, False),
    ]
    assert page.date == remote.date


def test_a_broken_page_keeps_its_token(remote: RunningProvider, asking: Asking) -> None:
    body = remote.page([Held(1), Held(2)], "next|1|2", 9).replace("Китеп 2".encode(), b"&oops")
    remote.plays(only("ListRecords", Answer(body)))
    page = asking.provider.list_records("oai_dc")
    assert (page.token, page.size, page.broken) == ("next|1|2", 9, True)


def test_records_without_what_they_need(remote: RunningProvider, asking: Asking) -> None:
    records = (
        "<record><header><datestamp>2026</datestamp></header></record>"
        f"<record><header><identifier>{'x' * 401}</identifier></header></record>"
        "<record><header><identifier>bare</identifier></header></record>"
        '<record><header status="deleted"><identifier>gone</identifier></header></record>'
    )
    remote.plays(only("ListRecords", Answer(remote.envelope(f"<ListRecords>{records}</ListRecords>"))))
    page = asking.provider.list_records("oai_dc")
    assert [record.flaw for record in page.records] == [
        Flaw.NO_IDENTIFIER,
        Flaw.LONG_IDENTIFIER,
        Flaw.NO_METADATA,
        None,
    ]
    assert page.records[3].deleted


def test_a_server_that_is_busy_is_asked_again_when_it_says(remote: RunningProvider, asking: Asking) -> None:
    remote.hold(1)
    busy = Answer(b"", 503, {"Retry-After": "7"})
    remote.plays(times(2, busy))
    assert len(asking.provider.list_records("oai_dc").records) == 1
    assert asking.waited == [7, 7]
    assert asking.provider.tries == 0


def test_waits_grow_and_end(remote: RunningProvider, asking: Asking) -> None:
    remote.plays(lambda _asked: Answer(b"", 500))
    error = trouble(asking)
    assert (error.code, error.data) == (FetchFault.STATUS, {"status": 500})
    assert asking.waited == [2, 4, 8]


def test_retry_after_is_read_and_capped() -> None:
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert read_retry_after("120", at) == 120
    assert read_retry_after("Mon, 02 Mar 2026 09:05:00 GMT", at) == 300
    assert read_retry_after("Mon, 02 Mar 2026 08:05:00 GMT", at) == 0
    assert read_retry_after("99999999", at) == 3600
    assert read_retry_after("soon", at) is None
    assert read_retry_after("", at) is None


def test_nobody_there(remote: RunningProvider, asking: Asking) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        asking.provider.base_url = f"http://127.0.0.1:{taken.getsockname()[1]}/oai"
        asking.provider.fetcher = Fetcher("x", asking.provider.base_url, FAST)
        assert trouble(asking).code == Trouble.NO_ANSWER
    assert len(asking.waited) == 3


def test_an_answer_that_drips_is_cut_off(remote: RunningProvider, asking: Asking) -> None:
    asking.provider.most = 1
    remote.plays(only("ListRecords", Answer(b"<OAI-PMH>" * 1000, drip=0.2)))
    assert trouble(asking).code == FetchFault.TIMEOUT


def test_silence_is_cut_off(remote: RunningProvider, asking: Asking) -> None:
    asking.provider.most = 1
    remote.plays(only("ListRecords", Answer(b"<", drip=30)))
    assert trouble(asking).code == FetchFault.TIMEOUT


def test_an_answer_that_ends_too_early(remote: RunningProvider, asking: Asking) -> None:
    asking.provider.most = 1
    remote.plays(only("ListRecords", Answer(b"<OAI-PMH>", headers={"Content-Length": "5000"})))
    assert trouble(asking).code == FetchFault.CUT_OFF


# ---------------------------------------------------------------- where it may go


def test_redirects_on_the_same_server_are_followed(remote: RunningProvider, asking: Asking) -> None:
    remote.hold(1)
    remote.plays(lambda asked: redirect("/moved?verb=ListRecords") if asked["path"] == "/oai" else None)
    assert len(asking.provider.list_records("oai_dc").records) == 1


def test_redirects_in_a_circle_end(remote: RunningProvider, asking: Asking) -> None:
    remote.plays(lambda _asked: redirect("/oai?again"))
    assert trouble(asking).code == FetchFault.TOO_MANY_REDIRECTS
    assert len(remote.asked) == 6


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:9/x",
        "http://localhost:9/x",
        "http://10.0.0.1/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/x",
        "http://[::ffff:10.0.0.1]/x",
        "http://[64:ff9b::a00:1]/x",
        "http://0.0.0.0/x",
    ],
)
def test_redirects_into_our_own_network_are_refused(remote: RunningProvider, asking: Asking, target: str) -> None:
    remote.plays(lambda _asked: redirect(target))
    assert trouble(asking).code == FetchFault.PRIVATE_ADDRESS
    assert len(remote.asked) == 1


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x/", "http://x:99999/"])
def test_redirects_to_no_web_address_are_refused(remote: RunningProvider, asking: Asking, target: str) -> None:
    remote.plays(lambda _asked: redirect(target))
    assert trouble(asking).code == FetchFault.BAD_ADDRESS


def test_a_name_that_changes_its_mind_leads_nowhere(remote: RunningProvider) -> None:
    """DNS rebinding: the second look-up would give a private address; there is none, the first one counts."""
    looked_up: list[str] = []

    def resolve(host: str, port: int, *args: object, **more: object) -> list[tuple[object, ...]]:
        if host[0].isdigit():  # of the connection, to what was judged
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        looked_up.append(host)
        at = "8.8.8.8" if len(looked_up) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (at, port))]

    # The guard of the tests refuses the connection to 8.8.8.8: that it is tried, and nothing else, is the point.
    with (
        patch.object(socket, "getaddrinfo", resolve),
        pytest.raises(FetchError) as caught,
        Fetcher("x", "", FAST).get(f"http://rebinding.example:{remote.origin.rpartition(':')[2]}/oai", 100),
    ):
        pass
    assert caught.value.fault is FetchFault.UNREACHABLE
    assert looked_up == ["rebinding.example"]
    assert remote.asked == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("2002:a00:1::", False),
        ("64:ff9b::808:808", True),
        ("::ffff:8.8.8.8", True),
    ],
)
def test_what_lies_in_the_open_internet(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


def test_a_page_that_is_too_much_for_the_reader(remote: RunningProvider, asking: Asking) -> None:
    deep = "<a>" * 300_000
    remote.plays(only("ListRecords", Answer(remote.envelope(f"<ListRecords>{deep}"))))
    error = trouble_or_page(asking)
    assert error is None or error.data["kind"] in list(RefusalKind)


def trouble_or_page(asking: Asking) -> ProviderError | None:
    try:
        assert asking.provider.list_records("oai_dc").records == ()
    except ProviderError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://repo.example.org/oai", True),
        ("http://127.0.0.1:8000/oai", False),
        ("http://[fd00::1]/oai", False),
        ("http://10.1.2.3/oai", False),
        ("http://repository/oai", False),
        ("http://repo.lan/oai", False),
    ],
)
def test_only_public_addresses_are_told_on(address: str, told: bool) -> None:
    assert looks_public(address) is told
