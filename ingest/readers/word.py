"""DOCX: paragraphs, tables, notes, and the look of the first paragraphs (ECMA-376 part 1, chapter 17)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.flags import Flag
from ingest.readers.archives import Archive, BrokenError, local_name
from ingest.readers.documents import LINES, Line, Metadata, Text, clean_line
from ingest.readers.office import core_properties, limit_text, read_archive
from ingest.readers.plain_text import split_pages
from ingest.stages.context import Context

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# The same vocabulary under the address of the strict variant.
STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
BESIDE = ("word/footnotes.xml", "word/endnotes.xml")


@dataclass(frozen=True)
class Look:
    """Of a style, or set on a paragraph; None where it says nothing."""

    size: float | None = None
    bold: bool | None = None
    centred: bool | None = None
    name: str = ""

    def over(self, other: "Look") -> "Look":
        """What I say, and where I say nothing what `other` says."""
        return Look(
            self.size if self.size is not None else other.size,
            self.bold if self.bold is not None else other.bold,
            self.centred if self.centred is not None else other.centred,
            self.name or other.name,
        )


def read_text(context: Context) -> Text:
    """Flags: damaged, bomb, too_big_text."""
    return read_archive(context, _read_text, Text)


def read_metadata(context: Context) -> Metadata:
    return read_archive(context, lambda archive, _: core_properties(archive, _stated_pages(archive)), Metadata)


def _stated_pages(archive: Archive) -> int | None:
    """Word counts pages when it saves; nobody else can without setting the text."""
    try:
        stated = next(archive.xml("docProps/app.xml").iter("{*}Pages"), None)
    except BrokenError:
        return None
    return int(stated.text) if stated is not None and (stated.text or "").isdecimal() else None


def _read_text(archive: Archive, context: Context) -> Text:
    body = archive.xml("word/document.xml")
    styles = _styles(archive)
    paragraphs = []
    lines: list[Line] = []
    for paragraph in body.iter(f"{W}p", f"{STRICT}p"):
        # A text box stands in a run of another paragraph, and its paragraphs are visited by themselves.
        text = "".join(_pieces(paragraph))
        paragraphs.append(text)
        if len(lines) < LINES:
            lines += _lines(paragraph, text, styles)
    flags: list[Flag] = []
    for name in BESIDE:
        if name in archive.names:
            paragraphs += ["".join(_pieces(note)) for note in archive.xml(name).iter(f"{W}p", f"{STRICT}p")]
    pages, flags = limit_text(split_pages("\n".join(paragraphs)), context)
    return Text(pages, tuple(lines[:LINES]), tuple(flags))


def _pieces(paragraph: Any) -> Iterator[str]:
    """The text of a paragraph's own runs; deleted text, field codes and inner text boxes are left out."""
    for element in paragraph:
        name = local_name(element)
        if name == "t":
            yield element.text or ""
        elif name in ("tab", "ptab"):
            yield "\t"
        elif name in ("br", "cr"):
            yield "\n"
        elif name == "noBreakHyphen":
            yield "-"
        elif name in ("r", "hyperlink", "ins", "smartTag", "sdt", "sdtContent", "fldSimple", "moveTo", "bdo", "dir"):
            yield from _pieces(element)


def _lines(paragraph: Any, text: str, styles: dict[str, Look]) -> list[Line]:
    look = _look_of(paragraph, styles)
    return [
        Line(0, shown, look.size or 0.0, bool(look.bold), bool(look.centred), 0.0, look.name)
        for part in text.split("\n")
        if (shown := clean_line(part))
    ]


def _look_of(paragraph: Any, styles: dict[str, Look]) -> Look:
    """What the first run with text says, over what the paragraph says, over its style."""
    properties = paragraph.find("{*}pPr")
    reference = properties.find("{*}pStyle") if properties is not None else None
    style = styles.get(_value(reference) or "", styles.get("", Look()))
    own = _look(properties)
    run = next((run for run in paragraph.iterfind("{*}r") if any(each.text for each in run.iterfind("{*}t"))), None)
    return _look(run.find("{*}rPr") if run is not None else None).over(own).over(style)


def _look(properties: Any) -> Look:
    if properties is None:
        return Look()
    size = _value(properties.find("{*}sz"))
    bold = properties.find("{*}b")
    alignment = _value(properties.find("{*}jc"))
    return Look(
        int(size) / 2 if size and size.isdecimal() else None,  # half points
        None if bold is None else _value(bold) not in ("0", "false", "off"),
        None if alignment is None else alignment == "center",
    )


def _value(element: Any) -> str | None:
    return None if element is None else element.get(f"{W}val") or element.get(f"{STRICT}val")


def _styles(archive: Archive) -> dict[str, Look]:
    """The look of each paragraph style by its id, "" for the default; without what it inherits twice over."""
    try:
        root = archive.xml("word/styles.xml")
    except BrokenError:
        return {}
    default = _look(root.find("{*}docDefaults/{*}rPrDefault/{*}rPr"))
    found: dict[str, Look] = {}
    for style in root.iterfind("{*}style"):
        identifier = style.get(f"{W}styleId") or style.get(f"{STRICT}styleId") or ""
        based_on = found.get(_value(style.find("{*}basedOn")) or "", default)
        named = Look(name=_value(style.find("{*}name")) or "")
        own = _look(style.find("{*}rPr")).over(_look(style.find("{*}pPr"))).over(named)
        found[identifier] = own.over(Look(based_on.size, based_on.bold, based_on.centred))
        if style.get(f"{W}default") == "1" and style.get(f"{W}type") == "paragraph":
            found[""] = found[identifier]
    return found
