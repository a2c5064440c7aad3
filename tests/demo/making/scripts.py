"""Kyrgyz as it was written before Cyrillic: for the pages of old books.

The Latin alphabet is that of 1928 (Ç = ж, C = ч, J = й, Y = ү, Ь = ы, Ƣ and Q beside back vowels). The Arabic one is
that of books before 1924, which write о, у, ө and ү with one letter.
"""

BACK, FRONT = "аоуыяюё", "еэиөү"

LATIN = dict(zip("абвджзийлмнңоөпрстуүфхчшыэецщъь", "abvdçzijlmnŋoɵprstuyfxcşьeeçş  ", strict=True))
LATIN |= {"ц": "ts", "щ": "şç", "ъ": "", "ь": "", "я": "ja", "ю": "ju", "ё": "jo"}

ARABIC = dict(zip("абвджзйлмнңоөпрстуүфхчшыеэи", "ابۋدجزيلمنڭووپرستووفحچشىەەى", strict=True))
ARABIC |= {"ц": "تس", "щ": "شچ", "ъ": "", "ь": "", "я": "يا", "ю": "يو", "ё": "يو", ",": "،", "?": "؟", ";": "؛"}


def latin(text: str) -> str:
    """Cyrillic Kyrgyz in the Latin letters of 1928."""
    letters = []
    for place, letter in enumerate(text):
        low = letter.lower()
        written = _by_vowel(text.lower(), place, "qƣ", "kg") if low in "кг" else LATIN.get(low, letter)
        letters.append(written.capitalize() if letter != low else written)
    return "".join(letters)


def arabic(text: str) -> str:
    """Cyrillic Kyrgyz in Arabic letters."""
    low = text.lower()
    return "".join(
        _by_vowel(low, place, "قغ", "كگ") if letter in "кг" else ARABIC.get(letter, letter)
        for place, letter in enumerate(low)
    )


def _by_vowel(text: str, place: int, back: str, front: str) -> str:
    """к and г are two letters each: one beside back vowels, one beside front ones. The nearest vowel decides."""
    after = next((c for c in text[place + 1 :] if c in BACK + FRONT or not c.isalpha()), " ")
    before = next((c for c in text[:place][::-1] if c in BACK + FRONT or not c.isalpha()), " ")
    vowel = after if after.isalpha() else before
    return (back if vowel in BACK else front)["кг".index(text[place])]
