"""Forms of accounts. What is right is decided by the services; forms carry labels, help and the faults found."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, Form, FormField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired

from repo.errors import InvalidError
from repo.web.languages import LANGUAGES

REQUIRED = InputRequired(_l("Fill in this field."))
SAME = _l("The passwords differ. Type the same one twice.")
OWN_NAMES = [SelectChoice(code, name) for code, name in LANGUAGES.items()]
PASSWORD_HELP = _l("At least 10 characters. Three or four words are easy to remember and hard to guess.")


class SignInForm(FlaskForm):
    email = EmailField(_l("E-mail"), validators=[REQUIRED], render_kw={"autocomplete": "username"})
    password = PasswordField(_l("Password"), validators=[REQUIRED], render_kw={"autocomplete": "current-password"})
    keep = BooleanField(
        _l("Keep me signed in on this computer"), description=_l("Not on a computer that other people use.")
    )


class SignUpForm(FlaskForm):
    name = StringField(
        _l("Name"),
        validators=[REQUIRED],
        description=_l("First name and surname, as readers should see them."),
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _l("E-mail"),
        validators=[REQUIRED],
        description=_l("We send a link to this address. It is not shown to readers."),
        render_kw={"autocomplete": "email"},
    )
    language = SelectField(_l("Language of letters"), choices=OWN_NAMES)


class ForgotForm(FlaskForm):
    email = EmailField(_l("E-mail"), validators=[REQUIRED], render_kw={"autocomplete": "username"})


class NewPasswordForm(FlaskForm):
    password = PasswordField(
        _l("New password"),
        validators=[REQUIRED],
        description=PASSWORD_HELP,
        render_kw={"autocomplete": "new-password"},
    )
    password_again = PasswordField(
        _l("New password again"),
        validators=[REQUIRED, EqualTo("password", SAME)],
        render_kw={"autocomplete": "new-password"},
    )


class ConfirmForm(NewPasswordForm):
    name = StringField(_l("Name"), validators=[REQUIRED], render_kw={"autocomplete": "name"})


class ChangePasswordForm(NewPasswordForm):
    present_password = PasswordField(
        _l("Present password"), validators=[REQUIRED], render_kw={"autocomplete": "current-password"}
    )


class ProfileForm(FlaskForm):
    name = StringField(_l("Name"), validators=[REQUIRED], render_kw={"autocomplete": "name"})
    language = SelectField(_l("Language of letters"), choices=OWN_NAMES)
    orcid = StringField(
        "ORCID",
        description=_l("The number of researchers, from orcid.org. Leave it empty if you have none."),
        render_kw={"size": "22", "inputmode": "numeric"},
    )


def tell_faults(form: Form, error: InvalidError) -> None:
    """Put what a service found wrong beside the fields; what has no field is said for the whole form."""
    for path, messages in error.faults.items():
        field = _field_at(form, path)
        if field is None:
            form.form_errors.extend(messages)
        else:
            field.errors = [*field.errors, *messages]


def _field_at(form: Form, path: str) -> Field | None:
    """Return the field that a path names: "email", or "names.ky" inside a FormField."""
    first, _dot, rest = path.partition(".")
    field: Any = form._fields.get(first)
    if isinstance(field, FormField):
        return _field_at(field.form, rest)
    return field
