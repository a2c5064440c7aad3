"""A store on a disk of its own, and a validator that we did not write."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from repo.storage.ocfl import OcflStore
from repo.storage.uploads import Uploads

SCRIPT = Path(__file__).parents[2] / "scripts" / "ocfl-validator"


@pytest.fixture
def store(tmp_path: Path) -> OcflStore:
    return OcflStore(tmp_path / "ocfl", tmp_path / "staging")


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads")


@pytest.fixture(scope="session")
def ocfl_py() -> Path:
    """The command of ocfl-py, installed on first use."""
    made = subprocess.run([SCRIPT], capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"ocfl-py could not be installed: {made.stderr.strip()[-500:]}")
    return Path(made.stdout.strip())


@pytest.fixture
def assert_valid(ocfl_py: Path) -> Callable[..., None]:
    """Fails unless ocfl-py finds neither error nor warning in these storage roots and their objects."""

    def check(*roots: Path) -> None:
        objects = [declaration.parent for root in roots for declaration in root.rglob("0=ocfl_object_*")]
        # One by one: as parts of a root, ocfl-py 2.1.0 passes invalid objects.
        done = subprocess.run([ocfl_py, *roots, *objects], capture_output=True, text=True)
        assert done.returncode == 0 and "[W" not in done.stdout, done.stdout + done.stderr
        assert done.stdout.count(" is VALID") == len(objects), done.stdout

    return check
