"""A light stemmer for Kyrgyz in Cyrillic; pure.

Kyrgyz adds endings one by one, each in the vowels and consonants that the letters before it ask for: «китеп»,
«китептер», «китептеринде». All ways in which a word may be a stem with endings are listed (`readings`), by the order
of the endings and by vowel harmony; the one with the greatest weight is taken. The weights of endings, of their order
and of the shapes of stems were fitted on the training file of UD_Kyrgyz-KTMU (`bench/stemmer.py`, which tells how well
it does); no word of it is here. Words of `KEPT` are never cut.
"""

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from repo.search.kyrgyz_endings import LAST, VOWELS, before, endings_of

BACK = frozenset("аоуыяюё")
FOREIGN = frozenset("фвцщъьё")
"""Letters of words from other languages."""
LONGEST = 40
"""Letters of a word that is looked at: a longer one is a line without blanks."""

GLIDES = {"ю": "йу", "я": "йа", "ё": "йо"}
"""Letters behind a vowel in which a stem's й and an ending's vowel are one: «коюлду» of «кой»."""

_KEPT = """
башка бирге бардык баары эми өзгөн абал туура таштанды кызуу жылуу суу туу уу ашуу тоо соо боо доо зоо ноо тууган
айыл ажал азык айран акын алтын алым апта базар билим болот булак булут бурум бүтүн орун көлөм эрин мурун карын
кайын келин жакын жалын жарым жашыл кийин кабар казан калем карар катар кезек кызыл мамлекет мектеп обон окуу сүрөт
тарых өлүм өмүр салым сезим тилек уюм чыгыш батыш түндүк түштүк байланыш күрөш соода каада кайда качан кандай
мындай ошондой андай эмне эле эмес элек жана менен үчүн бою боюнча дейин чейин кийинки мурунку ээ эки жети алты
сегиз тогуз отуз кырк элүү алтымыш жетимиш сексен токсон жүз миң институт университет факультет президент министр
депутат документ облус район курс банк парк фонд завод автор архив музей театр шайлоо депо кино радио метро видео
фото ата эне апа ака байке эже ини карындаш аялзат адабият маданият агенттик министрлик
башкармалык өкүлчүлүк өнөктөштүк кызматташтык коопсуздук эгемендик
"""
KEPT = frozenset(_KEPT.split())
"""Words that look as if they had endings and have none, or that mean something else than their stem."""
_CLUSTERS = "рт нт ст рк лк нк йт кт нд рс рд лд лт йк рм нч рч пт рп мп йр лм"
WHOLE_CLUSTERS = frozenset(_CLUSTERS.split())
"""Two consonants in which stems end."""


class Reading(NamedTuple):
    """A stem, its endings from the last to the first, and whether it is a noun ("N") or a verb ("V")."""

    stem: str
    endings: tuple[str, ...]
    kind: str


def stem(word: str) -> str:
    """The stem of a word in lower case, with ң ө ү as they are written."""
    if word in KEPT or len(word) > LONGEST:
        return word
    return max(readings(word), key=lambda reading: (round(_weight(reading), 2), len(reading.stem))).stem


def readings(word: str) -> list[Reading]:
    """All ways in which `word` may be a stem with endings, the word itself among them."""
    found = dict.fromkeys(_readings(word))
    apart = _apart(word)
    if apart != word:
        found.update(dict.fromkeys(one._replace(stem=_together(one.stem)) for one in _readings(apart) if one.endings))
    return [_corrected(one) for one in found] or [Reading(word, (), "N")]


def _corrected(reading: Reading) -> Reading:
    """«балдар» is the plural of «бала»; a stem that is known as a word counts as more certain."""
    if reading.stem == "бал" and "pl" in reading.endings:
        reading = reading._replace(stem="бала")
    if reading.endings and reading.stem in KEPT:
        reading = reading._replace(endings=(*reading.endings, "known"))
    return reading


