"""What every stage is given: which file, what is known of it so far, and how much may be read."""

from dataclasses import dataclass, field
from pathlib import Path

from ingest.stages.kinds import Kind


@dataclass(frozen=True)
class ReadLimits:
    """How much of a document is read. What lies beyond is left out and flagged, not refused."""

    pages: int = 5_000
    characters: int = 10_000_000
    """Of all pages together: about ten long books."""
    seconds: float = 40
    """After which a stage stops between two pages and keeps what it has; the sandbox's wall stands behind it."""
    pixels: int = 200_000_000
    """Of one picture: a sheet of A1 at 400 dpi. Memory is what counts, about 4 bytes each."""
    entries: int = 20_000
    """Files in an archive (DOCX, ODT, PPTX and EPUB are archives)."""
    unpacked: int = 2 << 30
    """Bytes of all files of an archive together."""
    ratio: int = 250
    """Unpacked to packed size of an archive larger than `small`; XML text packs to a tenth, a bomb to a thousandth."""
    small: int = 64 << 20
    """Unpacked bytes below which no ratio is held against an archive, and the most that is read of one file in it."""


@dataclass(frozen=True)
class Context:
    """A file on its way through the stages. `filename` is the depositor's; the path says nothing of it."""

    path: Path
    filename: str
    kind: Kind = Kind.UNKNOWN
    limits: ReadLimits = field(default_factory=ReadLimits)
