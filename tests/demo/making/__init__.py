"""How the files of the demonstration are made, from texts that anybody can read and mend.

`texts/<name>.<format>.txt` becomes `repo/demo/files/<name>.<format>`; pictures and sounds are drawn by code. The
outcome is committed, so that an installation needs neither fonts nor these libraries: `scripts/make-demo-files`
makes it again. It stands among the tests because it needs what only they need.
"""

from collections.abc import Callable
from pathlib import Path

from tests.demo.making import music, office, pdf, pictures, software
from tests.demo.making.text import Document, read_document

TEXTS = Path(__file__).parent / "texts"
FILES = Path(__file__).parents[3] / "repo" / "demo" / "files"

WRITERS: dict[str, Callable[[Document, Path], None]] = {
    "pdf": pdf.write_pdf,
    "docx": office.write_docx,
    "odt": office.write_odt,
    "pptx": office.write_pptx,
    "epub": office.write_epub,
}
DRAWN: dict[str, Callable[[Path], None]] = {
    **pictures.DRAWN,
    **music.DRAWN,
    **software.DRAWN,
}


def load_texts() -> dict[str, Document]:
    """The texts by the name of the file that they become."""
    return {path.stem: read_document(path.read_text(encoding="utf-8")) for path in sorted(TEXTS.glob("*.txt"))}


def make_files(folder: Path) -> list[Path]:
    """Write all files to `folder`; return their paths."""
    made = []
    for name, document in load_texts().items():
        WRITERS[name.rpartition(".")[2]](document, folder / name)
        made.append(folder / name)
    for name, draw in DRAWN.items():
        draw(folder / name)
        made.append(folder / name)
    return made
