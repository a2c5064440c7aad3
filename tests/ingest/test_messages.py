"""Every flag has a sentence; none shows a placeholder or a code."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from ingest.flags import Code, Flag
from ingest.load_messages import FORMATS, name_field, say_remarks
from ingest.loaders.registry import LOADERS
from ingest.loaders.targets import targets
from ingest.messages import MESSAGES, NAMES, TOOL_COSTS, say_flag, say_stored
from ingest.stages.kinds import Kind
from ingest.tools import TOOLS
from repo.items.metadata import Metadata
from repo.web.languages import LANGUAGES, with_language

DATA: dict[Code, dict[str, str | int]] = {
    Code.INFECTED: {"name": "Eicar-Test-Signature"},
    Code.EXTENSION_MISMATCH: {"extension": "pdf", "format": "text"},
    Code.TOO_MANY_PAGES: {"read": 5000, "pages": 6021},
    Code.IMAGE_TOO_LARGE: {"width": 40000, "height": 30000},
    Code.TOOL_MISSING: {"program": "djvutxt"},
}


@pytest.fixture
def speaking() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield


@pytest.mark.usefixtures("speaking")
@pytest.mark.parametrize("code", Code)
def test_each_flag_says_something(code: Code) -> None:
    said = say_flag(Flag(code, DATA.get(code, {"stage": "extract_text"})))
    assert said.endswith(".")
    assert "%" not in said
    assert code.value not in said.replace(" ", "_") or code.value in ("empty", "damaged", "encrypted")
    for value in DATA.get(code, {}).values():
        assert value == "text" or str(value) in said


@pytest.mark.usefixtures("speaking")
def test_flags_kept_in_a_row_are_said() -> None:
    said = say_stored([{"code": "extension_mismatch", "data": {"extension": "pdf", "format": "docx"}}])
    assert said == [
        "The name of the file ends in .pdf, but it is of another type: DOCX. "
        "Check that it is the right file, and give it a name that fits."
    ]


def test_nothing_is_left_unsaid() -> None:
    assert set(MESSAGES) == set(Code)
    assert set(NAMES) == set(Kind)
    assert set(TOOL_COSTS) == {tool.program for tool in TOOLS}


# ---------------------------------------------------------------- of bulk loads


@pytest.mark.parametrize(
    ("path", "ky", "ru", "en"),
    [
        ("title[ru]", "Аталышы (орусча)", "Название (русский)", "Title (Russian)"),
        ("host.issue", "Саны", "Выпуск", "Issue"),
        ("titles.0.value", "Аталышы", "Заглавие", "Title"),
        ("900$a", "900$a", "900$a", "900$a"),
        ("Автор", "Автор", "Автор", "Автор"),
    ],
)
def test_a_field_is_named_in_the_readers_language(context: Flask, path: str, ky: str, ru: str, en: str) -> None:
    for language, name in (("ky", ky), ("ru", ru), ("en", en)):
        with with_language(language):
            assert name_field(path) == name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_field_is_told_by_its_path(context: Flask, language: str) -> None:
    with with_language(language):
        described = [name for name in Metadata.model_fields if name != "schema_version"]
        assert [name for name in (*described, *targets()) if name_field(name) == name] == []
        assert all(str(FORMATS[name]) != name for name in LOADERS)


def test_a_file_is_told_by_its_own_name(context: Flask) -> None:
    with with_language("en"):
        (field,) = say_remarks([{"code": "unknown_term", "about": "title", "data": {}}])
        (file,) = say_remarks([{"code": "file_missing", "about": "title", "data": {}}])
    assert (field.partition(":")[0], file.partition(":")[0]) == ("Title", "title")
