"""The disk of the real house is full: who brings something is told so, readers go on, nothing that waits is lost."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
SIZE = 560  # MB: an upload begins only where 500 stay free


@pytest.mark.parametrize("test", ["small_disk.py", "small_disk_load.py"])
def test_a_full_disk(tmp_path: Path, test: str) -> None:
    """The tests themselves run where the file system is mounted, which ends with them."""
    namespace = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if shutil.which("unshare") is None or subprocess.run([*namespace, "true"], capture_output=True).returncode != 0:
        pytest.skip("mount namespaces (unshare) are not allowed here")
    disk = tmp_path / "data"
    disk.mkdir()
    mount = ["sh", "-ec", f'mount -t tmpfs -o size={SIZE}m none "$0"; exec "$@"', str(disk)]
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'inside'}"]
    done = subprocess.run(
        [*namespace, *mount, *tests, f"tests/crash/{test}"],
        cwd=CHECKOUT,
        env={**os.environ, "MURAS_TEST_SMALL_DISK": str(disk), "MURAS_TEST_DATABASE": "sqlite"},
        capture_output=True,
        text=True,
    )
    log = disk.with_name("data.log")
    assert done.returncode == 0, done.stdout + done.stderr + (log.read_text()[-5000:] if log.exists() else "")
