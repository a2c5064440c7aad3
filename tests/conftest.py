"""What every test may ask for: an application on a database of its own, a clock, the real files, the services.

Rules kept here: no test reaches beyond this machine, leaves a process, a connection or an application context
behind, or depends on the day; where CI is set, a skip is a failure.
"""

import compileall
import gc
import os
import random
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import Context
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import CodeType
from typing import Any

import hypothesis
import pytest
import time_machine
from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from repo.addresses import ClusterAddress
from repo.settings import Settings
from tests.services import elasticsearch, guards, postgres
from tests.services.databases import PostgresDatabases, SqliteDatabases, TestDatabases
from tests.services.plans import Plans

pytest_plugins = ["tests.services.browser", "tests.services.clamav", "tests.services.server", "tests.services.smtp"]

MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""When the tests with a `clock` take place."""

# One engine while you work; `make test` asks for both.
DATABASES = {"sqlite": ["sqlite"], "postgresql": ["postgresql"], "both": ["sqlite", "postgresql"]}[
    os.environ.get("MURAS_TEST_DATABASE", "sqlite")
]
PAGES_ALONE = {
    "tests/browser/test_accessibility.py",
    "tests/browser/test_batches.py",
    "tests/browser/test_deposit.py",
    "tests/browser/test_frame.py",
    "tests/discovery/test_weight.py",
    "tests/web/test_csrf.py",
    "tests/web/test_errors.py",
    "tests/web/test_formats.py",
    "tests/web/test_forms.py",
    "tests/web/test_frame.py",
    "tests/web/test_static.py",
}
"""What these look at is made of a page's template, script or headers, and the same whichever database the rows lie in:
where both are asked for, they take the first. The queries, rights and transactions behind those pages are tested on
both, with the room that they belong to; the journey of a work in the browser is made on both."""
POSTGRES = "MURAS_TEST_POSTGRES"
"""Passes the folder of the running server, or why there is none, from the first process to its workers."""
ELASTICSEARCH = "MURAS_TEST_ELASTICSEARCH"
"""Passes the socket of the keeper of Elasticsearch's node in the same way."""

PREFIXES = count()
KEEPER = pytest.StashKey[elasticsearch.NodeKeeper]()

# Hundreds of processes are started here, and each would compile all modules anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

PLANS = Plans()
event.listen(Engine, "before_cursor_execute", PLANS.look)

