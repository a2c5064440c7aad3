"""The review.

/review/                          what waits, the longest first
/review/withdrawn                 what was withdrawn
/review/<id>                      file and description side by side, history, decision
/review/<id>/files/<file id>      a file of a submission
/review/<id>/preview              the picture of its first page
/review/<id>/withdraw  /restore   what is public
/review/<id>/history              who did what
"""

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from ingest.services import PREVIEW
from repo.db import now, transaction
from repo.errors import InvalidError, NotFoundError, NotSignedInError
from repo.items.contents import open_original
from repo.items.metadata import read_metadata
from repo.items.models import Item, Version
from repo.items.presentation import present, stored_files
from repo.items.services.lifecycle import restore_item, withdraw_item
from repo.items.services.submission import accept_version, return_version
from repo.members.current import current_actor, current_person
from repo.review import services
from repo.review.forms import DecisionForm, WithdrawForm
from repo.storage import derivatives
from repo.web.doors import Door, register_door
from repo.web.files import send_stream
from repo.web.languages import current_language

bp = Blueprint("review", __name__, url_prefix="/review")


@bp.record_once
def open_doors(state: BlueprintSetupState) -> None:
    assert isinstance(state.app, Flask)
    register_door(state.app, Door("review", "review.queue", _l("Review"), "rooms", 10, _reviews))


@bp.before_request
def reviewers_only() -> None:
    if current_person() is None:
        raise NotSignedInError()
    if not _reviews():
        raise NotFoundError()


@bp.get("/")
def queue() -> str:
    page = services.list_waiting(current_actor(), request.args.get("page", ""))
    lang = current_language()
    rows = [
        (version, present(read_metadata(version.meta), stored_files(version), lang, now())) for version in page.rows
    ]
    return render_template("review/queue.html", page=page, rows=rows, now=now())


@bp.get("/withdrawn")
def withdrawn() -> str:
    return render_template(
        "review/withdrawn.html", page=services.list_withdrawn(current_actor(), request.args.get("page", ""))
    )


@bp.route("/<item_id>", methods=["GET", "POST"])
def submission(item_id: str) -> str | AnyResponse:
    version = services.load_submission(current_actor(), item_id)
    form = DecisionForm()
    if not form.validate_on_submit():
        return _desk(version, form)
    with transaction() as session:
        version = session.get_one(Version, version.id)
        if form.decision.data == "accept":
            accept_version(current_actor(), version, form.comment.data or "")
        else:
            return_version(current_actor(), version, form.comment.data or "")
    accepted = form.decision.data == "accept"
    flash(_("Accepted: the work will be public in a moment.") if accepted else _("Returned to the author."), "good")
    return redirect(url_for(".queue"))


@bp.get("/<item_id>/files/<int:file_id>")
def file(item_id: str, file_id: int) -> Response:
    version = services.load_submission(current_actor(), item_id)
    found = services.load_file(current_actor(), version, file_id)
    mime = found.blob.mime or "application/octet-stream"
    return send_stream(open_original(version, found), found.name, mime, found.blob.size, found.digest)


@bp.get("/<item_id>/preview")
def preview(item_id: str) -> Response:
    version = services.load_submission(current_actor(), item_id)
    for found in version.files:
        path = derivatives().get(found.digest, PREVIEW)
        if path is not None:
            response = Response(path.read_bytes(), mimetype="image/jpeg")
            response.headers["Cache-Control"] = "private, no-cache"
            return response
    raise NotFoundError()


@bp.route("/<item_id>/withdraw", methods=["GET", "POST"])
def withdraw(item_id: str) -> str | AnyResponse:
    item, form = services.load_looked_after(current_actor(), item_id), WithdrawForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                found = session.get_one(Item, item.id)
                withdraw_item(current_actor(), found, form.reason.data or "", (form.replaced_by.data or "").strip())
        except InvalidError:
            form.replaced_by.errors = [_("There is no other public work with this id.")]
        else:
            flash(_("The work is withdrawn. A page with the reason stays at its address."), "good")
            return redirect(url_for(".withdrawn"))
    return render_template("review/withdraw.html", item=item, form=form)


@bp.post("/<item_id>/restore")
def restore(item_id: str) -> AnyResponse:
    item = services.load_looked_after(current_actor(), item_id)
    with transaction() as session:
        restore_item(current_actor(), session.get_one(Item, item.id))
    flash(_("The work is public again."), "good")
    return redirect(url_for("records.landing_page", item_id=item_id))


@bp.get("/<item_id>/history")
def history(item_id: str) -> str:
    item = services.load_looked_after(current_actor(), item_id)
    return render_template("review/history.html", item=item, events=services.history_of(item_id))


def _desk(version: Version, form: DecisionForm) -> str:
    view = present(read_metadata(version.meta), stored_files(version), current_language(), now())
    pictured = any(derivatives().get(found.digest, PREVIEW) for found in version.files)
    return render_template(
        "review/submission.html",
        version=version,
        view=view,
        form=form,
        pictured=pictured,
        events=services.history_of(version.item_id),
        same=services.same_bytes(version),
        now=now(),
    )


def _reviews() -> bool:
    return services.reviews_anything(current_actor())
