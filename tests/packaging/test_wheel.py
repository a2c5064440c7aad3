"""The wheel: what it holds, and that it serves pages in a clean environment, away from the sources."""

import os
import shutil
import subprocess
import sys
import tarfile
from configparser import ConfigParser
from pathlib import Path
from urllib.request import Request, urlopen
from zipfile import ZipFile

import pytest
from setuptools import find_packages

from tests.packaging.installs import install, make_environment
from tests.services.server import Server, muras_environment

ROOT = Path(__file__).parents[2]
LANGUAGES = ["ky", "ru", "en"]
MAPPED = {"repo.templates": "templates", "repo.migrations": "migrations"}


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sdist and the wheel built from it, out of a copy of the sources, so that nothing built earlier slips in."""
    sources = tmp_path_factory.mktemp("sources")
    listed = subprocess.check_output(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, text=True)
    made = [str(path.relative_to(ROOT)) for pattern in MADE for path in ROOT.glob(pattern)]
    for name in {*filter(None, listed.split("\0")), *made}:
        if (ROOT / name).is_file():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, sources / name)
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", out], cwd=sources, check=True, capture_output=True)
    return {"sdist": next(out.glob("*.tar.gz")), "wheel": next(out.glob("*.whl"))}


MADE = ["repo/static/vendor/*", "repo/translations/*/LC_MESSAGES/*.mo"]
"""What is built beside the sources, is not committed and has to be in the wheel."""


@pytest.fixture(scope="module")
def held(distributions: dict[str, Path]) -> set[str]:
    with ZipFile(distributions["wheel"]) as wheel:
        return set(wheel.namelist())


def test_packages_are_all_listed() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    listed = config["options"]["packages"].split()
    in_tree = find_packages(str(ROOT), include=["repo", "repo.*", "oai", "oai.*", "ingest", "ingest.*"])
    assert set(listed) ^ {*in_tree, *MAPPED} == set(), "in the tree or in the list only"
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(("package", "folder"), MAPPED.items())
def test_wheel_holds_every_template_and_migration(held: set[str], package: str, folder: str) -> None:
    prefix = package.replace(".", "/")
    wanted = {
        f"{prefix}/{path.relative_to(ROOT / folder)}"
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted
    assert wanted - held == set()
    assert not any(name.startswith(f"{folder}/") for name in held)


def test_wheel_holds_every_file_of_the_rooms(held: set[str]) -> None:
    listed = subprocess.check_output(["git", "ls-files", "repo", "oai", "ingest"], cwd=ROOT, text=True).splitlines()
    sources = "repo/translations/"  # of the texts; their compiled form is in the wheel
    wanted = {name for name in listed if not name.startswith(sources) and (ROOT / name).is_file()}
    assert wanted - held == set()


def test_wheel_holds_what_was_built(held: set[str]) -> None:
    assert {"repo/static/vendor/tus.min.js", "repo/static/vendor/tus.LICENSE.txt"} <= held
    assert {f"repo/translations/{language}/LC_MESSAGES/messages.mo" for language in LANGUAGES} <= held


def test_wheel_holds_no_tests(held: set[str]) -> None:
    assert not [name for name in held if name.split("/")[0] in ("tests", "bench", "scripts", "docs")]


def test_sdist_carries_the_licence(distributions: dict[str, Path]) -> None:
    with tarfile.open(distributions["sdist"]) as sdist:
        assert {"LICENSE", "README.md", "setup.cfg", "pyproject.toml"} <= {
            name.partition("/")[2] for name in sdist.getnames()
        }


def test_wheel_serves_pages_in_a_clean_environment(distributions: dict[str, Path], tmp_path: Path) -> None:
    python = make_environment(tmp_path / "environment")
    install(python, "--require-hashes", "-r", str(ROOT / "requirements/runtime.txt"))
    install(python, "--no-deps", str(distributions["wheel"]))
    environment = muras_environment(tmp_path / "data", {})
    environment.pop("PYTHONPATH", None)

    def run(*arguments: str) -> str:
        return subprocess.check_output(arguments, cwd=tmp_path, env=environment, text=True)

    run(str(python), "-m", "pip", "check")
    where = run(str(python), "-c", "import repo, oai, ingest; print(repo.__file__, oai.__file__, ingest.__file__)")
    assert all(path.startswith(str(tmp_path)) for path in where.split())

    run(str(python.with_name("muras")), "init")
    server = Server(tmp_path / "data", {}, command="web", python=python)
    server.start()
    try:
        for language in LANGUAGES:
            request = Request(f"{server.url}/", headers={"Accept-Language": language})
            with urlopen(request) as page:
                assert page.status == 200
                assert f'lang="{language}"' in page.read().decode()
        with urlopen(f"{server.url}/static/vendor/tus.min.js") as script:
            assert script.status == 200
    finally:
        server.stop()


def test_environment_of_the_tests_is_the_lock() -> None:
    """What is tested is what an installation gets."""
    dry = install(Path(sys.executable), "--dry-run", "-r", str(ROOT / "requirements/runtime.txt"))
    assert "Would install" not in dry, dry


def test_assets_come_without_npm(tmp_path: Path) -> None:
    """Where there is no npm, it comes as a Python package."""
    checkout = tmp_path / "checkout"
    for name in ["package.json", "package-lock.json", "scripts/build-assets", "scripts/npm", "requirements/node.txt"]:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, checkout / name)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ["bash", "dirname", "mkdir", "cp", "mv", "sh"]:
        (programs / name).symlink_to(str(shutil.which(name)))
    (programs / "python3").symlink_to(sys.executable)
    environment = {**os.environ, "PATH": str(programs)}
    subprocess.run([checkout / "scripts/build-assets"], env=environment, check=True)
    built = checkout / "repo/static/vendor/tus.min.js"
    assert built.read_bytes() == (ROOT / "repo/static/vendor/tus.min.js").read_bytes()
