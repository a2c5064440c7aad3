"""Files that attack: made here, small on disk, each of a kind that was seen in the wild or is easy to think of."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable

import pikepdf
from PIL import Image

CONTENT_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def pdf(objects: dict[int, bytes], root: int = 1) -> bytes:
    """A PDF of the given objects, with a correct cross-reference table."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, body in objects.items():
        offsets[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    size = max(objects) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    for number in range(1, size):
        out.write(b"%010d 00000 n \n" % offsets.get(number, 0))
    out.write(b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, start))
    return out.getvalue()


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def pdf_page(content: bytes, catalog: bytes = b"", page: bytes = b"/MediaBox [0 0 595 842]") -> bytes:
    """One page of Helvetica with the given content stream (an object)."""
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: b"<< /Type /Page /Parent 2 0 R %s /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>" % page,
            4: content,
            5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        }
    )


HELLO = b"BT /F 12 Tf 72 720 Td (Hello from the Tengir-Too Institute) Tj ET"


def simple_pdf(**options: bytes) -> bytes:
    return pdf_page(stream(HELLO), **options)


def encrypted_pdf(user: str, owner: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(simple_pdf())) as document:
        document.save(out, encryption=pikepdf.Encryption(user=user, owner=owner))
    return out.getvalue()


def deflate(pieces: Iterable[bytes]) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join([*map(packer.compress, pieces), packer.flush()])


def pdf_bomb(megabytes: int) -> bytes:
    """Its one page unpacks, twice, to that many megabytes of drawing operators."""
    packed = deflate([deflate(b"0 0 m " * 174_762 for _ in range(megabytes))])
    return pdf_page(stream(packed, b"/Filter [/FlateDecode /FlateDecode]"))


def pdf_with_loop() -> bytes:
    """The page tree holds itself, and its pages their parent (never ends if followed)."""
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R 2 0 R 4 0 R] /Count 9 >>",
            3: b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 3 0 R] /Count 9 >>",
            4: b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 100 100] >>",
        }
    )


def pdf_deeply_nested(depth: int) -> bytes:
    """An array in an array in an array…, where a page belongs."""
    return pdf({1: b"<< /Type /Catalog /Pages 2 0 R /X %s >>" % (b"[" * depth + b"]" * depth), 2: b"[" * depth})


def pdf_claiming_pages(count: int) -> bytes:
    return pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count %d >>" % count,
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
        }
    )


def pdf_of_pages(count: int) -> bytes:
    objects = {1: b"<< /Type /Catalog /Pages 2 0 R >>"}
    kids = b" ".join(b"%d 0 R" % number for number in range(3, count + 3))
    objects[2] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count)
    for number in range(3, count + 3):
        objects[number] = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>"
    return pdf(objects)


def archive(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


def docx(body: str, **files: bytes) -> bytes:
    document = f"<w:document {WORD}><w:body>{body}</w:body></w:document>"
    return archive({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": document.encode(), **files})


def docx_paragraphs(*texts: str) -> bytes:
    return docx("".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts))


def docx_bomb(megabytes: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", CONTENT_TYPES)
        with packed.open("word/document.xml", "w", force_zip64=True) as member:
            member.write(f"<w:document {WORD}><w:body><w:p><w:r><w:t>".encode())
            for _ in range(megabytes):
                member.write(b"a" * (1 << 20))
    return out.getvalue()


def lying_docx_bomb(megabytes: int) -> bytes:
    """As `docx_bomb`, but both headers say that its text is 1,000 bytes long."""
    honest = docx_bomb(megabytes)
    with zipfile.ZipFile(io.BytesIO(honest)) as packed:
        info = packed.getinfo("word/document.xml")
        size = info.file_size
    # The local header has a ZIP64 extra field (8 bytes), the directory four bytes.
    lie = honest.replace(struct.pack("<Q", size), struct.pack("<Q", 1000))
    return lie.replace(struct.pack("<L", size), struct.pack("<L", 1000))


def archive_of_many(count: int) -> bytes:
    return archive({f"{number}": b"" for number in range(count)}, zipfile.ZIP_STORED)


LAUGHS = "<!DOCTYPE w:document [" + "".join(
    f'<!ENTITY l{level} "{f"&l{level - 1};" * 10 if level else "ха"}">' for level in range(10)
)


def laughing_docx() -> bytes:
    """A billion laughs: entities that unfold to ten thousand million letters."""
    text = f"{LAUGHS}]><w:document {WORD}><w:body><w:p><w:r><w:t>&l9;</w:t></w:r></w:p></w:body></w:document>"
    return archive({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": text.encode()})


def reading_docx(path: str) -> bytes:
    """An external entity that would put a file of the server into the text."""
    text = (
        f'<!DOCTYPE w:document [<!ENTITY x SYSTEM "file://{path}">]>'
        f"<w:document {WORD}><w:body><w:p><w:r><w:t>before &x; after</w:t></w:r></w:p></w:body></w:document>"
    )
    return archive({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": text.encode()})


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims any size, with enough data for a first row."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))

    header = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = deflate(b"\0" * (1 << 20) for _ in range(8))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def tiff_bomb(side: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "TIFF", compression="group4")
    return out.getvalue()


def picture(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else 1).save(out, kind)
    return out.getvalue()