hypothesis.settings.register_profile("muras", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("muras")


# ---------------------------------------------------------------- the run as a whole


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start what the workers share, and compile what the processes of the tests load."""
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    for package in ("repo", "oai", "ingest"):  # the children that parse files may not write what they compile
        compileall.compile_dir(Path(__file__).parents[1] / package, quiet=1)
    keeper = elasticsearch.NodeKeeper()
    session.config.add_cleanup(keeper.stop)
    session.config.stash[KEEPER] = keeper
    os.environ[ELASTICSEARCH] = keeper.address
    if "postgresql" not in DATABASES:
        return
    try:
        server = postgres.start_postgres()
    except postgres.PostgresMissingError as error:
        os.environ[POSTGRES] = f"missing: {error}"
        return
    session.config.add_cleanup(server.stop)
    os.environ[POSTGRES] = str(server.home)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the second database where it proves nothing."""
    config.hook.pytest_deselected(items=[item for item in items if _is_repeated(item)])
    items[:] = [item for item in items if not _is_repeated(item)]


def pytest_collection_finish() -> None:
    """Spare the collector what stays until the end: a fifth of the time goes into looking at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _is_repeated(item: pytest.Item) -> bool:
    params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return item.location[0] in PAGES_ALONE and params.get("database") in DATABASES[1:]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return guards.fail_if_skipped(report)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return guards.fail_if_skipped(report)


@pytest.fixture(scope="session", autouse=True)
def no_process_left() -> Iterator[None]:
    before = guards.processes_started()
    os.environ[guards.MARK] = str(os.getpid())
    yield
    guards.end_processes_left(but=before)


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    with guards.only_loopback():
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """Each test makes an application of its own; what it compiles of the same templates would be the same."""
    options = Flask.jinja_options
    Flask.jinja_options = {**options, "bytecode_cache": CompiledTemplates()}
    yield
    Flask.jinja_options = options


class CompiledTemplates(BytecodeCache):
    """Keeps what was compiled in memory, by the name and the text of the template."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(autouse=True)
def same_chance() -> None:
    random.seed(20260302)


# ---------------------------------------------------------------- an application on a database of its own


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """The engine of this test's database: "sqlite" or "postgresql"."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases(tmp_path_factory: pytest.TempPathFactory) -> PostgresDatabases:
    home = os.environ.get(POSTGRES, "missing: set MURAS_TEST_DATABASE")
    if home.startswith("missing: "):
        pytest.skip(home.removeprefix("missing: "))
    return PostgresDatabases(postgres.PostgresServer(Path(home)), tmp_path_factory.mktemp("postgresql"))


@pytest.fixture
def databases(database: str, request: pytest.FixtureRequest) -> TestDatabases:
    found: TestDatabases = request.getfixturevalue(f"{'postgres' if database == 'postgresql' else database}_databases")
    return found


@pytest.fixture
def empty_database_url(databases: TestDatabases) -> Iterator[str]:
    """MURAS_DATABASE_URL of a database without tables, for tests of migrations, `init` and `serve`."""
    with databases.empty() as url:
        yield url


@pytest.fixture
def database_url(databases: TestDatabases) -> Iterator[str]:
    """MURAS_DATABASE_URL of a migrated database without rows; nobody else sees it."""
    with databases.migrated() as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """The settings of `app`. A test that needs others builds them with `dataclasses.replace` and calls create_app."""
    return Settings(
        data_dir=tmp_path / "data",
        base_url="http://muras.example.org",
        secret_key="not a secret: the tests' own signing key",
        database_url=database_url,
        testing=True,
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    from repo.app import create_app

    app = create_app(settings)
    yield app
    assert _cv_app.get(None) is None, "an application context was left open"
    close_engines(app)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """`app` with an application context pushed, for tests of services: `with transaction() as session: ...`."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> "VisitorClient":
    """A visitor without a session; `app.test_client()` gives another one."""
    app.test_client_class = VisitorClient
    visitor = app.test_client()
    assert isinstance(visitor, VisitorClient)
    return visitor


class VisitorClient(FlaskClient):
    """Each request in a context of its own, as a server runs it.

    Flask would otherwise answer inside a test's application context, with the session, objects and uncommitted
    rows of the test, and a view that forgets to commit would pass.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)  # read to its end and closed, as a server does with every answer
        return Context().run(super().open, *args, **kwargs)


def close_engines(app: Flask) -> None:
    """Close the database of `app` and the other engines that it used. Fails when a connection was not given back."""
    from repo import backends
    from repo.db import db

    backends.close(app)
    with app.app_context():
        for engine in db.engines.values():
            checked_out = getattr(engine.pool, "checkedout", lambda: 0)()
            engine.dispose()
            assert checked_out == 0, f"{checked_out} connections were not given back"


# ---------------------------------------------------------------- a search engine of its own


@pytest.fixture(scope="session")
def elasticsearch_url(no_process_left: None, request: pytest.FixtureRequest) -> Iterator[str]:
    """The node that all workers share."""
    try:
        yield elasticsearch.ask_keeper(os.environ[ELASTICSEARCH])
    except elasticsearch.ElasticsearchMissingError as error:
        pytest.skip(str(error))
    if keeper := request.config.stash.get(KEEPER, None):  # a run without workers: the node is a child of this process
        keeper.stop()


@pytest.fixture
def search_cluster(elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterAddress]:
    """The address of an empty cluster; nobody else sees what this test makes in it."""
    for seconds in ("SEARCH_SECONDS", "READ_SECONDS"):  # the node shares its processors with all other tests
        monkeypatch.setattr(f"repo.search.elasticsearch.connection.{seconds}", 60.0)
    address = ClusterAddress((elasticsearch_url,), prefix=f"test-{os.getpid()}-{next(PREFIXES)}")
    yield address
    elasticsearch.remove_indices(address)


# ---------------------------------------------------------------- measures and material


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still at MOMENT until the test moves it: `clock.shift(60)`, `clock.move_to(...)`."""
    with time_machine.travel(MOMENT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[list[str]]]:
    """`with count_queries() as queries: ...` collects every statement sent to any database, but BEGIN."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith("BEGIN"):
                statements.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return counting


@pytest.fixture(autouse=True)
def no_whole_tables() -> Iterator[None]:
    """What the product asks of SQLite reads no table whole that grows with the repository."""
    before = len(PLANS.scans)
    yield
    assert PLANS.scans[before:] == []


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files from elsewhere (MURAS_TEST_DATA), which are not part of this project."""
    root = Path(__file__).parents[1]
    folder = Path(os.environ.get("MURAS_TEST_DATA", root / "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip("the real files are not here: set MURAS_TEST_DATA to their folder")
    return folder
