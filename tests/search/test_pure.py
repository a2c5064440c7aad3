"""The words of search are plain functions: whoever only reads a query or marks a title loads nothing else."""

import subprocess
import sys

PURE = ("analysis", "description", "document", "query", "parser", "fields", "ranking", "highlight", "ports")
HEAVY = ("flask", "sqlalchemy", "tantivy", "Stemmer", "lxml", "PIL")


def test_pure_modules_load_no_framework_database_or_engine() -> None:
    imports = "; ".join(f"import repo.search.{name}" for name in PURE)
    loaded = f"[name for name in {HEAVY!r} if name in sys.modules]"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {imports}; print({loaded})"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
