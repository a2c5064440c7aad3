"""/admin/libraries/<code>/collections             the tree of a library            GET
/admin/libraries/<code>/collections/new?parent=  a new collection                 GET POST
/admin/collections/<code>                       its description, rules, history  GET POST
/admin/collections/<code>/people                reviewers, invited depositors    GET POST
/admin/collections/<code>/people/<role>/revoke  take a role away                 POST
/admin/collections/<code>/move                  hang it elsewhere                GET POST
/admin/collections/<code>/close  /reopen                                         POST
"""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from repo.admin import services
from repo.admin.forms import CollectionForm, CollectionInviteForm, MoveForm, NewCollectionForm
from repo.admin.rights import require_library, require_office
from repo.admin.views import bp
from repo.admin.views.libraries import ask_again
from repo.db import transaction
from repo.errors import InvalidError, NotFoundError, StaleError
from repo.members.forms import tell_faults
from repo.members.models import Collection, RoleName
from repo.members.services.collections import (
    change_collection,
    close_collection,
    create_collection,
    load_tree,
    load_trees,
    move_collection,
    reopen_collection,
)
from repo.members.services.roles import invite_person, revoke_role
from repo.web.languages import current_language


@bp.get("/libraries/<code>/collections")
def collections(code: str) -> str:
    library = services.load_library(code)
    require_library(library)
    return render_template("admin/collections.html", library=library, tree=load_tree(library))


@bp.route("/libraries/<code>/collections/new", methods=["GET", "POST"])
def new_collection(code: str) -> AnyResponse | tuple[str, int]:
    library = services.load_library(code)
    actor, form = require_library(library), NewCollectionForm()
    parent = services.load_collection(request.args["parent"]) if request.args.get("parent") else None
    if form.validate_on_submit():
        try:
            with transaction():
                made = create_collection(actor, library, code=form.code.data or "", parent=parent, **form.described())
            flash(_("Saved"))
            return redirect(url_for("admin.collection", code=made.code))
        except InvalidError as error:
            tell_faults(form, error)
    page = render_template("admin/collection_new.html", library=library, parent=parent, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.route("/collections/<code>", methods=["GET", "POST"])
def collection(code: str) -> AnyResponse | tuple[str, int]:
    found = services.load_collection(code)
    actor, status = require_library(found), 0
    form = CollectionForm(**_filled(found))
    if form.validate_on_submit():
        try:
            with transaction():
                change_collection(actor, found, form.edition.data or 0, **form.described())
            flash(_("Saved"))
            return redirect(url_for("admin.collection", code=code))
        except InvalidError as error:
            tell_faults(form, error)
        except StaleError:
            ask_again(form, found.edition)
            status = 409
    page = render_template("admin/collection.html", collection=found, form=form, history=services.list_history(found))
    return page, status or (422 if form.is_submitted() else 200)


@bp.route("/collections/<code>/people", methods=["GET", "POST"])
def collection_people(code: str) -> AnyResponse | tuple[str, int]:
    found = services.load_collection(code)
    actor, form = require_library(found), CollectionInviteForm(language=current_language())
    if form.validate_on_submit():
        try:
            with transaction():
                person = invite_person(
                    actor,
                    email=form.email.data or "",
                    name=form.name.data or "",
                    language=form.language.data,
                    role=RoleName(form.role.data),
                    collection=found,
                )
            flash(_("Invited: %(name)s", name=person.name))
            return redirect(url_for("admin.collection_people", code=code))
        except InvalidError as error:
            tell_faults(form, error)
    roles = services.list_collection_roles(found)
    page = render_template("admin/collection_people.html", collection=found, roles=roles, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.post("/collections/<code>/people/<int(max=2147483647):role_id>/revoke")
def revoke_collection_role(code: str, role_id: int) -> AnyResponse:
    found = services.load_collection(code)
    actor = require_library(found)
    with transaction():
        role = next((role for role in services.list_collection_roles(found) if role.id == role_id), None)
        if role is None:
            raise NotFoundError
        revoke_role(actor, role)
    flash(_("Role taken away"))
    return redirect(url_for("admin.collection_people", code=code))


@bp.route("/collections/<code>/move", methods=["GET", "POST"])
def move(code: str) -> AnyResponse | tuple[str, int]:
    found, actor = services.load_collection(code), require_office()
    require_library(found)
    form = MoveForm(parent=_place_of(found))
    form.offer(load_trees(services.active_libraries(actor)), found)
    if form.validate_on_submit():
        try:
            with transaction():
                kind, _colon, target = form.parent.data.partition(":")
                if kind == "library":
                    move_collection(actor, found, library=services.load_library(target))
                else:
                    move_collection(actor, found, parent=services.load_collection(target))
            flash(_("Collection moved"))
            return redirect(url_for("admin.collection", code=code))
        except InvalidError as error:
            tell_faults(form, error)
    page = render_template("admin/collection_move.html", collection=found, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.post("/collections/<code>/close")
def close_branch(code: str) -> AnyResponse:
    found = services.load_collection(code)
    actor = require_library(found)
    with transaction():
        close_collection(actor, found)
    flash(_("Collection closed"))
    return redirect(url_for("admin.collection", code=code))


@bp.post("/collections/<code>/reopen")
def reopen_branch(code: str) -> AnyResponse:
    found = services.load_collection(code)
    actor = require_library(found)
    with transaction():
        reopen_collection(actor, found)
    flash(_("Collection opened again"))
    return redirect(url_for("admin.collection", code=code))


def _place_of(collection: Collection) -> str:
    parent = collection.parent
    return f"collection:{parent.code}" if parent is not None else f"library:{collection.library.code}"


def _filled(collection: Collection) -> dict[str, object]:
    """What the form shows before anything is typed."""
    return {
        "edition": collection.edition,
        "names": collection.names,
        "about": collection.about,
        "deposit_policy": collection.deposit_policy.value,
        "review_policy": collection.review_policy.value,
        "licence": collection.licence or "",
        "types": collection.types,
    }
