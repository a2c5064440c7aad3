"""The embedded engine on disk: several processes, power cuts, damage."""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from repo.search.document import Facet
from repo.search.fields import INDEX_VERSION
from repo.search.ports import IndexBusyError, IndexState, SearchUnavailableError
from repo.search.tantivy import TantivyEngine
from tests.search.indexer import BATCH
from tests.search.material import document, fill, found, full_text, search

LAKE = document("lake", "Ысык-Көл", texts=full_text("Көл тууралуу " * 50))
HAND = document("hand", "Кол өнөрчүлүк")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(folder: Path) -> TantivyEngine:
    engine = TantivyEngine(folder, patience=0.3)
    fill(engine, LAKE)
    return engine


def current(folder: Path) -> Path:
    return folder / (folder / "current").read_text()


# Several processes -------------------------------------------------------------------------------------


def test_one_writes_and_the_others_are_told(engine: TantivyEngine, folder: Path) -> None:
    other = TantivyEngine(folder, patience=0.3)
    engine.update([HAND])
    with pytest.raises(IndexBusyError):
        other.update([HAND])
    engine.close()
    other.update([document("third", "Үчүнчү")])
    assert engine.count() == 3


def test_two_rebuilds_do_not_meet(engine: TantivyEngine, folder: Path) -> None:
    other = TantivyEngine(folder)

    def documents():  # type: ignore[no-untyped-def]
        with pytest.raises(IndexBusyError):
            other.rebuild([])
        yield HAND

    assert engine.rebuild(documents()) == 1
    assert found(other) == ["hand"]


def test_only_the_current_generation_stays(engine: TantivyEngine, folder: Path) -> None:
    for _ in range(3):
        engine.rebuild([LAKE])
    assert list(folder.glob("g-*")) == [current(folder)]


def index_and_kill(folder: Path, first: int, after: float) -> int:
    """Index batches in a process from `first` on, kill it some time after its first commit; the last batch told."""
    command = [sys.executable, "-m", "tests.search.indexer", str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        last = int(process.stdout.readline())
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        told = process.stdout.read().split("\n")
    # The last line may be cut in the middle.
    return max([last, *(int(line) for line in told[:-1])])


def test_a_killed_indexer_loses_nothing_it_committed(engine: TantivyEngine, folder: Path) -> None:
    engine.rebuild([])
    engine.close()
    first = 0
    for _ in range(25):
        last = index_and_kill(folder, first, random.uniform(0.01, 0.4))
        assert engine.state() is IndexState.READY
        everything = set(engine.ids())
        for number in range(last + 1):
            assert {f"b{number}-{n}" for n in range(BATCH)} <= everything
        assert engine.count() % BATCH == 0, "half a batch was committed"
        (hit,) = search(engine, f"id:b{last}-7 text:{last}", limit=1).hits
        assert [passage.place for passage in hit.passages] == ["7"]
        first = last + 1
    engine.update([LAKE])
    assert found(engine, "көл") == ["lake"]


def test_a_killed_rebuild_leaves_the_old_index(engine: TantivyEngine, folder: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from repo.search.tantivy import TantivyEngine\n"
        "from tests.search.material import document\n"
        "def documents():\n"
        "    for n in range(300): yield document(str(n), 'Көл')\n"
        "    os.kill(os.getpid(), 9)\n"
        "TantivyEngine(Path(sys.argv[1])).rebuild(documents())\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert found(engine) == ["lake"]
    assert len(list(folder.glob("g-*"))) == 2
    assert engine.rebuild([LAKE, HAND]) == 2
    assert len(list(folder.glob("g-*"))) == 1


# Damage ------------------------------------------------------------------------------------------------


def test_another_release_asks_for_a_rebuild(engine: TantivyEngine, folder: Path) -> None:
    marker = current(folder) / "muras.json"
    marker.write_text(json.dumps({"version": INDEX_VERSION + 1}))
    assert engine.state() is IndexState.OUTDATED
    engine.rebuild([LAKE])
    assert engine.state() is IndexState.READY


def damaged_files() -> list[str]:
    return ["items/meta.json", "passages/meta.json", "muras.json"] + [
        f"{part}/*.{kind}" for part in ("items", "passages") for kind in ("term", "idx", "fast", "store", "fieldnorm")
    ]


@pytest.mark.parametrize("pattern", damaged_files())
@pytest.mark.parametrize("damage", ["cut", "zeros", "gone"])
def test_damage_is_noticed_and_mended_by_a_rebuild(
    engine: TantivyEngine, folder: Path, pattern: str, damage: str
) -> None:
    engine.close()
    files = list(current(folder).glob(pattern))
    if not files:
        assert "fast" in pattern, "only the passages have no fast fields"
        return
    for path in files:
        content = path.read_bytes()
        path.unlink()
        if damage != "gone":
            path.write_bytes(content[: len(content) // 2] if damage == "cut" else bytes(len(content)))
    fresh = TantivyEngine(folder, patience=0.3)
    assert fresh.state() is IndexState.BROKEN
    if pattern != "muras.json":
        with pytest.raises(SearchUnavailableError):
            search(fresh, "көл", facets=tuple(Facet))
    assert fresh.rebuild([LAKE, HAND]) == 2
    assert fresh.state() is IndexState.READY
    assert set(found(fresh, "көл")) == {"lake", "hand"}


def test_a_vanished_folder_is_no_crash(engine: TantivyEngine, folder: Path) -> None:
    (folder / "current").write_text("g-gone")
    assert engine.state() is IndexState.BROKEN
    with pytest.raises(SearchUnavailableError):
        found(engine)
    with pytest.raises(SearchUnavailableError):
        engine.update([HAND])
    assert engine.rebuild([HAND]) == 1
