"""Drafts as PDF (reportlab) and DOCX (python-docx)."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import BaseDocTemplate, Frame, PageBreak, PageTemplate
from reportlab.platypus import Paragraph as Flowable

from tests.articles.draft import Draft, NewPage, Paragraph

MARGIN, GAP = 62.0, 18.0
ALIGNMENT = {"left": 0, "center": 1, "right": 2, "justify": 4}
FONTS = {
    "Serif": ("font_source_serif_pro", "SourceSerifPro-Regular", "SourceSerifPro-Bold", None),
    "Sans": ("font_roboto", "Roboto-Regular", "Roboto-Bold", "Roboto-Italic"),
}
"""Both hold the Kyrgyz letters ң, ө and ү; the italics of the first do not."""


def register_fonts() -> None:
    for family, (package, regular, bold, italic) in FONTS.items():
        spec = find_spec(package)
        assert spec is not None and spec.origin is not None, f"{package} is not installed"
        folder = Path(spec.origin).parent / "files"
        faces = {"": regular, "-Bold": bold, "-Italic": italic or regular, "-BoldItalic": bold}
        for suffix, file in faces.items():
            pdfmetrics.registerFont(TTFont(family + suffix, str(folder / f"{file}.ttf")))
        pdfmetrics.registerFontFamily(family, family, f"{family}-Bold", f"{family}-Italic", f"{family}-BoldItalic")


def write_pdf(draft: Draft, path: Path) -> None:
    if "Serif" not in pdfmetrics.getRegisteredFontNames():
        register_fonts()
    document = BaseDocTemplate(
        str(path), pagesize=A4, title=draft.info.get("title"), author=draft.info.get("author"), invariant=1
    )
    story = [_flowable(block, draft.font) for block in draft.blocks]
    width, height = A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN
    above = sum(each.wrap(width, height)[1] + each.getSpaceAfter() for each in story[: draft.head]) + 2
    document.addPageTemplates(
        [
            PageTemplate("first", _frames(draft.columns, above if draft.head else 0), _furniture(draft)),
            PageTemplate("later", _frames(draft.columns, 0), _furniture(draft)),
        ]
    )
    document._firstPageTemplateIndex = 0
    document.handle_pageBegin_next = "later"
    _then_later(document)
    document.build(story)


def _then_later(document: Any) -> None:
    """From the second page on there is nothing above the columns."""
    begin = document.handle_pageBegin

    def handle_page_begin() -> None:
        begin()
        document._nextPageTemplateIndex = 1

    document.handle_pageBegin = handle_page_begin


def _frames(columns: int, above: float) -> list[Frame]:
    full = A4[0] - 2 * MARGIN
    bottom, top = MARGIN, A4[1] - MARGIN
    plain = {"leftPadding": 0, "rightPadding": 0, "topPadding": 0, "bottomPadding": 0}
    frames = [Frame(MARGIN, top - above, full, above, **plain)] if above else []
    width = (full - GAP * (columns - 1)) / columns
    for column in range(columns):
        left = MARGIN + column * (width + GAP)
        frames.append(Frame(left, bottom, width, top - above - bottom, **plain))
    return frames


def _furniture(draft: Draft) -> Any:
    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont(draft.font, 8)
        if draft.running_head:
            canvas.drawString(MARGIN, A4[1] - 40, draft.running_head)
        if draft.footer and document.page == 1:
            canvas.drawString(MARGIN, 30, draft.footer)
        canvas.drawCentredString(A4[0] / 2, 40, str(document.page + 11))

    return draw


def _flowable(block: Paragraph | NewPage, font: str) -> Any:
    if isinstance(block, NewPage):
        return PageBreak()
    face = font + ("-Bold" if block.bold else "-Italic" if block.italic else "")
    style = ParagraphStyle(
        "p",
        fontName=face,
        fontSize=block.size,
        leading=block.size * 1.22,
        alignment=ALIGNMENT[block.align],
        spaceAfter=block.after,
        firstLineIndent=14 if block.align == "justify" else 0,
    )
    return Flowable(block.text, style)


def write_docx(draft: Draft, path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = draft.info.get("title", "")
    document.core_properties.author = draft.info.get("author", "")
    for block in draft.blocks:
        if isinstance(block, NewPage):
            document.add_page_break()
            continue
        names = [style.name for style in document.styles]
        if block.style and block.style not in names:
            document.styles.add_style(block.style, 1)
        paragraph = document.add_paragraph(style=block.style or None)
        if block.align == "center":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif block.align == "right":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for part in re.split(r"(<super>.*?</super>|<b>.*?</b>|<i>.*?</i>|<br/>)", block.text):
            if part == "<br/>":
                paragraph.add_run().add_break()
                continue
            run = paragraph.add_run(re.sub(r"<[^>]+>", "", part))
            run.font.superscript = part.startswith("<super>") or None
            if not block.style:
                run.font.size = Pt(block.size)
                run.bold = block.bold or part.startswith("<b>") or None
                run.italic = block.italic or None
    document.save(str(path))
