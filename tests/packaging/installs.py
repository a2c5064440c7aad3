"""Environments of their own, outside the checkout."""

import subprocess
import sys
from pathlib import Path


def make_environment(folder: Path) -> Path:
    """Make an environment in `folder` and return its Python."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder / "bin" / "python"


def install(python: Path, *arguments: str) -> str:
    """Install into the environment of `python`, with uv where it is at hand, and return what was printed."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "install", "--python", str(python)]
    if not uv.exists():
        command = [str(python), "-m", "pip", "install"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
