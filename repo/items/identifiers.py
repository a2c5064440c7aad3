"""Ids of items: 8 random characters and a check character; pure.

The alphabet is NOID's (no vowels, no l: no words, no confusion with 1) and so is the check character, which
finds every single wrong character and every swap of neighbours (J. Kunze, "Nice Opaque Identifiers", §NCDA).
"""

import secrets

ALPHABET = "0123456789bcdfghjkmnpqrstvwxz"
LENGTH = 8


def mint_id() -> str:
    """Return a new random id of 9 characters, check character included."""
    stem = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return stem + check_character(stem)


def check_character(stem: str) -> str:
    """Return the NOID check character: the sum of position times ordinal, positions from 1, modulo 29."""
    total = sum(position * ALPHABET.index(char) for position, char in enumerate(stem, start=1))
    return ALPHABET[total % len(ALPHABET)]


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id and its check character is right."""
    return (
        len(text) == LENGTH + 1
        and all(char in ALPHABET for char in text)
        and check_character(text[:LENGTH]) == text[LENGTH]
    )


def ocfl_id(item_id: str) -> str:
    return f"muras:{item_id}"
