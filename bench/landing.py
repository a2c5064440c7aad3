"""Landing pages: 1,000 records at random, three languages in turn, signed out and signed in, beside a static file.

    python -m bench landing        needs wrk

Rights are read and the view is recorded on each request. The limit in the same run is a file that the same server
sends from memory.
"""

import re
import statistics
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

from bench.house import House, cpu_of, machine, open_house, settle, sign_in

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
    with open_house(records=RECORDS) as house, tempfile.TemporaryDirectory() as folder:
        base = house.server.url
        _ask_once(house)
        settle(house.process)
        quoted = ", ".join(f'"{item_id}"' for item_id in house.ids)
        for name, cookie in (("signed out", "bench=1"), ("signed in", sign_in(base))):
            script = Path(folder) / "ask.lua"
            script.write_text(LUA.format(ids=quoted, cookie=cookie))
            _wrk(base, script, 3)
            _measure(name, house, script)


def _ask_once(house: House) -> None:
    """Every page in every language, so that what is stored is stored."""

    def ask(path: str) -> None:
        with urlopen(house.server.url + path, timeout=60) as answer:
            answer.read()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(ask, (f"/records/{id_}?lang={lang}" for id_ in house.ids for lang in ("ky", "ru", "en"))))


def _measure(name: str, house: House, script: Path) -> None:
    """Pages and the static file in turn, so that both meet the same company on the machine."""
    base = house.server.url
    pages, files, cpu = [], [], []
    for _ in range(RUNS):
        before = cpu_of(house.process)
        pages.append(_wrk(base, script, SECONDS))
        cpu.append((cpu_of(house.process) - before) / (pages[-1][0] * SECONDS) * 1000)
        files.append(_wrk(base + "/static/muras.css", None, 5)[0])
    rates, p99 = sorted(rate for rate, _ in pages), sorted(late for _, late in pages)
    print(
        f"{name}: {statistics.median(rates):.0f} requests/s ({rates[0]:.0f}–{rates[-1]:.0f}), "
        f"p99 {statistics.median(p99):.1f} ms ({p99[0]:.1f}–{p99[-1]:.1f}); "
        f"{statistics.median(rates) / statistics.median(files):.2f} of a static file from the same server "
        f"({statistics.median(files):.0f}/s); "
        f"{statistics.median(cpu):.2f} ms of processor each ({min(cpu):.2f}–{max(cpu):.2f}); "
        f"{machine()}",
        flush=True,
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


if __name__ == "__main__":
    main()
