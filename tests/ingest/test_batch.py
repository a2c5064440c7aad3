"""Bulk loads: checked without a trace, imported once, told row by row, undone."""

import json
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from ingest.batch import (
    Plan,
    cancel_batch,
    check_batch,
    create_batch,
    import_batch,
    load_batch,
    pace_of,
    pause_batch,
    remove_batch,
    resume_batch,
    undo_batch,
)
from ingest.load_messages import say_remarks
from ingest.models import BatchState, LoadBatch, LoadFile, LoadRow, RowStatus
from repo.db import db, now, transaction
from repo.errors import ForbiddenError, InvalidError, StateError
from repo.items.access import SYSTEM, Access, Actor, FileRole, Grant
from repo.items.identifiers import ocfl_id
from repo.items.metadata import Number
from repo.items.models import Address, Blob, Event, Item, Upload, Version
from repo.items.services.lifecycle import start_correction, withdraw_item
from repo.items.services.submission import accept_version
from repo.items.states import VersionState
from repo.jobs.services import run_pending_jobs
from repo.members.models import Collection, Library, ReviewPolicy, RoleName
from repo.storage import store, uploads
from repo.storage.texts import has_text
from repo.web.languages import with_language
from tests import factories
from tests.ingest.loads import (
    batch_now,
    begin,
    bring_in,
    check,
    load,
    public_titles,
    row,
    rows_of,
    said_of,
    undo,
    write_table,
)


def count_items() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Item)) or 0


# ---------------------------------------------------------------- the check


def test_the_check_writes_rows_and_no_works(collection: Collection, tmp_path: Path) -> None:
    place = write_table(
        tmp_path / "in",
        [row(1), row(2, files="жок.pdf"), row(1, "Башка"), row(4, files="бар.txt"), row(5, files="бар.txt")],
        {"бар.txt": "Салам".encode()},
    )
    batch = check(begin(place, collection))
    assert (batch.state, batch.total, batch.done) == (BatchState.CHECKED, 5, 0)
    assert batch.counts == {"new": 3, "refused": 2}
    assert batch.size == len("Салам".encode()) * 2
    rows = rows_of(batch.id)
    assert [row.status.value for row in rows] == ["new", "refused", "refused", "new", "new"]
    assert "file_missing" in said_of(rows[1])
    assert "duplicate_key" in said_of(rows[2])
    assert "same_file" in said_of(rows[4]) and "same_file" not in said_of(rows[3])
    with with_language("en"):
        assert "The same record came before (2)." in say_remarks(rows[2].remarks)
    assert count_items() == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Blob)) == 0


def test_files_that_no_row_names_are_told(collection: Collection, tmp_path: Path) -> None:
    """By fifty names and the number of all; what a system leaves in a folder is nobody's file."""
    others = {f"скан/{number}.tif": b"II*" + bytes([number]) for number in range(60)}
    place = write_table(
        tmp_path / "in", [row(1, files="бар.txt")], {"бар.txt": b"1", "Thumbs.db": b"", ".DS_Store": b"", **others}
    )
    batch = check(begin(place, collection))
    assert batch.extra is not None and batch.extra["count"] == 60
    assert batch.extra["names"] == sorted(others)[:50]
    for name in others:
        (place / name).unlink()
    assert check(batch.id).extra is None, "a further check looks again"


def test_a_file_of_another_size_is_another(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1, files="бар.txt")], {"бар.txt": b"1", "эски/бар.txt": b"22"})
    assert check(begin(place, collection)).extra == {"count": 1, "names": ["эски/бар.txt"]}


def test_the_check_goes_on_over_slices_and_turns(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [*(row(number) for number in range(7)), row(2, "Кайра")])
    with patch("ingest.batch_work.SLICE", 3), patch("ingest.turns.SLICE", -1.0):
        batch = check(begin(place, collection))
    assert batch.counts == {"new": 7, "refused": 1}
    assert [row.number for row in rows_of(batch.id)] == list(range(1, 9))


def test_a_further_check_forgets_the_one_before(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1), row(2)], {"к.txt": b"1"})
    batch_id = begin(place, collection)
    check(batch_id)
    write_table(place, [row(1, files="к.txt")])
    batch = check(batch_id)
    assert (batch.counts, batch.total, len(rows_of(batch_id))) == ({"new": 1}, 1, 1)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LoadFile)) == 1


