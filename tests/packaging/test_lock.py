"""The lock files hold what setup.cfg declares, neither more nor less, with the hash of every file."""

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[\w.!+]+)(?P<marker> ;.*?)? \\\n(?P<rest>(?:    .*\n)+)", re.M)


def declared(*extras: str) -> dict[str, Requirement]:
    """What setup.cfg asks for, with the extras named, by name."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    lines = [config["options"]["install_requires"], *(config["options.extras_require"][extra] for extra in extras)]
    found = [Requirement(line) for line in "\n".join(lines).splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(r.name): r for r in found if r.name != "muras"}


def pinned(name: str) -> dict[str, re.Match[str]]:
    return {m["name"]: m for m in PIN.finditer((ROOT / "requirements" / name).read_text())}


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("runtime.txt", ["postgresql", "elasticsearch"]), ("dev.txt", ["postgresql", "elasticsearch", "test", "dev"])],
)
def test_lock_is_what_is_declared(lock: str, extras: list[str]) -> None:
    pins, wanted = pinned(lock), declared(*extras)
    outside = [
        f"{name} {pins[name]['version'] if name in pins else 'missing'}, declared {requirement.specifier}"
        for name, requirement in wanted.items()
        if name not in pins or not requirement.specifier.contains(pins[name]["version"])
    ]
    assert not outside, "run `make lock`"
    asked_for_by_us = {name for name, pin in pins.items() if re.search(r"# +(via )?muras", pin["rest"])}
    assert asked_for_by_us == set(wanted), "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_pin_has_hashes_and_none_names_a_registry(lock: Path) -> None:
    text = lock.read_text()
    pins = pinned(lock.name)
    assert len(pins) == len(re.findall(r"^\S+==", text, re.M)) > 0
    assert all("--hash=sha256:" in pin["rest"] for pin in pins.values())
    assert not re.search(r"https?:|index-url|find-links", text)


def test_development_uses_the_versions_of_an_installation() -> None:
    runtime, dev = pinned("runtime.txt"), pinned("dev.txt")
    assert {name: pin["version"] for name, pin in runtime.items()}.items() <= {
        name: pin["version"] for name, pin in dev.items()
    }.items()


def test_every_dependency_is_bounded() -> None:
    for name, requirement in declared("postgresql", "elasticsearch", "test", "dev").items():
        operators = {specifier.operator for specifier in requirement.specifier}
        assert operators == {">=", "<"}, f"{name} needs a lower and an upper bound"


def test_browser_libraries_are_locked_without_addresses() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert '"integrity": "sha512-' in text
    assert '"resolved"' not in text
