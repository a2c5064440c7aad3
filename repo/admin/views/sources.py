"""/admin/sources                         repositories that are harvested            GET
/admin/sources/new                     another one                                GET POST
/admin/sources/<id>?status=&page=      how far it is, what became of its records  GET
/admin/sources/<id>/edit               its address, format, collection            GET POST
/admin/sources/<id>/run                harvest it now                             POST
/admin/sources/<id>/pause  /resume                                                POST
/admin/sources/<id>/remove             works stay or are withdrawn                GET POST
"""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from ingest.harvest_sources import (
    Plan,
    change_source,
    count_records,
    create_source,
    find_job,
    list_records,
    list_sources,
    load_source,
    pause_source,
    remove_source,
    request_harvest,
)
from ingest.models import HarvestSource, HarvestStatus
from repo.admin import services
from repo.admin.forms import RemoveSourceForm, SourceForm
from repo.admin.rights import require_library, require_office
from repo.admin.views import bp
from repo.admin.views.libraries import ask_again
from repo.db import transaction
from repo.errors import InvalidError, StaleError
from repo.items.access import Actor
from repo.members.forms import tell_faults
from repo.members.services.collections import load_trees

NUMBER = "<int(max=2147483647):source_id>"


@bp.get("/sources")
def sources() -> str:
    return render_template("admin/sources.html", sources=list_sources(require_office()))


@bp.route("/sources/new", methods=["GET", "POST"])
def new_source() -> AnyResponse | tuple[str, int]:
    actor, form = require_office(), SourceForm()
    form.offer(load_trees(services.active_libraries(actor)))
    if form.validate_on_submit():
        try:
            name = _look(actor, _plan(form))
            with transaction():
                made = create_source(actor, _plan(form), name)
            flash(_("Saved. The first harvest begins at once."))
            return redirect(url_for("admin.source", source_id=made.id))
        except InvalidError as error:
            tell_faults(form, error)
    return render_template("admin/source_form.html", form=form, source=None), 422 if form.is_submitted() else 200


@bp.get(f"/sources/{NUMBER}")
def source(source_id: int) -> str:
    found, _actor = _load(source_id)
    wanted = request.args.get("status", "")
    status = HarvestStatus(wanted) if wanted in list(HarvestStatus) else None
    return render_template(
        "admin/source.html",
        source=found,
        page=list_records(found, status, request.args.get("page", "")),
        chosen=status,
        numbers=count_records(found),
        job=find_job(source_id),
    )


@bp.route(f"/sources/{NUMBER}/edit", methods=["GET", "POST"])
def edit_source(source_id: int) -> AnyResponse | tuple[str, int]:
    found, actor = _load(source_id)
    form, status = SourceForm(**_filled(found)), 0
    form.offer(load_trees(services.active_libraries(actor)), found.hours)
    if form.validate_on_submit():
        try:
            _look(actor, _plan(form))
            with transaction():
                change_source(actor, load_source(source_id), form.edition.data or 0, _plan(form))
            flash(_("Saved"))
            return redirect(url_for("admin.source", source_id=source_id))
        except InvalidError as error:
            tell_faults(form, error)
        except StaleError:
            ask_again(form, load_source(source_id).edition)
            status = 409
    page = render_template("admin/source_form.html", form=form, source=load_source(source_id))
    return page, status or (422 if form.is_submitted() else 200)


@bp.post(f"/sources/{NUMBER}/run")
def run_source(source_id: int) -> AnyResponse:
    _found, actor = _load(source_id)
    with transaction():
        request_harvest(actor, load_source(source_id))
    flash(_("The harvest begins as soon as it is its turn. Load this page again to see how far it is."))
    return redirect(url_for("admin.source", source_id=source_id))


@bp.post(f"/sources/{NUMBER}/pause")
def pause(source_id: int) -> AnyResponse:
    return _pause(source_id, enabled=False)


@bp.post(f"/sources/{NUMBER}/resume")
def resume(source_id: int) -> AnyResponse:
    return _pause(source_id, enabled=True)


@bp.route(f"/sources/{NUMBER}/remove", methods=["GET", "POST"])
def remove(source_id: int) -> AnyResponse | tuple[str, int]:
    found, actor = _load(source_id)
    form = RemoveSourceForm()
    if form.validate_on_submit():
        with transaction():
            remove_source(actor, load_source(source_id), withdraw=form.works.data == "go")
        flash(_("The source is being removed."))
        return redirect(url_for("admin.sources"))
    return render_template("admin/source_remove.html", form=form, source=found), 422 if form.is_submitted() else 200


def _load(source_id: int) -> tuple[HarvestSource, Actor]:
    """The source and who asks, if they look after the library of its collection."""
    found = load_source(source_id)
    return found, require_library(found.collection)


def _pause(source_id: int, *, enabled: bool) -> AnyResponse:
    _found, actor = _load(source_id)
    with transaction():
        pause_source(actor, load_source(source_id), enabled=enabled)
    flash(_("Saved"))
    return redirect(url_for("admin.source", source_id=source_id))


def _look(actor: Actor, plan: Plan) -> str:
    """The name of the source, which is asked for it. Raises InvalidError."""
    from ingest.harvest_looking import look_at_source

    return look_at_source(actor, plan).name


def _plan(form: SourceForm) -> Plan:
    return Plan(
        base_url=(form.base_url.data or "").strip(),
        collection=services.load_collection(form.collection.data),
        set_spec=(form.set_spec.data or "").strip(),
        prefix=(form.format.data or "").strip(),
        full_texts=bool(form.full_texts.data),
        hours=form.hours.data,
    )


def _filled(source: HarvestSource) -> dict[str, object]:
    """What the form shows before anything is typed."""
    return {
        "edition": source.edition,
        "base_url": source.base_url,
        "collection": source.collection.code,
        "set_spec": source.set_spec,
        "format": source.prefix,
        "full_texts": source.full_texts,
        "hours": source.hours,
    }
