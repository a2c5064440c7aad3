"""Pictures: an ornament, a map, the pages of old books, of a manuscript, of a typed wartime report."""

import random
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.demo.making.scripts import arabic, latin

DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
"""The only fonts at hand that have the letters of 1928 and the Arabic ones (Debian: fonts-dejavu-core)."""
PAGES = Path(__file__).parent / "pages"
INK, PAPER, MADDER, CREAM = "#2b241c", "#efe6d0", "#9b2d1f", "#f2ead8"


# ---------------------------------------------------------------- a felt carpet


def draw_ornament(path: Path) -> None:
    """Horns of a ram in two colours of felt, each cut out of the other."""
    picture = Image.new("RGB", (1400, 1000), MADDER)
    draw = ImageDraw.Draw(picture)
    for row in range(2):
        for column in range(3):
            light = (row + column) % 2 == 0
            ground, figure = (CREAM, MADDER) if light else (MADDER, CREAM)
            left, top = 60 + column * 430, 60 + row * 440
            draw.rectangle((left, top, left + 420, top + 430), fill=ground, outline=INK, width=4)
            _horns(draw, left + 210, top + 215, figure)
    _felt(picture, 7).save(path, "JPEG", quality=72, optimize=True)


def _horns(draw: ImageDraw.ImageDraw, x: int, y: int, colour: str) -> None:
    draw.polygon([(x, y - 60), (x + 60, y), (x, y + 60), (x - 60, y)], fill=colour)
    for side in (-1, 1):
        for up in (-1, 1):
            draw.line([(x, y), (x + side * 70, y + up * 110)], fill=colour, width=26)
            for ring in range(3):
                wide = 62 - ring * 20
                middle = (x + side * 105, y + up * 120)
                box = (middle[0] - wide, middle[1] - wide, middle[0] + wide, middle[1] + wide)
                draw.arc(box, 200 if side > 0 else 340, 160 if side > 0 else 300, fill=colour, width=13)


