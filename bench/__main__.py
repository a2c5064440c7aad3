"""The benchmarks by name.

python -m bench                 lists them
python -m bench landing …       runs one, with its own options
python -m bench all             runs them one after the other
"""

import ast
import runpy
import sys
from pathlib import Path

HELPERS = {"__init__", "__main__", "house", "seed"}


def main() -> int:
    known = {path.stem: path for path in sorted(Path(__file__).parent.glob("*.py")) if path.stem not in HELPERS}
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in (*known, "all"):
        for each, path in known.items():
            print(f"{each:10} {(ast.get_docstring(ast.parse(path.read_text())) or '').splitlines()[0]}")
        return 2 if name else 0
    for each in known if name == "all" else [name]:
        print(f"== {each}", flush=True)
        sys.argv = [f"bench.{each}", *(sys.argv[2:] if name != "all" else [])]
        runpy.run_module(f"bench.{each}", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
