"""/admin/batches                          bulk loads                                    GET
/admin/batches/new                      a further one: where its works go             GET POST
/admin/batches/<id>?status=&page=       its file, its check, how far it is, its rows  GET
/admin/batches/<id>/check  /import  /pause  /resume  /cancel  /remove                 POST
/admin/batches/<id>/undo                withdraw what it brought                      GET POST
/admin/batches/<id>/accept              publish what waits for review         GET POST
/admin/batches/<id>/profile             how its records are read, tried on 20         GET POST
/admin/batches/<id>/report.csv  .xlsx   its rows as a spreadsheet                     GET
/admin/batches/profiles                 how libraries' records are read               GET POST (one from a file)
/admin/batches/profiles/<id>.json       one of them as a file                         GET

The file of a load comes by `batch_files.py`.
"""

from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from flask import (
    Blueprint,
    Flask,
    Response,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    stream_with_context,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from ingest import batch as services
from ingest import batch_accepting, load_messages, profiles
from ingest.batch_reading import SourceError, read_profile
from ingest.batch_report import report_lines, write_csv, write_xlsx
from ingest.models import AT_WORK, BatchState, LoadBatch, RowStatus
from repo.admin.batch_forms import BatchForm, ConfirmForm, ImportProfileForm, ProfileForm
from repo.admin.loading import libraries_to_load, may_load_anywhere, require_loader, trees_to_load
from repo.db import db, transaction
from repo.errors import InvalidError, NotFoundError, StateError
from repo.items.access import Actor
from repo.members.forms import tell_faults
from repo.members.models import Collection
from repo.web.doors import Door, register_door

bp = Blueprint("batches", __name__, url_prefix="/admin/batches")
NUMBER = "<int(max=2147483647):batch_id>"
IN_MEMORY = 4_000_000
"""Bytes of a workbook; a larger one is written to the disk before it is sent."""


@bp.record_once
def open_doors(state: BlueprintSetupState) -> None:
    app = state.app
    assert isinstance(app, Flask)
    register_door(app, Door("batches", "batches.batches", _l("Bulk loads"), "rooms", 54, may_load_anywhere))


@bp.before_request
def loaders_only() -> None:
    require_loader()


@bp.context_processor
def vocabulary() -> dict[str, object]:
    return {
        "load_formats": load_messages.FORMATS,
        "batch_states": load_messages.STATES,
        "batch_looks": load_messages.STATE_LOOKS,
        "row_statuses": load_messages.STATUSES,
        "row_looks": load_messages.STATUS_LOOKS,
        "say_trouble": load_messages.say_trouble,
        "say_remarks": load_messages.say_remarks,
        "say_record": load_messages.say_record,
        "told_of": load_messages.told_of,
    }


@bp.get("")
def batches() -> str:
    return render_template(
        "admin/batches.html", page=services.list_batches(require_loader(), request.args.get("page", ""))
    )


@bp.route("/new", methods=["GET", "POST"])
def new() -> AnyResponse | tuple[str, int]:
    actor, form = require_loader(), BatchForm()
    form.offer(trees_to_load(actor))
    if form.validate_on_submit():
        try:
            with transaction():
                made = services.announce_batch(actor, _plan(form))
            return redirect(url_for("batches.batch", batch_id=made.id))
        except InvalidError as error:
            tell_faults(form, error)
    return render_template("admin/batch_new.html", form=form), 422 if form.is_submitted() else 200


def _plan(form: BatchForm) -> services.Plan:
    collection = db.session.get(Collection, int(form.collection.data))
    if collection is None:
        raise NotFoundError
    return services.Plan(collection, form.format.data or "", (form.source.data or "").strip())


@bp.get(f"/{NUMBER}")
def batch(batch_id: int) -> str:
    found, actor = _load(batch_id)
    wanted = request.args.get("status", "")
    status = RowStatus(wanted) if wanted in list(RowStatus) else None
    return render_template(
        "admin/batch.html",
        batch=found,
        page=services.list_rows(found, status, request.args.get("page", "")),
        chosen=status,
        numbers=services.count_rows(found),
        pace=services.pace_of(found),
        at_work=found.state in AT_WORK,
        missing=services.missing_room(found) if found.state is BatchState.CHECKED else 0,
        undoable=services.is_undoable(found) and services.may_undo(actor, found),
        job=services.find_job(batch_id),
        acceptable=batch_accepting.count_acceptable(actor, found),
        accepting=batch_accepting.find_accepting_job(batch_id),
    )


@bp.post(f"/{NUMBER}/check")
def check(batch_id: int) -> AnyResponse:
    return _do(batch_id, services.check_batch)


@bp.post(f"/{NUMBER}/import")
def bring_in(batch_id: int) -> AnyResponse:
    return _do(batch_id, services.import_batch)


@bp.post(f"/{NUMBER}/pause")
def pause(batch_id: int) -> AnyResponse:
    return _do(batch_id, services.pause_batch)


@bp.post(f"/{NUMBER}/resume")
def resume(batch_id: int) -> AnyResponse:
    return _do(batch_id, services.resume_batch)


@bp.post(f"/{NUMBER}/cancel")
def cancel(batch_id: int) -> AnyResponse:
    return _do(batch_id, services.cancel_batch)


@bp.post(f"/{NUMBER}/remove")
def remove(batch_id: int) -> AnyResponse:
    return _do(batch_id, services.remove_batch, "batches.batches")


@bp.route(f"/{NUMBER}/undo", methods=["GET", "POST"])
def undo(batch_id: int) -> AnyResponse | str:
    found, _actor = _load(batch_id)
    form = ConfirmForm()
    if form.validate_on_submit():
        return _do(batch_id, services.undo_batch)
    return render_template("admin/batch_undo.html", form=form, batch=found, numbers=services.count_rows(found))


@bp.route(f"/{NUMBER}/accept", methods=["GET", "POST"])
def accept(batch_id: int) -> AnyResponse | str:
    found, actor = _load(batch_id)
    form = ConfirmForm()
    if form.validate_on_submit():
        return _do(batch_id, batch_accepting.accept_batch)
    count = batch_accepting.count_acceptable(actor, found)
    if not count:
        return redirect(url_for("batches.batch", batch_id=batch_id))
    return render_template("admin/batch_accept.html", form=form, batch=found, count=count)


def _do(batch_id: int, change: Callable[[Actor, LoadBatch], None], page: str = "batches.batch") -> AnyResponse:
    """Change the state of a load; what is not possible any more is told on its page."""
    _found, actor = _load(batch_id)
    try:
        with transaction():
            change(actor, services.load_batch(batch_id))
    except StateError:
        flash(_("That is not possible any more: the load has gone on meanwhile."), "warn")
        page = "batches.batch"
    except InvalidError as error:
        flash(" ".join(said for several in error.faults.values() for said in several), "warn")
    return redirect(url_for(page) if page == "batches.batches" else url_for(page, batch_id=batch_id))


def _load(batch_id: int) -> tuple[LoadBatch, Actor]:
    """The load and who asks, if they load into its collection."""
    found, actor = services.load_batch(batch_id), require_loader()
    services.require_loader(actor, found)
    return found, actor


@bp.get(f"/{NUMBER}/report.<any(csv,xlsx):ending>")
def report(batch_id: int, ending: str) -> AnyResponse:
    found, _actor = _load(batch_id)
    wanted = request.args.get("status", "")
    lines = report_lines(found, RowStatus(wanted) if wanted in list(RowStatus) else None)
    name = f"muras-load-{batch_id}.{ending}"
    if ending == "csv":
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(stream_with_context(write_csv(lines)), mimetype="text/csv", headers=disposition)
    book = cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - closed when it is sent
    write_xlsx(lines, book)
    book.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return send_file(book, mimetype=kind, as_attachment=True, download_name=name)


# ---------------------------------------------------------------- profiles


@bp.route(f"/{NUMBER}/profile", methods=["GET", "POST"])
def profile(batch_id: int) -> AnyResponse | tuple[str, int]:
    """Choose how the records of a load are read; what was typed is tried on its first records."""
    found, actor = _load(batch_id)
    library = found.collection.library
    form = ProfileForm(library, found)
    contents = found.profile
    if form.validate_on_submit():
        try:
            contents = form.contents()
            profiles.check_contents(contents)
            if request.form.get("do") == "save":
                with transaction():
                    saved = profiles.save_profile(actor, library, form.name.data or "", contents, found.format)
                    services.use_profile(actor, services.load_batch(batch_id), saved)
                flash(_("Saved. The load is checked again with it."))
                return redirect(url_for("batches.batch", batch_id=batch_id))
        except InvalidError as error:
            tell_faults(form, error)
            contents = found.profile
    shown, trouble = _preview(found, contents)
    page = render_template("admin/batch_profile.html", form=form, batch=found, records=shown, trouble=trouble)
    return page, 422 if form.errors else 200


def _preview(batch: LoadBatch, contents: dict[str, object]) -> tuple[object, str]:
    """The first records as they would be read, or why they cannot be."""
    if not batch.place or not batch.format:
        return (), ""
    try:
        shown = profiles.preview_profile(services.place_of(batch), batch.format, read_profile(contents))
    except SourceError as error:
        return (), load_messages.say_trouble(error.code, error.data)
    return shown.records, ""


@bp.route("/profiles", methods=["GET", "POST"])
def all_profiles() -> AnyResponse | tuple[str, int]:
    actor, form = require_loader(), ImportProfileForm()
    libraries = libraries_to_load(actor)
    form.offer(libraries)
    if form.validate_on_submit():
        try:
            name, format, contents = profiles.read_file(form.file.data.read(profiles.LONGEST + 1))
            chosen = next(library for library in libraries if library.code == form.library.data)
            with transaction():
                profiles.save_profile(actor, db.session.merge(chosen, load=False), name, contents, format)
            flash(_("Saved"))
            return redirect(url_for("batches.all_profiles"))
        except InvalidError as error:
            tell_faults(form, error)
    shown = [(library, profiles.list_profiles(library)) for library in libraries]
    return render_template("admin/profiles.html", form=form, shown=shown), 422 if form.is_submitted() else 200


@bp.get("/profiles/<int(max=2147483647):profile_id>.json")
def profile_file(profile_id: int) -> AnyResponse:
    found = profiles.load_profile(profile_id)
    if found.library_id not in {library.id for library in libraries_to_load(require_loader())}:
        raise NotFoundError
    disposition = {"Content-Disposition": f'attachment; filename="muras-profile-{found.id}.json"'}
    return Response(profiles.write_file(found), mimetype="application/json", headers=disposition)
