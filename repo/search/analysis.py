"""From text to the tokens that are indexed, searched and marked: pure, the same for every engine.

Each word of a text has one position and these forms there:

- FOLD, always: marks and accents dropped, ң ө ү ё and their substitutes as н о у е, so that a reader whose
  keyboard has no ө finds «көл» by «кол»; Latin letters that slipped into a Cyrillic word as what they look like.
  Phrases and beginnings of words are compared in this form.
- EXACT, always: the word as written, in lower case. It lets «көл» outrank «кол» when «көл» was typed.
- STEM, where the language has a stemmer: Snowball for Russian and English, our own for Kyrgyz (`search.kyrgyz`), as
  it is and folded. A word of an unknown language, as all of a query are, has the stem of each that it may be of, and
  that which it would have with ө and ү.

- SOUND, of words in Latin and Cyrillic letters: how they and their stems sound, roughly (`search.romanisation`), behind
  the letter of their alphabet, so that «Жусуптун» is found by "Zhusup" and not «кыз» by «киз».

CODE tokens span several words: a DOI, ISBN, ISSN or dotted class number (УДК) found as a whole as well.

Offsets are characters of `clean(text)`, which is what a page should show.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Container, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from repo.items.checks import normalise_number
from repo.search import kyrgyz
from repo.search.romanisation import is_cyrillic, skeletons

if TYPE_CHECKING:
    from Stemmer import Stemmer

MAX_WORD = 64
"""Characters of a word that count: longer ones (a line of base64, a broken PDF) are cut everywhere alike."""


class Kind(StrEnum):
    FOLD = "fold"
    EXACT = "exact"
    STEM = "stem"
    SOUND = "sound"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Token:
    """One form of one word. `position` counts words from 0; `start` and `end` are character offsets.

    The text of a CODE token is "scheme:value", such as "isbn:9785020229389".
    """

    text: str
    position: int
    start: int
    end: int
    kind: Kind


def exact_term(word: str) -> str:
    """An exact form as it stands beside the others in an index."""
    return "=" + word


def stem_term(stem: str) -> str:
    return "~" + stem


def sound_term(sound: str) -> str:
    return "^" + sound


@dataclass(frozen=True)
class Forms:
    """The forms of one word; `stems` is empty where the language has no stemmer."""

    exact: str
    fold: str
    stems: tuple[str, ...]
    of_1928: bool = False

    @cached_property
    def terms(self) -> str:
        """The exact form and the stems as the terms of an index, with spaces between."""
        return " ".join((exact_term(self.exact), *map(stem_term, self.stems)))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The least by which the word can be known again: its stems; the fold where it has none or was written with
        ө, ү or the like, for which a query may have another stem."""
        stems = tuple(map(stem_term, self.stems))
        return stems if stems and self.fold == self.exact else (*stems, self.fold)

    @cached_property
    def sounds(self) -> tuple[str, ...]:
        """The sounds of the word and of its stems; asked for only of short texts, such as titles."""
        alphabet = "c" if is_cyrillic(self.exact) and not self.of_1928 else "l"  # ь stands for ы in that of 1928
        found = (sound for form in (self.exact, *self.stems) for sound in skeletons(form, self.of_1928))
        return tuple(dict.fromkeys(f"{alphabet}{sound}" for sound in found))


