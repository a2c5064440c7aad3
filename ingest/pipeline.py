"""What happens to a file that was handed in, in order: identify, scan, text and properties, guesses, pictures.

Whatever parses the file runs in the sandbox; here its answers are put together. Each step may fail by itself:
the report then says so, and holds what the others found.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from ingest.flags import Code, Flag
from ingest.readers.documents import Metadata, Text
from ingest.sandbox import Limits, RefusalKind, Refused, Sandbox
from ingest.stages.context import Context, ReadLimits
from ingest.stages.extract_metadata import extract_metadata
from ingest.stages.extract_text import extract_text
from ingest.stages.guess import Guesses, guess
from ingest.stages.identify import Identity, identify
from ingest.stages.kinds import FORMATS, Kind
from ingest.stages.scan_viruses import Verdict, scan_viruses
from ingest.stages.thumbnail import PREVIEW, THUMBNAIL, Pictures, draw_pictures

T = TypeVar("T")

PRELOAD = (
    "ingest.stages.signatures:load_registry",
    "ingest.stages.guess",
    "ingest.readers.pdf",
    "ingest.readers.word",
    "PIL.ImageOps",
    "PIL.JpegImagePlugin",
)
"""What each child loads at its start, so that no file waits for it."""

REFUSALS = {
    RefusalKind.TIMEOUT: Code.TIMEOUT,
    RefusalKind.MEMORY: Code.MEMORY,
    RefusalKind.OUTPUT: Code.TOO_BIG_TEXT,
    RefusalKind.CRASH: Code.CRASH,
    RefusalKind.ERROR: Code.CRASH,
}


@dataclass(frozen=True)
class Picture:
    """A derived picture: JPEG, sRGB, upright."""

    path: Path
    width: int
    height: int


@dataclass(frozen=True)
class Report:
    """All that the pipeline found out about a file."""

    kind: Kind
    mime: str
    """What the file may be served as."""
    puid: str | None
    """PRONOM, as `format_name`; None where the registry does not know the format."""
    format_name: str | None
    metadata: Metadata
    text: Text
    guesses: Guesses
    thumbnail: Picture | None
    preview: Picture | None
    scanned: bool
    """Whether a virus scanner has seen it and found nothing."""
    flags: tuple[Flag, ...]

    @property
    def pages(self) -> int | None:
        return self.metadata.page_count

    @property
    def language(self) -> str | None:
        return self.guesses.language.value if self.guesses.language else None

    @property
    def refused(self) -> bool:
        """Whether the file must not be offered to readers (infected, empty, a bomb)."""
        return any(flag.refuses for flag in self.flags)


def open_sandbox(workers: int = 2, limits: Limits = Limits(), readable: Sequence[Path] | None = None) -> Sandbox:  # noqa: B008 - frozen
    """A sandbox whose children have the readers loaded. Close it, or use it in `with`.

    `readable` are the folders in which the files lie that will be read (uploads, the OCFL root).
    """
    return Sandbox(workers, limits, PRELOAD, readable)


def run_pipeline(
    path: Path,
    filename: str,
    *,
    sandbox: Sandbox,
    pictures_to: Path,
    clamav_socket: str = "",
    limits: ReadLimits = ReadLimits(),  # noqa: B008 - frozen
) -> Report:
    """Find out what there is to know of the file at `path`, which its depositor called `filename`.

    Writes `thumbnail.jpg` and `preview.jpg` to the folder `pictures_to`, where the document has a first page
    or a cover. `clamav_socket` is a path or "host:port"; empty: files are not scanned. Raises OSError when
    the file itself cannot be read, and nothing for what is in it.
    """
    flags: list[Flag] = []
    context = Context(path.resolve(strict=True), filename, limits=limits)
    identity = _ask(sandbox, flags, UNIDENTIFIED, identify, context)
    flags += identity.flags
    scanned = _scan(context.path, clamav_socket, flags)
    context = replace(context, kind=identity.kind)
    text, metadata, guesses, pictures = Text(), Metadata(), Guesses(), Pictures({})
    if not any(flag.refuses for flag in flags):
        text = _ask(sandbox, flags, text, extract_text, context)
        metadata = _ask(sandbox, flags, metadata, extract_metadata, context)
        guesses = _ask(sandbox, [], guesses, guess, _beginning(text), metadata)
        files = {name: pictures_to / name for name in (THUMBNAIL, PREVIEW)}
        pictures = _ask(sandbox, flags, pictures, draw_pictures, context, files=files)
        flags += (*text.flags, *metadata.flags, *pictures.flags)
    return Report(
        kind=identity.kind,
        mime=identity.mime,
        puid=identity.puid,
        format_name=identity.name,
        metadata=metadata,
        text=text,
        guesses=guesses,
        thumbnail=_picture(pictures, THUMBNAIL, pictures_to),
        preview=_picture(pictures, PREVIEW, pictures_to),
        scanned=scanned,
        flags=_once(flags),
    )


UNIDENTIFIED = Identity(Kind.UNKNOWN, FORMATS[Kind.UNKNOWN].mime, None, None, ())


def _ask(
    sandbox: Sandbox,
    flags: list[Flag],
    otherwise: T,
    stage: Callable[..., T],
    *arguments: Any,
    files: dict[str, Path] | None = None,
) -> T:
    """Run a stage in the sandbox; when it does not finish, flag that and go on with `otherwise`."""
    try:
        return sandbox.run(stage, *arguments, files=files)
    except Refused as refused:
        flags.append(Flag(REFUSALS[refused.kind], {"stage": stage.__name__}))
        return otherwise


def _beginning(text: Text) -> Text:
    """What guesses are made from: not the whole of a long book through two pipes."""
    return replace(text, pages=tuple(page[:20_000] for page in text.pages[:12]), flags=())


def _scan(path: Path, address: str, flags: list[Flag]) -> bool:
    if not address:
        return False
    scan = scan_viruses(path, address)
    if scan.verdict is Verdict.INFECTED:
        flags.append(Flag(Code.INFECTED, {"name": scan.detail}))
    elif scan.verdict is Verdict.UNAVAILABLE:
        flags.append(Flag(Code.SCAN_UNAVAILABLE, {"reason": scan.detail[:200]}))
    return scan.verdict is Verdict.CLEAN


def _picture(pictures: Pictures, name: str, folder: Path) -> Picture | None:
    """A picture that was drawn and has arrived; the child's word for it is not enough."""
    size = pictures.sizes.get(name, ())
    path = folder / name
    return Picture(path, *size) if len(size) == 2 and path.is_file() else None


def _once(flags: Sequence[Flag]) -> tuple[Flag, ...]:
    """One flag of each code: text, properties and picture stumble over the same damage."""
    first = {flag.code: flag for flag in reversed(flags)}
    if Code.DAMAGED in first or Code.ENCRYPTED in first:
        first.pop(Code.NO_PREVIEW, None)  # goes without saying
    return tuple(first.values())[::-1]
