"""A house for strangers, one a database for all tests of a module."""

from collections.abc import Iterator

import pytest

from tests.conformance.house import House, open_house
from tests.conftest import DATABASES
from tests.services.databases import TestDatabases


@pytest.fixture(scope="module", params=DATABASES)
def large_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """About two thousand records, served."""
    engine = "postgres" if request.param == "postgresql" else request.param
    databases: TestDatabases = request.getfixturevalue(f"{engine}_databases")
    with databases.migrated() as url, open_house(tmp_path_factory.mktemp("large"), url) as house:
        yield house
