"""The deposit, page by page.

    /deposit/                           what I deposit and deposited
    /deposit/new                        choose a kind of work and a collection
    /deposit/agreement                  the text of the deposit agreement
    /deposit/<id>                       the step that comes next, or what became of the deposit
    /deposit/<id>/files                 what is there, in which order, under which names
    /deposit/<id>/description … rights  the fields of a step (repo.deposit.steps)
    /deposit/<id>/agreement             read and accept
    /deposit/<id>/check                 what is missing, a preview, submit
    /deposit/<id>/delete                ask, then delete the draft
    /deposit/<id>/take-back             go on writing what was submitted
    /deposit/<id>/version, /correction  begin to change what is published

Files themselves come and go in `repo.deposit.upload_views`.
"""

from flask import Blueprint, Flask, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from repo.db import transaction
from repo.deposit import files as draft_files
from repo.deposit import pages, services
from repo.deposit.comparison import compare
from repo.deposit.steps import Step, faults_of, next_step, steps_of
from repo.deposit.typed import Typed, read_file_rules, read_typed, typed_texts
from repo.deposit.units import unit_patterns
from repo.deposit.uploads import discard_uploads
from repo.errors import InvalidError, NotFoundError, NotSignedInError, StaleError
from repo.items.messages import FIELD_TITLES
from repo.items.metadata import Metadata, read_metadata
from repo.items.models import Item, Version
from repo.items.services import drafts
from repo.items.services.lifecycle import start_correction, start_version
from repo.items.services.submission import (
    AGREEMENT_VERSION,
    accept_agreement,
    check_version,
    submit_version,
    take_back_version,
)
from repo.items.states import VersionState
from repo.members.current import current_actor, current_person
from repo.members.models import Collection
from repo.settings import current_settings
from repo.web.csrf import typed_fields
from repo.web.doors import Door, register_door
from repo.web.errors import SESSION_TITLE, answer, wants_json
from repo.web.formats import format_time
from repo.web.languages import current_language
from repo.web.static import find_asset, static_url

bp = Blueprint("deposit", __name__, url_prefix="/deposit")

TUS_CLIENT = "vendor/tus.min.js"
WITH_FIELDS = "any(description, people, details, rights)"


@bp.record_once
def open_doors(state: BlueprintSetupState) -> None:
    assert isinstance(state.app, Flask)
    register_door(state.app, Door("deposit", "deposit.index", _l("Deposit"), "menu", 30))
    state.app.jinja_env.globals.update(
        upload_limit=lambda: current_settings().max_upload, tus_client=tus_client, unit_patterns=unit_patterns
    )


def tus_client() -> str:
    """The address of the browser's tus client; "" where it was not built, and the plain form has to do."""
    return static_url(TUS_CLIENT) if find_asset(TUS_CLIENT) else ""


@bp.before_request
def sign_in_first() -> Response | None:
    """Whoever was signed out while typing gets the text back; a body that is no such form is not even read."""
    if current_person() is not None or request.endpoint == "deposit.agreement_text":
        return None
    if request.mimetype == "application/x-www-form-urlencoded" and (fields := typed_fields(request)):
        return answer(401, title=SESSION_TITLE, template="session", fields=fields)
    raise NotSignedInError()


@bp.get("/")
def index() -> str:
    page = services.list_deposits(current_actor(), request.args.get("page", ""))
    return render_template("deposit/index.html", page=page)


@bp.route("/new", methods=["GET", "POST"])
def new() -> str | AnyResponse:
    collections = services.open_collections(current_actor())
    collection_id, kind = request.form.get("collection", ""), request.form.get("type", "")
    if request.method == "GET" or not collections:
        return render_template("deposit/new.html", **pages.new_choices(collections))
    chosen = next((found for found in collections if str(found.id) == collection_id), None)
    faults = services.check_choice(chosen, kind)
    if faults or chosen is None:
        return render_template("deposit/new.html", **pages.new_choices(collections, collection_id, kind, faults))
    with transaction() as session:
        collection = session.get_one(Collection, chosen.id)
        version = drafts.create_draft(current_actor(), collection, Metadata(type=kind))
    return redirect(url_for("deposit.files", item_id=version.item_id))


