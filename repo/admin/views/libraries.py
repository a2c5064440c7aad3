"""/admin/libraries                       libraries                                 GET
/admin/libraries/new                   a new member                              GET POST
/admin/libraries/<code>                its description, networks, history        GET POST
/admin/libraries/<code>/merge          into another library                      POST
/admin/libraries/<code>/close  /reopen                                           POST
"""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from repo.admin import services
from repo.admin.forms import CollectionForm, LibraryForm, MergeForm, NewLibraryForm
from repo.admin.rights import is_administrator, require_administrator, require_library, require_office
from repo.admin.views import bp
from repo.db import transaction
from repo.errors import InvalidError, StaleError
from repo.members.forms import tell_faults
from repo.members.models import Library
from repo.members.networks import find_overlaps, find_private, read_networks
from repo.members.services.libraries import (
    change_library,
    close_library,
    create_library,
    merge_library,
    reopen_library,
)
from repo.web.languages import current_language


@bp.get("/libraries")
def libraries() -> str:
    found = services.list_libraries(require_office())
    return render_template("admin/libraries.html", libraries=found, may_create=is_administrator())


@bp.route("/libraries/new", methods=["GET", "POST"])
def new_library() -> AnyResponse | tuple[str, int]:
    actor, form = require_administrator(), NewLibraryForm()
    if form.validate_on_submit():
        try:
            with transaction():
                library = create_library(actor, code=form.code.data or "", **form.described())
            flash(_("Saved"))
            return redirect(url_for("admin.library", code=library.code))
        except InvalidError as error:
            tell_faults(form, error)
    return render_template("admin/library_new.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/libraries/<code>", methods=["GET", "POST"])
def library(code: str) -> AnyResponse | tuple[str, int]:
    found = services.load_library(code)
    actor, status = require_library(found), 0
    form = LibraryForm(**_filled(found))
    if form.validate_on_submit():
        try:
            with transaction():
                change_library(actor, found, form.edition.data or 0, **form.described())
            flash(_("Saved"))
            return redirect(url_for("admin.library", code=code))
        except InvalidError as error:
            tell_faults(form, error)
        except StaleError:
            ask_again(form, found.edition)
            status = 409
    return _show(found, form), status or (422 if form.is_submitted() else 200)


@bp.post("/libraries/<code>/merge")
def merge(code: str) -> AnyResponse | tuple[str, int]:
    actor, found, form = require_administrator(), services.load_library(code), MergeForm()
    form.offer(services.active_libraries(actor), found)
    if not form.validate_on_submit():
        return _show(found, LibraryForm(formdata=None, **_filled(found)), merging=form), 422
    with transaction():
        merge_library(actor, found, services.load_library(form.target.data))
    flash(_("Merged into another library"))
    return redirect(url_for("admin.library", code=form.target.data))


@bp.post("/libraries/<code>/close")
def close(code: str) -> AnyResponse:
    actor, found = require_administrator(), services.load_library(code)
    with transaction():
        close_library(actor, found)
    flash(_("Library closed"))
    return redirect(url_for("admin.library", code=code))


@bp.post("/libraries/<code>/reopen")
def reopen(code: str) -> AnyResponse:
    actor, found = require_administrator(), services.load_library(code)
    with transaction():
        reopen_library(actor, found)
    flash(_("Library opened again"))
    return redirect(url_for("admin.library", code=code))


def ask_again(form: LibraryForm | CollectionForm, edition: int) -> None:
    """Keep what was typed, say that somebody saved meanwhile, and take the next save for meant."""
    form.form_errors.append(
        _(
            "Somebody saved this page while you were typing. Open it in another window and compare; "
            "if you save again, your text stays."
        )
    )
    form.edition.data, form.edition.raw_data = edition, None  # raw data would be shown again


def _filled(library: Library) -> dict[str, object]:
    """What the form shows before anything is typed."""
    plain = {name: getattr(library, name) for name in ("edition", "names", "city", "about", "website", "ror", "isil")}
    return {**plain, "networks": "\n".join(library.networks)}


def _show(library: Library, form: LibraryForm, merging: MergeForm | None = None) -> str:
    networks, _unread = read_networks(library.networks)
    if merging is None and is_administrator():
        merging = MergeForm(formdata=None)
        merging.offer(services.active_libraries(require_office()), library)
    return render_template(
        "admin/library.html",
        library=library,
        form=form,
        merging=merging,
        private=find_private(networks),
        overlaps=find_overlaps(library.id, networks),
        history=services.list_history(library),
        lang=current_language(),
    )