def _felt(picture: Image.Image, seed: int) -> Image.Image:
    """The grain of felt, or of paper."""
    chance = random.Random(seed)
    small = Image.new("L", (picture.width // 4, picture.height // 4))
    small.putdata([chance.randrange(96, 160) for _ in range(small.width * small.height)])
    grain = small.resize(picture.size, Image.Resampling.BICUBIC).convert("RGB")
    return Image.blend(picture, grain, 0.07)


# ---------------------------------------------------------------- a map

VILLAGES = {"Кайнар": (300, 760), "Боз-Дөбө": (640, 600), "Ак-Кашат": (980, 470), "Терек-Башы": (1240, 250)}


def draw_map(path: Path) -> None:
    """Roads of a valley and its bookmobile: nothing on it is to be found on another map."""
    picture = Image.new("RGB", (1500, 1000), "#f7f3e6")
    draw = ImageDraw.Draw(picture)
    for level in range(6):
        ridge = [(x, 330 - level * 55 + 40 * ((x // 125 + level) % 3) - x // 14) for x in range(0, 1501, 125)]
        draw.line(ridge, fill="#c9b48a", width=3)
    draw.line([(0, 930), (280, 840), (620, 700), (960, 560), (1500, 300)], fill="#5b8fb0", width=12)
    draw.line(list(VILLAGES.values()), fill=MADDER, width=5)
    font = _font("DejaVuSans.ttf", 30)
    for name, (x, y) in VILLAGES.items():
        draw.ellipse((x - 12, y - 12, x + 12, y + 12), fill=INK)
        draw.text((x + 20, y - 44), name, font=font, fill=INK)
    heading = "Кайнар өрөөнү: көчмө китепкананын жолу"
    draw.text((60, 40), heading, font=_font("DejaVuSans-Bold.ttf", 40), fill=INK)
    draw.line([(1120, 930), (1370, 930)], fill=INK, width=6)
    draw.text((1170, 880), "0      10 км", font=font, fill=INK)
    picture.quantize(24).save(path, "PNG", optimize=True)


# ---------------------------------------------------------------- old pages


def draw_latin_page(number: int, path: Path) -> None:
    """Black on white, as a rare-book room keeps its masters: TIFF with Group 4 compression."""
    page = _set_page(_page_lines("latin", number), latin, _font("DejaVuSerif.ttf", 44), (1100, 1600))
    page.convert("L").point(lambda grey: 255 if grey > 140 else 0).convert("1").save(
        path, "TIFF", compression="group4", dpi=(200, 200)
    )


def draw_arabic_page(number: int, path: Path) -> None:
    page = _set_page(_page_lines("arabic", number), arabic, _font("DejaVuSans.ttf", 50), (900, 1300), right=True)
    _yellow(page, number).save(path, "JPEG", quality=55, optimize=True, dpi=(150, 150))


def draw_manuscript(path: Path) -> None:
    """Two leaves of a notebook in one TIFF."""
    leaves = []
    for number in (1, 2):
        font = _font("DejaVuSans-Oblique.ttf", 34)
        page = _set_page(_page_lines("manuscript", number), str, font, (900, 1200), ruled=True)
        leaves.append(_yellow(page, 10 + number))
    look = {"compression": "jpeg", "quality": 50, "dpi": (150, 150)}
    leaves[0].save(path, "TIFF", save_all=True, append_images=leaves[1:], **look)


def _page_lines(book: str, number: int) -> list[str]:
    pages = (PAGES / f"{book}.txt").read_text(encoding="utf-8").split("\n---\n")
    return pages[number - 1].splitlines()


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(DEJAVU / name), size, layout_engine=ImageFont.Layout.RAQM)


def _set_page(
    lines: Iterable[str],
    write: Callable[[str], str],
    font: ImageFont.FreeTypeFont,
    size: tuple[int, int],
    *,
    right: bool = False,
    ruled: bool = False,
) -> Image.Image:
    """Set paragraphs; a line that begins with "= " is a centred heading. `right`: the lines run from the right."""
    page = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(page)
    margin, step, y = size[0] // 9, int(font.size * 1.55), size[0] // 8
    direction = "rtl" if right else "ltr"
    if ruled:
        for line in range(margin, size[1] - margin // 2, step):
            draw.line([(0, line + step - 8), (size[0], line + step - 8)], fill="#b9c4cf", width=2)
        y = margin
    for paragraph in lines:
        centred = paragraph.startswith("= ")
        for line in _wrap(write(paragraph.removeprefix("= ")), font, size[0] - 2 * margin):
            width = font.getlength(line, direction=direction)
            x = (size[0] - width) / 2 if centred else size[0] - margin - width if right else margin
            draw.text((x, y), line, font=font, fill=INK, direction=direction)
            y += step
        y += step // 3
    return page


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _yellow(page: Image.Image, seed: int) -> Image.Image:
    """Paper that has darkened from its edges, under letters that have run a little."""
    soft = page.filter(ImageFilter.GaussianBlur(0.7))
    shade = Image.new("L", page.size, 70)
    inner = (page.width // 30, page.height // 30, page.width * 29 // 30, page.height * 29 // 30)
    ImageDraw.Draw(shade).rectangle(inner, fill=0)
    shade = shade.filter(ImageFilter.GaussianBlur(page.width / 22))
    brown = Image.new("RGB", page.size, "#8a6a3c")
    return _felt(Image.composite(brown, soft, shade), seed)


DRAWN: dict[str, Callable[[Path], None]] = {
    "ornament.jpg": draw_ornament,
    "kainar-map.png": draw_map,
    "manuscript.tif": draw_manuscript,
    **{f"latin-{n}.tif": partial(draw_latin_page, n) for n in range(1, 5)},
    **{f"arabic-{n}.jpg": partial(draw_arabic_page, n) for n in range(1, 5)},
}
