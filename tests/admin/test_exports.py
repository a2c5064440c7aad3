"""The office's screen of exports: whoever looks after a library asks for its works, waits, and fetches them."""

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from ingest.export_models import Export, ExportState
from ingest.export_requests import discard_exports, make_export, path_of
from repo.db import db, now, transaction
from repo.failpoints import armed
from repo.items.access import SYSTEM
from repo.items.models import Item
from repo.items.services.expunging import expunge_item
from repo.jobs.models import Job
from repo.jobs.reconcile import take_back_jobs
from repo.jobs.services import run_pending_jobs
from repo.members.models import RoleName
from tests.conftest import VisitorClient
from tests.factories import make_collection, make_library, make_metadata, make_person, publish, sign_in
from tests.jobs.dying import die_too_often
from tests.members.conftest import post

NEW = "/admin/exports/new"
WISH = {"place": "library:own", "format": "bagit", "files": "y"}


@pytest.fixture
def office(client: VisitorClient, context: Flask) -> VisitorClient:
    """Signed in as librarian of one of two libraries, each with a collection and a work."""
    own, other = make_library("own"), make_library("other")
    author, administrator = make_person(), make_person("", RoleName.ADMINISTRATOR)
    librarian = make_person("", RoleName.LIBRARIAN, library=own)
    for library, code, title in ((own, "here", "Биздики"), (other, "there", "Алардыкы")):
        publish(author, administrator, make_collection(library, code), make_metadata(title))
    client.application.config["EMAILS"] = {"librarian": librarian.email, "administrator": administrator.email}
    sign_in(client, librarian.email)
    return client


def exports() -> list[Export]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Export).execution_options(populate_existing=True)))


def ask(office: VisitorClient, **more: str) -> int:
    answer = post(office, NEW, NEW, **{**WISH, **more})
    assert answer.status_code == 302, answer.text
    return int(answer.location.rpartition("/")[2])


def test_a_package_is_asked_for_made_and_fetched(office: VisitorClient) -> None:
    assert "There is no package yet" in office.get("/admin/exports?lang=en").text
    number = ask(office)
    page = f"/admin/exports/{number}"
    assert "Waiting in the queue" in office.get(f"{page}?lang=en").text
    assert office.get(f"{page}/file").status_code == 404
    assert ask(office) == number, "the same one stands for both"
    run_pending_jobs()
    (export,) = exports()
    assert export.state is ExportState.DONE and export.counts["works"] == 1
    shown = office.get(f"{page}?lang=en").text
    assert export.digest and export.digest in shown and "Download the package" in shown
    assert f"own-bagit-{export.created_at:%Y-%m-%d}.zip" in shown
    with office.get(f"{page}/file") as answer:
        body = answer.data
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert hashlib.sha512(body).hexdigest() == export.digest and len(body) == export.size
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        texts = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "replace")
    assert "Биздики" in texts and "Алардыкы" not in texts
    assert "own-bagit" not in office.get("/admin/exports").text and page in office.get("/admin/exports").text


def test_a_download_is_gone_on_with(office: VisitorClient) -> None:
    number = ask(office)
    run_pending_jobs()
    with office.get(f"/admin/exports/{number}/file") as whole:
        body, tag = whole.data, whole.headers["ETag"]
    headers = {"Range": "bytes=100-", "If-Range": tag}
    with office.get(f"/admin/exports/{number}/file", headers=headers) as rest:
        assert rest.status_code == 206 and rest.data == body[100:]
    with office.get(f"/admin/exports/{number}/file", headers={**headers, "If-Range": '"other"'}) as again:
        assert again.status_code == 200 and again.data == body
    beyond = {"Range": f"bytes={len(body)}-"}
    assert office.get(f"/admin/exports/{number}/file", headers=beyond).status_code == 416


def test_nobody_exports_what_they_do_not_look_after(office: VisitorClient, app: Flask) -> None:
    for place in ("library:other", "collection:there", "library:nope", "nonsense", ""):
        assert post(office, NEW, NEW, **{**WISH, "place": place}).status_code == 422, place
    assert not exports()
    office_page = office.get(NEW).text
    assert "library:own" in office_page and "library:other" not in office_page
    visitor = app.test_client()
    sign_in(visitor, office.application.config["EMAILS"]["administrator"])
    number = ask(visitor, place="library:other")
    run_pending_jobs()
    for path in (f"/admin/exports/{number}", f"/admin/exports/{number}/file"):
        with visitor.get(path) as answer:
            assert answer.status_code == 200
        assert office.get(path).status_code == 403, path
        assert app.test_client().get(path).status_code == 401
    assert post(office, f"/admin/exports/{number}/remove", "/admin/exports/new").status_code == 403
    assert f"/admin/exports/{number}" not in office.get("/admin/exports").text
    assert office.get("/admin/exports/99").status_code == 404


