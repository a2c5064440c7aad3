"""Kyrgyz order as plain bytes: one `sort_key()` for SQLite, PostgreSQL and the search engine.

Code points do not help (ё ң ө ү would come after я), and of the three only PostgreSQL has a collation for
Kyrgyz. So the order is written into an ASCII key that every engine compares alike, byte by byte. It agrees
with ICU's collation `ky` on words (tests/web/test_collation.py compares the two) and adds what a library
wants: punctuation is passed over, a hyphen parts words like a space, numbers are ordered by value.

A key is `LETTERS!ACCENTS!CASES!MARKS`; a level decides only where those before it are equal:

- letters: numbers first, then Cyrillic, Latin, all other scripts, a byte each; words are parted by `-`
- accents: é after e (ё, й, ң, ө, ү are letters of their own, not accents)
- cases: small letters before capital ones
- marks: the punctuation that was passed over
"""

import re
import unicodedata
from functools import lru_cache

ALPHABET = "АБВГДЕЁЖЗИЙКЛМНҢОӨПРСТУҮФХЦЧШЩЪЫЬЭЮЯ"
"""The Kyrgyz alphabet in its order: the letters of a letter bar."""
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0"
"""The place in a letter bar for all that begins with a number."""
OTHER = "#"
"""The place for other scripts and for texts without any letter."""

# Letters of neighbours and of older alphabets stand directly after the letter they grew from (the first of
# each group): Kazakh, Uzbek, Tajik, Ukrainian, Russian before 1918, the Kyrgyz Latin alphabet of 1928-1940.
FAMILIES = "аә гғґ еє жҗ иіїѵ кқҡ нӊҥ уұ фѳ хҳһ чҷ ьѣ cç eəǝ gƣ iı nŋ oɵø sş zƶƅ"
LIGATURES = str.maketrans({"æ": "ae", "œ": "oe"})

# The byte order is the meaning: a level ends before a word does, a word before a letter follows; a follower
# comes after its letter with anything behind it.
LEVEL, WORD, NUMBER, FIRST, FOREIGN, AFTER = "!", "-", "0", "1", "{", "~"

LETTERS_LIMIT, KEY_LIMIT = 160, 240  # nobody reads an order further than that; an index wants a bound


def _weigh_alphabets() -> dict[str, str]:
    weights = {letter: chr(ord(FIRST) + i) for i, letter in enumerate((ALPHABET + LATIN).lower())}
    for family in FAMILIES.split():
        for i, follower in enumerate(family[1:]):
            weights[follower] = f"{weights[family[0]]}{AFTER}{i}"
    return weights


WEIGHTS = _weigh_alphabets()
LETTERS = {WEIGHTS[letter.lower()]: letter for letter in ALPHABET + LATIN}


@lru_cache(maxsize=4096)  # a load meets the same names, subjects and languages again and again
def sort_key(text: str) -> str:
    """Return an ASCII key, 1 to 240 characters long, whose byte order is the Kyrgyz order of `text`.

    Never fails. Keys are stored, so a change of this function needs a migration that writes them anew.
    """
    letters, accents, cases, marks = [], [], [], []
    for number, char in re.findall(r"(\d+)|(.)", _settle_soft_signs(text), re.DOTALL):
        if number:
            letters.append(_weigh_number(number))
        elif weights := _weigh(char):
            letters += [weight for weight, _ in weights]
            accents += [accent for _, accent in weights]
            cases += ["1" if char.isupper() else "0"] * len(weights)
        elif unicodedata.combining(char) and accents:
            accents[-1] = _accent(char)
        elif char.isspace():
            letters.append(WORD)
        else:
            letters += [WORD] if unicodedata.category(char) == "Pd" or char in "/_" else []
            marks.append(f"{ord(char):x}")
    primary = re.sub(WORD + "+", WORD, "".join(letters)).strip(WORD)[:LETTERS_LIMIT] or FOREIGN
    levels = (primary, "".join(accents).rstrip("0"), "".join(cases).rstrip("0"), ".".join(marks))
    return LEVEL.join(levels)[:KEY_LIMIT].rstrip(LEVEL)


def letter_of(text: str) -> str:
    """Return where `text` stands in a letter bar: a letter of ALPHABET or LATIN, DIGITS or OTHER."""
    first = sort_key(text)[0]
    return DIGITS if first == NUMBER else LETTERS.get(first, OTHER)


def letter_range(letter: str) -> tuple[str, str] | None:
    """Return the bounds of the keys at `letter` of a letter bar, `low <= key < high`; None: no such letter."""
    low = {DIGITS: NUMBER, OTHER: FOREIGN}.get(letter) or WEIGHTS.get(letter.lower(), "")
    return (low, chr(ord(low) + 1)) if len(low) == 1 else None


def _settle_soft_signs(text: str) -> str:
    """Compose what was decomposed; in the Latin of 1928-1940 ь is a vowel at the alphabet's end, typed as ь."""
    text = unicodedata.normalize("NFKC", text.replace("№", " "))
    if not re.search(r"[ьЬ]", text):
        return text

    def settle(word: re.Match[str]) -> str:
        latin = any("a" <= char <= "ƶ" for char in word[0].lower())
        return word[0].replace("ь", "ƅ").replace("Ь", "Ƅ") if latin else word[0]

    return re.sub(r"[^\W\d_]+", settle, text)


@lru_cache(maxsize=2048)
def _weigh(char: str) -> tuple[tuple[str, str], ...]:
    """Return (weight, accent) of each letter that `char` stands for: none for a mark, two for ß."""
    folded = char.casefold().translate(LIGATURES)
    if folded in WEIGHTS:
        return ((WEIGHTS[folded], "0"),)
    found: list[tuple[str, str]] = []
    for part in unicodedata.normalize("NFD", folded):
        if part in WEIGHTS:
            found.append((WEIGHTS[part], "0"))
        elif part.isalpha():
            found.append((f"{FOREIGN}{ord(part):05x}", "0"))
        elif found and unicodedata.combining(part):
            found[-1] = (found[-1][0], _accent(part))
    return tuple(found)


def _accent(mark: str) -> str:
    return chr(ord("1") + ord(mark) % 64)


def _weigh_number(digits: str) -> str:
    """By value: the length goes before the digits, so that 10 comes after 9 and before 100."""
    value = "".join(str(unicodedata.decimal(digit)) for digit in digits).lstrip("0")[:70]
    return f"{NUMBER}{chr(ord('0') + len(value))}{value}"
