"""A little program in an archive."""

from collections.abc import Callable
from pathlib import Path

from tests.demo.making.office import write_archive

SOURCES = Path(__file__).parent / "pages" / "kyrgyz-order"


def pack_program(path: Path) -> None:
    files = {f"kyrgyz-order/{source.name}": source.read_bytes() for source in sorted(SOURCES.iterdir())}
    write_archive(path, dict(files))


DRAWN: dict[str, Callable[[Path], None]] = {"kyrgyz-order.zip": pack_program}
