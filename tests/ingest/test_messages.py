"""Every flag has a sentence; none shows a placeholder or a code."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from ingest.flags import Code, Flag
from ingest.messages import MESSAGES, NAMES, TOOL_COSTS, say_flag, say_stored
from ingest.stages.kinds import Kind
from ingest.tools import TOOLS

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
