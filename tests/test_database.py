"""The engine's rules that no other room's tests show."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from repo import db as rules
from repo.app import create_app
from repo.db import db
from repo.settings import Settings
from tests.conftest import DATABASES, close_engines
from tests.services.databases import PostgresDatabases


@pytest.mark.parametrize("kind", [one for one in DATABASES if one == "postgresql"])
def test_a_connection_that_the_server_has_ended_is_not_used_again(
    kind: str, postgres_databases: PostgresDatabases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server is begun anew in the night: whoever comes first in the morning sees nothing of it."""
    with postgres_databases.empty() as url:
        app = create_app(Settings(data_dir=tmp_path, database_url=url, testing=True, secret_key="k" * 40))
        with app.app_context():
            first = _backend()
            assert _backend() == first, "the pool gives the same one"
            other = sa.create_engine(db.engine.url)
            with other.connect() as connection:
                connection.execute(sa.text("SELECT pg_terminate_backend(:id)"), {"id": first})
            other.dispose()
            monkeypatch.setattr(rules, "IDLE", 0.0)
            assert _backend() != first
        close_engines(app)


def _backend() -> int:
    with db.engine.connect() as connection:
        return int(connection.scalar(sa.text("SELECT pg_backend_pid()")))
