"""Documents as PDF: with text, or as the scan of a printed one."""

import io
import random
from html import escape
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageChops
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate

from tests.articles.writers import register_fonts
from tests.demo.making.text import Block, Document

SIZES = {"A4": A4, "A5": A5}
SCAN_DPI = 150


def write_pdf(document: Document, path: Path) -> None:
    printed = io.BytesIO()
    _print(document, printed)
    if document.properties.get("scan"):
        _scan(printed.getvalue(), path)
    else:
        path.write_bytes(printed.getvalue())


def _print(document: Document, target: io.BytesIO) -> None:
    if "Serif" not in pdfmetrics.getRegisteredFontNames():
        register_fonts()
    width, height = SIZES[document.properties.get("page", "A4")]
    margin = 0.12 * width
    template = SimpleDocTemplate(
        target,
        pagesize=(width, height),
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
        title=document.title,
        author=document.author,
        lang=document.language,
        invariant=1,
    )
    font, size = document.properties.get("font", "Serif"), float(document.properties.get("size", "11"))
    number = _page_number(font)
    template.build([_flowable(block, font, size) for block in document.blocks], onFirstPage=number, onLaterPages=number)


def _flowable(block: Block, font: str, size: float) -> Flowable:
    if block.kind == "page":
        return PageBreak()
    return Paragraph(escape(block.text), _style(block.kind, font, size))


def _style(kind: str, font: str, size: float) -> ParagraphStyle:
    looks: dict[str, dict[str, Any]] = {
        "heading": {"fontName": f"{font}-Bold", "fontSize": 1.4 * size, "alignment": 1, "spaceAfter": size},
        "subheading": {"fontName": f"{font}-Bold", "fontSize": 1.1 * size, "spaceBefore": size, "spaceAfter": size / 2},
        "centre": {"alignment": 1, "spaceAfter": size / 2},
        "small": {"fontSize": 0.88 * size, "leftIndent": size, "rightIndent": size, "alignment": 4},
        "item": {"leftIndent": 1.5 * size, "bulletIndent": size / 2},
        "paragraph": {"firstLineIndent": 1.3 * size, "alignment": 4},
    }
    look = {"fontName": font, "fontSize": size, "spaceAfter": size / 2, **looks[kind]}
    return ParagraphStyle(kind, leading=look["fontSize"] * 1.35, **look)


def _page_number(font: str) -> Any:
    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont(font, 8)
        canvas.drawCentredString(canvas._pagesize[0] / 2, 24, str(document.page))

    return draw


def _scan(printed: bytes, path: Path) -> None:
    """Pictures of the pages and no letter of text: a little askew and dusty, black on white."""
    pages = pypdfium2.PdfDocument(printed)
    pictures = [age(page.render(scale=SCAN_DPI / 72).to_pil().convert("L"), seed) for seed, page in enumerate(pages)]
    black = [picture.point(lambda grey: 255 if grey > 150 else 0).convert("1") for picture in pictures]
    black[0].save(path, "PDF", save_all=True, append_images=black[1:], resolution=SCAN_DPI)


def age(page: Image.Image, seed: int) -> Image.Image:
    """A page as an old scanner saw it: turned by less than a degree, with dust."""
    chance = random.Random(seed)
    turned = page.rotate(chance.uniform(-0.6, 0.6), Image.Resampling.BICUBIC, fillcolor=255)
    dust = Image.new("L", page.size, 255)
    for _ in range(60):
        dust.putpixel((chance.randrange(page.width), chance.randrange(page.height)), chance.randrange(160))
    return ImageChops.darker(turned, dust)
