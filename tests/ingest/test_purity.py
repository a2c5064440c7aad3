"""What runs in the sandbox, and what calls it, knows neither the web nor the database."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("flask", "sqlalchemy", "pydantic", "tantivy", "huey", "PIL", "pypdf", "pypdfium2", "pikepdf")


def loaded_by(module: str) -> set[str]:
    program = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_pipeline_loads_nothing_heavy_in_the_server() -> None:
    """Neither Flask nor an engine (it is pure), nor a parser: those are for the children."""
    assert loaded_by("ingest.pipeline") & set(HEAVY) == set()


def test_the_readers_know_no_framework() -> None:
    modules = sorted(path.stem for path in (ROOT / "ingest" / "readers").glob("[a-z]*.py"))
    assert "pdf" in modules
    loaded = loaded_by(", ".join(f"ingest.readers.{module}" for module in modules))
    assert loaded & {"flask", "sqlalchemy", "pydantic", "tantivy", "huey"} == set()


def test_what_reads_a_bulk_load_knows_no_framework() -> None:
    assert loaded_by("ingest.loading, ingest.loaders.registry") & {"flask", "sqlalchemy", "tantivy", "huey"} == set()