def test_what_is_here_already_is_told(collection: Collection, tmp_path: Path, library: Library) -> None:
    author, reviewer = factories.make_person(), factories.make_person("Р", RoleName.REVIEWER, library)
    doi = factories.make_metadata("Башка китеп", identifiers=[Number(scheme="doi", value="10.5281/Muras.77")])
    numbered = factories.publish(author, reviewer, collection, doi, content=b"a")
    held = factories.publish(author, reviewer, collection, factories.make_metadata("Үчүнчү"), content=b"the same bytes")
    titled = factories.publish(author, reviewer, collection, factories.make_metadata("Ак кеме"), content=b"c")
    with transaction() as session:
        session.get_one(Item, titled.id).year = 1970
    place = write_table(
        tmp_path / "in",
        [
            row(1, "Такыр башка", **{"identifiers.doi": "https://doi.org/10.5281/muras.77"}),
            row(2, files="f.txt"),
            row(3, "АК КЕМЕ!", date="1970"),
            row(4, "Ак кеме", date="1971"),
        ],
        {"f.txt": b"the same bytes"},
    )
    rows = rows_of(check(begin(place, collection)).id)
    told = [next((said["data"] for said in row.remarks if said["code"] == "likely"), None) for row in rows]
    assert told == [
        {"item": numbered.id, "likeness": "identifier"},
        {"item": held.id, "likeness": "file"},
        {"item": titled.id, "likeness": "title"},
        None,
    ]
    assert all(row.status is RowStatus.NEW for row in rows), "a warning, never an obstacle"


def test_a_source_that_nobody_can_read_says_so(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1)])
    batch_id = begin(place, collection)
    (place / "metadata.csv").unlink()
    place.rmdir()
    batch = check(batch_id)
    assert (batch.state, batch.error) == (BatchState.FAILED, {"code": "gone", "data": {}, "during": "checking"})
    write_table(tmp_path / "in", [row(1)])
    with transaction():
        resume_batch(SYSTEM, load_batch(batch_id))
    run_pending_jobs("batch")
    assert batch_now(batch_id).state is BatchState.CHECKED


# ---------------------------------------------------------------- the import


def test_works_are_public_with_their_files_and_records(collection: Collection, tmp_path: Path) -> None:
    soon = (now() + timedelta(days=90)).date()
    place = write_table(tmp_path / "in", [row(1, files="бир.txt"), row(2)], {"бир.txt": "Биринчи китеп".encode()})
    batch = load(place, collection)
    assert (batch.state, batch.counts, batch.done) == (BatchState.DONE, {"new": 0, "created": 2}, 2)
    first = db.session.get_one(Item, rows_of(batch.id)[0].item_id)
    assert (first.title, first.source, first.source_key) == ("Китеп 1", "load:knu:table", "1")
    assert first.current is not None
    files = {file.role: file for file in first.current.files}
    with store().open(ocfl_id(first.id), "files/бир.txt") as stream:
        assert stream.read().decode() == "Биринчи китеп"
    assert files[FileRole.PRIVATE].name == "row.csv"
    assert has_text(files[FileRole.ORIGINAL].digest), "read by the pipeline"
    assert list(uploads().root.iterdir()) == []
    assert "loaded" in set(db.session.scalars(sa.select(Event.verb).where(Event.item_id == first.id)))
    assert soon > date(2026, 1, 1)


def test_a_second_load_changes_what_differs_and_nothing_else(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1), row(2, files="f.txt"), row(3)], {"f.txt": b"one"})
    load(place, collection)
    write_table(place, [row(1, "Жаңы аталыш"), row(2, files="f.txt"), row(3), row(4)], {"f.txt": b"two"})
    batch_id = begin(place, collection)
    assert check(batch_id).counts == {"changed": 2, "same": 1, "new": 1}
    assert bring_in(batch_id).counts == {"changed": 0, "updated": 2, "same": 1, "new": 0, "created": 1}
    rows = rows_of(batch_id)
    title, file, same, _new = (db.session.get_one(Item, row.item_id).current for row in rows)
    assert title is not None and file is not None and same is not None
    assert (title.number, title.revision) == (1, 1)
    assert (file.number, file.revision) == (2, 0)
    assert (same.number, same.revision) == (1, 0)
    assert rows[0].before_id is not None and rows[3].before_id is None
    assert count_items() == 4