@bp.get("/agreement")
def agreement_text() -> str:
    return render_template("deposit/agreement_text.html", version=AGREEMENT_VERSION)


@bp.get("/<item_id>")
def overview(item_id: str) -> str | AnyResponse:
    if services.is_published(item_id):
        return redirect(url_for("records.landing_page", item_id=item_id))
    version = drafts.load_draft(current_actor(), item_id)
    if version.state is not VersionState.DRAFT:
        view, file_url = pages.preview(version), pages.draft_file_url(item_id)
        return render_template("deposit/overview.html", version=version, view=view, file_url=file_url)
    faults = check_version(version)
    undone = next(state.step for state in services.step_states(version, faults) if not state.done)
    return redirect(pages.step_url(item_id, undone))


# ---------------------------------------------------------------- steps with fields


@bp.get(f"/<item_id>/<{WITH_FIELDS}:name>")
def fields(item_id: str, name: str) -> str:
    actor, version = current_actor(), _load_editable(item_id)
    check, more = "check" in request.args, request.args.get("more", "")
    page = pages.fields_page(actor, version, Step(name), check=check, more=more)
    return render_template(f"deposit/{name}.html", **page)


@bp.post(f"/<item_id>/<{WITH_FIELDS}:name>")
def save_fields(item_id: str, name: str) -> AnyResponse:
    step = Step(name)
    typed: Typed | None = None
    left_out: list[str] = []
    try:
        with transaction():
            version = drafts.load_draft(current_actor(), item_id)
            typed = read_typed(request.form, step, read_metadata(version.meta))
            services.save_step(current_actor(), version, step, typed)
            if step is Step.RIGHTS:
                left_out = draft_files.save_file_rules(current_actor(), version, read_file_rules(request.form))
            if step is Step.DESCRIPTION:
                services.move_to(current_actor(), version, request.form.get("collection", ""))
    except StaleError:
        if wants_json() or typed is None:
            raise
        return _show_both(item_id, step, typed)
    for name in left_out if not typed.autosave else ():
        flash(_("Enter the first open day of this file, or choose another rule: %(name)s", name=name), "warn")
    return _after_save(version, step, typed)


def _show_both(item_id: str, step: Step, typed: Typed) -> Response:
    """Somebody else saved meanwhile: both texts, field by field, and nothing of either lost."""
    version = _load_editable(item_id)
    differences = compare(typed.metadata, read_metadata(version.meta), typed.fields)
    page = pages.draft_page(version, step, ()) | {
        "differences": differences,
        "kept": typed_texts(request.form),
        "field_titles": FIELD_TITLES,
        "back": pages.step_url(item_id, step),
    }
    return Response(render_template("deposit/stale.html", **page), status=409)


def _after_save(version: Version, step: Step, typed: Typed) -> AnyResponse:
    """To where the button that was pressed leads."""
    item_id = version.item_id
    if typed.autosave:
        said = _("Saved at %(time)s", time=format_time(version.saved_at))
        return jsonify(edition=version.edition, said=said)
    match typed.edit.verb or typed.asked:
        case "next":
            if faults_of(step, check_version(version)):
                return redirect(pages.step_url(item_id, step, check=1))
            return redirect(pages.step_url(item_id, next_step(step, steps_of(version.revision))))
        case "skip":
            return redirect(pages.step_url(item_id, next_step(step, steps_of(version.revision))))
        case "later":
            flash(_("The draft has been saved. Go on with it whenever you like."), "good")
            return redirect(url_for("deposit.index"))
        case "add":
            return redirect(pages.step_url(item_id, step, more=typed.edit.path))
    return redirect(pages.step_url(item_id, step, _anchor=typed.edit.path.split(".")[0] or None))


# ---------------------------------------------------------------- files, agreement, check


