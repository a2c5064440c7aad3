"""The engine on a cluster: what others see of its writing, and what becomes of it when the cluster is away or odd."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace

import pytest
import sqlalchemy as sa
from elasticsearch import Elasticsearch
from flask import Flask
from lxml import html

from repo.addresses import ClusterAddress, read_cluster_address
from repo.admin.doctor import check_search
from repo.app import create_app
from repo.checkup import Level
from repo.db import db
from repo.errors import SettingsError
from repo.items.models import Item
from repo.members.models import RoleName
from repo.search.document import Facet, SearchDocument
from repo.search.elasticsearch import ElasticsearchEngine, connection, mapping
from repo.search.elasticsearch.writing import CHUNK
from repo.search.fields import INDEX_VERSION
from repo.search.parser import MAX_WORDS, parse_query
from repo.search.ports import IndexBusyError, IndexState, SearchRequest, SearchUnavailableError
from repo.settings import Settings, read_settings
from tests import factories
from tests.conftest import VisitorClient, close_engines
from tests.search.front import Answer, Front, Request, ask, running_front
from tests.search.material import document, fill, found, full_text, reader, search, text_for
from tests.services.ports import free_port

LAKE = document("lake", "Ысык-Көл", texts=full_text("Көл тууралуу " * 50))
HAND = document("hand", "Кол өнөрчүлүк", texts=full_text("Колдор тууралуу"))


@pytest.fixture
def engine(search_cluster: ClusterAddress) -> Iterator[ElasticsearchEngine]:
    with closing(ElasticsearchEngine(search_cluster, patience=5)) as engine:
        fill(engine, LAKE)
        yield engine


@pytest.fixture
def client(search_cluster: ClusterAddress) -> Iterator[Elasticsearch]:
    with Elasticsearch(search_cluster.nodes[0], request_timeout=60) as client:
        yield client


@pytest.fixture
def front(search_cluster: ClusterAddress) -> Iterator[Front]:
    with running_front(search_cluster.nodes[0]) as front:
        yield front


@pytest.fixture
def behind(search_cluster: ClusterAddress, front: Front) -> Iterator[ElasticsearchEngine]:
    """An engine on the same index that reaches the cluster through the front."""
    address = replace(search_cluster, nodes=(front.url,))
    with closing(ElasticsearchEngine(address, patience=0.5, bulk_bytes=20_000)) as engine:
        yield engine


def indices(client: Elasticsearch, address: ClusterAddress, part: str = "") -> list[str]:
    return sorted(client.indices.get_alias(index=f"{address.prefix}.{part}*.g-*", expand_wildcards="all").body)


def passages_held(client: Elasticsearch, address: ClusterAddress) -> int:
    client.indices.refresh(index=f"{address.prefix}.passages")
    return int(client.count(index=f"{address.prefix}.passages")["count"])


# Rebuilding --------------------------------------------------------------------------------------------


def test_readers_see_one_index_or_the_other(engine: ElasticsearchEngine) -> None:
    """While generations are put in place and away as fast as it goes."""
    shelves = [[document(f"{name}{n}", "Көл", texts=full_text(f"көл {name}")) for n in range(12)] for name in "ab"]
    fill(engine, *shelves[0])
    whole = [{each.id for each in shelf} for shelf in shelves]
    seen: list[set[str]] = []
    ended = threading.Event()
    failed: list[BaseException] = []

    def read() -> None:
        try:
            while not ended.is_set():
                hits = search(engine, "көл").hits
                assert all(len(hit.passages) == 1 for hit in hits)
                seen.append({hit.id for hit in hits})
        except BaseException as error:
            failed.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for each in readers:
        each.start()
    for number in range(6):
        engine.rebuild(shelves[(number + 1) % 2])
    ended.set()
    for each in readers:
        each.join()
    assert failed == []
    assert all(ids in whole for ids in seen)
    assert {True, False} == {ids == whole[0] for ids in seen}


def test_two_rebuilds_do_not_meet(engine: ElasticsearchEngine, search_cluster: ClusterAddress) -> None:
    def documents() -> Iterator[SearchDocument]:
        with closing(ElasticsearchEngine(search_cluster)) as other, pytest.raises(IndexBusyError):
            other.rebuild([])
        yield HAND

    assert engine.rebuild(documents()) == 1
    assert found(engine) == ["hand"]


def until_taken(engine: ElasticsearchEngine, documents: list[SearchDocument]) -> None:
    """Rebuild as soon as nobody else does."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(IndexBusyError):
            engine.rebuild(documents)
            return
        time.sleep(0.05)
    raise AssertionError("the lease never ran out")