def test_a_source_belongs_to_its_library(collection: Collection, tmp_path: Path) -> None:
    elsewhere = factories.make_collection(factories.make_library("osh"))
    place = write_table(tmp_path / "in", [row(1)])
    load(place, collection, source="catalogue")
    assert load(place, elsewhere, source="catalogue").counts == {"new": 0, "created": 1}
    assert count_items() == 2


def test_what_is_withdrawn_or_being_corrected_is_left_alone(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1), row(2)])
    ids = [row.item_id for row in rows_of(load(place, collection).id)]
    with transaction() as session:
        withdraw_item(SYSTEM, session.get_one(Item, ids[0]), "Укук ээси сурады")
        start_correction(SYSTEM, session.get_one(Item, ids[1]))
    write_table(place, [row(1, "Башка"), row(2, "Башка")])
    batch = load(place, collection)
    assert batch.counts == {"skipped": 2}
    assert [said_of(row)[-1] for row in rows_of(batch.id)] == ["withdrawn", "edited"]


def test_what_changed_since_the_check_is_left_out(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1, files="f.txt"), row(2), row(3)], {"f.txt": b"one"})
    batch_id = begin(place, collection)
    check(batch_id)
    write_table(place, [row(1, files="f.txt"), row(2, "Башка"), row(3)], {"f.txt": b"two"})
    batch = bring_in(batch_id)
    assert batch.counts == {"new": 0, "refused": 2, "created": 1}
    assert [said_of(row)[-1] for row in rows_of(batch_id)][:2] == ["changed", "changed"]
    assert list(uploads().root.iterdir()) == []
    write_table(place, [row(9)])
    second = begin(place, collection)
    check(second)
    write_table(place, [row(8)])
    assert (bring_in(second).state, (batch_now(second).error or {})["code"]) == (BatchState.FAILED, "changed")


def test_a_file_that_is_refused_keeps_its_work_out(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1, files="бош.txt"), row(2)], {"бош.txt": b""})
    batch = load(place, collection)
    assert batch.counts == {"new": 0, "refused": 1, "created": 1}
    assert said_of(rows_of(batch.id)[0])[-1] == "file_refused"
    with with_language("en"):
        assert "бош.txt: The file is empty." in " ".join(say_remarks(rows_of(batch.id)[0].remarks))


def test_one_record_that_cannot_be_stored_keeps_no_other_out(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(number) for number in range(1, 6)])
    batch_id = begin(place, collection)
    check(batch_id)
    from ingest import batch_import

    real = batch_import.import_items

    def choke(collection_id: int, source: str, described: list[object], *more: object, **named: object) -> object:
        if any(getattr(one, "key", "") == "3" for one in described):
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return real(collection_id, source, described, *more, **named)  # type: ignore[arg-type]

    with patch.object(batch_import, "import_items", choke):
        batch = bring_in(batch_id)
    assert batch.counts == {"new": 0, "created": 4, "refused": 1}
    assert said_of(rows_of(batch_id)[2])[-1] == "not_stored"


def test_an_import_is_paused_and_goes_on(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(number) for number in range(1, 8)])
    batch_id = begin(place, collection)
    check(batch_id)
    from ingest import batch_work

    real = batch_work.import_chunk

    def pausing(ours: object, records: list[tuple[int, object]], **more: object) -> bool:
        if records[0][0] == 4:
            with transaction():
                pause_batch(SYSTEM, load_batch(batch_id))
        return real(ours, records, **more)  # type: ignore[arg-type]

    with patch("ingest.batch_import.CHUNK", 3), patch.object(batch_work, "import_chunk", pausing):
        batch = bring_in(batch_id)
    assert (batch.state, batch.done, count_items()) == (BatchState.PAUSED, 3, 3)
    with pytest.raises(StateError), transaction():
        import_batch(SYSTEM, load_batch(batch_id))
    with transaction():
        resume_batch(SYSTEM, load_batch(batch_id))
    run_pending_jobs("batch")
    batch = batch_now(batch_id)
    assert (batch.state, batch.done, batch.counts) == (BatchState.DONE, 7, {"new": 0, "created": 7})


