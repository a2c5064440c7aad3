"""Names of people as title pages write them, in Cyrillic and Latin letters.

А. Б. Асанов · Асанов А.Б. · Асанов Бакыт Эркинович · Асан уулу Бакыт · Bakyt Asanov · B. E. ASANOV
"""

import re
from dataclasses import dataclass

UPPER = "A-ZÀ-ÞА-ЯЁҢӨҮІҒҚҰҺ"
LOWER = "a-zß-ÿа-яёңөүіғқұһ"
WORD = rf"[{UPPER}](?:[{LOWER}]+|[{UPPER}]+)(?:[-’'][{UPPER}]?[{LOWER}{UPPER}]+)*"
INITIAL = rf"[{UPPER}][{LOWER}]?\."
INITIALS = rf"{INITIAL}(?:\s?-?\s?{INITIAL}){{0,2}}"
CHILD_OF = r"(?:уулу|кызы|оглы|uulu|kyzy|ogly)"

INITIALS_FIRST = re.compile(rf"(?P<given>{INITIALS})\s?(?P<family>{WORD}(?:\s{CHILD_OF})?)$")
INITIALS_LAST = re.compile(rf"(?P<family>{WORD}(?:\s{CHILD_OF})?),?\s(?P<given>{INITIALS})$")
WITH_PATRONYMIC = re.compile(
    rf"(?P<family>{WORD})\s(?P<given>{WORD}\s(?:{WORD}(?:вич|вна|ична|ьич|мич|vich|vna|ВИЧ|ВНА)|{WORD}\s{CHILD_OF}|[{LOWER}]+\s?{CHILD_OF}))$"
)
CHILD = re.compile(rf"(?P<family>{WORD}\s{CHILD_OF})\s(?P<given>{WORD})$")
GIVEN_FIRST = re.compile(rf"(?P<given>{WORD}(?:\s{INITIAL})?)\s(?P<family>{WORD}(?:\s{CHILD_OF})?)$")
ENDS_IN_INITIAL = re.compile(rf"(?<!\w){INITIAL}$")
SURE = (INITIALS_FIRST, INITIALS_LAST, WITH_PATRONYMIC, CHILD)

FAMILY_ENDING = re.compile(
    r"(?:ов|ев|ёв|ин|ын|ова|ева|ёва|ина|ына|ский|ская|цкий|цкая|енко|чук|ян|дзе|уулу|кызы|"
    r"ov|ev|in|yn|ova|eva|ina|yna|sky|ski|skiy|skaya|enko|yan|uulu|kyzy)$",
    re.I,
)
# Without -ин, -ина and the like, which given names have, too: Мартин, Марина.
STRONG_ENDING = re.compile(r"(?:[оеё]в|[оеё]ва|ск(?:ий|ая)|енко|[oe]v|[oe]va|sk(?:y|iy|aya)|enko)$", re.I)
# Digits and signs that lead to addresses and notes; the letters of PDF superscripts stand on the line.
MARKS = re.compile(r"(?<=[^\W\d])\s?[\d*†‡§¶¹²³⁴⁵⁶⁷⁸⁹⁰#]+(?:\s?,\s?[\d*†‡§¹²³⁴⁵⁶⁷⁸⁹]+)*|[*†‡§¶]")
ATTACHED_MARKS = re.compile(r"(?<=[^\W\d])(?:\d\b|[*†‡])")
BETWEEN = re.compile(r"\s*[;,]\s*|\s+(?:and|и|жана|&)\s+")
TITLE_OF = re.compile(
    r"(?:д|к|канд|докт|проф|доц|акад|п|ф|т|э|м|х|б|г|ю|и|с|phd|dr|prof)\b\.?|профессор|доцент|доктор|кандидат|академик|"
    r"аспирант|магистр|преподаватель|окутуучу|илимдин|илимий|старший|соискатель|professor|candidate|associate|lecturer",
    re.I,
)
NOT_PEOPLE = re.compile(
    r"user|admin|администратор|пользователь|редакция|автор|author|anonymous|owner|office|windows|microsoft|unknown|guest",
    re.I,
)


@dataclass(frozen=True)
class Name:
    family: str
    given: str


def read_names(text: str, loosely: bool = False, surely: bool = False) -> list[Name]:
    """The people named in a line that consists of names (with degrees, marks and addresses after them).

    Empty when the line is anything else. Names without initials or patronymic are believed only where every
    part of the line has their shape, and one of them the ending of a family name of this region. `loosely`,
    for a line whose place says that it holds names, does without the ending; `surely` believes none of them.
    """
    text = MARKS.sub("", text).strip(" ,;:")
    parts = [part.strip() for part in BETWEEN.split(text) if part.strip()]
    if not parts or len(text) > 400:
        return []
    if (first := _read_sure(parts[0])) is not None:
        return [first, *_read_more(parts[1:])]
    if surely:
        return []
    shaped = [GIVEN_FIRST.match(part) for part in parts]
    names = [_plain_name(found) for found in shaped if found is not None]
    if len(names) < len(parts):
        return []
    return names if loosely or any(FAMILY_ENDING.search(name.family) for name in names) else []


def _read_more(parts: list[str]) -> list[Name]:
    """Further people after a first one, whose degrees may come between, up to an address."""
    names = []
    for part in parts:
        if (name := _read_sure(part)) is not None:
            names.append(name)
        elif not TITLE_OF.match(part) and len(part) > 3:
            break
    return names


def _read_sure(part: str) -> Name | None:
    # What follows a name after a dash or in brackets is a degree or an address.
    part = re.split(r"\s[–—-]\s|\s?\(", part)[0]
    if not ENDS_IN_INITIAL.search(part):
        part = part.rstrip(".")
    for pattern in SURE:
        if found := pattern.match(part):
            return _name(found)
    return None


def _plain_name(found: re.Match[str]) -> Name:
    """Given name first, unless only the first word ends like a family name."""
    if STRONG_ENDING.search(found["given"]) and not FAMILY_ENDING.search(found["family"]):
        return Name(_small(found["given"]), _small(found["family"]))
    return _name(found)


def _name(found: re.Match[str]) -> Name:
    given = re.sub(r"\.\s*(?=\S)", ". ", found["given"])
    return Name(_small(found["family"]), _small(given) if "." not in given else given)


def _small(name: str) -> str:
    """ASANOV as Asanov; "уулу" stays small."""
    parts = re.split(r"([\s-])", name)
    return "".join(part.capitalize() if part.isupper() and len(part) > 1 else part for part in parts)


def read_author_property(authors: tuple[str, ...]) -> list[Name]:
    """The people in the Author property of a file; programs write accounts and offices there, too."""
    names: list[Name] = []
    for author in authors:
        if not NOT_PEOPLE.fullmatch(author.strip()):
            names += read_names(author, loosely=True)
    return names
