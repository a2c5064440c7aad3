"""The encodings of catalogues, told apart record by record; pure.

A file may hold records of several: each is judged by itself, and what has too few letters to judge follows the file.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from ingest.loaders.marc8 import decode_marc8, looks_like_marc8
from ingest.readers.plain_text import score_encodings

MARC8 = "marc-8"
KNOWN: tuple[str, ...] = (
    "utf-8",
    "utf-16",
    "cp1251",
    "cp866",
    "koi8-r",
    "koi8-u",
    MARC8,
    "kz1048",
    "ptcp154",
    "iso8859-5",
)
KNOWN += ("mac-cyrillic", "cp1252", "iso8859-1", "iso8859-9", "cp1254", "ascii")
"""What a profile may name; those after MARC-8 are of Kazakh, Macintosh, Western and Turkish records."""
RELATIVES = {"kz1048": re.compile(rb"[\xbd\xbe]"), "ptcp154": re.compile(rb"[\x87\x89]")}
"""windows-1251 with ң ө ү in the places of Serbian and Ukrainian letters and signs, and what shows that they are meant:
ң where 1251 has the Serbian ѕ, ү where it has ‡ and ‰."""
CANDIDATES = ("cp1251", "cp866", "koi8-r", "iso8859-5", *RELATIVES)
SURE, UNSURE = 15.0, 2.0
"""By how much (natural logarithm, over all letters of a record) another encoding must be likelier than the file's, and
than windows-1251 where nothing is known of the file."""
GOOD_ENOUGH = -6.5
"""Mean score of a letter above which a record is Cyrillic: names and abbreviations have rarer letters than prose."""
BEYOND = re.compile(rb"[\x80-\xff]")
MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
USUAL = re.compile("[оеаинтсрвлкмдпуяыьгзөүң]")
SAMPLE = 1 << 20
"""Bytes at the beginning of a file by which its usual encoding is known."""
VOTERS = 60
"""Records by which the usual encoding of a file is known."""
ENOUGH = 12
"""Letters that cannot look usual by chance."""
DAMAGE = re.compile("[\ufffd\x80-\x84\x86\x87\x8a-\x97\x99-\x9b\x9d-\x9f]")
"""What could not be read, and controls that no catalogue uses: text that was turned into UTF-8 twice has them."""


@dataclass(frozen=True)
class Decoded:
    """`damaged`: something in it has no meaning in this encoding."""

    text: str
    damaged: bool = False


def read_encoding(name: str) -> str:
    """The name as in KNOWN of an encoding that people call "windows-1251", "UTF8", "KOI8-R"; "" of none of them."""
    plain = name.strip().lower()
    if re.fullmatch(r"marc[-_ ]?8|ansel", plain):
        return MARC8
    try:
        wanted = codecs.lookup(plain).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    return next((known for known in KNOWN if known != MARC8 and codecs.lookup(known).name == wanted), "")


def mark_of(head: bytes) -> str:
    """The encoding that the byte order mark at the beginning of a file tells, "" without one."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    little, big = head.startswith(codecs.BOM_UTF16_LE), head.startswith(codecs.BOM_UTF16_BE)
    return "utf-16-le" if little else "utf-16-be" if big else ""


def usual_encoding(records: Iterable[bytes]) -> str:
    """The encoding of most of the first records of a file that are not UTF-8, "" if all are."""
    others = islice((content for content in records if not _is_utf8(content)), VOTERS)
    votes = Counter(find_encoding(content) for content in others)
    for relative in RELATIVES:
        # Not every Kyrgyz record has the letter by which they are known.
        votes[relative] *= 4
    return votes.most_common(1)[0][0] if votes.total() else ""


def find_encoding(content: bytes, usual: str = "", *, marc: bool = False) -> str:
    """The encoding of one record in a file that is mostly in `usual`; `marc`: it may be MARC-8."""
    if marc and content.isascii() and looks_like_marc8(content):
        return MARC8
    if _is_utf8(content) or _almost_utf8(content):
        return "utf-8"
    if marc and looks_like_marc8(content):
        return MARC8
    if found := _plainest(content, usual):
        return found
    return _likeliest(content, usual) or usual or "cp1252"


def _plainest(content: bytes, usual: str) -> str:
    """The encoding, the file's before others, under which most letters are small ones that Russian and Kyrgyz use most.

    In no two encodings are those the same. It saves comparing all letters of nearly every record.
    """
    letters = len(BEYOND.findall(content))
    foreign = {name for name, mark in RELATIVES.items() if mark.search(content)}
    for name in (usual, *CANDIDATES) if letters > ENOUGH else (usual,):
        if name not in CANDIDATES or foreign - {name}:
            continue
        if 2 * len(USUAL.findall(content.decode(name, errors="replace"))) > letters:
            return name
    return ""


def _likeliest(content: bytes, usual: str) -> str:
    """The Cyrillic encoding under which a record reads best, if it is clearly better than the file's; "" of none."""
    scores = {encoding: score for encoding, score in score_encodings(content).items() if encoding in CANDIDATES}
    letters = len(BEYOND.findall(content))
    start = usual if usual in scores else "cp1251"
    for name, mark in RELATIVES.items():
        if name != start and not mark.search(content):
            del scores[name]
    best = max(scores, key=lambda encoding: scores[encoding])
    margin = SURE if usual or best in RELATIVES else UNSURE
    if letters * (scores[best] - scores[start]) < margin:
        best = start
    return best if scores[best] > GOOD_ENOUGH else ""


def _is_utf8(content: bytes) -> bool:
    """To the last byte: a piece of a record is not cut inside of a character."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _almost_utf8(content: bytes) -> bool:
    """Whether it is UTF-8 but for a few damaged bytes."""
    right = sum(map(len, MULTIBYTE.findall(content)))
    return right > 0 and right > 0.9 * len(BEYOND.findall(content))


def decode(content: bytes, encoding: str, *, told: bool = False) -> Decoded:
    """The text of a piece of a record; unless the encoding was told, a piece in UTF-8 is read as such in any record."""
    if content.isascii() and (encoding != MARC8 or not (b"\x1b" in content or b"&#x" in content)):
        return Decoded(content.decode("ascii"))
    if encoding == MARC8:
        text = decode_marc8(content)
    else:
        piece = "utf-8" if not told and _is_utf8(content) else encoding
        text = content.decode(piece, errors="replace")
    return Decoded(text, DAMAGE.search(text) is not None)
