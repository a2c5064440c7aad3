"""MARC-8 to Unicode, by the tables of the Library of Congress (MARC 21 Specifications, Character Sets, 2000); pure.

pymarc has the tables; its own loop stops at what is damaged and hides what it cannot read. Here whatever has no
meaning becomes U+FFFD, and nothing raises.
"""

import re
import unicodedata

BASIC_LATIN, ANSEL, EAST_ASIAN = 0x42, 0x45, 0x31
DESIGNATION = re.compile(rb"\x1b(?:([(,)-]!?)([1-9A-Z])|\$([,)-]?)1|([gbps]))")
"""Escapes that designate a set as G0 ("(" or ",") or G1 (")" or "-"), and the short ones of MARC for G0."""
STANDING = re.compile(rb"(?<![\x80-\xff])[\xe0-\xfe]{1,2}(?=[A-Za-z ])|[\xa1-\xc8](?![\x80-\xff])")
NUMERIC = re.compile(r"&#x([0-9A-Fa-f]{4,6});")
"""Characters that MARC-8 has not, ң ө ү among them, may be written by their number."""


def decode_marc8(content: bytes) -> str:
    """The text in NFC."""
    from pymarc import marc8_mapping  # 16,000 characters, which few libraries need

    sets, odd = marc8_mapping.CODESETS, marc8_mapping.ODD_MAP
    g0, g1, at = BASIC_LATIN, ANSEL, 0
    text: list[str] = []
    marks: list[str] = []
    while at < len(content):
        if content[at] == 0x1B and (found := DESIGNATION.match(content, at)):
            g0, g1 = _designate(found, g0, g1)
            at = found.end()
            continue
        width = 3 if g0 == EAST_ASIAN and 0x20 < content[at] < 0x80 else 1
        code = int.from_bytes(content[at : at + width], "big")
        at += width
        known = sets.get(g1 if width == 1 and code >= 0x80 else g0, {}).get(code) or (odd.get(code, 0xFFFD), 0)
        character = chr(0xFFFD if code == 0x1B else code if code <= 0x20 else known[0])
        if known[1]:
            marks.append(character)  # it stands before its letter
        else:
            text += [character, *marks]
            marks = []
    return unicodedata.normalize("NFC", NUMERIC.sub(_numbered, "".join([*text, *marks])))


def _designate(found: re.Match[bytes], g0: int, g1: int) -> tuple[int, int]:
    place, final, wide, short = found.groups()
    if short:
        return (BASIC_LATIN if short == b"s" else short[0]), g1
    code = final[0] if final else EAST_ASIAN
    first = (place or wide or b"(")[:1] in b"(,"
    return (code, g1) if first else (g0, code)


def _numbered(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else found[0]


def looks_like_marc8(content: bytes) -> bool:
    """Whether it changes sets, or what is beyond ASCII stands as in ANSEL: signs, one or two marks before a letter."""
    if DESIGNATION.search(content) or re.search(rb"&#x[0-9A-Fa-f]{4,6};", content):
        return True
    beyond = len(re.findall(rb"[\x80-\xff]", content))
    right = sum(map(len, STANDING.findall(content)))
    return beyond > 0 and right >= 0.9 * beyond
