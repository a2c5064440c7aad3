"""What containers and balancers ask."""

from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient

from repo.app import create_app
from repo.settings import Settings
from tests.conftest import close_engines


def test_a_house_that_can_serve_says_so(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_a_house_without_its_database_says_so(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    away = {"sqlite": f"sqlite:///{tmp_path}/folder", "postgresql": f"postgresql://muras@/none?host={tmp_path}"}
    app = create_app(replace(settings, database_url=away[settings.database_url.partition(":")[0]]))
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    close_engines(app)
