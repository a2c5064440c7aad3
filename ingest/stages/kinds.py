"""The kinds of file that Muras tells apart by their content, with what each is called elsewhere."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a file is to us: the choice of its reader."""

    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    ODP = "odp"
    PPTX = "pptx"
    EPUB = "epub"
    DJVU = "djvu"
    DJVU_PART = "djvu-part"
    TEXT = "text"
    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    JPEG2000 = "jpeg2000"
    GIF = "gif"
    WEBP = "webp"
    HTML = "html"
    SVG = "svg"
    XML = "xml"
    RTF = "rtf"
    OLE = "ole"
    XLSX = "xlsx"
    ODS = "ods"
    ZIP = "zip"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Format:
    """A kind's media type (what it is served as), the extensions that fit it, and its PRONOM identifier
    where the registry has no signature for it outside of containers."""

    mime: str
    extensions: tuple[str, ...]
    puid: str | None = None


OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."

FORMATS = {
    Kind.PDF: Format("application/pdf", ("pdf",)),
    Kind.DOCX: Format(f"{OOXML}wordprocessingml.document", ("docx", "docm", "dotx"), "fmt/412"),
    Kind.PPTX: Format(f"{OOXML}presentationml.presentation", ("pptx", "pptm", "ppsx"), "fmt/215"),
    Kind.XLSX: Format(f"{OOXML}spreadsheetml.sheet", ("xlsx", "xlsm"), "fmt/214"),
    Kind.ODT: Format(f"{ODF}text", ("odt", "ott"), "fmt/291"),
    Kind.ODP: Format(f"{ODF}presentation", ("odp", "otp"), "fmt/293"),
    Kind.ODS: Format(f"{ODF}spreadsheet", ("ods", "ots"), "fmt/295"),
    Kind.EPUB: Format("application/epub+zip", ("epub",), "fmt/483"),
    Kind.DJVU: Format("image/vnd.djvu", ("djvu", "djv")),
    # Shared shapes or thumbnails of a DjVu document that is kept in several files.
    Kind.DJVU_PART: Format("image/vnd.djvu", ("iff", "djbz", "thumb")),
    Kind.TEXT: Format("text/plain", ("txt", "text", "md", "markdown", "csv", "tsv", "tex"), "x-fmt/111"),
    Kind.JPEG: Format("image/jpeg", ("jpg", "jpeg", "jpe", "jfif")),
    Kind.PNG: Format("image/png", ("png",)),
    Kind.TIFF: Format("image/tiff", ("tif", "tiff")),
    Kind.JPEG2000: Format("image/jp2", ("jp2", "jpf", "jpx", "jpm", "j2k")),
    Kind.GIF: Format("image/gif", ("gif",)),
    Kind.WEBP: Format("image/webp", ("webp",)),
    Kind.HTML: Format("text/html", ("html", "htm", "xhtml"), "fmt/96"),
    Kind.SVG: Format("image/svg+xml", ("svg",)),
    Kind.XML: Format("application/xml", ("xml", "fb2", "xsd", "xsl", "opf", "rdf", "tei"), "fmt/101"),
    Kind.RTF: Format("application/rtf", ("rtf", "doc")),
    Kind.OLE: Format("application/x-ole-storage", ("doc", "xls", "ppt", "dot", "msg", "vsd"), "fmt/111"),
    Kind.ZIP: Format("application/zip", ("zip",), "x-fmt/263"),
    Kind.UNKNOWN: Format("application/octet-stream", ()),
}

IMAGES = frozenset({Kind.JPEG, Kind.PNG, Kind.TIFF, Kind.JPEG2000, Kind.GIF, Kind.WEBP})
