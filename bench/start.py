"""From a fresh clone to the first page of `make run`, in seconds.

    python -m bench start

Clones what is committed here, makes its own environment and data directory, and asks for the home page until it is
there. What the package installer has in its cache from before is used, as on the machine of anybody who tries again;
the second figure is without that cache.
"""

import argparse
import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.house import machine
from tests.services.ports import free_port
from tests.services.server import muras_environment

LIMIT = 180
PATIENCE = 900
HERE = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warm-only", action="store_true", help="leave out the run without a cache")
    warm_only = parser.parse_args().warm_only
    for cache in ("cache as it is",) if warm_only else ("cache as it is", "empty cache"):
        with tempfile.TemporaryDirectory(prefix="muras-bench-") as folder:
            taken = start(Path(folder), empty_cache=cache == "empty cache")
        print(f"{cache}: {taken:.0f} s, {taken / LIMIT:.2f} of {LIMIT}; {machine()}", flush=True)


def start(folder: Path, *, empty_cache: bool) -> float:
    """Seconds from the clone to the home page, complete."""
    port = free_port()
    environment = muras_environment(folder / "data", {"MURAS_PORT": str(port)})
    environment.pop("VIRTUAL_ENV", None)
    if empty_cache:
        environment |= {name: str(folder / "cache") for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR", "NPM_CONFIG_CACHE")}
    begun = time.perf_counter()
    subprocess.run(["git", "clone", "--quiet", str(HERE), str(folder / "muras")], check=True)
    with (folder / "log").open("wb") as log:
        made = subprocess.Popen(
            ["make", "run"], cwd=folder / "muras", env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        while not answers(port):
            if made.poll() is not None or time.perf_counter() - begun > PATIENCE:
                raise SystemExit(f"`make run` did not serve a page:\n{(folder / 'log').read_text()}")
            time.sleep(0.1)
        return time.perf_counter() - begun
    finally:
        os.killpg(made.pid, signal.SIGTERM)
        made.wait()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return b"</html>" in answer.read()
    except OSError:
        return False


if __name__ == "__main__":
    main()
