"""Outside programs: probed, run within limits, and done without where they are missing."""

import shutil
from pathlib import Path

import pytest

from ingest import tools
from ingest.flags import Code
from ingest.readers import djvu
from ingest.stages.context import Context
from ingest.stages.kinds import Kind

MISSING = tools.Tool("no-such-program", "nothing")
SHELL = tools.Tool("sh", "dash")


def test_what_is_missing_is_missing() -> None:
    assert tools.probe(MISSING) is None
    with pytest.raises(tools.ToolMissingError):
        tools.run(MISSING, seconds=1, limit=1)


def test_an_installed_tool_tells_its_version() -> None:
    if shutil.which("djvused") is None:
        pytest.skip("djvused is not installed (Debian: djvulibre-bin)")
    assert (tools.probe(tools.DJVUSED) or "").startswith("3.")
    assert tools.probe(tools.DJVUTXT) == ""


def test_output_is_cut_and_failures_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert tools.run(SHELL, "-c", "echo мурас", seconds=5, limit=1000).decode() == "мурас\n"
    assert tools.run(SHELL, "-c", "echo мурас", seconds=5, limit=4).decode() == "му"
    with pytest.raises(tools.ToolFailedError, match="broken"):
        tools.run(SHELL, "-c", "echo broken >&2; exit 3", seconds=5, limit=10)
    with pytest.raises(tools.ToolFailedError, match="longer"):
        tools.run(SHELL, "-c", "sleep 5", seconds=0.1, limit=10)


def test_djvu_without_its_programs_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "a.djvu"
    path.write_bytes(b"AT&TFORM\0\0\0\x0cDJVUINFO\0\0\0\0")
    context = Context(path, "a.djvu", Kind.DJVU)
    assert [flag.code for flag in djvu.read_text(context).flags] == [Code.TOOL_MISSING]
    assert djvu.read_metadata(context).page_count is None
    assert djvu.draw_cover(context, 100) is None
