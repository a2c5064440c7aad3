"""Kyrgyz, Russian, English or something else: by letters, frequent words and endings."""

import re
from collections import Counter

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
KYRGYZ_LETTERS = frozenset("ңөү")
# Kazakh, Ukrainian, Tajik, Uzbek and others in Cyrillic: letters that none of our three languages has.
FOREIGN_CYRILLIC = frozenset("іәғқұһїєґҳӣӯўҷљњђћџѕѓќ")
FREQUENT_WORDS = {
    "ky": """жана менен үчүн бул деп болгон болуп эмес боюнча ошол катары анын алардын бир көп же эле да жылы жылдын
        кыргыз тууралуу болот керек мындай ушул ар башка кийин ошондой аркылуу ичинен карай өз""",
    "ru": """и в на не что с по для как от из при также это или к был была были его их о об а но же бы до так за
        между является который которые которых может быть более только году""",
    "en": """the of and in to is that for with as are was were by on from this which be at an it or has have not
        their between can these its""",
}
FREQUENT = {language: frozenset(words.split()) for language, words in FREQUENT_WORDS.items()}
ENOUGH = 0.06
"""Share of frequent words above which a longer text is taken for the language; prose has 0.1 to 0.4."""

# What tells a Kyrgyz phrase without ң, ө and ү from a Russian one: long vowels, vowel harmony in the endings.
KYRGYZ_FORM = re.compile(
    r"аа|оо|уу|ээ|(?:лык|дык|тык|нын|дын|тын|дагы|деги|тагы|нда|лар|дар|тар|лер|дер|лары|дары|тары|сы|луу|дуу|туу|"
    r"ган|ген|кан|чы|чи|гы|ги|ынын|инин|ылган|иш|ыш)$"
)
RUSSIAN_FORM = re.compile(
    r"[щъёцф]|(?:ие|ия|ий|ый|ая|ое|ые|ых|их|ого|его|ому|ость|ости|ение|ения|ание|ания|ами|ях|ной|ей|ем|ки|ов|ь)$"
)


def language_of(text: str) -> str | None:
    """The language of a text of some sentences, or None when it is none of ours or cannot be told."""
    words = [word.lower() for word in WORD.findall(text[:20_000])]
    if len(words) < 12:
        return language_of_phrase(text)
    letters = Counter("".join(words))
    if sum(letters[letter] for letter in FOREIGN_CYRILLIC) > 0.01 * letters.total():
        return None
    shares = {name: sum(word in known for word in words) / len(words) for name, known in FREQUENT.items()}
    # Each Kyrgyz sentence has several of its own letters; names of places in a Russian text have few.
    shares["ky"] += 2 * sum(letters[letter] for letter in KYRGYZ_LETTERS) / letters.total()
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] > ENOUGH else None


def language_of_phrase(text: str) -> str | None:
    """The language of a title or a few keywords; Latin letters are taken for English."""
    words = [word.lower() for word in WORD.findall(text)]
    letters = [letter for word in words for letter in word if letter.isalpha()]
    if not letters:
        return None
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in letters)
    if cyrillic * 2 < len(letters):
        accented = any(not letter.isascii() for letter in letters if not "\u0400" <= letter <= "\u04ff")
        return None if accented else "en"
    if any(letter in FOREIGN_CYRILLIC for letter in letters):
        return None
    kyrgyz = 2 * sum(letter in KYRGYZ_LETTERS for letter in letters)
    kyrgyz += sum(bool(KYRGYZ_FORM.search(word)) for word in words) + 2 * sum(word in FREQUENT["ky"] for word in words)
    russian = sum(bool(RUSSIAN_FORM.search(word)) for word in words) + 2 * sum(word in FREQUENT["ru"] for word in words)
    if kyrgyz == russian:
        return None
    return "ky" if kyrgyz > russian else "ru"
