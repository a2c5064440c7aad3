"""The tool of the crash tests does what they rely on."""

import ast
import errno
import subprocess
import sys
from pathlib import Path

import pytest

from repo.failpoints import FAILPOINTS, armed, failpoint

CHECKOUT = Path(__file__).parents[2]


def names_in_the_source() -> set[str]:
    found = set()
    for room in ("repo", "oai", "ingest"):
        for path in (CHECKOUT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "failpoint":
                    assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}: write its name out"
                    found.add(str(node.args[0].value))
    return found


def test_every_failpoint_is_listed_and_every_listed_one_exists() -> None:
    assert sorted(names_in_the_source()) == sorted(FAILPOINTS)


def test_nothing_happens_unasked() -> None:
    failpoint("place:after-sync")
    with armed("place:after-version=raise:ENOSPC"):
        failpoint("place:after-sync")


def test_the_third_hit_and_only_that() -> None:
    with armed("place:after-sync:3=raise:EDQUOT"):
        failpoint("place:after-sync")
        failpoint("place:after-sync")
        with pytest.raises(OSError) as raised:
            failpoint("place:after-sync")
        assert raised.value.errno == errno.EDQUOT
        failpoint("place:after-sync")
    failpoint("place:after-sync")


@pytest.mark.parametrize(
    "text", ["place:nowhere", "place:after-sync=raise:EVIL", "place:after-sync=explode", ":3", "place"]
)
def test_a_misspelt_failpoint_stops_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="MURAS_FAILPOINT"), armed(text):
        pass


@pytest.mark.parametrize(("hits", "code"), [(1, 0), (2, -9)])
def test_the_variable_kills(hits: int, code: int) -> None:
    program = f"from repo.failpoints import failpoint\nfor _ in range({hits}): failpoint('upload:after-data')"
    environment = {"MURAS_FAILPOINT": "upload:after-data:2"}
    assert subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, env=environment).returncode == code