def test_an_import_is_cancelled_for_good(collection: Collection, tmp_path: Path) -> None:
    batch_id = begin(write_table(tmp_path / "in", [row(1)]), collection)
    check(batch_id)
    with transaction():
        import_batch(SYSTEM, load_batch(batch_id))
        cancel_batch(SYSTEM, load_batch(batch_id))
    run_pending_jobs("batch")
    assert (batch_now(batch_id).state, count_items()) == (BatchState.DONE, 0)


def test_pace_and_time_left(collection: Collection) -> None:
    at = now()
    batch = LoadBatch(state=BatchState.IMPORTING, done=300, total=1000, mark_done=100, mark_at=at)
    batch.touched_at = at + timedelta(seconds=10)
    assert (pace_of(batch).rate, pace_of(batch).left) == (20.0, 35.0)


def test_without_room_nothing_begins(collection: Collection, tmp_path: Path) -> None:
    batch_id = begin(write_table(tmp_path / "in", [row(1)]), collection)
    check(batch_id)
    with transaction() as session:
        session.get_one(LoadBatch, batch_id).size = 10**18
    with pytest.raises(InvalidError), transaction():
        import_batch(SYSTEM, load_batch(batch_id))


# ---------------------------------------------------------------- whose decision it is


def digitizer_of(library: Library) -> Actor:
    return factories.actor_for(factories.make_person("Санариптөөчү", RoleName.DIGITIZER, library))


def test_the_reviewers_decide_on_what_a_digitizer_brings(
    collection: Collection, library: Library, tmp_path: Path
) -> None:
    digitizer, reviewer = digitizer_of(library), factories.make_person("Р", RoleName.REVIEWER, library)
    place = write_table(tmp_path / "in", [row(1, files="f.txt"), row(2)], {"f.txt": b"bytes"})
    batch = load(place, collection, digitizer)
    assert (batch.state, batch.counts, batch.reviewed) == (BatchState.DONE, {"new": 0, "submitted": 2}, True)
    assert public_titles() == []
    waiting = db.session.scalars(sa.select(Version).where(Version.state == VersionState.SUBMITTED)).all()
    assert {version.item.depositor_id for version in waiting} == {digitizer.person_id}
    with transaction() as session:
        accept_version(factories.actor_for(reviewer), session.get_one(Version, waiting[0].id))
    run_pending_jobs()
    assert public_titles() == ["Китеп 1"]
    item = db.session.get_one(Item, waiting[0].item_id)
    with store().open(ocfl_id(item.id), "files/f.txt") as stream:
        assert stream.read() == b"bytes"
    again = load(place, collection, digitizer)
    assert again.counts == {"same": 1, "skipped": 1}, "one is public as it is, one waits for its reviewer"


def test_who_looks_after_the_collection_publishes(collection: Collection, library: Library, tmp_path: Path) -> None:
    librarian = factories.actor_for(factories.make_person("Китепканачы", RoleName.LIBRARIAN, library))
    batch = load(write_table(tmp_path / "in", [row(1)]), collection, librarian)
    assert (batch.reviewed, batch.counts) == (False, {"new": 0, "created": 1})


def test_without_reviewers_a_digitizer_publishes(library: Library, tmp_path: Path) -> None:
    direct = factories.make_collection(library, review_policy=ReviewPolicy.DIRECT)
    batch = load(write_table(tmp_path / "in", [row(1)]), direct, digitizer_of(library))
    assert batch.counts == {"new": 0, "created": 1}


def test_strangers_load_nothing(collection: Collection, tmp_path: Path) -> None:
    stranger = Actor(1, frozenset({Grant("depositor", collection.library_id)}))
    with pytest.raises(ForbiddenError), transaction() as session:
        create_batch(stranger, Plan(session.get_one(Collection, collection.id), "table"), tmp_path)


def test_a_record_goes_into_the_collection_that_it_names(
    collection: Collection, library: Library, tmp_path: Path
) -> None:
    theses = factories.make_collection(library, "theses")
    factories.make_collection(factories.make_library("osh"), "others")
    place = write_table(tmp_path / "in", [row(1), row(2, collection="theses"), row(3, collection="others")])
    batch = load(place, collection)
    rows = rows_of(batch.id)
    assert [db.session.get_one(Item, row.item_id).collection_id for row in rows[:2]] == [collection.id, theses.id]
    assert (rows[2].status, said_of(rows[2])[-1]) == (RowStatus.REFUSED, "collection_unknown")