def test_a_rebuild_that_was_taken_for_dead_changes_nothing(
    search_cluster: ClusterAddress, engine: ElasticsearchEngine, client: Elasticsearch
) -> None:
    def documents() -> Iterator[SearchDocument]:
        yield LAKE
        until_taken(engine, [HAND])
        yield LAKE

    with closing(ElasticsearchEngine(search_cluster, lease=0.2)) as slow, pytest.raises(SearchUnavailableError):
        slow.rebuild(documents())
    assert found(engine) == ["hand"]
    assert len(indices(client, search_cluster)) == 2


KILLED = """
import os, sys
from repo.addresses import ClusterAddress
from repo.search.elasticsearch import ElasticsearchEngine
from tests.search.material import document, full_text
def documents():
    for n in range(300):
        yield document(str(n), "Көл", texts=full_text("көл " * 500))
    os.kill(os.getpid(), 9)
ElasticsearchEngine(ClusterAddress((sys.argv[1],), prefix=sys.argv[2]), lease=1.0).rebuild(documents())
"""


def test_a_killed_rebuild_leaves_the_old_index(
    engine: ElasticsearchEngine, search_cluster: ClusterAddress, client: Elasticsearch
) -> None:
    command = [sys.executable, "-c", KILLED, search_cluster.nodes[0], search_cluster.prefix]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert found(engine) == ["lake"]
    assert len(indices(client, search_cluster)) == 4
    until_taken(engine, [LAKE, HAND])
    assert set(found(engine)) == {"lake", "hand"}
    assert len(indices(client, search_cluster)) == 2


def test_aliases_that_moved_without_an_answer_have_moved(
    behind: ElasticsearchEngine, front: Front, engine: ElasticsearchEngine
) -> None:
    def lose_the_answer(request: Request) -> Answer | None:
        if request.path != "/_aliases":
            return None
        ask(front.node, request)
        return Answer(502)

    front.interfere = lose_the_answer
    with pytest.raises(SearchUnavailableError):
        behind.rebuild([HAND])
    assert found(engine) == ["hand"]
    assert engine.state() is IndexState.READY


def test_houses_in_one_cluster_leave_each_other_be(engine: ElasticsearchEngine, search_cluster: ClusterAddress) -> None:
    neighbour = replace(search_cluster, prefix=f"{search_cluster.prefix}-items")
    with closing(ElasticsearchEngine(neighbour)) as other:
        fill(other, HAND)
        engine.rebuild([LAKE])
        assert (found(other), found(engine)) == (["hand"], ["lake"])
        with Elasticsearch(neighbour.nodes[0]) as client:
            client.indices.delete(index=list(client.indices.get_alias(index=f"{neighbour.prefix}.*").body))


# State -------------------------------------------------------------------------------------------------


def test_another_release_asks_for_a_rebuild(
    engine: ElasticsearchEngine, search_cluster: ClusterAddress, client: Elasticsearch
) -> None:
    for part in indices(client, search_cluster):
        client.indices.put_mapping(index=part, meta={mapping.VERSION: INDEX_VERSION + 1})
        assert engine.state() is IndexState.OUTDATED
    engine.rebuild([LAKE])
    assert engine.state() is IndexState.READY


@pytest.mark.parametrize("part", ["items", "passages"])
@pytest.mark.parametrize("damage", ["closed", "gone", "doubled"])
def test_damage_is_noticed_and_mended_by_a_rebuild(
    engine: ElasticsearchEngine, search_cluster: ClusterAddress, client: Elasticsearch, part: str, damage: str
) -> None:
    (index,) = indices(client, search_cluster, part)
    match damage:
        case "closed":
            client.indices.close(index=index)
        case "gone":
            client.indices.delete(index=index)
        case "doubled":
            alias = f"{search_cluster.prefix}.{part}"
            client.indices.create(index=f"{alias}.g-copy", aliases={alias: {}})
    assert engine.state() is IndexState.BROKEN
    with pytest.raises(SearchUnavailableError):
        engine.update([HAND])
    if damage == "closed":
        with pytest.raises(SearchUnavailableError):
            search(engine, "көл")
    assert engine.rebuild([LAKE, HAND]) == 2
    assert engine.state() is IndexState.READY
    assert set(found(engine, "көл")) == {"lake", "hand"}
    assert len(indices(client, search_cluster)) == 2


