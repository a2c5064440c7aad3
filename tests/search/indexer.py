"""A process that indexes until it is killed: `python -m tests.search.indexer FOLDER FIRST-BATCH`.

Each batch holds BATCH documents "b<number>-<n>"; when its commit has returned, its number is printed.
"""

import itertools
import sys
from pathlib import Path

from repo.search.tantivy import TantivyEngine
from tests.search.material import document, full_text

BATCH = 20


def main(folder: str, first: str) -> None:
    engine = TantivyEngine(Path(folder))
    for number in itertools.count(int(first)):
        engine.update(
            document(f"b{number}-{n}", f"Партия {number}", texts=full_text(f"саны {number} " * 200, place=str(n)))
            for n in range(BATCH)
        )
        print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
