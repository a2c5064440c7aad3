"""What a crosswalk finds in a record that was described elsewhere; pure."""

from dataclasses import dataclass

from repo.items.metadata import Metadata


@dataclass(frozen=True)
class Link:
    """A file of the work that lies elsewhere; `size` in bytes, `digest` a SHA-512 in hexadecimal, both if told.

    `open`: the record does not say that readers may not have it.
    """

    name: str
    address: str
    mime: str = ""
    size: int | None = None
    digest: str = ""
    open: bool = True


@dataclass(frozen=True)
class Found:
    """A description in our own terms, the landing page ("" if the record tells none), and the work's files."""

    metadata: Metadata
    address: str = ""
    files: tuple[Link, ...] = ()
