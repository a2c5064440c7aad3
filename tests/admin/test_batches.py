"""The screens of bulk loads: from a file to works and back, what is refused, how records are read."""

import csv
import io
import re
import shutil
from base64 import b64encode
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from ingest.models import BatchState, LoadBatch, LoadProfile
from repo.db import db, transaction
from repo.items.models import Item
from repo.jobs.models import Job
from repo.jobs.reconcile import take_back_jobs
from repo.jobs.services import cancel_job, run_pending_jobs
from repo.members.models import Library, RoleName
from tests.conftest import VisitorClient
from tests.ingest.loads import public_titles, row, write_table
from tests.jobs.dying import die_too_often
from tests.members.conftest import MakeCollection, MakeLibrary, MakePerson, post, sign_in

TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def office(
    client: VisitorClient, make_person: MakePerson, make_library: MakeLibrary, make_collection: MakeCollection
) -> VisitorClient:
    """Signed in as the librarian of one of two libraries."""
    own, other = make_library("own"), make_library("other")
    make_collection(own, "here")
    make_collection(other, "there")
    make_person("cholpon", RoleName.LIBRARIAN, library=own)
    make_person("aida")
    sign_in(client, "cholpon")
    return client


def begin(office: VisitorClient, **more: str) -> str:
    """Announce a load and return the address of its page."""
    page = office.get("/admin/batches/new").text
    collection = re.findall(r'<option value="(\d+)"', page)[0]
    answer = post(office, "/admin/batches/new", "/admin/batches/new", collection=collection, format="", **more)
    assert answer.status_code == 302
    return answer.headers["Location"]


def table(tmp_path: Path, *rows: dict[str, str]) -> bytes:
    return (write_table(tmp_path / "table", rows) / "metadata.csv").read_bytes()


def send_by_form(office: VisitorClient, address: str, name: str, data: bytes) -> int:
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', office.get(address).text)
    assert token
    form = {"csrf_token": token[1], "file": (io.BytesIO(data), name)}
    return office.post(f"{address}/add", data=form, content_type="multipart/form-data").status_code


