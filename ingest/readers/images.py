"""Scans and pictures by Pillow: size, number of pictures, and the picture itself for a preview."""

import struct
import warnings
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ingest.flags import Code, Flag
from ingest.readers.documents import Metadata, Text
from ingest.stages.context import Context

if TYPE_CHECKING:
    from PIL.Image import Image

ORIENTATION = 0x0112
LYING = range(5, 9)
"""Values of the EXIF orientation that swap width and height (EXIF 2.32, table 6)."""
FORMATS = ("JPEG", "PNG", "TIFF", "JPEG2000", "GIF", "WEBP", "PPM", "BMP")
"""Pillow opens some forty formats; most have no place in a library and were never attacked enough."""
MOST_FRAMES = 10_000
BROKEN = (OSError, ValueError, TypeError, SyntaxError, EOFError, IndexError, KeyError, struct.error, OverflowError)
"""What Pillow raises on broken pictures (SyntaxError is its own choice)."""


class TooLargeError(Exception):
    """A picture of more pixels than are unpacked."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width} x {height}")
        self.width = width
        self.height = height


def read_text(_context: Context) -> Text:
    """A picture has no text; that of scanned pages is recognised elsewhere."""
    return Text()


def read_metadata(context: Context) -> Metadata:
    """Flags: damaged, image_too_large."""
    try:
        with open_picture(context.path, None) as image:
            width, height = image.size
            # Pillow gives the size of a TIFF as it is seen, that of a JPEG as it is stored.
            lying = image.format != "TIFF" and _orientation(image) in LYING
            flags: tuple[Flag, ...] = ()
            if width * height > context.limits.pixels:
                flags = (Flag(Code.IMAGE_TOO_LARGE, {"width": width, "height": height}),)
            size = (height, width) if lying else (width, height)
            return Metadata(page_count=_count_frames(image), width=size[0], height=size[1], flags=flags)
    except BROKEN:
        return Metadata(flags=(Flag(Code.DAMAGED),))


def _orientation(image: "Image") -> int | None:
    """As EXIF says. Not by `getexif`, which unpacks a PNG for it."""
    from PIL.Image import Exif

    exif = Exif()
    try:
        exif.load(image.info.get("exif", b""))
        orientation = exif.get(ORIENTATION)
    except BROKEN:
        return None  # the picture may be whole
    return orientation if isinstance(orientation, int) else None


def _count_frames(image: "Image") -> int:
    """Pictures in the file. A TIFF may chain them in a ring: Pillow stops at one that it has seen."""
    try:
        return min(getattr(image, "n_frames", 1), MOST_FRAMES)
    except BROKEN:
        return 1


def draw_cover(context: Context, size: int) -> "Image":
    """The first picture. Raises TooLargeError, or one of BROKEN."""
    image = open_picture(context.path, context.limits.pixels)
    # A JPEG is unpacked at a half, a quarter or an eighth of its size where that is enough: much faster.
    image.draft("RGB" if image.mode == "YCbCr" else image.mode, (size, size))
    return image


def open_picture(source: Path | IO[bytes], pixels: int | None) -> "Image":
    """Open without unpacking. Raises TooLargeError beyond `pixels`, or one of BROKEN."""
    from PIL import Image

    # Ours is the limit that counts, and it is an error, not a warning.
    Image.MAX_IMAGE_PIXELS = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(source, formats=FORMATS)
    if pixels is not None and image.width * image.height > pixels:
        image.close()
        raise TooLargeError(*image.size)
    return image