# Combining marks of Latin, Cyrillic and Arabic: \w leaves them out, which would cut а́ or كِتاب in two.
_MARKS = "\u0300-\u036f\u0483-\u0487\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
# What may stand inside a word without being part of it: soft hyphen, zero-width joiners, direction marks.
_INVISIBLE = "\u00ad\u200b-\u200f\u2060"
_WORD = re.compile(rf"[^\W_]+(?:(?:[{_MARKS}{_INVISIBLE}]+|['’ʼ](?=[^\W_]))[^\W_]*)*")
_UNSEEN = re.compile(rf"[{_MARKS}{_INVISIBLE}]+")
# Control characters, lone surrogates and non-characters: no engine and no page can carry them.
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_FOLDS = str.maketrans(
    {
        # Kyrgyz letters, and what stands for them in texts typed without them.
        **dict.fromkeys("ңҥӊ", "н"),
        **dict.fromkeys("өѳӧɵθ", "о"),
        **dict.fromkeys("үұӱў", "у"),
        # ё is optional in Russian; ѣ і ѵ are of the orthography before 1918, common in rare books.
        **dict.fromkeys("ёѣ", "е"),
        **dict.fromkeys("іѵ", "и"),
        # Arabic letters that are written in several ways; the tatweel only stretches a word.
        **dict.fromkeys("أإآٱ", "ا"),
        **dict.fromkeys("ىیې", "ي"),
        **dict.fromkeys("کڪ", "ك"),
        **dict.fromkeys("ةەۀ", "ه"),
        "ـ": "",
        # Latin letters that do not come apart into a letter and a mark.
        "ı": "i",
        "ß": "ss",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ł": "l",
        "đ": "d",
        "'": "",
    }
)
# Latin letters that look like Cyrillic ones and slip into words on a keyboard that is switched: «унааcы», «Kыргыз»; y
# and v stand for ү where that is missing. Only in words with Cyrillic letters, all of whose Latin ones are of these.
_ALIKE = str.maketrans("ABCEHKMOPTXaceopxkyYvV", "АВСЕНКМОРТХасеорхкүҮүҮ")
_MIXED = re.compile(r"(?=.*[а-яёңөү])[\dа-яёңөүabcehkmoptxyv]*[abcehkmoptxyv][\dа-яёңөүabcehkmoptxyv]*", re.IGNORECASE)
_UNLIKE = re.compile("[bhmt]")
"""Small letters that look like no Cyrillic one."""
_KYRGYZ_LETTERS = re.compile("[ңөү]")
_FRONT = str.maketrans("оу", "өү")
_MAY_BE_FRONT = re.compile("[оу]")
# By vowel harmony words with ө and ү have no back vowels; words from other languages have neither.
_NEVER_FRONT = re.compile("[аыяюёфвцщъь]")
_LATIN = re.compile("[a-z]")

# Words that carry grammar rather than a subject: a query does not insist on them. Folded forms.
_GRAMMAR = """
a an and are as at be by for from in into is it of on or that the to was were with
а без в во для до за и из или к ко как на над не о об от по под при с со у что это
ал бир боюнча бул да дагы де жана же менен учун
"""
_FUNCTION_WORDS = frozenset(_GRAMMAR.split())

_ISO_639_2 = {"kir": "ky", "rus": "ru", "eng": "en"}
LATIN_KYRGYZ = "ky-latn"
_STEMMERS = {"ru": "russian", "en": "english"}


def clean(text: str) -> str:
    """Unicode normal form C, with what can be neither indexed nor shown replaced by spaces."""
    return _UNUSABLE.sub(" ", unicodedata.normalize("NFC", text))


def analyse(text: str, lang: str = "") -> list[Token]:
    """All tokens of `text`, ordered by position; `lang` is a BCP 47 tag, "" where it is not known."""
    text = clean(text)
    words = find_words(text, lang)
    tokens: list[Token] = []
    for position, (start, end, forms) in enumerate(words):
        tokens.append(Token(forms.fold, position, start, end, Kind.FOLD))
        tokens.append(Token(forms.exact, position, start, end, Kind.EXACT))
        tokens.extend(Token(stem, position, start, end, Kind.STEM) for stem in forms.stems)
        tokens.extend(Token(sound, position, start, end, Kind.SOUND) for sound in forms.sounds)
    starts = [start for start, _, _ in words]
    for scheme, value, start, end in find_codes(text):
        tokens.append(Token(f"{scheme}:{value}", bisect_left(starts, start), start, end, Kind.CODE))
    tokens.sort(key=lambda token: token.position)
    return tokens


def find_words(text: str, lang: str = "") -> list[tuple[int, int, Forms]]:
    """The words of `clean` text as (start, end, forms): what `analyse` does, without codes."""
    family = _family(lang)
    return [(*match.span(), _forms(match.group()[:MAX_WORD], family)) for match in _WORD.finditer(text)]


