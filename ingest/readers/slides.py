"""PPTX: the text of each slide, in the order in which they are shown (ECMA-376 part 1, chapter 19)."""

import posixpath
from typing import Any

from ingest.readers.archives import Archive
from ingest.readers.documents import Line, Metadata, Text, clean_line
from ingest.readers.office import core_properties, limit_text, read_archive
from ingest.stages.context import Context

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
TITLES = ("title", "ctrTitle")


def read_text(context: Context) -> Text:
    """Flags: damaged, bomb, too_big_text."""
    return read_archive(context, _read_text, Text)


def read_metadata(context: Context) -> Metadata:
    return read_archive(context, lambda archive, _: core_properties(archive, len(_slide_names(archive))), Metadata)


def _read_text(archive: Archive, context: Context) -> Text:
    slides = [archive.xml(name) for name in _slide_names(archive)[: context.limits.pages]]
    pages, flags = limit_text(("\n".join(map(_plain, slide.iter("{*}p"))) for slide in slides), context)
    return Text(pages, tuple(_first_lines(slides[0])) if slides else (), tuple(flags))


def _slide_names(archive: Archive) -> list[str]:
    """The slides as the presentation lists them; those that are missing are left out."""
    base = "ppt/presentation.xml"
    targets = {
        relation.get("Id"): posixpath.normpath(posixpath.join("ppt", relation.get("Target", "")))
        for relation in archive.xml("ppt/_rels/presentation.xml.rels").iter("{*}Relationship")
    }
    names = [targets.get(slide.get(RELATION), "").removeprefix("/") for slide in archive.xml(base).iter("{*}sldId")]
    return [name for name in names if name in archive.names]


def _plain(paragraph: Any) -> str:
    return "".join(each.text or "" for each in paragraph.iter("{*}t"))


def _first_lines(slide: Any) -> list[Line]:
    """The lines of the first slide; the placeholder for the title is named in `style`."""
    lines = []
    for shape in slide.iter("{*}sp"):
        placeholder = next(shape.iter("{*}ph"), None)
        style = "Title" if placeholder is not None and placeholder.get("type") in TITLES else ""
        for paragraph in shape.iter("{*}p"):
            if shown := clean_line(_plain(paragraph)):
                lines.append(Line(0, shown, style=style))
    return lines