def batches() -> list[LoadBatch]:
    db.session.rollback()
    query = sa.select(LoadBatch).order_by(LoadBatch.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


@pytest.mark.parametrize(
    ("lang", "words", "stopped"),
    [
        ("ky", "Улантуу", "Программа ушул жумуштун ортосунда бир нече жолу токтоп калды"),
        ("ru", "Возобновить", "Программа несколько раз прерывалась посреди этой работы"),
        ("en", "Go on", "ended several times in the middle of it"),
    ],
)
def test_a_load_whose_job_was_given_up_is_gone_on_with(
    office: VisitorClient, context: Flask, tmp_path: Path, lang: str, words: str, stopped: str
) -> None:
    """A job that was killed too often tells its load, which has stopped then."""
    address = begin(office)
    send_by_form(office, address, "a.csv", table(tmp_path, row(1)))
    button = f'{address}/resume"'
    assert button not in office.get(address).text, "its job waits"
    with transaction() as session:
        job = session.scalars(sa.select(Job).where(Job.kind == "batch")).one()
    die_too_often(job.id)
    take_back_jobs()
    page = office.get(f"{address}?lang={lang}").text
    assert button in page and words in page and stopped in page
    assert f'{address}/cancel"' not in page and "data-refresh" not in page, "nobody is at it"
    assert post(office, f"{address}/resume", address).status_code == 302
    run_pending_jobs("batch")
    assert batches()[0].state is BatchState.CHECKED


def test_a_load_whose_job_was_cancelled_is_gone_on_with(office: VisitorClient, context: Flask, tmp_path: Path) -> None:
    address = begin(office)
    send_by_form(office, address, "a.csv", table(tmp_path, row(1)))
    with transaction() as session:
        cancel_job(session.scalars(sa.select(Job.id).where(Job.kind == "batch")).one())
    page = office.get(f"{address}?lang=en").text
    assert "cancelled in the office" in page and f'{address}/resume"' in page
    post(office, f"{address}/resume", address)
    run_pending_jobs("batch")
    assert batches()[0].state is BatchState.CHECKED


def test_from_a_file_to_works_and_back(office: VisitorClient, context: Flask, tmp_path: Path) -> None:
    assert "Nothing has been loaded" in office.get("/admin/batches?lang=en").text
    address = begin(office)
    assert "/add" in office.get(address).text
    assert send_by_form(office, address, "китептер.csv", table(tmp_path, row(1), row(2, files="жок.pdf"))) == 302
    page = office.get(f"{address}?lang=en").text
    assert "Being checked" in page
    assert 'http-equiv="refresh"' in page and "data-refresh" in page, "it is followed with and without a script"
    run_pending_jobs("batch")
    page = office.get(f"{address}?lang=en").text
    assert "Load now: 1" in page and "жок.pdf: The file is missing." in page
    assert "жок.pdf" not in office.get(f"{address}?status=new&lang=en").text
    report = office.get(f"{address}/report.csv?status=refused&lang=en")
    titles, only = csv.reader(io.StringIO(report.data.decode("utf-8-sig")))
    assert titles[-1] == "# Work" and only[1] == "Китеп 2"
    assert office.get(f"{address}/report.xlsx").data[:2] == b"PK"

    assert post(office, f"{address}/import", address).status_code == 302
    assert "Being loaded" in office.get(f"{address}?lang=en").text
    run_pending_jobs("batch")
    item = db.session.scalars(sa.select(Item)).one()
    page = office.get(f"{address}?lang=en").text
    assert f"/records/{item.id}" in page and "Undo this load" in page
    assert "Works that it added are withdrawn: 1" in office.get(f"{address}/undo?lang=en").text
    assert post(office, f"{address}/undo", f"{address}/undo").status_code == 302
    run_pending_jobs("batch")
    assert "Undone" in office.get(f"{address}?lang=en").text
    assert public_titles() == []


def test_files_beside_the_table_that_no_row_names_are_shown(
    office: VisitorClient, context: Flask, tmp_path: Path
) -> None:
    folder = write_table(tmp_path / "in", [row(1, files="a.txt")], {"a.txt": b"1", "<b>.txt": b"2"})
    address = begin(office)
    archive = Path(shutil.make_archive(str(tmp_path / "китептер"), "zip", folder))
    assert send_by_form(office, address, "китептер.zip", archive.read_bytes()) == 302
    run_pending_jobs("batch")
    page = office.get(f"{address}?lang=en").text
    assert "Files that no row of the table names: 1" in page and "<code>&lt;b&gt;.txt</code>" in page
    assert "Таблицанын эч бир сабында аталбаган файлдар: 1" in office.get(f"{address}?lang=ky").text


def test_a_file_comes_in_pieces(office: VisitorClient, context: Flask, tmp_path: Path) -> None:
    data = table(tmp_path, *(row(number) for number in range(1, 50)))
    address = begin(office)
    named = {"Upload-Metadata": "filename " + b64encode("т.csv".encode()).decode()}
    begun = office.post(f"{address}/uploads", headers={**TUS, **named, "Upload-Length": str(len(data))})
    assert begun.status_code == 201
    place, half = begun.headers["Location"], len(data) // 2
    chunk = {"content_type": "application/offset+octet-stream"}
    sent = office.patch(place, data=data[:half], headers={**TUS, "Upload-Offset": "0"}, **chunk)
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(half))
    assert office.head(place, headers=TUS).headers["Upload-Offset"] == str(half)
    assert office.patch(place, data=data, headers={**TUS, "Upload-Offset": "0"}, **chunk).status_code == 409
    assert (
        office.patch(place, data=data[half:], headers={**TUS, "Upload-Offset": str(half)}, **chunk).status_code == 204
    )
    assert batches()[0].state is BatchState.CHECKING
    assert office.head(place, headers=TUS).status_code == 404
    run_pending_jobs("batch")
    assert batches()[0].counts == {"new": 49}
    late = office.post(f"{address}/uploads", headers={**TUS, "Upload-Length": "4"})
    assert late.status_code == 409, "it has its file"
    assert send_by_form(office, address, "т.csv", data) == 302
    assert batches()[0].counts == {"new": 49}


def test_an_upload_is_given_up_and_begun_anew(office: VisitorClient, context: Flask, tmp_path: Path) -> None:
    address = begin(office)
    first = office.post(f"{address}/uploads", headers={**TUS, "Upload-Length": "4"}).headers["Location"]
    second = office.post(f"{address}/uploads", headers={**TUS, "Upload-Length": "4"}).headers["Location"]
    assert office.head(first, headers=TUS).status_code == 404
    assert office.delete(second, headers=TUS).status_code == 204
    assert office.head(second, headers=TUS).status_code == 404
    assert post(office, f"{address}/remove", address).status_code == 302
    run_pending_jobs("forget load")
    assert batches() == []
    assert office.get(address).status_code == 404


def test_pausing_going_on_and_what_is_not_possible(office: VisitorClient, context: Flask, tmp_path: Path) -> None:
    address = begin(office, source="catalogue")
    send_by_form(office, address, "т.csv", table(tmp_path, row(1)))
    run_pending_jobs("batch")
    post(office, f"{address}/import", address)
    post(office, f"{address}/pause", address)
    run_pending_jobs("batch")
    assert "Paused" in office.get(f"{address}?lang=en").text
    answer = post(office, f"{address}/import", address)
    assert "not possible any more" in office.get(answer.headers["Location"] + "?lang=en").text
    post(office, f"{address}/resume", address)
    run_pending_jobs("batch")
    assert (batches()[0].state, batches()[0].source) == (BatchState.DONE, "load:own:catalogue")
    post(office, f"{address}/cancel", "/admin/batches/new")
    assert batches()[0].state is BatchState.DONE


