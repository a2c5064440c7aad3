"""Bulk loads: muras load FORMAT PATH, muras batch list | show | report | pause | resume | undo."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from repo.cli.context import REFUSED, as_json, in_app, print_json, print_table
from repo.cli.helping import help_until_done
from repo.cli.people import find_place

if TYPE_CHECKING:
    from ingest.models import LoadBatch

BATCH = click.argument("batch_id", metavar="BATCH", type=click.IntRange(1))
PLACE = click.Path(exists=True, path_type=Path)


@click.command("load")
@click.argument("format")
@click.argument("path", type=PLACE)
@click.option("--collection", "code", required=True, metavar="CODE", help="Where its works go.")
@click.option("--profile", "profile", metavar="NAME", help="How the library's records are read.")
@click.option("--source", default="", metavar="NAME", help="Where the records come from; by default the format.")
@click.option("--check-only", is_flag=True, help="Check and tell; load nothing.")
@as_json
@in_app
def load(format: str, path: Path, code: str, profile: str | None, source: str, check_only: bool, as_json: bool) -> None:
    """Check what lies at PATH and load it into a collection. FORMAT is table, saf, bagit, eprints, mets, marc, marcxml
    or irbis, or auto.

    A second load with the same --source changes the works that it finds again by their keys. Interrupted, it is gone on
    with by `muras batch resume`. Exit status: 1 when it could not be done, 3 when records were refused.
    """
    from ingest.batch import Plan, check_batch, create_batch, import_batch, load_batch
    from ingest.models import BatchState
    from ingest.profiles import find_profile
    from repo.db import transaction
    from repo.members.actors import SYSTEM

    with transaction():
        _library, collection = find_place(None, code)
        assert collection is not None
        chosen = find_profile(collection.library, profile) if profile else None
        plan = Plan(
            collection,
            "" if format == "auto" else format,
            source,
            dict(chosen.contents) if chosen else {},
            f"{chosen.name} {chosen.number}" if chosen else "",
        )
        batch_id = create_batch(SYSTEM, plan, path).id
        check_batch(SYSTEM, load_batch(batch_id))
    batch = _work(batch_id)
    if batch.state is BatchState.CHECKED and not check_only:
        with transaction():
            import_batch(SYSTEM, load_batch(batch_id))
        batch = _work(batch_id)
    _tell_end(batch, as_json=as_json)


@click.group("batch")
def batch() -> None:
    """Look at bulk loads, and stop, go on with or undo them. BATCH is the number of a load."""


@batch.command("list")
@as_json
@in_app
def list_all(as_json: bool) -> None:
    """List the loads, the newest first."""
    from ingest.batch import list_batches
    from repo.members.actors import SYSTEM

    found: list[LoadBatch] = []
    cursor = ""
    while True:
        page = list_batches(SYSTEM, cursor)
        found += page.rows
        if not (cursor := page.after):
            break
    if as_json:
        print_json([_describe(one) for one in found])
    else:
        rows = [(str(one.id), one.collection.code, one.format, one.filename, _result(one)) for one in found]
        print_table([("id", "collection", "format", "name", "state"), *rows])


@batch.command("show")
@BATCH
@click.option("--refused", is_flag=True, help="List the refused records.")
@as_json
@in_app
def show(batch_id: int, refused: bool, as_json: bool) -> None:
    """Show one load, how far it is, and what became of its records."""
    from ingest.batch import load_batch
    from ingest.load_messages import say_remarks
    from ingest.loaders.packages import Note

    found = load_batch(batch_id)
    told = _describe(found)
    rows = _refused(found) if refused else []
    if as_json:
        print_json({**told, "refused": rows})
        return
    print_table([(name, str(value)) for name, value in told.items()])
    for said in say_remarks({"code": Note.EXTRA_FILE, "about": name} for name in (found.extra or {}).get("names", [])):
        click.echo(said)
    for row in rows:
        click.echo(f"{row['place']}  {row['key']}: {' '.join(row['remarks'])}")


@batch.command("report")
@BATCH
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--status", metavar="STATUS", help="Only rows in this state: refused, created …")
@in_app
def report(batch_id: int, path: Path, status: str | None) -> None:
    """Write the report of a load to PATH, as XLSX or CSV by its ending."""
    from ingest.batch import load_batch
    from ingest.batch_report import report_lines, write_csv, write_xlsx
    from ingest.models import RowStatus

    if status is not None and status not in list(RowStatus):
        raise click.UsageError("STATUS is one of " + ", ".join(RowStatus))
    lines = report_lines(load_batch(batch_id), RowStatus(status) if status else None)
    with path.open("wb") as out:
        if path.suffix.casefold() == ".xlsx":
            write_xlsx(lines, out)
        else:
            out.writelines(write_csv(lines))
    click.echo(f"The report is in {path}")


@batch.command("pause")
@BATCH
@in_app
def pause(batch_id: int) -> None:
    """Stop a load after the chunk at hand."""
    from ingest.batch import load_batch, pause_batch
    from repo.db import transaction
    from repo.members.actors import SYSTEM

    with transaction():
        pause_batch(SYSTEM, load_batch(batch_id))
    click.echo(f"The load {batch_id} is paused; muras batch resume {batch_id} goes on with it.")


@batch.command("resume")
@BATCH
@as_json
@in_app
def resume(batch_id: int, as_json: bool) -> None:
    """Go on with a load that was paused, interrupted or stopped by an error."""
    from ingest.batch import find_job, load_batch, resume_batch
    from repo.db import transaction
    from repo.jobs.reconcile import take_back_jobs
    from repo.members.actors import SYSTEM

    take_back_jobs()  # of a command that was killed; where that happened too often, the load has failed now
    if find_job(batch_id) is None:
        with transaction():
            resume_batch(SYSTEM, load_batch(batch_id))
    _tell_end(_work(batch_id), as_json=as_json)


@batch.command("undo")
@BATCH
@click.confirmation_option(prompt="What it created is withdrawn, what it changed is as before. Go on?")
@as_json
@in_app
def undo(batch_id: int, as_json: bool) -> None:
    """Withdraw what a load created, and describe what it changed as before."""
    from ingest.batch import load_batch, undo_batch
    from repo.db import transaction
    from repo.members.actors import SYSTEM

    with transaction():
        undo_batch(SYSTEM, load_batch(batch_id))
    _tell_end(_work(batch_id), as_json=as_json)


def _work(batch_id: int) -> "LoadBatch":
    """Help with a load until its phase has ended; a worker may do some of it, or all."""
    from ingest.batch import find_job, load_batch

    told = ""

    def tell() -> None:
        nonlocal told
        told = _say_progress(batch_id, told)

    help_until_done(lambda: find_job(batch_id), tell)
    if sys.stderr.isatty():
        click.echo(err=True)
    return load_batch(batch_id)


def _say_progress(batch_id: int, told: str) -> str:
    """Show how far it is, and once what it waits for: returns that, `told` is what was said before."""
    from ingest.batch import load_batch, pace_of
    from ingest.load_messages import say_trouble
    from repo.db import db

    batch = load_batch(batch_id)
    trouble = say_trouble(batch.error["code"], batch.error["data"]) if batch.error else ""
    if trouble != told:
        click.echo(trouble, err=True)
    if sys.stderr.isatty():
        of = f" of {batch.total}" if batch.total else ""
        pace = pace_of(batch)
        rate = f", {pace.rate:.0f}/s" if pace.rate else ""
        left = f", {pace.left:.0f} s left" if pace.left else ""
        click.echo(f"\r{batch.state}: {batch.done}{of}{rate}{left}    ", nl=False, err=True)
    db.session.rollback()
    return trouble


def _tell_end(batch: "LoadBatch", *, as_json: bool) -> None:
    from ingest.models import BatchState

    if as_json:
        print_json(_describe(batch))
    else:
        click.echo(f"{batch.id}  {batch.filename}  {_result(batch)}")
    if batch.state not in (BatchState.CHECKED, BatchState.DONE, BatchState.UNDONE):
        raise SystemExit(1)
    if batch.counts.get("refused") or batch.counts.get("kept"):
        raise SystemExit(REFUSED)


def _refused(batch: "LoadBatch") -> list[dict[str, Any]]:
    from ingest.batch import list_rows
    from ingest.load_messages import say_remarks
    from ingest.models import RowStatus

    rows, cursor = [], ""
    while True:
        page = list_rows(batch, RowStatus.REFUSED, cursor)
        rows += [{"place": r.place, "key": r.key, "remarks": say_remarks(r.remarks)} for r in page.rows]
        if not (cursor := page.after):
            return rows


def _result(batch: "LoadBatch") -> str:
    from ingest.load_messages import say_trouble

    counts = ", ".join(f"{number} {status}" for status, number in sorted(batch.counts.items()) if number)
    trouble = f" ({say_trouble(batch.error['code'], batch.error['data'])})" if batch.error else ""
    return f"{batch.state}: {counts or 'nothing'}{trouble}"


def _describe(batch: "LoadBatch") -> dict[str, Any]:
    return {
        "id": batch.id,
        "name": batch.filename,
        "format": batch.format,
        "source": batch.source,
        "profile": batch.profile_name,
        "collection": batch.collection.code,
        "state": batch.state.value,
        "error": batch.error,
        "reviewed": batch.reviewed,
        "done": batch.done,
        "total": batch.total,
        "bytes": batch.size,
        "extra files": (batch.extra or {}).get("count", 0),
        "counts": {status: number for status, number in sorted(batch.counts.items()) if number},
    }


COMMANDS = (load, batch)
