"""Landing pages: 1,000 records at random, three languages in turn, signed out and signed in, beside a static file.

    make bench B=landing        needs wrk

Rights are read and the view is recorded on each request. The limit in the same run is a file that the same server
sends from memory.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

RECORDS = 1000
SECONDS = 10
RUNS = 3

LUA = """
local ids = {{ {ids} }}
local langs = {{ "ky", "ru", "en" }}
local n = 0
math.randomseed(os.time())
request = function()
  n = n + 1
  local headers = {{ ["Cookie"] = "{cookie}", ["User-Agent"] = "Mozilla/5.0 (bench)" }}
  return wrk.format("GET", "/records/" .. ids[math.random(#ids)] .. "?lang=" .. langs[n % 3 + 1], headers)
end
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder) / "data", _free_port()
        environ = {
            **os.environ,
            "MURAS_DATA_DIR": str(data),
            "MURAS_PORT": str(port),
            "MURAS_BASE_URL": f"http://127.0.0.1:{port}",
        }
        ids = json.loads(
            subprocess.run(
                [sys.executable, __file__, "seed"], env=environ, check=True, capture_output=True, text=True
            ).stdout.splitlines()[-1]
        )
        server = subprocess.Popen([sys.executable, "-c", "from repo.cli import main; main()", "serve"], env=environ)
        try:
            _wait(f"http://127.0.0.1:{port}/about")
            _measure(folder, port, ids)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def _measure(folder: str, port: int, ids: list[str]) -> None:
    base = f"http://127.0.0.1:{port}"
    cookie = _sign_in(base)
    scripts = {}
    for name, sent in (("signed out", "bench=1"), ("signed in", cookie)):
        scripts[name] = Path(folder) / f"{name.replace(' ', '')}.lua"
        quoted = ", ".join(f'"{item_id}"' for item_id in ids)
        scripts[name].write_text(LUA.format(ids=quoted, cookie=sent))
    for name, script in scripts.items():
        _wrk(base, script, 20)  # every page once, so that what is stored is stored
        results = [_wrk(base, script, SECONDS) for _ in range(RUNS)]
        limits = [_wrk(base + "/static/muras.css", None, 5) for _ in range(RUNS)]
        rates, p99 = sorted(r for r, _ in results), sorted(p for _, p in results)
        limit = sorted(r for r, _ in limits)[RUNS // 2]
        print(
            f"{name}: {rates[RUNS // 2]:.0f} requests/s ({rates[0]:.0f}–{rates[-1]:.0f}), "
            f"p99 {p99[RUNS // 2]:.1f} ms ({p99[0]:.1f}–{p99[-1]:.1f}); "
            f"{rates[RUNS // 2] / limit:.2f} of a static file from the same server ({limit:.0f}/s)"
        )


def _wrk(address: str, script: Path | None, seconds: int) -> tuple[float, float]:
    """(requests a second, 99th percentile in ms). Raises when an answer was not 2xx."""
    command = ["wrk", "-t2", "-c8", f"-d{seconds}s", "--latency"]
    said = subprocess.run(
        [*command, *(["-s", str(script)] if script else []), address], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()  # type: ignore[union-attr]
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def _sign_in(base: str) -> str:
    """The cookies of the bench's reader."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{base}/account/sign-in").read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]  # type: ignore[index]
    fields = {"csrf_token": token, "email": "reader@example.org", "password": "bench-password-1926"}
    opener.open(urllib.request.Request(f"{base}/account/sign-in", urlencode(fields).encode(), {"Referer": base}))
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=2)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def seed() -> None:
    """In a process of its own: the records, and a reader with an account."""
    from bench.seed import seed_records
    from repo.app import create_app
    from repo.db import now, transaction
    from repo.installation import prepare
    from repo.members.models import Person
    from repo.members.passwords import hash_password
    from repo.settings import read_settings
    from repo.web.collation import sort_key

    app = create_app(replace(read_settings()))
    prepare(app)
    with app.app_context():
        ids = seed_records(RECORDS)
        with transaction() as session:
            reader = Person(
                email="reader@example.org", name="Окурман", sort_name=sort_key("Окурман"), confirmed_at=now()
            )
            reader.password_hash = hash_password("bench-password-1926")
            session.add(reader)
    print(json.dumps(ids))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    seed() if sys.argv[1:] == ["seed"] else main()
