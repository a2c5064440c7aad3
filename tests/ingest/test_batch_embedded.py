"""Exports of EPrints that hold their files: taken out by the check, within bounds, and as safely as all of a load."""

import base64
import shutil
import signal
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from ingest.batch import check_batch, load_batch
from ingest.batch_arriving import receive_batch
from ingest.batch_staging import load_folder
from ingest.batch_work import forget_batch
from ingest.load_messages import say_remarks, say_trouble
from ingest.loaders.eprints import has_files_inside
from ingest.models import BatchState
from repo.db import db, transaction
from repo.items.access import SYSTEM, FileRole
from repo.items.models import Blob, File
from repo.jobs.services import run_pending_jobs
from repo.members.models import Collection
from repo.web.languages import with_language
from tests.ingest.loaders.loading import write_files
from tests.ingest.loaders.test_eprints import eprint, export
from tests.ingest.loads import batch_now, begin, bring_in, check, public_titles, rows_of
from tests.ingest.test_batch_crash import send, work_by_command, zipped

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 200


def held(number: int, name: str, content: bytes | None) -> str:
    """A document with its file inside, or beside when there is no content."""
    data = f"<data encoding='base64'>{base64.encodebytes(content).decode()}</data>" if content is not None else ""
    file = f"<file><fileid>{number}</fileid><filename>{name}</filename>{data}</file>"
    return f"<document><pos>1</pos><files>{file}</files><security>public</security></document>"


def some_export() -> str:
    return export(
        eprint(1, documents=held(11, "a.txt", "Салам".encode())),
        eprint(2, documents=held(12, "b.txt", b"x" * 100_000)),
        eprint(3, documents=held(13, "beside.txt", None)),
        eprint(4, documents=held(14, "../../out.txt", b"out")),
        eprint(5),
    )


def upload(collection: Collection, name: str, data: bytes) -> int:
    batch_id = send(collection, name, data)
    receive_batch(SYSTEM, batch_id)
    return batch_id


def originals() -> dict[str, int]:
    db.session.rollback()
    query = sa.select(File.name, Blob.size).join(Blob, Blob.digest == File.digest)
    query = query.where(File.role == FileRole.ORIGINAL)
    return {row.name: row.size for row in db.session.execute(query)}


def test_a_command_loads_a_folder_and_leaves_it_as_it_is(collection: Collection, tmp_path: Path) -> None:
    place = write_files(tmp_path / "in", {"export.xml": some_export(), "beside.txt": "beside"})
    before = (place / "export.xml").read_bytes()
    batch = check(begin(place, collection, format_="eprints"))
    assert batch.counts == {"new": 4, "refused": 1}
    assert batch.size == len("Салам".encode()) + 100_000 + len("beside"), "the check tells of sizes"
    with with_language("en"):
        assert "../../out.txt: The path leads out of the folder." in say_remarks(rows_of(batch.id)[3].remarks)
    assert bring_in(batch.id).state is BatchState.DONE
    assert originals() == {"a.txt": 10, "b.txt": 100_000, "beside.txt": 6}
    assert (place / "export.xml").read_bytes() == before and {f.name for f in place.iterdir()} == {
        "export.xml",
        "beside.txt",
    }
    assert not list(tmp_path.rglob("out.txt")) and not list(load_folder(batch.id).rglob("out.txt"))
    folder = load_folder(batch.id)
    forget_batch(batch.id, lambda: None)
    assert not folder.exists()


def test_a_file_that_is_named_alone_takes_nothing_along(collection: Collection, tmp_path: Path) -> None:
    place = write_files(tmp_path / "home", {"export.xml": some_export(), "secret.txt": "x", "beside.txt": "beside"})
    batch = check(begin(place / "export.xml", collection, format_="eprints"))
    assert batch.counts == {"new": 3, "refused": 2}, "beside.txt is not known to belong to it"
    assert not list(load_folder(batch.id).rglob("secret.txt"))


