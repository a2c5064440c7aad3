"""Plain text in the encodings of Kyrgyz and Russian libraries, told apart without being told.

UTF-8 and UTF-16 are recognised by their structure. The 8-bit Cyrillic encodings map the same bytes to
different letters: the one under which the text looks most like Russian or Kyrgyz is right. KZ-1048 and
PT-154 are windows-1251 with the letters ң, ө and ү, which the others cannot hold.
"""

import codecs
import re
from math import log

from ingest.flags import Code, Flag
from ingest.readers.documents import LINES, Line, Metadata, Text, clean, clean_line, is_utf8
from ingest.stages.context import Context

CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", "kz1048", "ptcp154")
# Letters of Russian prose per thousand (own count over Russian texts), ң ө ү as in Kyrgyz, Kazakh letters rare.
FREQUENCY = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёңөүқғәһіұ",
        (110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 17, 16, 15, 12)
        + (10, 9, 7, 6, 5, 4, 3, 3, 1, 1, 8, 12, 14, 0.2, 0.2, 0.2, 0.05, 0.2, 0.1),
        strict=True,
    )
)
PUNCTUATION = "«»—–№„“”‘’…§°•·\u00a0"
SAMPLE = 40_000
"""Letters beyond ASCII that are judged."""
GOOD_ENOUGH = -4.6
"""Mean score of a letter above which a text is Cyrillic; Russian scores about -3, a wrong encoding below -5."""
PAGE = 3_000
"""Characters of a page: plain text has none, but the search shows where in a text it found something."""


def read_text(context: Context) -> Text:
    longest = context.limits.characters
    # A little more than is kept, at the two bytes of a Cyrillic letter, to see that there was more.
    with context.path.open("rb") as file:
        content = file.read(2 * longest + 16)
    encoding = detect_encoding(content)
    text = content.decode(encoding, errors="replace")
    flags = []
    if len(text) > longest or len(content) > 2 * longest:
        flags.append(Flag(Code.TOO_BIG_TEXT, {"characters": longest}))
    text = clean(text[:longest])
    lines = tuple(Line(0, clean_line(line)) for line in text[:50_000].split("\n")[:LINES] if line.strip())
    return Text(tuple(split_pages(text)), lines, tuple(flags), encoding)


def read_metadata(_context: Context) -> Metadata:
    return Metadata()


def split_pages(text: str) -> list[str]:
    """The text at its form feeds, or else at ends of lines about every 3,000 characters."""
    if "\f" in text:
        return text.rstrip("\f").split("\f")
    pages = []
    start = 0
    while len(text) - start > PAGE * 2:
        end = text.find("\n", start + PAGE, start + PAGE * 2) + 1 or start + PAGE
        pages.append(text[start:end])
        start = end
    rest = text[start:]
    return [*pages, rest] if rest.strip() else pages


def looks_like_text(head: bytes) -> bool:
    """Whether the beginning of a file reads as text in any encoding known here."""
    if head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _utf16_without_mark(head):
        return True
    # Control characters other than tab, line ends, form feed, DOS end of file and escape (ISO 2022).
    return bool(head) and not re.search(rb"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]", head)


def detect_encoding(content: bytes) -> str:
    """The name of Python's codec for `content`."""
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if guess := _utf16_without_mark(content[:4096]):
        return guess
    if is_utf8(content):
        return "utf-8"
    scores = score_encodings(content)
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] > GOOD_ENOUGH else "cp1252"


def score_encodings(content: bytes) -> dict[str, float]:
    """How much `content` reads as Russian or Kyrgyz under each 8-bit encoding: the mean of a letter's logarithms.

    The first of equals is right: Russian text is the same in cp1251 and its two relatives.
    """
    sample = b" ".join(re.findall(rb"[^\x00-\x40]*[\x80-\xff][^\x00-\x1f]*", content[: 1 << 20]))[:SAMPLE]
    return {encoding: _score(sample.decode(encoding, errors="replace")) for encoding in CYRILLIC}


def _utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 of Latin or Cyrillic text has 00 or 04 as every second byte."""
    if len(head) < 8:
        return None
    for encoding, high in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if (high.count(0) + high.count(4)) > 0.9 * len(high) and 0 in head:
            return encoding
    return None


def _score(text: str) -> float:
    """The mean logarithm of how usual each letter beyond ASCII is, as Russian or Kyrgyz."""
    total, judged, before = 0.0, 0, " "
    for character in text:
        if not character.isascii():
            judged += 1
            total += _likelihood(character, before)
        elif character.isalpha() and before.isalpha() and not before.isascii():
            total -= 6  # no word mixes Latin and Cyrillic letters
        before = character
    return total / judged if judged else -100.0


def _likelihood(character: str, before: str) -> float:
    frequency = FREQUENCY.get(character.lower())
    if frequency is None:
        return -4.0 if character in PUNCTUATION else -12.0
    mixed = before.isascii() and before.isalpha()
    # KOI8-R has capitals where cp1251 has small letters: "пРИВЕТ".
    turned = character.isupper() and before.islower()
    return log(frequency / 1000) - 6 * mixed - 5 * turned