def find_beginning(text: str, lang: str, letters: Container[str]) -> list[tuple[int, int, Forms | None]]:
    """The same, but words whose `first_letter` is not among `letters` come without forms: most of the work is saved."""
    family = _family(lang)
    return [
        (*match.span(), _forms(match.group()[:MAX_WORD], family))
        if first_letter(text[match.start()]) in letters
        else (*match.span(), None)
        for match in _WORD.finditer(text)
    ]


@lru_cache(maxsize=4096)
def first_letter(letter: str) -> str:
    """A letter that is the same for all words which may have one folded form, made of how one of them begins; "" where
    that cannot be told of one letter (ligatures, presentation forms)."""
    small = letter.lower()
    if unicodedata.normalize("NFKC", small) != small:
        return ""
    folded = _fold(small)[:1]
    plain = unicodedata.normalize("NFD", folded)[:1]
    # One of the Latin letters may stand for a Cyrillic one.
    return plain.upper().translate(_ALIKE).lower().translate(_FOLDS) if plain.isascii() else folded


def word_forms(text: str, lang: str = "") -> list[Forms]:
    """The forms of each word of `clean` text in order: without offsets, for whole books."""
    family = _family(lang)
    return [_forms(word[:MAX_WORD], family) for word in _WORD.findall(text)]


def is_kyrgyz(text: str, lang: str) -> bool:
    """Whether a text is in Kyrgyz, by its language or by letters that no other language here has."""
    return _family(lang) == "ky" or (_family(lang) != "-" and _KYRGYZ_LETTERS.search(text.lower()) is not None)


def fold(text: str) -> str:
    """The words of `text`, folded, with one space between: equal for what a reader would call the same."""
    return " ".join(_forms(word[:MAX_WORD], "-").fold for word in _WORD.findall(clean(text)))


def exact(text: str) -> str:
    """The words of `text` as written, in lower case, with one space between."""
    return " ".join(_forms(word[:MAX_WORD], "-").exact for word in _WORD.findall(clean(text)))


def is_function_word(folded: str) -> bool:
    """Whether a query may go without this word: grammar, or a single letter such as an initial."""
    return folded in _FUNCTION_WORDS or (len(folded) == 1 and folded.isalpha())


# Codes -------------------------------------------------------------------------------------------------

# DOI Handbook 2.2: prefix "10." and a registrant code, a slash, any printable suffix.
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>«»“”]+")
_ISBN = re.compile(r"(?<![\d-])(?:97[89][- ]?)?\d(?:[- ]?\d){8}[- ]?[\dXxХх](?![\d-])")
_ISSN = re.compile(r"(?<![\d-])\d{4}-\d{3}[\dXxХх](?![\d-])")
# A class of the Universal Decimal Classification with at least one point: "821.512.154(575.2)-3".
_UDC = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3})+(?:\([\d.=]+\)|[-:=/+]\d+(?:\.\d+)*)*(?![\d.]*\d)")