def test_a_package_goes_after_a_week_and_before_if_wanted(office: VisitorClient) -> None:
    first, second = ask(office), ask(office, format="csv")
    run_pending_jobs()
    assert path_of(first).exists() and path_of(second).exists()
    assert post(office, f"/admin/exports/{first}/remove", f"/admin/exports/{first}").status_code == 302
    run_pending_jobs("discard exports")
    assert not path_of(first).exists() and path_of(second).exists()
    with time_machine.travel(now() + timedelta(days=7, seconds=1), tick=False):
        assert discard_exports() == 1
    assert not path_of(second).exists() and not exports()


def test_a_work_that_is_expunged_is_in_no_package(office: VisitorClient) -> None:
    number = ask(office)
    run_pending_jobs()
    with transaction() as session:
        expunge_item(SYSTEM, session.scalars(sa.select(Item).where(Item.title == "Биздики")).one(), "Сот")
    assert office.get(f"/admin/exports/{number}").status_code == 404
    run_pending_jobs()
    assert not path_of(number).exists()


def test_a_package_is_made_in_slices(office: VisitorClient) -> None:
    number = ask(office, place="collection:here")
    assert not make_export(number, lambda done, total: None, lambda: True)
    assert exports()[0].state is ExportState.RUNNING and not path_of(number).exists()
    assert make_export(number, lambda done, total: None, lambda: False)
    assert exports()[0].state is ExportState.DONE
    assert make_export(number, lambda done, total: None, lambda: False), "done is done"


def test_a_full_disk_is_said_and_waited_for(office: VisitorClient) -> None:
    number = ask(office)
    with armed("export:written=raise:ENOSPC"):
        run_pending_jobs("export")
    assert "The disk is full" in office.get(f"/admin/exports/{number}?lang=en").text
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        run_pending_jobs("export")
    assert exports()[0].state is ExportState.DONE and exports()[0].error is None


def test_an_export_whose_worker_ends_too_often_is_told(office: VisitorClient) -> None:
    number = ask(office)
    with transaction() as session:
        job = session.scalars(sa.select(Job).where(Job.kind == "export")).one()
    die_too_often(job.id)
    take_back_jobs()
    assert (exports()[0].state, exports()[0].error) == (ExportState.FAILED, "interrupted")
    page = office.get(f"/admin/exports/{number}?lang=en").text
    assert "ended several times in the middle of it" in page and "In progress" not in page
    assert ask(office) != number, "it can be asked for again"
    run_pending_jobs("export")
    assert [export.state for export in exports()] == [ExportState.FAILED, ExportState.DONE]


def test_an_accident_is_said(office: VisitorClient) -> None:
    number = ask(office)
    path_of(number).parent.mkdir(parents=True, exist_ok=True)
    path_of(number).with_name(f"{number}.zip.part").mkdir()
    path_of(number).with_name(f"{number}.zip.part").joinpath("theirs").write_text("a")
    run_pending_jobs("export")
    assert exports()[0].state is ExportState.FAILED
    assert "Something went wrong on our side" in office.get(f"/admin/exports/{number}?lang=en").text


def test_only_some_works_leave(office: VisitorClient) -> None:
    """By their addresses or numbers; a work of somebody else's library is not among them, whoever names it."""
    own, other = (
        db.session.scalars(sa.select(Item.id).where(Item.title == title)).one() for title in ("Биздики", "Алардыкы")
    )
    for wrong, said in (
        (other, f"Not among the works chosen above: {other}."),
        ("abc", "no address or number of a work: abc"),
    ):
        answer = post(office, NEW, f"{NEW}?lang=en", **WISH, works=f"{own}\n{wrong}")
        assert answer.status_code == 422 and said in answer.text
    assert exports() == []
    number = ask(office, works=f"http://localhost/records/{own}?lang=ky\n\n{own}/\n")
    run_pending_jobs()
    (export,) = exports()
    assert (export.id, export.items, export.counts["works"]) == (number, [own], 1)
    assert "(1 work)" in office.get("/admin/exports?lang=en").text
    assert ask(office) != number, "all of a library is another package"


def test_what_a_search_finds_leaves(office: VisitorClient) -> None:
    own = db.session.scalars(sa.select(Item.id).where(Item.title == "Биздики")).one()
    run_pending_jobs()
    page = office.get("/search?q=биздики&lang=en").text
    assert 'href="/admin/exports/new?q=' in page and "Export these works as a package" in page
    assert own in office.get(f"{NEW}?q=биздики").text
    assert own not in office.get(f"{NEW}?lang=en").text and "Export these" not in office.get("/search?lang=en").text
    assert "The search finds nothing now" in office.get(f"{NEW}?q=жокнерсе&lang=en").text
    assert "Export these works" not in office.application.test_client().get("/search?q=биздики&lang=en").text
