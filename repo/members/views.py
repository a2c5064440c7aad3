"""Accounts.

/account/                      name, language, password, roles, sign out      GET
/account/profile               change name, language, ORCID                   POST
/account/password              change the password                            POST
/account/sessions              end all other sessions                         POST
/account/sign-in?next=         sign in                                        GET POST
/account/sign-out              sign out                                       POST
/account/sign-up               make an account                                GET POST
/account/confirm/<token>       open it, from the mailed link                  GET POST
/account/forgot                ask for a new password                         GET POST
/account/reset/<token>         choose it, from the mailed link                GET POST
"""

from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from repo.db import transaction
from repo.errors import ForbiddenError, InvalidError
from repo.members import current, words
from repo.members.current import current_actor, current_address, current_networks, current_person, require_person
from repo.members.forms import (
    ChangePasswordForm,
    ConfirmForm,
    ForgotForm,
    NewPasswordForm,
    ProfileForm,
    SignInForm,
    SignUpForm,
    tell_faults,
)
from repo.members.models import Person
from repo.members.services import accounts
from repo.members.services.roles import load_roles
from repo.members.sessions import end_session, local_target, start_session, try_password
from repo.members.throttle import MAIL_FROM_ADDRESS, count_attempt
from repo.members.tokens import Purpose, read_token
from repo.web.doors import Door, register_door
from repo.web.languages import COOKIE, current_language, keep_language

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.record_once
def open_doors(state: BlueprintSetupState) -> None:
    app = state.app
    assert isinstance(app, Flask)
    current.init_app(app)
    app.jinja_env.globals.update(current_person=current_person, role_names=words.ROLES)
    register_door(app, Door("sign_in", "account.sign_in", _l("Sign in"), "menu", 90, is_signed_out))
    register_door(app, Door("account", "account.overview", _name, "menu", 90, is_signed_in, icon="person"))
    register_door(app, Door("sign_up", "account.sign_up"))


def is_signed_in() -> bool:
    return current_person() is not None


def is_signed_out() -> bool:
    return current_person() is None


def _name() -> str:
    person = current_person()
    return person.name if person is not None else ""


