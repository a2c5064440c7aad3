"""What a search finds is taken along: as a table, for reference managers."""

import csv
import io
from pathlib import Path

import pytest
from flask import Flask

from ingest.loaders.profile import Profile
from ingest.loaders.registry import LOADERS
from repo.db import db, transaction
from repo.items.access import SYSTEM
from repo.items.models import Item
from repo.items.services.lifecycle import withdraw_item
from repo.members.models import RoleName
from tests.conftest import VisitorClient
from tests.factories import make_collection, make_draft, make_library, make_metadata, make_person, publish, run_jobs


@pytest.fixture
def ids(context: Flask) -> dict[str, str]:
    """Two public works about a lake, one of them with a title like a formula, a withdrawn one and a draft."""
    collection = make_collection(make_library("knu"), "science")
    author, administrator = make_person(), make_person("", RoleName.ADMINISTRATOR)
    made = {
        name: publish(author, administrator, collection, make_metadata(title)).id
        for name, title in (("lake", "Көл жээги"), ("formula", "=Көл()"), ("gone", "Көл соолду"))
    }
    make_draft(author, collection, make_metadata("Көл долбоору"))
    with transaction() as session:
        withdraw_item(SYSTEM, session.get_one(Item, made["gone"]), "Ката", None)
    run_jobs()
    db.session.rollback()
    return made


def test_a_table_in_the_readers_language(client: VisitorClient, ids: dict[str, str], tmp_path: Path) -> None:
    """Which bulk loading reads again, and in which no cell is a formula."""
    answer = client.get("/search/list/csv?q=көл&lang=ru")
    assert answer.content_type == "text/csv; charset=utf-8" and "muras.csv" in answer.headers["Content-Disposition"]
    titles, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert titles[0] == "Номер" and {row[0] for row in rows} == {ids["lake"], ids["formula"]}
    assert not any(cell.startswith("=") for row in rows for cell in row)
    (tmp_path / "muras.csv").write_bytes(answer.data)
    packages = {package.key: package for package in LOADERS["table"](tmp_path / "muras.csv", Profile(), "")}
    assert {package.metadata["titles"][0]["value"] for package in packages.values() if package.metadata} == {
        "Көл жээги",
        "=Көл()",
    }
    assert f"/records/{ids['lake']}" in packages[ids["lake"]].addresses[0]


@pytest.mark.parametrize(("name", "begin"), [("ris", "TY  - "), ("bibtex", "@")])
def test_entries_for_reference_managers(client: VisitorClient, ids: dict[str, str], name: str, begin: str) -> None:
    """Each as the page of its work gives it."""
    body = client.get(f"/search/list/{name}?q=көл").text
    assert sum(line.startswith(begin) for line in body.splitlines()) == 2
    for work in ("lake", "formula"):
        assert client.get(f"/records/{ids[work]}/export/{name}").text.strip() in body
    assert "соолду" not in body and "долбоору" not in body


def test_links_keep_what_was_chosen(client: VisitorClient, ids: dict[str, str]) -> None:
    page = client.get("/search?q=көл&type=article&page=1").text
    assert 'href="/search/list/csv?q=%D0%BA%D3%A9%D0%BB&amp;type=article"' in page
    assert "/search/list/" not in client.get("/search?q=жоксөз").text
    assert client.get("/search/list/xls?q=көл").status_code == 404
    assert client.get("/search/list/csv?q=жоксөз").status_code == 200