# Writing -----------------------------------------------------------------------------------------------


def bulks(front: Front) -> list[Request]:
    return [request for request in front.seen if request.path.startswith("/_bulk")]


def test_requests_are_of_bounded_size(behind: ElasticsearchEngine, front: Front) -> None:
    """A row that is larger goes alone."""
    long = document("long", "Китеп", texts=full_text("узун китептин тексти " * 3000))
    documents = [document(f"n{n:03}", "Көл", texts=full_text("көл " * 200)) for n in range(60)]
    behind.rebuild([*documents[:30], long])
    behind.update(documents[30:])
    for request in bulks(front):
        actions = [line for line in request.body.splitlines() if line.startswith((b'{"index"', b'{"create"'))]
        assert len(request.body) <= 20_000 or len(actions) == 1
    assert len(bulks(front)) > 4
    assert behind.count() == 61
    assert found(behind, "узун") == ["long"]


def test_a_row_that_no_node_would_take_ends_earlier(
    engine: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapping, "MAX_ROW", 50_000)
    engine.update([document("long", "Китеп", texts=full_text("алгачкы " + "кийинки " * 20_000 + "акыркы"))])
    assert found(engine, "алгачкы") == ["long"]
    assert found(engine, "акыркы") == []


BUSY = json.dumps({"error": {"type": "circuit_breaking_exception", "reason": "too large"}, "status": 429}).encode()


def test_a_busy_cluster_is_waited_for(behind: ElasticsearchEngine, front: Front) -> None:
    turned_away = iter([Answer(429, BUSY), Answer(503, BUSY)])
    front.interfere = lambda request: next(turned_away, None) if request.path.startswith("/_bulk") else None
    behind.rebuild([LAKE, HAND])
    assert len(bulks(front)) == 3
    assert set(found(behind)) == {"lake", "hand"}


def test_single_writes_that_were_turned_away_are_sent_again(behind: ElasticsearchEngine, front: Front) -> None:
    behind.rebuild([])
    refused: list[str] = []

    def refuse_every_other(request: Request) -> Answer | None:
        """As a node with a full queue does: the others are written."""
        if not request.path.startswith("/_bulk") or refused:
            return None
        lines = request.body.splitlines(keepends=True)
        pairs = [b"".join(lines[at : at + 2]) for at in range(0, len(lines), 2)]
        refused.extend(json.loads(pair.splitlines()[0])["index"]["_id"] for pair in pairs[::2])
        passed = replace(request, body=b"".join(pairs[1::2]))
        passed.headers["Content-Length"] = str(len(passed.body))
        answer = ask(front.node, passed)
        said = iter(json.loads(answer.body)["items"])
        full = {"index": {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "full"}}}
        items = [full if at % 2 == 0 else next(said) for at in range(len(pairs))]
        return replace(answer, body=json.dumps({"errors": True, "items": items}).encode())

    front.interfere = refuse_every_other
    behind.update([document(f"n{n}", "Көл", texts=full_text("көл")) for n in range(5)])
    assert len(refused) == 3
    again = [json.loads(line)["index"]["_id"] for line in bulks(front)[1].body.splitlines()[::2]]
    assert again == refused
    assert all(len(hit.passages) == 1 for hit in search(behind, "көл").hits)
    assert behind.count() == 5


def test_a_cluster_that_stays_busy_is_told(
    behind: ElasticsearchEngine, front: Front, engine: ElasticsearchEngine
) -> None:
    front.interfere = lambda request: Answer(429, BUSY) if request.path.startswith("/_bulk") else None
    with pytest.raises(IndexBusyError):
        behind.update([HAND])
    assert found(engine) == ["lake"]


