"""The outside programs of ingest: whether they are there, and how they are run.

None is needed to start. They are run from argument lists, inside of a sandbox child, whose limits and walls
they inherit; only `probe` runs in the server itself. What the absence of each costs is said in
`ingest/messages.py` and shown by `muras doctor`.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tool:
    """A program and how it tells its version."""

    program: str
    package: str
    """The Debian package that holds it."""
    version_arguments: tuple[str, ...] = ()
    version_pattern: str = r"(\d+\.\d+(?:\.\d+)?)"


# Called without arguments or with a wrong one, each prints its name and version.
DJVUSED = Tool("djvused", "djvulibre-bin", (), r"DjVuLibre-([\d.]+)")
DJVUTXT = Tool("djvutxt", "djvulibre-bin", ("--help",), r"()")
DDJVU = Tool("ddjvu", "djvulibre-bin", ("--help",), r"DjVuLibre-([\d.]+)")
TOOLS = (DJVUSED, DJVUTXT, DDJVU)

PROBE_SECONDS = 10
OUTPUT = Path("tool-output")


class ToolMissingError(Exception):
    """`tool` is not installed."""

    def __init__(self, tool: Tool) -> None:
        super().__init__(tool.program)
        self.tool = tool


class ToolFailedError(Exception):
    """The program refused the file; the message is its own, for the log."""


def probe(tool: Tool) -> str | None:
    """The version of an installed tool ("" where it does not tell), or None when it is not installed."""
    if shutil.which(tool.program) is None:
        return None
    try:
        done = subprocess.run(
            [tool.program, *tool.version_arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(tool.version_pattern, (done.stdout + done.stderr).decode(errors="replace"))
    return found[1] if found else ""


def run(tool: Tool, *arguments: str, seconds: float, limit: int) -> bytes:
    """Run a tool in the current folder and return at most `limit` bytes of what it prints.

    The output goes through a file, whose size the sandbox limits, instead of memory. Raises
    ToolMissingError, or ToolFailedError when it fails or takes longer than `seconds`.
    """
    try:
        with OUTPUT.open("wb") as output:
            done = subprocess.run(
                [tool.program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                timeout=seconds,
                check=False,
            )
    except FileNotFoundError as error:
        raise ToolMissingError(tool) from error
    except subprocess.TimeoutExpired as error:
        raise ToolFailedError(f"{tool.program}: longer than {seconds} s") from error
    if done.returncode != 0:
        raise ToolFailedError(f"{tool.program}: {done.stderr[:300].decode(errors='replace')}")
    with OUTPUT.open("rb") as written:
        return written.read(limit)
