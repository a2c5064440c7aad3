"""Texts made alike for comparing: headings that are the same in different spellings, titles of duplicates; pure."""

import re
import unicodedata

# How Kyrgyz is typed on a keyboard without ң ө ү, and Russian without ё.
LETTERS = str.maketrans("ңөүё", "ноуе")
BREVE = "\u0306"  # й is и with a breve, and a letter of its own
LONGEST = 300


def fold_text(text: str) -> str:
    """Return `text` in small letters, without accents and punctuation, ң ө ү ё as н о у е, at most 300 characters."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(LETTERS)
    letters = (char for char in unicodedata.normalize("NFD", text) if char == BREVE or not unicodedata.combining(char))
    text = unicodedata.normalize("NFC", "".join(letters))
    return re.sub(r"[\W_]+", " ", text).strip()[:LONGEST].strip()
