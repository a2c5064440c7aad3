"""DjVu by the programs of DjVuLibre: hidden text, page count, the picture of the first page.

DjVu has no library with wheels; the format is common in libraries for scanned books.
"""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from ingest import tools
from ingest.flags import Code, Flag
from ingest.readers.documents import LINES, Line, Metadata, Text, clean_line
from ingest.readers.office import limit_text
from ingest.stages.context import Context

if TYPE_CHECKING:
    from PIL.Image import Image

BUNDLED = 0x80
PICTURE = Path("page.ppm")


def read_text(context: Context) -> Text:
    """Flags: incomplete, tool_missing, damaged, too_big_text, too_many_pages, no_text_layer."""
    if _is_indirect(context.path):
        return Text(flags=(Flag(Code.INCOMPLETE),))
    limits = context.limits
    try:
        printed = tools.run(
            tools.DJVUTXT,
            f"--page=1-{limits.pages}",
            str(context.path),
            seconds=limits.seconds,
            # UTF-8 takes two bytes for a Cyrillic letter.
            limit=limits.characters * 2,
        )
    except tools.ToolMissingError as error:
        return Text(flags=(Flag(Code.TOOL_MISSING, {"program": error.tool.program}),))
    except tools.ToolFailedError:
        return Text(flags=(Flag(Code.DAMAGED),))
    pages, flags = limit_text(printed.decode(errors="replace").removesuffix("\f").split("\f"), context)
    if not any(page.strip() for page in pages):
        flags.append(Flag(Code.NO_TEXT_LAYER))
    lines = [
        Line(number, shown)
        for number, page in enumerate(pages[:3])
        for line in page.split("\n")
        if (shown := clean_line(line))
    ]
    return Text(pages, tuple(lines[:LINES]), tuple(flags))


def read_metadata(context: Context) -> Metadata:
    """The page count. An indirect document does not hold its pages, and none is counted."""
    if _is_indirect(context.path):
        return Metadata()
    try:
        printed = tools.run(tools.DJVUSED, "-e", "n", str(context.path), seconds=context.limits.seconds, limit=100)
    except (tools.ToolMissingError, tools.ToolFailedError):
        return Metadata()
    count = printed.strip()
    return Metadata(page_count=int(count) if count.isdigit() else None)


def draw_cover(context: Context, size: int) -> "Image | None":
    """The first page, its longer side at most `size` pixels."""
    from ingest.readers.images import open_picture

    if _is_indirect(context.path):
        return None
    arguments = ("-format=ppm", "-page=1", f"-size={size}x{size}", str(context.path), str(PICTURE))
    with contextlib.suppress(tools.ToolMissingError, tools.ToolFailedError):
        tools.run(tools.DDJVU, *arguments, seconds=context.limits.seconds, limit=0)
        return open_picture(PICTURE, context.limits.pixels)
    return None


def _is_indirect(path: Path) -> bool:
    """Whether the document only names the files with its pages (DjVu 3 specification, 8.3.2).

    They are not looked for: the names come from the depositor, and could be those of other people's files.
    """
    with path.open("rb") as file:
        head = file.read(25)
    return head[12:16] == b"DJVM" and head[16:20] == b"DIRM" and not head[24:25] >= bytes([BUNDLED])