@pytest.mark.parametrize("source", ["a b", "x" * 41, "../x"])
def test_a_source_has_a_plain_name(office: VisitorClient, context: Flask, source: str) -> None:
    page = office.get("/admin/batches/new").text
    collection = re.findall(r'<option value="(\d+)"', page)[0]
    told = {"collection": collection, "format": "table", "source": source}
    assert post(office, "/admin/batches/new", "/admin/batches/new", **told).status_code == 422


def test_records_are_read_in_another_way(office: VisitorClient, context: Flask, tmp_path: Path) -> None:
    rows = [{"Биринчи": f"Китеп {number}", "Экинчи": "Токомбаев, Аалы"} for number in range(3)]
    address = begin(office)
    send_by_form(office, address, "т.csv", table(tmp_path, *rows))
    run_pending_jobs("batch")
    typed = {"fields": "Биринчи = title[ky]\nЭкинчи = creators", "separator": ";", "encoding": "", "name": "Биздики"}
    tried = post(office, f"{address}/profile", f"{address}/profile", do="try", **typed)
    assert "Токомбаев" in tried.text and db.session.scalar(sa.select(LoadProfile)) is None
    wrong = post(
        office, f"{address}/profile", f"{address}/profile", do="save", **{**typed, "fields": "Биринчи = nowhere"}
    )
    assert wrong.status_code == 422 and "nowhere" in wrong.text
    assert post(office, f"{address}/profile", f"{address}/profile", do="save", **typed).status_code == 302
    run_pending_jobs("batch")
    assert batches()[0].counts == {"new": 3}
    assert batches()[0].profile_name == "Биздики 1"
    listed = office.get("/admin/batches/profiles?lang=en").text
    assert "Биздики" in listed and "Version 1" in listed
    saved = re.search(r"/admin/batches/profiles/\d+\.json", listed)
    assert saved
    carried = office.get(saved[0]).data
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', listed)
    assert token
    form = {"csrf_token": token[1], "library": "own", "file": (io.BytesIO(carried), "profile.json")}
    again = office.post("/admin/batches/profiles", data=form, content_type="multipart/form-data")
    assert again.status_code == 302
    assert "Version 2" in office.get("/admin/batches/profiles?lang=en").text
    form = {"csrf_token": token[1], "library": "own", "file": (io.BytesIO(b"{"), "profile.json")}
    assert office.post("/admin/batches/profiles", data=form, content_type="multipart/form-data").status_code == 422


@pytest.mark.parametrize(
    ("lang", "words"), [("ky", "Баарын кабыл алуу: 2"), ("ru", "Принять все: 2"), ("en", "Accept all: 2")]
)
def test_a_reviewer_accepts_all_works_of_a_load(
    office: VisitorClient, make_person: MakePerson, context: Flask, tmp_path: Path, lang: str, words: str
) -> None:
    library = db.session.scalars(sa.select(Library).where(Library.code == "own")).one()
    make_person("digit", RoleName.DIGITIZER, library=library)
    digitizer = context.test_client()
    assert isinstance(digitizer, VisitorClient)
    sign_in(digitizer, "digit")
    address = begin(digitizer)
    send_by_form(digitizer, address, "т.csv", table(tmp_path, row(1), row(2)))
    run_pending_jobs("batch")
    post(digitizer, f"{address}/import", address)
    run_pending_jobs("batch")
    assert f"{address}/accept" not in digitizer.get(address).text
    assert digitizer.get(f"{address}/accept").status_code == 302
    assert post(digitizer, f"{address}/accept", "/admin/batches/new").status_code == 404
    assert f'href="{address}/accept"' in office.get(address).text
    assert words in office.get(f"{address}/accept?lang={lang}").text
    assert post(office, f"{address}/accept", f"{address}/accept").status_code == 302
    page = office.get(f"{address}?lang=en").text
    assert "The works are being accepted" in page and "data-refresh" in page and f"{address}/accept" not in page
    run_pending_jobs()
    assert public_titles() == ["Китеп 1", "Китеп 2"]
    assert "The works are being accepted" not in office.get(f"{address}?lang=en").text


def test_others_have_no_business_here(office: VisitorClient, context: Flask) -> None:
    address = begin(office)
    stranger = context.test_client()
    assert isinstance(stranger, VisitorClient)
    assert stranger.get(address).status_code == 401
    sign_in(stranger, "aida")
    for page in ("/admin/batches", address, "/admin/batches/profiles"):
        assert stranger.get(page).status_code == 403
