"""The house that is killed, and the validator of what is left."""

from collections.abc import Iterator

import pytest

from repo.settings import Settings
from tests.conftest import close_engines
from tests.crash.house import House, furnish
from tests.storage.conftest import assert_valid, ocfl_py

__all__ = ["assert_valid", "ocfl_py"]


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    house = furnish(settings)
    yield house
    close_engines(house.app)