@bp.get("/<item_id>/files")
def files(item_id: str) -> str:
    page = pages.files_page(_load_editable(item_id), check="check" in request.args)
    return render_template("deposit/files.html", **page)


@bp.post("/<item_id>/files")
def save_files(item_id: str) -> AnyResponse:
    with transaction():
        version = drafts.load_draft(current_actor(), item_id)
        gone = draft_files.change_files(current_actor(), version, request.form)
    discard_uploads(gone)
    asked = request.form.get("do", "")
    if asked == "next" and faults_of(Step.FILES, check_version(version)):
        return redirect(url_for("deposit.files", item_id=item_id, check=1))
    if asked in ("next", "skip"):
        return redirect(pages.step_url(item_id, Step.DESCRIPTION))
    return redirect(url_for("deposit.files", item_id=item_id, _anchor="received"))


@bp.get("/<item_id>/agreement")
def agreement(item_id: str) -> str:
    page = pages.agreement_page(current_actor(), _load_editable(item_id), check="check" in request.args)
    return render_template("deposit/agreement.html", **page)


@bp.post("/<item_id>/agreement")
def accept(item_id: str) -> AnyResponse:
    with transaction():
        version = drafts.load_draft(current_actor(), item_id)
        gone = draft_files.change_files(current_actor(), version, request.form)
        if request.form.get("accept") == AGREEMENT_VERSION:
            on_behalf = request.form.get("on_behalf", "").strip()
            accept_agreement(current_actor(), version, current_language(), on_behalf)
    discard_uploads(gone)
    if request.form.get("do") != "next":
        return redirect(url_for("deposit.agreement", item_id=item_id))
    if not version.agreement:
        return redirect(url_for("deposit.agreement", item_id=item_id, check=1))
    return redirect(url_for("deposit.check", item_id=item_id))


@bp.get("/<item_id>/check")
def check(item_id: str) -> str:
    return render_template("deposit/check.html", **pages.check_page(current_actor(), _load_editable(item_id)))


@bp.post("/<item_id>/check")
def submit(item_id: str) -> AnyResponse:
    try:
        with transaction():
            version = submit_version(current_actor(), drafts.load_draft(current_actor(), item_id))
    except InvalidError:
        return redirect(url_for("deposit.check", item_id=item_id))
    if version.state is VersionState.SUBMITTED:
        flash(_("The item has been submitted for review."), "good")
    return redirect(url_for("deposit.overview", item_id=item_id))


# ---------------------------------------------------------------- what else may be done with a deposit


@bp.route("/<item_id>/delete", methods=["GET", "POST"])
def delete(item_id: str) -> str | AnyResponse:
    if request.method == "GET":
        version = _load_editable(item_id)
        return render_template("deposit/delete.html", version=version, title=read_metadata(version.meta).title().value)
    with transaction():
        gone = drafts.delete_draft(current_actor(), drafts.load_draft(current_actor(), item_id))
    discard_uploads(gone)
    flash(_("The draft has been deleted."), "good")
    return redirect(url_for("deposit.index"))


@bp.post("/<item_id>/take-back")
def take_back(item_id: str) -> AnyResponse:
    with transaction():
        take_back_version(current_actor(), drafts.load_draft(current_actor(), item_id))
    return redirect(url_for("deposit.overview", item_id=item_id))


@bp.post("/<item_id>/<any(version, correction):name>")
def start(item_id: str, name: str) -> AnyResponse:
    """Begin a new version or a correction; where one is open already, go on with that."""
    with transaction() as session:
        item = session.get(Item, item_id)
        if item is None:
            raise NotFoundError()
        if drafts.open_version(item_id) is not None:
            drafts.load_draft(current_actor(), item_id)
        else:
            begin = start_version if name == "version" else start_correction
            begin(current_actor(), item)
    return redirect(url_for("deposit.overview", item_id=item_id))


def _load_editable(item_id: str) -> Version:
    """A draft whose forms may be shown. Raises StateError for what was submitted, but not to who reviews it."""
    version = drafts.load_draft(current_actor(), item_id)
    drafts.require_editable(current_actor(), version)
    return version
