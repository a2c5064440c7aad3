"""/admin/people?q=&page=                     people, found by name or e-mail           GET
/admin/people/new                         invite somebody                          GET POST
/admin/people/<id>                        a person: roles, history; give a role    GET POST
/admin/people/<id>/roles/<role>/revoke    take a role away                         POST
/admin/people/<id>/resend                 send the first link again                POST
/admin/people/<id>/disable  /enable       close and open the account               POST
"""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from repo.admin import services
from repo.admin.forms import DisableForm, GrantForm, InviteForm, SearchPeopleForm
from repo.admin.rights import require_administrator, require_office
from repo.admin.views import bp
from repo.db import transaction
from repo.errors import InvalidError
from repo.members.forms import tell_faults
from repo.members.models import Library, Person, RoleName
from repo.members.services import accounts
from repo.members.services.accounts import library_id_of
from repo.members.services.roles import grant_role, invite_person, load_roles, may_grant, revoke_role
from repo.web.languages import current_language


@bp.get("/people")
def people() -> str:
    form = SearchPeopleForm(request.args)
    page = services.list_people(require_office(), form.q.data or "", request.args.get("page", ""))
    return render_template("admin/people.html", page=page, form=form)


@bp.route("/people/new", methods=["GET", "POST"])
def invite() -> str | AnyResponse | tuple[str, int]:
    actor = require_office()
    form = InviteForm(language=current_language())
    form.offer(actor, services.active_libraries(actor))
    if form.validate_on_submit():
        try:
            with transaction():
                role, library = _read_place(form)
                person = invite_person(
                    actor,
                    email=form.email.data or "",
                    name=form.name.data or "",
                    language=form.language.data,
                    role=role,
                    library=library,
                )
            flash(_("Invited: %(name)s", name=person.name))
            return redirect(url_for("admin.person", person_id=person.id))
        except InvalidError as error:
            tell_faults(form, error)
    return render_template("admin/invite.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/people/<int(max=2147483647):person_id>", methods=["GET", "POST"])
def person(person_id: int) -> str | AnyResponse | tuple[str, int]:
    actor = require_office()
    found = services.load_person(actor, person_id)
    form = GrantForm()
    form.offer(actor, services.active_libraries(actor))
    if form.validate_on_submit():
        try:
            with transaction():
                role, library = _read_place(form)
                grant_role(actor, found, role, library=library)
            flash(_("Saved"))
            return redirect(url_for("admin.person", person_id=person_id))
        except InvalidError as error:
            tell_faults(form, error)
    return _show(found, form)


@bp.post("/people/<int(max=2147483647):person_id>/roles/<int(max=2147483647):role_id>/revoke")
def revoke(person_id: int, role_id: int) -> AnyResponse:
    actor = require_office()
    with transaction():
        found = services.load_person(actor, person_id)
        revoke_role(actor, services.load_role(found, role_id))
    flash(_("Role taken away"))
    still_here = actor.is_administrator or actor.librarian_of & set(map(library_id_of, load_roles(found)))
    return redirect(_page_of(person_id) if still_here else url_for("admin.people"))


@bp.post("/people/<int(max=2147483647):person_id>/resend")
def resend(person_id: int) -> AnyResponse:
    actor = require_office()
    with transaction():
        accounts.resend_confirmation(actor, services.load_person(actor, person_id))
    flash(_("Link sent again"))
    return redirect(_page_of(person_id))


@bp.post("/people/<int(max=2147483647):person_id>/disable")
def disable(person_id: int) -> AnyResponse:
    actor, form = require_administrator(), DisableForm()
    with transaction():
        accounts.disable_person(actor, services.load_person(actor, person_id), form.reason.data or "")
    flash(_("Account closed"))
    return redirect(_page_of(person_id))


@bp.post("/people/<int(max=2147483647):person_id>/enable")
def enable(person_id: int) -> AnyResponse:
    actor = require_administrator()
    with transaction():
        accounts.enable_person(actor, services.load_person(actor, person_id))
    flash(_("Account opened again"))
    return redirect(_page_of(person_id))


def _read_place(form: GrantForm) -> tuple[RoleName, Library | None]:
    """Return role and library. Raises InvalidError when the role is not held there."""
    role, code = RoleName(form.role.data), form.library.data
    if (role is RoleName.ADMINISTRATOR) is bool(code):
        fault = _("An administrator looks after the whole house; other roles are held in a library.")
        raise InvalidError({"library": [fault]})
    return role, services.load_library(code) if code else None


def _show(found: Person, form: GrantForm) -> tuple[str, int]:
    actor = require_office()
    roles = load_roles(found)
    page = render_template(
        "admin/person.html",
        person=found,
        roles=[(role, may_grant(actor, role.name, library_id_of(role))) for role in roles],
        form=form,
        history=services.list_history(found),
        disabling=DisableForm(formdata=None) if actor.is_administrator else None,
    )
    return page, 422 if form.is_submitted() else 200


def _page_of(person_id: int) -> str:
    return url_for("admin.person", person_id=person_id)
