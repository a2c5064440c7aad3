"""The guards of the tests themselves: one that lets everything pass would go unseen."""

import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services import guards


@pytest.mark.parametrize("host", ["198.51.100.7", "2001:db8::1", "muras.example.org"])
def test_hosts_beyond_this_machine_are_refused(host: str) -> None:
    with pytest.raises(ConnectionRefusedError, match="beyond it"):
        socket.create_connection((host, 80), timeout=1)


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


@given(st.integers())
def test_fixtures_for_all_tests_allow_properties(number: int) -> None:
    assert isinstance(number, int)


def run_tests(tmp_path: Path, source: str, **environment: str) -> str:
    """Run `source` as a test file under this conftest in a process of its own; return what pytest printed."""
    test_file = Path(__file__).with_name(f"guarded_{tmp_path.name}.py")
    test_file.write_text(dedent(source))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test_file)],
            env={"PATH": "/usr/bin:/bin", **environment},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
        )
    finally:
        test_file.unlink()
    return done.stdout


def test_a_skip_fails_where_ci_is_set(tmp_path: Path) -> None:
    source = """
        import pytest
        def test_skips():
            pytest.skip("the printer is away")
    """
    assert "1 skipped" in run_tests(tmp_path, source)
    assert "1 failed" in (said := run_tests(tmp_path, source, CI="true"))
    assert "the printer is away" in said


def test_a_process_left_behind_is_an_error_and_ended(tmp_path: Path) -> None:
    said = run_tests(
        tmp_path,
        """
        import os, subprocess
        def test_daemon():
            subprocess.run(["sh", "-c", "setsid sleep 312 >/dev/null 2>&1 &"])
        """,
    )
    assert "1 passed, 1 error" in said
    assert "tests left processes behind: " in said
    assert "sleep 312" in said
    assert "sleep 312" not in running_commands()


def running_commands() -> set[str]:
    found = set()
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # gone meanwhile
            found.add(file.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip())
    return found


def test_mark_is_passed_on() -> None:
    printed = subprocess.check_output(["printenv", guards.MARK], text=True)
    assert printed.strip().isdigit()
