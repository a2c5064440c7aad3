"""What every form needs around WTForms."""

from collections.abc import Iterator

from flask import Flask
from wtforms import Field, FieldList, Form, FormField, SelectField, SelectMultipleField
from wtforms.form import BaseForm


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(form_faults=form_faults, offered_by=offered_by)


def form_faults(form: BaseForm) -> list[tuple[str, str]]:
    """Return (field id, message) of everything wrong in `form`, in the order of its fields."""
    faults = [fault for field in form for fault in _faults_of(field)]
    of_whole = form.form_errors if isinstance(form, Form) else []
    return [*faults, *(("main", str(message)) for message in of_whole)]


def _faults_of(field: Field) -> Iterator[tuple[str, str]]:
    if isinstance(field, FormField):
        yield from form_faults(field.form)
    elif isinstance(field, FieldList) and any(isinstance(message, (list, dict)) for message in field.errors):
        for entry in field:
            yield from _faults_of(entry)
    else:
        yield from ((field.id, str(message)) for message in field.errors)


def offered_by(field: SelectField | SelectMultipleField) -> list[tuple[str, str, str]]:
    """Return (value, words, more words) of all choices; more words are a choice's `render_kw={"title": …}`."""
    return [(str(choice[0]), str(choice[1]), (choice[3] or {}).get("title", "")) for choice in field.iter_choices()]
