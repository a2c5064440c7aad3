"""Slides as PPTX (ECMA-376, part 1, 13 and 19): one master, one layout, a theme, and a slide for each page."""

from html import escape

from tests.demo.making.text import Block, Document

PART = "http://schemas.openxmlformats.org/"
NAMES = (
    f'xmlns:a="{PART}drawingml/2006/main" xmlns:p="{PART}presentationml/2006/main" '
    f'xmlns:r="{PART}officeDocument/2006/relationships"'
)
TYPE = "application/vnd.openxmlformats-officedocument."
WIDE, HIGH = 12192000, 6858000  # EMU: 16 to 9
MAP = (
    'bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" accent4="accent4" '
    'accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"'
)
COLOURS = {
    "dk1": "1D1B19",
    "lt1": "FFFFFF",
    "dk2": "1F4E8C",
    "lt2": "FBFAF7",
    "accent1": "9B2D1F",
    "accent2": "1F4E8C",
    "accent3": "2C6E49",
    "accent4": "8A5A00",
    "accent5": "6B5B4D",
    "accent6": "4A4A4A",
    "hlink": "1F4E8C",
    "folHlink": "6B5B4D",
}
EMPTY_TREE = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'


def parts(document: Document) -> dict[str, bytes | str]:
    """The entries of the archive."""
    pages = document.pages
    numbers = range(1, len(pages) + 1)
    kinds = {
        "/ppt/presentation.xml": f"{TYPE}presentationml.presentation.main+xml",
        "/ppt/slideMasters/slideMaster1.xml": f"{TYPE}presentationml.slideMaster+xml",
        "/ppt/slideLayouts/slideLayout1.xml": f"{TYPE}presentationml.slideLayout+xml",
        "/ppt/theme/theme1.xml": f"{TYPE}theme+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        **{f"/ppt/slides/slide{n}.xml": f"{TYPE}presentationml.slide+xml" for n in numbers},
    }
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    ids = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n + 1}"/>' for n in numbers)
    layout = "<p:cSld><p:spTree>" + EMPTY_TREE + "</p:spTree></p:cSld>"
    files: dict[str, str] = {
        "[Content_Types].xml": f'<Types xmlns="{PART}package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": _relations(
            ("officeDocument/2006/relationships/officeDocument", "ppt/presentation.xml"),
            ("package/2006/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
        "docProps/core.xml": _properties(document),
        "ppt/presentation.xml": f'<p:presentation {NAMES}><p:sldMasterIdLst><p:sldMasterId id="2147483648" '
        f'r:id="rId1"/></p:sldMasterIdLst><p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx="{WIDE}" cy="{HIGH}"/>'
        f'<p:notesSz cx="{HIGH}" cy="{WIDE}"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": _relations(
            (f"{_OFFICE}slideMaster", "slideMasters/slideMaster1.xml"),
            *((f"{_OFFICE}slide", f"slides/slide{n}.xml") for n in numbers),
            (f"{_OFFICE}theme", "theme/theme1.xml"),
        ),
        "ppt/slideMasters/slideMaster1.xml": f"<p:sldMaster {NAMES}>{layout}<p:clrMap {MAP}/><p:sldLayoutIdLst>"
        '<p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst></p:sldMaster>',
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": _relations(
            (f"{_OFFICE}slideLayout", "../slideLayouts/slideLayout1.xml"), (f"{_OFFICE}theme", "../theme/theme1.xml")
        ),
        "ppt/slideLayouts/slideLayout1.xml": f'<p:sldLayout {NAMES} type="blank">{layout}<p:clrMapOvr>'
        "<a:masterClrMapping/></p:clrMapOvr></p:sldLayout>",
        "ppt/slideLayouts/_rels/slideLayout1.xml.rels": _relations(
            (f"{_OFFICE}slideMaster", "../slideMasters/slideMaster1.xml")
        ),
        "ppt/theme/theme1.xml": _theme(),
    }
    for number, page in zip(numbers, pages, strict=True):
        files[f"ppt/slides/slide{number}.xml"] = _slide(page, document.language)
        files[f"ppt/slides/_rels/slide{number}.xml.rels"] = _relations(
            (f"{_OFFICE}slideLayout", "../slideLayouts/slideLayout1.xml")
        )
    return {name: f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}' for name, text in files.items()}


_OFFICE = "officeDocument/2006/relationships/"


def _relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{PART}{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{PART}package/2006/relationships">{rows}</Relationships>'


def _properties(document: Document) -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{PART}package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(document.title)}</dc:title><dc:creator>{escape(document.author)}</dc:creator>"
        f"<dc:language>{document.language}</dc:language></cp:coreProperties>"
    )


def _slide(page: list[Block], language: str) -> str:
    heads = [block for block in page if block.kind in ("heading", "centre")]
    rest = [block for block in page if block not in heads]
    shapes = _box(2, "title", 400000, 1200000, heads, 3600, language)
    shapes += _box(3, "body", 1800000, 4500000, rest, 2400, language) if rest else ""
    return (
        f"<p:sld {NAMES}><p:cSld><p:spTree>{EMPTY_TREE}{shapes}</p:spTree></p:cSld>"
        "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>"
    )


def _box(number: int, name: str, top: int, height: int, blocks: list[Block], size: int, language: str) -> str:
    paragraphs = "".join(
        f'<a:p>{_bullet(block)}<a:r><a:rPr lang="{language}" sz="{size}"/><a:t>{escape(block.text)}</a:t></a:r></a:p>'
        for block in blocks
    )
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr>'
        f'<a:xfrm><a:off x="700000" y="{top}"/><a:ext cx="{WIDE - 1400000}" cy="{height}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr wrap="square"/><a:lstStyle/>'
        f"{paragraphs or '<a:p/>'}</p:txBody></p:sp>"
    )


def _bullet(block: Block) -> str:
    return '<a:pPr marL="457200" indent="-342900"><a:buChar char="•"/></a:pPr>' if block.kind == "item" else ""


def _theme() -> str:
    """All that a theme must hold (20.1.6.9): twelve colours, two fonts, three of each kind of look."""
    scheme = "".join(f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>' for name, value in COLOURS.items())
    font = '<a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>' * 3
    line = '<a:ln w="9525"><a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:ln>' * 3
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>" * 3
    return (
        f'<a:theme xmlns:a="{PART}drawingml/2006/main" name="Muras"><a:themeElements><a:clrScheme name="Muras">{scheme}'
        f'</a:clrScheme><a:fontScheme name="Muras"><a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont>'
        f'</a:fontScheme><a:fmtScheme name="Muras"><a:fillStyleLst>{fill}</a:fillStyleLst><a:lnStyleLst>{line}'
        f"</a:lnStyleLst><a:effectStyleLst>{effect}</a:effectStyleLst><a:bgFillStyleLst>{fill}</a:bgFillStyleLst>"
        "</a:fmtScheme></a:themeElements></a:theme>"
    )
