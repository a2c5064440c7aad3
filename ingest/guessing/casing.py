"""Titles in capitals, written as titles are: sentence case, proper names as the text itself writes them."""

import re
from collections import Counter

from ingest.guessing.languages import WORD

ROMAN = re.compile(r"[IVXLCМ]+(?=\W|$)")
SENTENCE_START = re.compile(r"(?:^|[.!?:\n]\s*)[«\"(]?$")


def recase(title: str, text: str) -> str:
    """`title` in sentence case if it is in capitals; otherwise unchanged."""
    letters = [letter for letter in title if letter.isalpha()]
    if not letters or sum(letter.isupper() for letter in letters) < 0.8 * len(letters):
        return title
    names, acronyms = _written(text)

    def written(found: re.Match[str]) -> str:
        word = found[0]
        if ROMAN.fullmatch(word) or word in acronyms:
            return word
        small = word.lower()
        # Endings follow a name: "АЙТМАТОВДУН" where the text has "Айтматов".
        stem = next((small[:end] for end in range(len(small), 3, -1) if small[:end] in names), None)
        return word.capitalize() if stem is not None and len(small) - len(stem) <= 5 else small

    recased = WORD.sub(written, title)
    first = next((index for index, character in enumerate(recased) if character.isalpha()), 0)
    return recased[:first] + recased[first : first + 1].upper() + recased[first + 1 :]


def _written(text: str) -> tuple[set[str], set[str]]:
    """Words that the text writes with a capital inside of sentences, and those it writes in capitals."""
    capital: Counter[str] = Counter()
    small: Counter[str] = Counter()
    acronyms: Counter[str] = Counter()
    for line in text.split("\n"):
        if line.isupper():
            continue
        for found in WORD.finditer(line):
            word = found[0]
            if word.isupper() and 2 <= len(word) <= 6:
                acronyms[word] += 1
            elif word.islower():
                small[word] += 1
            elif word.istitle() and not SENTENCE_START.search(line[max(0, found.start() - 4) : found.start()]):
                capital[word.lower()] += 1
    names = {word for word, count in capital.items() if count > small[word]}
    return names, set(acronyms)