def test_a_writing_that_breaks_off_shows_nothing_and_is_mended_by_the_next(
    behind: ElasticsearchEngine, front: Front, engine: ElasticsearchEngine, client: Elasticsearch,
    search_cluster: ClusterAddress,
) -> None:  # fmt: skip
    fill(engine, document("a", "Эски аталыш", texts=full_text("мазмун", place="old")), HAND)
    new = document("a", "Жаңы аталыш", texts=full_text("мазмун", place="new"))

    def fail_at(number: int) -> None:
        front.seen.clear()
        front.interfere = lambda request: Answer(500) if len(front.seen) == number else None

    behind.update()
    for number in range(1, 100):
        fail_at(number)
        with suppress(SearchUnavailableError):
            behind.update([new], remove=["hand"])
        if len(front.seen) < number:
            break  # it did not need so many requests
        (hit,) = search(engine, "аталыш").hits
        (passage,) = search(engine, "мазмун").hits[0].passages
        title = "old" if found(engine, "title:эски") else "new"
        assert (hit.id, passage.place) == ("a", title)
        if title == "new":
            front.interfere = lambda request: None
            fill(engine, document("a", "Эски аталыш", texts=full_text("мазмун", place="old")), HAND)
    assert number > 5
    front.interfere = lambda request: None
    behind.update([new], remove=["hand"])
    assert found(engine) == ["a"]
    assert passages_held(client, search_cluster) == 1


def test_fewer_passages_leave_none_behind(
    engine: ElasticsearchEngine, client: Elasticsearch, search_cluster: ClusterAddress
) -> None:
    pages = [replace(full_text(f"көл {n}")[0], place=str(n)) for n in range(30)]
    engine.update([document("book", "Китеп", texts=pages), HAND])
    assert passages_held(client, search_cluster) == 32
    engine.update([document("book", "Китеп", texts=pages[:3])])
    assert passages_held(client, search_cluster) == 5
    engine.update(remove=["book", "lake"])
    assert passages_held(client, search_cluster) == 1


def test_of_two_that_write_an_item_one_is_told(
    engine: ElasticsearchEngine, search_cluster: ClusterAddress, client: Elasticsearch
) -> None:
    other = ElasticsearchEngine(search_cluster)

    def documents() -> Iterator[SearchDocument]:
        yield document("lake", "Биринчи", texts=full_text("мазмун", place="first"))
        yield from (document(f"n{n}", "Башка") for n in range(CHUNK))  # the first is on its way by now
        other.update([document("lake", "Экинчи", texts=full_text("мазмун", place="second"))])

    with pytest.raises(IndexBusyError):
        engine.update(documents())
    (hit,) = search(engine, "мазмун").hits
    assert [passage.place for passage in hit.passages] == ["second"]
    engine.update([document("lake", "Биринчи", texts=full_text("мазмун", place="first"))])
    (hit,) = search(engine, "мазмун").hits
    assert [passage.place for passage in hit.passages] == ["first"]
    assert passages_held(client, search_cluster) == 1
    other.close()


def test_nothing_is_written_into_an_index_that_is_gone(
    engine: ElasticsearchEngine, search_cluster: ClusterAddress, client: Elasticsearch
) -> None:
    """Elasticsearch would make it anew, without our mapping."""

    def documents() -> Iterator[SearchDocument]:
        yield HAND
        client.indices.delete(index=indices(client, search_cluster))

    with pytest.raises(SearchUnavailableError):
        engine.update(documents())
    assert indices(client, search_cluster) == []
    assert engine.state() is IndexState.MISSING


# Reading -----------------------------------------------------------------------------------------------


def test_a_page_takes_two_requests(behind: ElasticsearchEngine, front: Front) -> None:
    behind.rebuild([document(f"n{n:02}", "Көл", texts=full_text("көл")) for n in range(30)])
    front.seen.clear()
    result = search(behind, "көл", limit=20, facets=tuple(Facet))
    assert len(result.hits) == 20 and all(hit.passages for hit in result.hits)
    assert len(front.seen) == 2


def test_the_longest_query_of_a_reader_of_many_libraries_is_answered(engine: ElasticsearchEngine) -> None:
    codes = [f"library{n}" for n in range(60)]
    engine.update([document("secret", "Ачык", texts=text_for(codes[-1:], "купуя"))])
    words = [f"издөөлөрүнүн{chr(0x430 + n)}" for n in range(MAX_WORDS - 1)]
    query = parse_query(" OR ".join([*words, "купуя"]))
    assert engine.search(SearchRequest(query, reader=reader(*codes))).hits[0].id == "secret"
    assert engine.search(SearchRequest(query, reader=reader(*codes[:-1]))).total == 0


