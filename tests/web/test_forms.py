"""The form macros: every control has a label, and what is said about it is tied to it."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask, get_template_attribute, render_template_string
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    MultipleFileField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from repo.web.forms import form_faults


class Person(Form):
    name = StringField("Name", [InputRequired("Enter the name")])


class Work(FlaskForm):
    title = StringField("Title <b>", [InputRequired("Enter the title"), Length(max=5)], description="As in the work")
    abstract = TextAreaField("Abstract")
    password = PasswordField("Password")
    language = SelectField("Language", choices=[SelectChoice("ky", "Kyrgyz"), SelectChoice("ru", "Russian")])
    type = RadioField(
        "Type", choices=[SelectChoice("article", "Article", {"title": "in a journal"}), SelectChoice("art", "Art")]
    )
    topics = SelectMultipleField(
        "Topics", choices=[SelectChoice("51", "Mathematics"), SelectChoice("39", "Ethnography")]
    )
    agreed = BooleanField("I agree")
    files = MultipleFileField("Files")
    people = FieldList(FormField(Person), min_entries=2)


@pytest.fixture
def asked(context: Flask) -> Iterator[Flask]:
    with context.test_request_context("/", headers={"Accept-Language": "en"}):
        yield context


def render(form: Work, name: str, **options: object) -> str:
    return str(get_template_attribute("macros/form.html", "wtf")(form[name], **options))


def filled(**values: object) -> Work:
    return Work(MultiDict(values), meta={"csrf": False})


def assert_tied(markup: str) -> None:
    """Everything that is pointed at is there."""
    ids = set(re.findall(r'\sid="([^"]+)"', markup))
    wanted = re.findall(r'(?:for|aria-describedby)="([^"]+)"', markup)
    assert wanted
    assert {name for names in wanted for name in names.split()} <= ids


def test_a_line_with_help_and_a_fault(asked: Flask) -> None:
    form = filled(title='a "long" one')
    assert not form.validate()

    markup = render(form, "title", size=20)

    assert_tied(markup)
    assert '<label for="title">Title &lt;b&gt; <span class="must">required</span></label>' in markup
    assert 'value="a &#34;long&#34; one"' in markup
    assert 'aria-describedby="title-help title-fault"' in markup
    assert 'aria-invalid="true"' in markup
    assert 'class="field faulty"' in markup
    assert 'size="20"' in markup


def test_a_line_without_anything(asked: Flask) -> None:
    markup = render(filled(), "abstract")

    assert "aria-" not in markup
    assert '<textarea id="abstract" name="abstract" rows="6">\n</textarea>' in markup


def test_what_begins_with_an_empty_line_keeps_it(asked: Flask) -> None:
    """HTML drops the first newline of a textarea."""
    assert ">\n\nsecond line</textarea>" in render(filled(abstract="\nsecond line"), "abstract")


def test_a_password_is_never_sent_back(asked: Flask) -> None:
    markup = render(filled(password="swordfish"), "password", attrs={"autocomplete": "current-password"})

    assert 'type="password"' in markup
    assert 'autocomplete="current-password"' in markup
    assert "swordfish" not in markup


def test_a_choice_of_one(asked: Flask) -> None:
    assert '<option value="ru" selected>Russian</option>' in render(filled(language="ru"), "language")

    radios = render(filled(type="article"), "type")
    assert re.findall(r'value="(\w+)" checked', radios) == ["article"]
    assert radios.count("<label>") == 2
    assert "<b>Article</b> <small>in a journal</small>" in radios
    assert "<legend>Type</legend>" in radios


def test_a_choice_of_many(asked: Flask) -> None:
    markup = render(filled(topics="39"), "topics")

    assert re.findall(r'type="checkbox" name="topics" value="(\d+)" checked', markup) == ["39"]


def test_a_box_to_tick(asked: Flask) -> None:
    assert " checked" in render(filled(agreed="1"), "agreed")
    assert " checked" not in render(filled(), "agreed")


def test_files(asked: Flask) -> None:
    markup = render(filled(), "files", help="Up to 20 GB")

    assert_tied(markup)
    assert 'type="file" id="files" name="files" multiple' in markup


def test_the_summary_leads_to_each_fault(asked: Flask) -> None:
    form = filled(**{"title": "", "people-0-name": "Айгүл", "people-1-name": "", "language": "ky", "type": "art"})
    assert not form.validate()

    found = form_faults(form)
    summary = str(get_template_attribute("macros/form.html", "faults")(found))

    assert found == [("title", "Enter the title"), ("people-1-name", "Enter the name")]
    assert re.findall(r'<a href="#([\w-]+)">', summary) == ["title", "people-1-name"]
    assert 'tabindex="-1" autofocus' in summary
    assert "Please correct the errors: 2" in summary
    assert str(get_template_attribute("macros/form.html", "faults")([])).strip() == ""


def test_a_field_from_data(asked: Flask) -> None:
    field = {
        "id": "abstract-ru",
        "label": "Abstract",
        "value": "<p>",
        "rows": 4,
        "lang": "ru",
        "guess": True,
        "must": "in one language",
    }

    markup = render_template_string('{% from "macros/form.html" import text %}{{ text(**field) }}', field=field)

    assert_tied(markup)
    assert 'lang="ru" class="guessed" aria-describedby="abstract-ru-guess"' in markup
    assert "&lt;p&gt;" in markup
    assert '<span class="must">in one language</span>' in markup
    assert "From the file, please check" in markup


def test_a_text_and_its_language(asked: Flask) -> None:
    tongued = get_template_attribute("macros/form.html", "tongued")

    markup = str(tongued("title-2", "Кийиз", "ky", [("ky", "Kyrgyz"), ("ru", "Russian")], label="Title, in Kyrgyz"))

    assert 'aria-label="Title, in Kyrgyz"' in markup
    assert '<select name="title-2-lang" aria-label="Language of this text">' in markup
    assert '<option value="ky" selected>' in markup
