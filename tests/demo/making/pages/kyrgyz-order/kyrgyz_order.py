"""Sort lines of Kyrgyz text in the order of the alphabet."""

import sys

ALPHABET = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя"


def key(line):
    """Return what to compare a line by: the places of its letters, then the line itself."""
    places = [ALPHABET.find(c) if c in ALPHABET else len(ALPHABET) + ord(c) for c in line.lower()]
    return places, line


if __name__ == "__main__":
    sys.stdout.writelines(sorted(sys.stdin.readlines(), key=key))
