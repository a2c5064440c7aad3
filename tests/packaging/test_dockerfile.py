"""The steps of the Dockerfile, carried out; then what it starts, as an engine would start it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

import pytest

from tests.packaging import images
from tests.services.ports import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[images.Image]:
    folder = tmp_path_factory.mktemp("image")
    try:
        yield images.build(ROOT / "Dockerfile", folder)
    except PermissionError as error:
        pytest.skip(str(error))
    finally:
        shutil.rmtree(folder)  # pytest would keep the hundreds of megabytes of the last three runs


def test_image_serves_as_an_unprivileged_user(image: images.Image) -> None:
    port = str(free_port())
    with images.running(image) as container:
        assert container.run("id -un").strip() == "muras"
        log = container.merged.with_name("server.log")
        with log.open("w") as out:
            server = subprocess.Popen(
                container.command(image.command, MURAS_PORT=port), stdout=out, stderr=subprocess.STDOUT
            )
        try:
            wait_until_healthy(container, port, server, log)
            with urlopen(f"http://127.0.0.1:{port}/?lang=ky") as page:
                assert page.status == 200
                assert b'lang="ky"' in page.read()
            assert container.run("test -s $MURAS_DATA_DIR/muras.sqlite && echo kept") == "kept\n"
        finally:
            server.terminate()
            server.wait()


def wait_until_healthy(container: images.Container, port: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = monotonic() + START_SECONDS
    while True:
        try:
            container.run(container.image.health, MURAS_PORT=port)
            return
        except RuntimeError:
            assert server.poll() is None and monotonic() < deadline, log.read_text()
            sleep(0.2)


def test_image_holds_no_sources_and_no_secrets(image: images.Image) -> None:
    assert not image.upper.joinpath("src").exists()
    assert not list(image.upper.glob("opt/muras/**/secret*.key"))
    assert image.volumes == [image.environment["MURAS_DATA_DIR"]]


@pytest.mark.parametrize(
    ("path", "pattern", "ignored"),
    [
        ("data", "data", True),
        ("repo/vocabularies/data", "data", False),
        ("repo/web/__pycache__", "**/__pycache__", True),
        ("muras.egg-info", "*.egg-info", True),
        ("repo/static/vendor", "repo/static/vendor", True),
    ],
)
def test_what_is_left_out_of_the_build(path: str, pattern: str, ignored: bool) -> None:
    assert images.is_ignored(path, pattern) is ignored