# ---------------------------------------------------------------- undone


def test_undoing_withdraws_and_restores(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1), row(2, files="f.txt")], {"f.txt": b"one"})
    load(place, collection)
    write_table(place, [row(1, "Жаңы"), row(2, files="f.txt"), row(3)], {"f.txt": b"two"})
    batch = undo(load(place, collection).id)
    assert (batch.state, batch.counts) == (BatchState.UNDONE, _counts(undone=3))
    run_pending_jobs()
    assert public_titles() == ["Китеп 1", "Китеп 2"]
    rows = rows_of(batch.id)
    title, file, new = (db.session.get_one(Item, row.item_id) for row in rows)
    assert title.current is not None and file.current is not None
    assert (title.current.number, title.current.revision) == (1, 2)
    assert (file.current.number, file.current.revision) == (3, 0)
    with store().open(ocfl_id(file.id), "files/f.txt") as stream:
        assert stream.read() == b"one"
    assert "was undone" in (new.withdrawn_reason or "")
    assert "load undone" in set(db.session.scalars(sa.select(Event.verb).where(Event.item_id == title.id)))


def _counts(**counts: int) -> dict[str, int]:
    return {"changed": 0, "new": 0, "created": 0, "updated": 0, **counts}


def test_what_somebody_worked_on_is_not_undone(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1), row(2), row(3)])
    first = load(place, collection)
    ids = [row.item_id for row in rows_of(first.id)]
    write_table(tmp_path / "second", [row(1, "Башка")])
    second = load(tmp_path / "second", collection)
    with transaction() as session:
        start_correction(SYSTEM, session.get_one(Item, ids[1]))
    batch = undo(first.id)
    assert batch.counts == {"new": 0, "created": 0, "kept": 2, "undone": 1}
    assert [said_of(row)[-1] for row in rows_of(first.id)[:2]] == ["changed_since", "changed_since"]
    assert undo(second.id).counts == {"changed": 0, "updated": 0, "undone": 1}
    assert public_titles() == ["Китеп 1", "Китеп 2"]


def test_loads_are_undone_one_after_the_other(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1)])
    first = load(place, collection)
    write_table(place, [row(1, "Экинчи")])
    second = load(place, collection)
    undo(second.id)
    assert undo(first.id).counts == {"new": 0, "created": 0, "undone": 1}, "it says again what the first load said"
    assert public_titles() == []


def test_what_was_undone_comes_back_with_the_corrected_load(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1), row(2)])
    first = undo(load(place, collection).id)
    ids = [row.item_id for row in rows_of(first.id)]
    write_table(place, [row(1, "Оңдолгон"), row(2)])
    batch = load(place, collection)
    assert batch.counts == {"new": 0, "created": 2}
    assert [row.item_id for row in rows_of(batch.id)] == ids
    assert public_titles() == ["Китеп 2", "Оңдолгон"]
    run_pending_jobs()
    assert undo(batch.id).counts == {"new": 0, "created": 0, "undone": 2}
    assert public_titles() == []


def test_what_waits_for_review_is_taken_back(collection: Collection, library: Library, tmp_path: Path) -> None:
    digitizer, reviewer = digitizer_of(library), factories.make_person("Р", RoleName.REVIEWER, library)
    place = write_table(tmp_path / "in", [row(1), row(2, files="f.txt"), row(3)], {"f.txt": b"bytes"})
    batch = load(place, collection, digitizer)
    accepted = rows_of(batch.id)[0].version_id
    with transaction() as session:
        accept_version(factories.actor_for(reviewer), session.get_one(Version, accepted))
    run_pending_jobs()
    batch = undo(batch.id, digitizer)
    assert batch.counts == {"new": 0, "submitted": 0, "undone": 2, "kept": 1}
    assert public_titles() == ["Китеп 1"], "what a reviewer accepted only staff withdraw"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Upload)) == 0
    assert list(uploads().root.iterdir()) == []


# ---------------------------------------------------------------- forgotten


