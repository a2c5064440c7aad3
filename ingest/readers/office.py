"""What DOCX, PPTX, ODT and EPUB share: an archive of XML, opened within limits, and how faults are told."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from ingest.flags import Code, Flag
from ingest.readers.archives import Archive, BombError, BrokenError, local_name, open_archive
from ingest.readers.documents import Metadata, Text, clean, clean_line
from ingest.stages.context import Context

T = TypeVar("T", Text, Metadata)


def read_archive(context: Context, read: Callable[[Archive, Context], T], result: type[T]) -> T:
    """`read` the archive; a bomb or a fault becomes a flag of an empty `result`."""
    try:
        with open_archive(context.path, context.limits) as archive:
            return read(archive, context)
    except BombError as bomb:
        return result(flags=(Flag(Code.BOMB, {"entries": bomb.entries, "bytes": bomb.unpacked}),))
    except BrokenError:
        return result(flags=(Flag(Code.DAMAGED),))


def limit_text(pages: Iterable[str], context: Context) -> tuple[tuple[str, ...], list[Flag]]:
    """The cleaned pages up to the limit of characters, and a flag when there were more."""
    kept: list[str] = []
    left = context.limits.characters
    for page in map(clean, pages):
        left -= len(page)
        if left < 0:
            return tuple(kept), [Flag(Code.TOO_BIG_TEXT, {"characters": context.limits.characters})]
        kept.append(page)
    return tuple(kept), []


def core_properties(archive: Archive, page_count: int | None = None) -> Metadata:
    """The properties of an OOXML document (ECMA-376 part 2, 8.3.4); empty where there are none."""
    if "docProps/core.xml" not in archive.names:
        return Metadata(page_count=page_count)
    try:
        found = texts_by_name(archive.xml("docProps/core.xml"))
    except BrokenError:
        return Metadata(page_count=page_count)
    return Metadata(
        page_count=page_count,
        title=found.get("title", ""),
        authors=split_people(found.get("creator", "")),
        subject=found.get("subject", "") or found.get("description", ""),
        keywords=found.get("keywords", ""),
        language=found.get("language", ""),
        identifier=found.get("identifier", ""),
        created=found.get("created", "")[:10],
        modified=found.get("modified", "")[:10],
    )


def texts_by_name(root: Any) -> dict[str, str]:
    """The text of each element below `root` by its name without namespace; the first of a name counts."""
    found: dict[str, str] = {}
    for element in root.iter():
        if element.text and (text := clean_line(element.text)):
            found.setdefault(local_name(element), text)
    return found


def split_people(value: str) -> tuple[str, ...]:
    return tuple(filter(None, (clean_line(name) for name in value.split(";"))))