def _apart(word: str) -> str:
    pairs = zip(word, word[1:], strict=False)
    return word[:1] + "".join(GLIDES[b] if b in GLIDES and a in VOWELS else b for a, b in pairs)


def _together(stem: str) -> str:
    for letter, parts in GLIDES.items():
        stem = stem.replace(parts, letter)
    return stem


# ---------------------------------------------------------------- taking endings off


def _readings(word: str) -> Iterator[Reading]:
    yield from _bare(word, (), "N")
    yield from _take_off(word, (), LAST)


def _take_off(word: str, taken: tuple[str, ...], allowed: frozenset[str]) -> Iterator[Reading]:
    if len(taken) == 6:
        return
    for name, form, rest in endings_of(word, allowed):
        further, kind = before(name)
        now = (*taken, form)
        if kind:
            yield from _bare(rest, now, kind, word[len(rest)] in VOWELS)
        if further:
            yield from _take_off(rest, now, further)


def _bare(stem: str, endings: tuple[str, ...], kind: str, before_vowel: bool = False) -> Iterator[Reading]:
    """The stem, also with the к or п that is г or б before a vowel: «китеби» of «китеп»."""
    if len(stem) < 2 and not stem.isdigit():
        return
    yield Reading(stem, endings, kind)
    if before_vowel and stem[-1] in "гб":
        hard = "г>к" if stem[-1] == "г" else "б>п"
        yield Reading(stem[:-1] + hard[-1], (*endings, hard), kind)


# ---------------------------------------------------------------- which reading is right


def _weight(reading: Reading) -> float:
    weights = _weights()
    of_stem = sum(weights.get(trait, 0.0) for trait in _traits_of_stem(reading))
    return of_stem + _weight_of_endings(reading.endings, reading.kind)


@lru_cache(maxsize=4096)
def _weight_of_endings(endings: tuple[str, ...], kind: str) -> float:
    """Words have the same endings again and again."""
    return sum(_weights().get(trait, 0.0) for trait in _traits_of_endings(endings, kind))


@cache
def _weights() -> dict[str, float]:
    found: dict[str, float] = json.loads(files("repo.search").joinpath("data/kyrgyz.json").read_text(encoding="utf-8"))
    return found


def traits(reading: Reading) -> Iterator[str]:
    """What speaks for or against a reading, by the names that its weights have."""
    yield from _traits_of_endings(reading.endings, reading.kind)
    yield from _traits_of_stem(reading)


def _traits_of_endings(endings: tuple[str, ...], kind: str) -> Iterator[str]:
    if not endings:
        yield from ("none", f"k:{kind}0")
        return
    yield from (f"s:{ending}" for ending in endings)
    yield from (f"bi:{one}>{other}" for one, other in zip(endings, endings[1:], strict=False))
    yield from (f"k:{kind}", f"ch:{'+'.join(endings)}", f"out:{endings[0]}", f"n:{min(len(endings), 4)}")


def _traits_of_stem(reading: Reading) -> Iterator[str]:
    stem, endings, kind = reading
    innermost, last = endings[-1] if endings else "-", stem[-1]
    vowels = [letter for letter in stem if letter in VOWELS]
    syllables = min(len(vowels), 3)
    yield f"syl:{syllables}:{kind if endings else '-'}"
    if endings:
        yield from (f"ie:{innermost}:{'V' if last in VOWELS else last}", f"in:{innermost}:{syllables}")
    if len({letter in BACK for letter in vowels}) > 1:
        yield f"dis:{kind}:{innermost}"
    if stem[0] in "рлвф" or not FOREIGN.isdisjoint(stem):
        yield from (f"loan:{kind}:{innermost}", f"loane:{'V' if last in VOWELS else 'C'}")
    if len(stem) in (2, 3):
        yield f"len{len(stem)}:{kind}"
    yield f"e:{last}:{kind}"
    if len(stem) > 2 and last not in VOWELS and stem[-2] not in VOWELS:
        yield f"cc:{stem[-2:]}" if stem[-2:] in WHOLE_CLUSTERS else "ccbad"