def test_an_upload_is_read_as_it_comes(collection: Collection, context: Flask) -> None:
    batch_id = upload(collection, "export.xml", some_export().encode())
    run_pending_jobs("batch")
    batch = batch_now(batch_id)
    assert (batch.format, batch.counts) == ("eprints", {"new": 3, "refused": 2})
    assert not has_files_inside(Path(batch.place))
    assert check(batch_id).counts == {"new": 3, "refused": 2}, "a further check finds them taken out"
    bring_in(batch_id)
    assert originals() == {"a.txt": 10, "b.txt": 100_000}


def test_an_archive_may_hold_both(collection: Collection, tmp_path: Path) -> None:
    place = write_files(tmp_path / "in", {"x/export.xml": some_export(), "x/beside.txt": "beside"})
    batch_id = upload(collection, "x.zip", zipped(place))
    run_pending_jobs("batch")
    assert batch_now(batch_id).counts == {"new": 4, "refused": 1}
    bring_in(batch_id)
    assert originals() == {"a.txt": 10, "b.txt": 100_000, "beside.txt": 6}


@pytest.mark.parametrize("name", ["load:taken-out", "load:embedded-moved"])
@pytest.mark.parametrize("uploaded", [True, False])
def test_a_kill_costs_nothing(collection: Collection, tmp_path: Path, name: str, uploaded: bool) -> None:
    if uploaded:
        batch_id = upload(collection, "export.xml", some_export().encode())
    else:
        batch_id = begin(write_files(tmp_path / "in", {"export.xml": some_export()}), collection, format_="eprints")
        with transaction():
            check_batch(SYSTEM, load_batch(batch_id))
    db.session.rollback()
    status, said = work_by_command(batch_id, name)
    assert status == -signal.SIGKILL, said
    status, said = work_by_command(batch_id)
    assert status == 3, said
    assert batch_now(batch_id).counts == {"new": 3, "refused": 2}
    bring_in(batch_id)
    assert originals() == {"a.txt": 10, "b.txt": 100_000}
    assert sorted(public_titles()) == ["Эмгек 1", "Эмгек 2", "Эмгек 5"]


def test_a_damaged_export_says_so(collection: Collection, tmp_path: Path) -> None:
    cut = some_export()[:60_000]
    batch = check(begin(write_files(tmp_path / "in", {"export.xml": cut}), collection, format_="eprints"))
    assert (batch.state, (batch.error or {})["code"]) == (BatchState.FAILED, "embedded_broken")
    with with_language("en"):
        assert "Export it again" in say_trouble("embedded_broken", {})
    assert not list(load_folder(batch.id).rglob("a.txt"))


def test_without_room_nothing_is_written(collection: Collection, tmp_path: Path) -> None:
    """More than the whole disk is needed, however much becomes free meanwhile: a hole in a file takes no room."""
    place = write_files(tmp_path / "in", {"export.xml": some_export(), "beside.txt": ""})
    with (place / "beside.txt").open("r+b") as hole:
        hole.truncate(shutil.disk_usage(tmp_path).total + 1)
    batch = check(begin(place, collection, format_="eprints"))
    assert (batch.error or {})["code"] == "embedded_no_room"
    assert not list(load_folder(batch.id).rglob("*.txt"))
    write_files(place, {"beside.txt": "beside"})
    assert check(batch.id).counts == {"new": 4, "refused": 1}, "there is room again"


def test_what_grows_beyond_its_bounds_is_stopped(collection: Collection, tmp_path: Path) -> None:
    """Entities may make little XML long: what the child writes is counted."""
    laughs = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 90 if n else 'ha' * 50}'>" for n in range(3))
    content = some_export().replace("<eprints", f"<!DOCTYPE eprints [{laughs}]><eprints", 1)
    content = content.replace("<title>", f"<title>{'&e2;' * 60}", 1)
    batch = check(begin(write_files(tmp_path / "in", {"export.xml": content}), collection, format_="eprints"))
    assert (batch.state, (batch.error or {})["code"]) == (BatchState.FAILED, "embedded_broken")