def test_a_beginning_of_very_many_words_is_answered(engine: ElasticsearchEngine) -> None:
    words = " ".join(f"сөз{n}" for n in range(5000))
    engine.update([document("many", "Көп", texts=full_text(words))])
    (hit,) = search(engine, "сөз*").hits
    assert hit.id == "many" and hit.passages


# Away --------------------------------------------------------------------------------------------------

HTML = {"Content-Type": "text/html"}
ODD: dict[str, Answer] = {
    "busy": Answer(429, BUSY),
    "html": Answer(200, b"<html>Welcome to nginx!</html>", HTML),
    "html-502": Answer(502, b"<html>Bad gateway</html>", HTML),
    "html-404": Answer(404, b"<html>Not found</html>", HTML),
    "no-json": Answer(200, b"{"),
    "other-type": Answer(200, b"\xff\xd8", {"Content-Type": "image/jpeg"}),
    "not-allowed": Answer(403, b'{"error": {"type": "security_exception", "reason": "no"}, "status": 403}'),
    "failed": Answer(500, b'{"error": "oops", "status": 500}'),
    "empty": Answer(200, b"", {}),
}
CALLS: dict[str, Callable[[ElasticsearchEngine], object]] = {
    "search": lambda engine: search(engine, "көл"),
    "state": lambda engine: engine.state(),
    "count": lambda engine: engine.count(),
    "stamps": lambda engine: engine.stamps(["a"]),
    "ids": lambda engine: list(engine.ids()),
    "update": lambda engine: engine.update([LAKE]),
    "rebuild": lambda engine: engine.rebuild([LAKE]),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("odd", ODD)
def test_odd_answers_are_one_error(odd: str, call: str) -> None:
    with running_front(interfere=lambda request: ODD[odd]) as front:
        address = ClusterAddress((front.url,))
        with closing(ElasticsearchEngine(address, patience=0.1)) as engine, pytest.raises(SearchUnavailableError):
            CALLS[call](engine)


@pytest.mark.parametrize("call", CALLS)
def test_a_cluster_that_is_away_is_told_at_once(call: str) -> None:
    address = ClusterAddress((f"http://127.0.0.1:{free_port()}",))
    started = time.monotonic()
    with closing(ElasticsearchEngine(address)) as engine, pytest.raises(SearchUnavailableError):
        CALLS[call](engine)
    assert time.monotonic() - started < 2


def test_a_cluster_that_says_nothing_is_not_waited_for_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = ClusterAddress((f"http://127.0.0.1:{silent.getsockname()[1]}",))
        started = time.monotonic()
        with closing(ElasticsearchEngine(address)) as engine, pytest.raises(SearchUnavailableError):
            search(engine, "көл")
        assert time.monotonic() - started < connection.SEARCH_SECONDS + 1


def test_another_node_is_asked(search_cluster: ClusterAddress, engine: ElasticsearchEngine) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    with closing(ElasticsearchEngine(replace(search_cluster, nodes=(away, *search_cluster.nodes)))) as one:
        assert [found(one, "көл") for _ in range(4)] == [["lake"]] * 4


def test_a_password_is_sent_and_not_told() -> None:
    denied = b'{"error": {"type": "security_exception", "reason": "unable to authenticate"}, "status": 401}'
    with running_front(interfere=lambda request: Answer(401, denied)) as front:
        address = ClusterAddress((front.url,), "muras", "сыр:сөз@")
        with closing(ElasticsearchEngine(address)) as engine, pytest.raises(SearchUnavailableError) as told:
            search(engine, "көл")
        sent = front.seen[0].headers["authorization"]
    assert sent == "Basic " + b64encode("muras:сыр:сөз@".encode()).decode()
    assert "сыр" not in f"{told.value} {told.value.why} {address}"


# The house ---------------------------------------------------------------------------------------------


@pytest.fixture
def away(settings: Settings, context: Flask) -> Iterator[Flask]:
    """A house with a public work, whose cluster is away."""
    collection = factories.make_collection(factories.make_library("knu"), "science")
    author, librarian = factories.make_person(), factories.make_person("", RoleName.ADMINISTRATOR)
    factories.publish(author, librarian, collection, factories.make_metadata("Көлдүн тазалыгы"))
    db.session.rollback()
    app = create_app(replace(settings, search_url=f"http://127.0.0.1:{free_port()}"))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = VisitorClient
    yield app
    close_engines(app)


@pytest.mark.parametrize("address", ["/search?q=көл", "/search?q=&type=article&sort=title", "/search/list/csv?q=көл"])
@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_search_without_its_cluster_leads_to_the_lists(away: Flask, address: str, language: str) -> None:
    started = time.monotonic()
    answer = away.test_client().get(f"{address}&lang={language}")
    assert time.monotonic() - started < 3
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    page = html.fromstring(answer.data)
    links = {href for href in page.xpath("//main//a/@href") if not href.startswith("mailto:")}
    assert {"/browse/", "/libraries"} <= links
    for href in links:
        assert away.test_client().get(href).status_code == 200


def test_everything_else_works_without_the_cluster(away: Flask, context: Flask) -> None:
    visitor = away.test_client()
    item = db.session.scalars(sa.select(Item.id)).one()
    db.session.rollback()
    for address in (
        "/", "/browse/titles", "/browse/authors", "/libraries/knu", f"/records/{item}", "/healthz",
        "/search/advanced", "/search/suggest?q=көл", "/opensearch.xml",
    ):  # fmt: skip
        assert visitor.get(address).status_code == 200, address
    assert visitor.get(f"/records/{item}/similar").status_code == 503
    assert "Көлдүн тазалыгы" in visitor.get("/browse/titles").text


def test_what_was_found_is_shown_when_nothing_more_can_be_said(
    settings: Settings, search_cluster: ClusterAddress, front: Front, behind: ElasticsearchEngine
) -> None:
    behind.rebuild([])
    front.interfere = lambda request: Answer(500) if b'"execution_hint"' in request.body else None
    app = create_app(replace(settings, search_url=f"{front.url}/{search_cluster.prefix}"))
    assert app.test_client().get("/search?q=көлду").status_code == 200
    assert any(b'"execution_hint"' in request.body for request in front.seen)
    close_engines(app)


def test_the_doctor_says_that_the_cluster_does_not_answer(away: Flask, context: Flask) -> None:
    with away.app_context():
        (finding,) = check_search()
    assert finding.level is Level.BAD
    assert "does not answer" in finding.text and "MURAS_SEARCH_URL" in finding.advice
    (finding,) = check_search()
    assert finding.level is Level.GOOD


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://localhost:9200", ClusterAddress(("http://localhost:9200",))),
        ("https://search.example.kg", ClusterAddress(("https://search.example.kg:9200",))),
        ("http://[::1]:9201/", ClusterAddress(("http://[::1]:9201",))),
        (
            "https://muras:s%40crét%3A@a.kg:9243,b.kg,c.kg:443/muras-2",
            ClusterAddress(
                ("https://a.kg:9243", "https://b.kg:9200", "https://c.kg:443"), "muras", "s@crét:", "muras-2"
            ),
        ),
    ],
)
def test_the_address_of_a_cluster(text: str, address: ClusterAddress) -> None:
    assert read_cluster_address(text) == address
    assert read_settings({"MURAS_SEARCH_URL": f" {text} "}).search_url == text


@pytest.mark.parametrize(
    "text",
    [
        "elasticsearch://localhost",
        "http://",
        "http://host:port",
        "http://host:99999",
        "http://a.kg,,b.kg",
        "http://host/Muras",
        "http://host/a/b",
        "http://host/-a",
        "http://host/?x=1",
        "httpx://host",
    ],
)
def test_an_address_that_is_none_stops_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match="MURAS_SEARCH_URL"):
        read_settings({"MURAS_SEARCH_URL": text})


def test_a_client_that_is_not_installed_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "elasticsearch", None)
    assert read_settings({"MURAS_SEARCH_URL": "tantivy:"}).search_url == "tantivy:"
    with pytest.raises(SettingsError, match=r"pip install 'muras\[elasticsearch\]'"):
        read_settings({"MURAS_SEARCH_URL": "http://localhost:9200"})
