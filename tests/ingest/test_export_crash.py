"""An export that was killed goes on and ends in the same package; what is wrong in the store is told."""

import signal
import subprocess
import zipfile
from pathlib import Path

import bagit
import pytest

from ingest.export import Errand, ExportRefused, Order, run_export
from ingest.export_reading import CHUNK, Selection
from repo.db import db, transaction
from repo.errors import StorageFullError
from repo.failpoints import armed
from repo.items.identifiers import ocfl_id
from repo.members.models import Collection
from repo.settings import current_settings
from repo.storage import store
from tests.factories import insert_public, make_metadata
from tests.ingest.exports import PDF, Leaving, build_library, export_to, files_in
from tests.services.server import muras_command, muras_environment

KILLS = ("export:written", "export:written:2", "export:noted", "export:whole", "export:ended", "export:named")


@pytest.fixture
def leaving(context: object) -> Leaving:
    return build_library()


def add_many(leaving: Leaving) -> None:
    """So many that there is a second chunk."""
    with transaction() as session:
        described = [make_metadata(f"Көптүн бири {number}") for number in range(CHUNK + 20)]
        insert_public(session, session.get_one(Collection, leaving.physics_id), described, files=False)


def export_by_command(target: Path, name: str, failpoint: str = "") -> int:
    """The exit status of the real command, which dies at the failpoint."""
    settings = current_settings()
    environment = muras_environment(
        settings.data_dir, {"MURAS_DATABASE_URL": settings.database_url, "MURAS_BASE_URL": settings.base_url}
    )
    if failpoint:
        environment["MURAS_FAILPOINT"] = failpoint
    command = muras_command("export", "--library", "knu", "--format", name, "--to", str(target))
    return subprocess.run(command, env=environment, capture_output=True).returncode


@pytest.mark.parametrize(("name", "ending"), [("csv", ""), ("saf", ".zip"), ("marcxml", ".zip")])
def test_an_export_goes_on_after_every_kill(leaving: Leaving, tmp_path: Path, name: str, ending: str) -> None:
    """Killed as by a power cut at each step of one export after the other; the end is that of one left in peace."""
    add_many(leaving)
    export_to(tmp_path / f"whole{ending}", name)
    db.session.rollback()
    target = tmp_path / f"killed{ending}"
    for failpoint in KILLS:
        assert export_by_command(target, name, failpoint) == -signal.SIGKILL, failpoint
        assert target.exists() == (failpoint == "export:named"), "a package has its name when it is whole"
    assert export_by_command(target, name) == 0
    assert content_of(target) == content_of(tmp_path / f"whole{ending}")
    assert not target.with_name(target.name + ".part").exists()
    assert export_by_command(target, name) == 1, "now there is something"


def content_of(package: Path) -> dict[str, bytes]:
    if package.is_dir():
        return files_in(package)
    with zipfile.ZipFile(package) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist())
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_disk_that_was_full_is_no_end(leaving: Leaving, tmp_path: Path) -> None:
    add_many(leaving)
    order = Order(Selection(library="knu"), "bagit")
    with armed("export:written:2=raise:ENOSPC"), pytest.raises(StorageFullError):
        run_export(order, tmp_path / "out.zip")
    export_to(tmp_path / "out.zip", "bagit")
    export_to(tmp_path / "other.zip", "bagit")
    assert content_of(tmp_path / "out.zip") == content_of(tmp_path / "other.zip")


def test_an_export_is_left_and_gone_on_with(leaving: Leaving, tmp_path: Path) -> None:
    add_many(leaving)
    order, told = Order(Selection(library="knu"), "csv"), []
    errand = Errand(progress=lambda done, total: told.append((done, total)), late=lambda: True)
    turns = 0
    while run_export(order, tmp_path / "out", errand) is None:
        turns += 1
    assert turns == 2 and told == sorted(told) and told[-1] == (CHUNK + 24, CHUNK + 24)
    export_to(tmp_path / "other", "csv")
    assert files_in(tmp_path / "out") == files_in(tmp_path / "other")


def test_what_was_begun_and_lost_is_not_gone_on_with(leaving: Leaving, tmp_path: Path) -> None:
    order = Order(Selection(library="knu"), "csv")
    assert run_export(order, tmp_path / "out", Errand(late=lambda: True)) is None
    (tmp_path / "out.part/shared/manifest-sha512.txt").write_text("")
    with pytest.raises(ExportRefused, match="begin anew"):
        run_export(order, tmp_path / "out")
    (tmp_path / "out.part/state.json").write_text("{")
    with pytest.raises(ExportRefused, match="cannot be read"):
        run_export(order, tmp_path / "out")


def test_missing_and_damaged_files_are_told(leaving: Leaving, tmp_path: Path) -> None:
    article, thesis = leaving.ids["article"], leaving.ids["thesis"]
    damaged = store().path(ocfl_id(article), "files/макала.pdf")
    missing = store().path(ocfl_id(thesis), "files/макала.pdf")
    assert damaged and missing
    damaged.chmod(0o644)
    damaged.write_bytes(PDF.replace(b"0", b"1"))
    missing.unlink()
    state = export_to(tmp_path / "out", "bagit")
    assert state.faults == 2
    remarks = (tmp_path / "out/remarks.txt").read_text()
    assert f"{article}\tthe file differs" in remarks and f"{thesis}\tthe file is not in the store" in remarks
    for item_id in (article, thesis):
        assert not bagit.Bag(str(tmp_path / "out" / item_id)).is_valid()
