"""Old addresses: all spellings of one lead to one work, whoever came first keeps them, and a rebuild restores them."""

from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from repo.db import db, transaction
from repo.items.models import Address, Item
from repo.items.old_addresses import LONGEST, sought, stored_forms
from repo.items.services.addresses import find_old_address, note_old_addresses
from repo.items.services.importing import Described, import_items
from repo.items.services.publishing import read_record
from repo.members.models import RoleName
from tests.factories import make_collection, make_draft, make_library, make_metadata, make_person, publish, run_jobs

HANDLE = "handle/123456789/42"


@pytest.mark.parametrize(
    ("address", "forms"),
    [
        ("hdl:123456789/42", (HANDLE,)),
        ("https://hdl.handle.net/123456789/42", (HANDLE,)),
        ("http://dspace.knu.kg/xmlui/handle/123456789/42?show=full", (f"//dspace.knu.kg/{HANDLE}", HANDLE)),
        ("http://DSpace.knu.kg:8080/jspui/handle/123456789/42", (f"//dspace.knu.kg/{HANDLE}", HANDLE)),
        ("eprint:17", ("id/eprint/17",)),
        ("https://eprints.osh.kg/17/", ("//eprints.osh.kg/id/eprint/17", "id/eprint/17")),
        ("https://eprints.osh.kg/id/eprint/17", ("//eprints.osh.kg/id/eprint/17", "id/eprint/17")),
        ("https://old.kg/index.php?id=5", ("//old.kg/index.php?id=5", "index.php?id=5")),
        ("https://old.kg/%D0%BA%D0%B8%D1%82%D0%B5%D0%BF", ("//old.kg/китеп", "китеп")),
        ("kitep/5", ("kitep/5",)),
        # A file's address is found by its work's.
        ("https://eprints.osh.kg/17/1/kitep.pdf", ()),
        *(
            (nothing, ())
            for nothing in ("", "mailto:a@example.org", "https://old.kg/", "http://[", "a\x00b", "x" * 500)
        ),
    ],
)
def test_an_address_has_one_form(address: str, forms: tuple[str, ...]) -> None:
    assert stored_forms(address) == forms


@pytest.mark.parametrize(
    ("path", "form", "file"),
    [
        ("/handle/123456789/42", HANDLE, ""),
        ("/xmlui/handle/123456789/42/browse", HANDLE, ""),
        ("/bitstream/123456789/42/1/kitep.pdf", HANDLE, "kitep.pdf"),
        ("/bitstream/handle/123456789/42/китеп 1.pdf", HANDLE, "китеп 1.pdf"),
        ("/jspui/bitstream/123456789/42/3/kitep.pdf", HANDLE, "kitep.pdf"),
        ("/17/", "id/eprint/17", ""),
        ("/17", "id/eprint/17", ""),
        ("/eprint/17", "id/eprint/17", ""),
        ("/17/1/kitep.pdf", "id/eprint/17", "kitep.pdf"),
        ("/id/eprint/17/1/kitep.pdf", "id/eprint/17", "kitep.pdf"),
    ],
)
def test_a_request_asks_for_a_work_or_its_file(path: str, form: str, file: str) -> None:
    found = sought("old.kg:8000", path)
    assert found.forms == (f"//old.kg/{form}", form) and found.file == file


@given(st.text(), st.text(), st.text())
def test_whatever_is_asked_has_forms_that_a_database_holds(host: str, path: str, query: str) -> None:
    for form in (*sought(host, path, query).forms, *stored_forms(path)):
        assert form.isprintable() and len(form) <= LONGEST


@pytest.mark.usefixtures("context")
def test_whoever_came_first_keeps_an_address() -> None:
    collection = make_collection(make_library())
    author, librarian = make_person(), make_person("", RoleName.ADMINISTRATOR)
    first, second = (publish(author, librarian, collection, make_metadata(title)).id for title in ("А", "Б"))
    with transaction() as session:
        assert note_old_addresses(session, first, ["hdl:1/2", "https://one.kg/7/"]) == []
        assert note_old_addresses(session, second, ["hdl:1/2", "https://two.kg/7/"]) == ["handle/1/2", "id/eprint/7"]
        assert note_old_addresses(session, first, ["hdl:1/2"]) == []
    found = [find_old_address(db.session(), sought(host, "/7/")) for host in ("one.kg", "two.kg", "muras.example.org")]
    assert found == [first, second, first]


@pytest.mark.usefixtures("context")
def test_a_draft_is_not_found() -> None:
    draft = make_draft(make_person(), make_collection(make_library()))
    with transaction() as session:
        note_old_addresses(session, draft.item_id, ["hdl:1/2"])
    assert find_old_address(db.session(), sought("muras.example.org", "/handle/1/2")) is None


@pytest.mark.usefixtures("context")
def test_old_addresses_lie_with_the_files_of_the_item() -> None:
    """As a rebuild reads them: noted for what is public, and brought along by an import."""
    collection = make_collection(make_library())
    item = publish(make_person(), make_person("", RoleName.ADMINISTRATOR), collection)
    with transaction() as session:
        note_old_addresses(session, item.id, ["hdl:1/2"])
    run_jobs()
    assert read_record(item.id, 2)["item"]["addresses"] == ["handle/1/2"]
    described = [Described("k", make_metadata("Көчкөн"), addresses=("hdl:1/3",))]
    made = import_items(collection.id, "load:1", described, "loaded", lambda session, results: None)
    assert read_record(made["k"].item_id, 1)["item"]["addresses"] == ["handle/1/3"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Address)) == 2
    assert db.session.get_one(Item, made["k"].item_id).current is not None


def test_old_addresses_lead_to_works_and_files(app: Flask) -> None:
    with app.app_context():
        collection = make_collection(make_library())
        author, librarian = make_person(), make_person("", RoleName.ADMINISTRATOR)
        item_id = publish(author, librarian, collection, name="китеп 1.pdf").id
        with transaction() as session:
            note_old_addresses(session, item_id, ["hdl:1/2", "eprint:17", "https://old.kg/index.php?id=5"])
        run_jobs()
    client, record = app.test_client(), f"/records/{item_id}"
    works = ("/handle/1/2", "/jspui/handle/1/2", "/17/", "/id/eprint/17", "/index.php?id=5", "/bitstream/1/2/1/no.pdf")
    for path in works:
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (301, record), path
    moved = client.get("/bitstream/handle/1/2/китеп 1.pdf?sequence=1")
    assert (moved.status_code, unquote(moved.location)) == (301, f"{record}/files/китеп 1.pdf")
    with client.get(moved.location, follow_redirects=True) as answer:
        assert answer.status_code == 200 and answer.data.startswith(b"%PDF")
    for path in ("/handle/1/3", "/18/", "/index.php", "/index.php?id=6", "/%ff", "/" + "9" * 400):
        assert client.get(path).status_code == 404, path
    for path in ("/a%00b", "/handle/1/%00"):
        assert client.get(path).status_code in (400, 404), path
    assert client.post("/handle/1/2").status_code in (400, 404)