def find_codes(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Codes in `clean` text as (scheme, normal value, start, end); schemes: doi, isbn, issn, udc."""
    taken = 0
    for match in _DOI.finditer(text):
        value = match.group().rstrip(".,;:!?)]}'…")
        yield "doi", value.lower(), match.start(), match.start() + len(value)
        taken = match.end()
    for scheme, pattern in (("isbn", _ISBN), ("issn", _ISSN)):
        for match in pattern.finditer(text):
            # Only with the right check digit: "1990-2005" looks like an ISSN.
            if number := normalise_number(scheme, _latin_x(match.group())):
                yield scheme, number.lower(), *match.span()
    for match in _UDC.finditer(text, taken):
        yield "udc", match.group(), *match.span()


def normal_code(scheme: str, value: str) -> str:
    """The form in which a code of `scheme` is stored and compared; a wrong one is taken as it is."""
    value = clean(value).strip()
    return re.sub(r"\s+", "", normalise_number(scheme, _latin_x(value)) or value).lower()


def _latin_x(number: str) -> str:
    """The check character of an ISBN or ISSN is typed as a Cyrillic Х as often as a Latin X."""
    return number.upper().replace("Х", "X")


# Forms -------------------------------------------------------------------------------------------------


def _family(lang: str) -> str:
    """Which stemmers a text may use: "ru", "en", "ky", "" (not known: by script), "-" or LATIN_KYRGYZ (none).

    Another script than the language's usual one (ky-Latn, ky-Arab) has no stemmer: Kyrgyz in Latin letters
    is not English.
    """
    subtags = lang.lower().split("-")
    primary = _ISO_639_2.get(subtags[0], subtags[0])
    if primary == "ky" and "latn" in subtags:
        return LATIN_KYRGYZ
    if any(len(subtag) == 4 and subtag != "cyrl" for subtag in subtags[1:]) and primary != "en":
        return "-"
    if primary in ("", "und", "mul", "zxx"):
        return ""
    return primary if primary in ("ru", "en", "ky") else "-"


# Words repeat: the cache answers most of a text, and keeps a worker's memory to a few megabytes.
@lru_cache(maxsize=16_384)
def _forms(word: str, family: str) -> Forms:
    if not word.isascii() and family != LATIN_KYRGYZ and _MIXED.fullmatch(word) and not _UNLIKE.search(word):
        word = word.translate(_ALIKE)
    exact = word.lower()
    if not exact.isascii():
        # NFKC takes PDF ligatures (ﬁ) and Arabic presentation forms apart; stress marks stay out of the word.
        exact = _UNSEEN.sub("", unicodedata.normalize("NFKC", exact)).replace("’", "'").replace("ʼ", "'")
    return Forms(exact, _fold(exact), tuple(dict.fromkeys(_stems(exact, family))), family == LATIN_KYRGYZ)


def _fold(exact: str) -> str:
    folded = exact.translate(_FOLDS)
    if _LATIN.search(folded) and not folded.isascii():
        # é → e. Not for Cyrillic, where й would come apart into и and a mark.
        parts = unicodedata.normalize("NFD", folded)
        folded = "".join(char for char in parts if not unicodedata.combining(char))
    return folded or exact


def _stems(exact: str, family: str) -> Iterator[str]:
    if family in ("-", LATIN_KYRGYZ):
        return
    if is_cyrillic(exact):
        # A word with ң ө ү is Kyrgyz whatever the record says; Snowball would cut it at Russian endings.
        is_kyrgyz = family == "ky" or _KYRGYZ_LETTERS.search(exact) is not None
        if is_kyrgyz or not family:
            stem = kyrgyz.stem(exact)
            yield from (stem, _fold(stem))
        if not is_kyrgyz and not family and _MAY_BE_FRONT.search(exact) and not _NEVER_FRONT.search(exact):
            # A query typed without ө and ү: «оргуусуно» has the endings of «өргүүсүнө», by which it was indexed.
            yield _fold(kyrgyz.stem(exact.translate(_FRONT)))
        if family in ("ru", "") and not is_kyrgyz:
            yield from _russian_stems(exact.replace("ё", "е"))
    elif _LATIN.search(exact):
        yield _stemmer("en").stemWord(exact)


def _russian_stems(word: str) -> Iterator[str]:
    """Snowball takes «журнал», «роман» and «Кыргызстан» for verbs (as «читал», «читан») and cuts them before their last
    letter, but not «журнале», «романов», «Кыргызстане»: such a word has the stem with that letter too."""
    stem = _stemmer("ru").stemWord(word)
    yield stem
    rest = word[len(stem) :]
    if rest[:1] in ("л", "н") and stem.endswith(("а", "я")) and word.startswith(stem):
        yield stem + rest[0]


def in_other_alphabet(sound: str) -> str:
    """The same sound of a word in the other alphabet."""
    return ("l" if sound[0] == "c" else "c") + sound[1:]


@lru_cache(maxsize=2)
def _stemmer(lang: str) -> "Stemmer":
    # Imported here: a web process that answers no search does without it.
    from Stemmer import Stemmer

    return Stemmer(_STEMMERS[lang])
