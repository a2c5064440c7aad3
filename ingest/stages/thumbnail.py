"""The two small pictures of a document: one for lists, one for its page; upright, sRGB, JPEG.

They are derived: they may be deleted at any time and made again.
"""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.flags import Code, Flag
from ingest.readers.images import BROKEN, TooLargeError
from ingest.stages.context import Context
from ingest.stages.extract_text import reader_of

if TYPE_CHECKING:
    from PIL.Image import Image

THUMBNAIL = "thumbnail.jpg"
PREVIEW = "preview.jpg"
SIZES = {PREVIEW: (400, 600), THUMBNAIL: (96, 144)}
"""Pixels: the widths of the page and of the lists, and a height that a narrow picture may not pass."""
LONGEST = 600
QUALITY = 82


@dataclass(frozen=True)
class Pictures:
    """Width and height of each picture that was written to the scratch folder, by its name."""

    sizes: dict[str, tuple[int, ...]]
    flags: tuple[Flag, ...] = ()


def draw_pictures(context: Context) -> Pictures:
    """Write `preview.jpg` and `thumbnail.jpg`, where the kind has a first page or a cover.

    Flags: image_too_large, and no_preview where there should be a picture but it cannot be drawn.
    """
    reader = reader_of(context.kind)
    if reader is None or not hasattr(reader, "draw_cover"):
        return Pictures({})
    try:
        cover = reader.draw_cover(context, LONGEST)
        if cover is None:
            return Pictures({})
        picture = make_presentable(cover)
        return Pictures({name: _write(picture, name, bounds) for name, bounds in SIZES.items()})
    except TooLargeError as error:
        return Pictures({}, (Flag(Code.IMAGE_TOO_LARGE, {"width": error.width, "height": error.height}),))
    except BROKEN:
        return Pictures({}, (Flag(Code.NO_PREVIEW),))


def make_presentable(image: "Image") -> "Image":
    """Scaled down, upright, and in sRGB on white, whatever the scanner or the camera made."""
    from PIL import ImageOps

    if image.width > 4 * LONGEST and image.height > 4 * LONGEST and image.mode in ("L", "RGB", "CMYK"):
        # Averaging whole blocks first makes the fine scaling below cheap on large scans.
        image = _reduce(image)
    orientation = ImageOps.exif_transpose(image) or image
    return _flatten(_to_srgb(_to_eight_bits(orientation)))


def _reduce(image: "Image") -> "Image":
    image.load()  # only then is it known whether Pillow has turned it already
    profile, exif = image.info.get("icc_profile"), image.getexif()
    reduced = image.reduce(min(image.width, image.height) // (2 * LONGEST))
    reduced.info["icc_profile"] = profile
    if exif:
        reduced.info["exif"] = exif.tobytes()
    return reduced


def _to_eight_bits(image: "Image") -> "Image":
    """Deep and floating samples, stretched from their darkest to their brightest, as a viewer shows them."""
    if not image.mode.startswith(("I", "F")):
        return image
    deep = image.convert("F")
    low, high = deep.getextrema()
    if not isinstance(low, float) or not isinstance(high, float) or not high > low:
        return deep.convert("L")
    scale = 255 / (high - low)
    return deep.point(lambda value: value * scale - low * scale).convert("L")


def _to_srgb(image: "Image") -> "Image":
    """By the embedded profile; a broken or unfitting one is ignored, as browsers do."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if profile and image.mode in ("L", "RGB", "CMYK", "LAB"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB") or image.convert("L")
    return image


def _flatten(image: "Image") -> "Image":
    """RGB or grey, transparent parts on white paper."""
    from PIL import Image

    if image.mode in ("L", "RGB"):
        return image
    if image.mode in ("LA", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        picture = image.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(paper, picture).convert("RGB")
    # A page of black letters has two values only, and needs greys to be legible when it is small.
    return image.convert("L" if image.mode == "1" else "RGB")


def _write(image: "Image", name: str, bounds: tuple[int, int]) -> tuple[int, ...]:
    from PIL import Image

    small = image.copy()
    small.thumbnail(bounds, Image.Resampling.LANCZOS, reducing_gap=2.0)
    # Neither profile nor EXIF goes along: it is sRGB and upright now, and a camera tells where it stood.
    small.save(name, "JPEG", quality=QUALITY, optimize=True, progressive=True, exif=b"", icc_profile=None)
    return small.size