def test_a_load_without_works_is_forgotten(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1)])
    batch_id = begin(place, collection)
    check(batch_id)
    with transaction():
        remove_batch(SYSTEM, load_batch(batch_id))
    run_pending_jobs("forget load")
    for table in (LoadBatch, LoadRow):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    assert (place / "metadata.csv").exists(), "a folder of the server's is nobody's to remove"
    done = load(place, collection)
    with pytest.raises(StateError), transaction():
        remove_batch(SYSTEM, load_batch(done.id))
    with pytest.raises(StateError), transaction():
        check_batch(SYSTEM, load_batch(done.id))
    undo(done.id)
    with pytest.raises(StateError), transaction():
        undo_batch(SYSTEM, load_batch(done.id))


def test_access_is_as_the_table_says(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1, access="closed", files="f.txt")], {"f.txt": b"bytes"})
    item = db.session.get_one(Item, rows_of(load(place, collection).id)[0].item_id)
    assert item.access is Access.CLOSED


def test_a_work_that_is_here_goes_by_the_rule_of_its_own_collection(
    collection: Collection, library: Library, tmp_path: Path
) -> None:
    direct = factories.make_collection(library, review_policy=ReviewPolicy.DIRECT)
    place = write_table(tmp_path / "in", [row(1)])
    load(place, collection)
    write_table(place, [row(1, "Башка"), row(2)])
    batch = load(place, direct, digitizer_of(library))
    assert batch.counts == {"changed": 0, "submitted": 1, "new": 0, "created": 1}
    assert public_titles() == ["Китеп 1", "Китеп 2"]


def test_old_addresses_come_along(collection: Collection, tmp_path: Path) -> None:
    place = write_table(tmp_path / "in", [row(1, addresses="hdl:123456789/42")])
    batch = load(place, collection)
    assert batch.counts == {"new": 0, "created": 1}
    found = db.session.scalars(sa.select(Address.path).where(Address.item_id == rows_of(batch.id)[0].item_id)).all()
    assert found == ["handle/123456789/42"]


def archive(folder: Path, contents: str) -> Path:
    """One item as DSpace exports it, with a file."""
    item = folder / "item_1"
    item.mkdir(parents=True, exist_ok=True)
    described = '<dublin_core><dcvalue element="title" language="ky">Көл</dcvalue></dublin_core>'
    (item / "dublin_core.xml").write_text(described)
    (item / "a.txt").write_text("барак")
    (item / "contents").write_text(contents)
    return folder


def test_a_load_that_changes_who_may_read_a_file(collection: Collection, tmp_path: Path) -> None:
    """Neither the description nor the bytes are others, and yet it is a change."""
    rules = []
    for contents, status in (
        ("a.txt\tpermissions:-r 'Staff'", RowStatus.CREATED),
        ("a.txt\tpermissions:-r 'Staff'", RowStatus.SAME),
        ("a.txt", RowStatus.UPDATED),
        ("a.txt", RowStatus.SAME),
    ):
        batch = load(archive(tmp_path / "saf", contents), collection, format_="saf")
        assert [row.status for row in rows_of(batch.id)] == [status]
        (item,) = db.session.scalars(sa.select(Item))
        assert item.current is not None
        rules.append([file.access for file in item.current.files if file.role is FileRole.ORIGINAL])
    assert rules == [[Access.CLOSED], [Access.CLOSED], [None], [None]]


def test_a_work_is_shown_where_it_was_shown(collection: Collection, library: Library, tmp_path: Path) -> None:
    """In the library's own collections, and in no other library's."""
    factories.make_collection(library, "further")
    factories.make_collection(factories.make_library("osh"), "foreign")
    folder = archive(tmp_path / "saf", "a.txt") / "item_1"
    told = {"id": "k1", "collection": collection.code, "shown_in": ["further", "foreign"], "addresses": []}
    record = {"item": told, "metadata": {"type": "book", "titles": [{"value": "Көл", "lang": "ky"}]}, "files": []}
    (folder / "muras.json").write_text(json.dumps(record))
    batch = load(folder.parent, collection, format_="saf")
    (row,) = rows_of(batch.id)
    assert row.status is RowStatus.CREATED
    assert [said["about"] for said in row.remarks if said["code"] == "not_shown"] == ["foreign"]
    (item,) = db.session.scalars(sa.select(Item))
    assert [place.code for place in item.shown_in] == ["further"]
