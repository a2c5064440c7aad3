"""Houses for strangers."""

from collections.abc import Iterator

import pytest

from tests.conformance.house import House, open_house
from tests.conftest import DATABASES
from tests.services.databases import TestDatabases


@pytest.fixture(scope="session", params=DATABASES)
def large_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """About two thousand records, served; nobody changes anything there."""
    yield from _open(request, tmp_path_factory)


@pytest.fixture(scope="module", params=DATABASES)
def busy_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same for tests that work there, with one format kept; `works` is what was there first."""
    yield from _open(request, tmp_path_factory, MURAS_STORED_FORMATS="oai_dc")


def _open(request: pytest.FixtureRequest, folders: pytest.TempPathFactory, **settings: str) -> Iterator[House]:
    engine = "postgres" if request.param == "postgresql" else request.param
    databases: TestDatabases = request.getfixturevalue(f"{engine}_databases")
    with databases.migrated() as url, open_house(folders.mktemp("house"), url, **settings) as house:
        yield house