@bp.after_request
def keep_nothing(response: Response) -> Response:
    """Tokens, names and addresses stay out of every cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> AnyResponse:
    form = SignInForm()
    target = local_target(request.args.get("next")) or url_for("account.overview")
    if is_signed_in() and request.method == "GET":
        return redirect(target)
    if form.validate_on_submit() and (person := _let_in(form)) is not None:
        start_session(person, keep=form.keep.data)
        return _in_own_language(redirect(target), person)
    return _page("sign_in", _status(form), form=form, inside=bool(current_networks()))


@bp.post("/sign-out")
def sign_out() -> AnyResponse:
    end_session()
    flash(_("You have signed out."))
    return redirect(url_for("account.sign_in"))


@bp.route("/sign-up", methods=["GET", "POST"])
def sign_up() -> AnyResponse:
    form = SignUpForm(language=current_language())
    if form.validate_on_submit():
        try:
            with transaction():
                count_attempt(MAIL_FROM_ADDRESS, current_address())
                accounts.sign_up_person(name=form.name.data, email=form.email.data, language=form.language.data)
            return _page("mail_sent", 200, email=form.email.data)
        except InvalidError as error:
            tell_faults(form, error)
    return _page("sign_up", _status(form), form=form)


@bp.route("/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> AnyResponse:
    person = read_token(Purpose.CONFIRM, token)
    if person is None:
        return _page("link_ended", 410, again="sign_up")
    form = ConfirmForm(name=person.name)
    if form.validate_on_submit():
        try:
            with transaction():
                person = _read_again(Purpose.CONFIRM, token)
                accounts.confirm_person(person, name=form.name.data, password=form.password.data)
            start_session(person)
            flash(_("Your account is open. Welcome!"))
            return _in_own_language(redirect(url_for("account.overview")), person)
        except InvalidError as error:
            tell_faults(form, error)
    return _page("confirm", _status(form), form=form, person=person)


@bp.route("/forgot", methods=["GET", "POST"])
def forgot() -> AnyResponse:
    form = ForgotForm()
    if form.validate_on_submit():
        with transaction():
            count_attempt(MAIL_FROM_ADDRESS, current_address())
            accounts.request_password_reset(form.email.data)
        return _page("mail_sent", 200, email=form.email.data)
    return _page("forgot", _status(form), form=form)


@bp.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> AnyResponse:
    person = read_token(Purpose.RESET, token)
    if person is None:
        return _page("link_ended", 410, again="forgot")
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            with transaction():
                accounts.reset_password(_read_again(Purpose.RESET, token), form.password.data)
            end_session()
            flash(_("Your password has been changed. Sign in with the new one."))
            return redirect(url_for("account.sign_in"))
        except InvalidError as error:
            tell_faults(form, error)
    return _page("reset", _status(form), form=form, person=person)


@bp.get("/")
def overview() -> AnyResponse:
    return _overview(require_person())


@bp.post("/profile")
def profile() -> AnyResponse:
    person = require_person()
    form = ProfileForm()
    if form.validate_on_submit():
        try:
            with transaction():
                accounts.change_profile(
                    current_actor(),
                    person,
                    name=form.name.data,
                    language=form.language.data,
                    orcid=form.orcid.data,
                )
            flash(_("Saved"))
            response = redirect(url_for("account.overview"))
            keep_language(response, person.language)
            return response
        except InvalidError as error:
            tell_faults(form, error)
    return _overview(person, profile=form)


@bp.post("/password")
def password() -> AnyResponse:
    person = require_person()
    form = ChangePasswordForm()
    if form.validate_on_submit() and _is_present_password(person, form):
        try:
            with transaction():
                accounts.change_password(person, form.password.data)
            start_session(person, keep=session.permanent)
            flash(_("Your password has been changed. All other sessions have ended."))
            return redirect(url_for("account.overview"))
        except InvalidError as error:
            tell_faults(form, error)
    return _overview(person, password=form)


@bp.post("/sessions")
def sessions() -> AnyResponse:
    person = require_person()
    with transaction():
        accounts.end_sessions(person)
    start_session(person, keep=session.permanent)
    flash(_("All other sessions have ended."))
    return redirect(url_for("account.overview"))


def _let_in(form: SignInForm) -> Person | None:
    """Return whose password it is; else None, and the form says why not. Too many attempts have a page of their own."""
    try:
        person = try_password(form.email.data, form.password.data)
    except ForbiddenError:
        form.form_errors.append(_("This account has been closed. Ask the administrator."))
        return None
    if person is None:
        form.form_errors.append(_("The e-mail address or the password is wrong."))
    return person


def _is_present_password(person: Person, form: ChangePasswordForm) -> bool:
    """The password is asked for again, with the same patience, so that an open window is not enough to take over."""
    if try_password(person.email, form.present_password.data) is not None:
        return True
    tell_faults(form, InvalidError({"present_password": [_("The present password is wrong.")]}))
    return False


def _read_again(purpose: Purpose, token: str) -> Person:
    """Inside the transaction, where the link is used up: twice at the same moment works once."""
    person = read_token(purpose, token, lock=True)
    if person is None:
        raise InvalidError({"": [_("This link is no longer valid. Ask for a new one.")]})
    return person


def _overview(
    person: Person, profile: ProfileForm | None = None, password: ChangePasswordForm | None = None
) -> Response:
    """The page of the account; a form that did not pass stands in it with its faults."""
    failed = profile or password
    return _page(
        "overview",
        422 if failed is not None else 200,
        person=person,
        roles=load_roles(person),
        form=failed,
        profile=profile or ProfileForm(formdata=None, obj=person),
        password=password or ChangePasswordForm(formdata=None),
    )


def _in_own_language(response: AnyResponse, person: Person) -> AnyResponse:
    """Whoever has chosen no language in this browser gets the one of the account."""
    if COOKIE not in request.cookies:
        keep_language(response, person.language)
    return response


def _status(form: FlaskForm) -> int:
    return 422 if form.is_submitted() else 200


def _page(name: str, status: int, **shown: object) -> Response:
    return make_response(render_template(f"members/{name}.html", **shown), status)
