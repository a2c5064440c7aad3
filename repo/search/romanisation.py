"""How a word sounds, roughly, whichever alphabet it is written in: «Жусуп», "Zhusup" and "Jusup" are one; pure.

Romanisations of Kyrgyz and Russian (BGN/PCGN, ALA-LC, ISO 9, what people type) differ in few sounds: they are brought
to one letter each. What the alphabet of 1928 writes otherwise is read by its own table, and only where a text says that
it is Kyrgyz in Latin letters. A skeleton is for comparing with the other alphabet alone: ы, и and й are one in it.
"""

import re
import unicodedata

_LETTERS = dict(zip("абвгдезийклмнңоөпрстуүфхыэіѣѵғқһ", "abvgdeziiklmnnooprstuufhieieigkh", strict=True))
_PAIRS = {"ё": "io", "ж": "ž", "ц": "ts", "ч": "č", "ш": "š", "щ": "š", "ъ": "", "ь": "", "ю": "iu", "я": "ia"}
CYRILLIC = str.maketrans(_LETTERS | _PAIRS)
LATIN_1928 = str.maketrans("abdefghiklmnoprstuvzəвçƶcşƣqŋɵyjьx", "абдефгхиклмнопрстувзебжжчшгкңөүйых")
"""Kyrgyz in Latin letters, 1928 to 1940, and the Cyrillic letters of today."""

# Before marks are dropped: letters whose mark makes another sound; ALA-LC ties two letters over «ц», «ю», «я», «ң».
MARKED = str.maketrans({"ž": "zh", "č": "ch", "š": "sh", "ş": "sh", "ç": "ch", "ğ": "g", "ŋ": "n", "ñ": "n", "ı": "i"})
SOUNDS = (
    ("shch|sch|sh", "š"),
    ("ch", "č"),
    ("dzh|dj|zh", "ž"),
    ("kh|x", "h"),
    ("gh", "g"),
    ("ts|tz|c", "ts"),
    ("th", "t"),
    ("ph", "f"),
    ("ye", "e"),
    ("y", "i"),
    ("w", "v"),
    ("q", "k"),
)
SPELLINGS = re.compile("|".join(f"({spelling})" for spelling, _ in SOUNDS))
OF_CYRILLIC = re.compile("[\u0400-\u052f]")
DOUBLE = re.compile(r"(.)\1+")
WHOLE = re.compile("[a-zžčš]{3,}")
"""Shorter ones agree by chance."""


def skeletons(word: str, alphabet_of_1928: bool = False) -> tuple[str, ...]:
    """The skeletons of a word in lower case: j is ж to some and й to others. None of a short word, and of one that is
    neither in Latin nor in Cyrillic letters."""
    if alphabet_of_1928:
        word = word.translate(LATIN_1928)
    if is_cyrillic(word):
        spelt = [word.translate(CYRILLIC)]
    else:
        plain = _spell_latin(word)
        spelt = [plain.replace("j", "ž"), plain.replace("j", "i")]
    made = (DOUBLE.sub(r"\1", one.replace("ng", "n")) for one in spelt)
    return tuple(dict.fromkeys(one for one in made if WHOLE.fullmatch(one)))


def is_cyrillic(word: str) -> bool:
    """Whether any of its letters is Cyrillic."""
    return OF_CYRILLIC.search(word) is not None


def _spell_latin(word: str) -> str:
    word = unicodedata.normalize("NFD", unicodedata.normalize("NFC", word).translate(MARKED))
    plain = "".join(letter for letter in word if letter.isalpha())
    return SPELLINGS.sub(lambda found: SOUNDS[(found.lastindex or 1) - 1][1], plain)
