"""The endings of Kyrgyz: the forms that they have, where each may stand, and which of them a word ends in; pure.

The classes are those of school grammars; how vowels and consonants agree is told at ENDINGS.
"""

from collections.abc import Iterator
from functools import cache

VOWELS = frozenset("аеёиоуыэюяөү")
VOICELESS = frozenset("кпстфхцчшщ")

# Which vowels an ending has after a vowel: those written A and U below, and those written I.
HARMONY = {
    **dict.fromkeys("аыя", ("а", "ы")),
    **dict.fromkeys("оё", ("о", "у")),
    **dict.fromkeys("ую", ("а", "у")),
    **dict.fromkeys("еэи", ("е", "и")),
    **dict.fromkeys("өү", ("ө", "ү")),
}

# A: а е о ө; I: ы и у ү; UU: уу үү; Д Л Н Г Б: the consonants of CONSONANTS, by the letter before them.
# "~": a first vowel only after a consonant, a first с only after a vowel; "+": only after a consonant.
CONSONANTS = {"Д": "дт", "Л": "лдт", "Н": "ндт", "Г": "гк", "Б": "бп"}
ENDINGS = {
    # Nouns: plural, possession, cases, and cases after the possession of a third person.
    "pl": "ЛAр",
    "p1": "~Iм",
    "p2": "~Iң",
    "p2p": "~IңIз",
    "p3": "~сI",
    "p1p": "~IбIз",
    "p2pl": "~IңAр",
    "gen": "НIн",
    "acc": "НI",
    "dat": "ГA",
    "loc": "ДA",
    "abl": "ДAн",
    "eq": "чA",
    "simil": "ДAй",
    "abl2": "ДAнAн",
    "gen3": "нIн",
    "acc3": "н",
    "dat3": "нA",
    "loc3": "ндA",
    "abl3": "нAн",
    "locki3": "ндAгI",
    "dat1": "A",
    "locki": "ДAгI",
    "genki": "НIкI",
    # What makes nouns and adjectives of nouns.
    "gki": "ГI",
    "ij": "+Iй",
    "ord": "~IнчI",
    "with": "ЛUU",
    "less": "сIз",
    "agent": "чI",
    "ness": "ЛIк",
    "adjlik": "ДIк",
    # Verbs: tenses, moods, persons, verbal nouns, adverbs; voices.
    "past": "ДI",
    "part": "ГAн",
    "pres": "+Aт",
    "cv": "+A",
    "ip": "~Iп",
    "iptir": "~IптIр",
    "sa": "сA",
    "sin": "сIн",
    "ali": "+AлI",
    "aor": "~Aр",
    "neg": "БA",
    "negaor": "БAс",
    "negcv": "БAй",
    "negpres": "БAйт",
    "gi": "ГIлA",
    "pm": "м",
    "pn": "ң",
    "pk": "к",
    "pniz": "ңIз",
    "plarV": "ЛAр",
    "mIn": "мIн",
    "biz": "бIз",
    "siz": "сIз",
    "inf": "+UU",
    "uuchu": "+UUчU",
    "mak": "мAк",
    "makchi": "мAкчI",
    "may": "мAй",
    "chu": "~чU",
    "q": "БI",
    "ganch": "ГIчA",
    "gan2": "ГAнчA",
    "dikt": "ДIктAн",
    "ish": "~Iш",
    "il": "~Iл",
    "in": "~Iн",
    "dir": "ДIр",
    "t": "т",
    "giz": "ГIз",
    "ik": "~Iк",
}
POSSESSION = frozenset(("p1", "p2", "p2p", "p3", "p1p", "p2pl"))
OTHERS_POSSESSION = POSSESSION - {"p3"}
CASES = frozenset(("gen", "acc", "dat", "loc", "abl", "eq", "simil", "abl2"))
CASES_OF_THIRD = frozenset(("gen3", "acc3", "dat3", "loc3", "abl3", "locki3"))
RELATION = frozenset(("locki", "genki", "locki3"))
DERIVATION = frozenset(("gki", "ij", "ord", "with", "less", "ness", "agent"))
VERBAL_NOUNS = frozenset(("part", "inf", "uuchu", "ish", "mak", "chu", "aor"))
PERSONS = frozenset(("pm", "pn", "pk", "pniz", "plarV"))
VOICES = frozenset(("ish", "il", "in", "dir", "t", "giz", "ik"))
INNERMOST_OF_VERBS = VOICES | {"neg"}
LAST = frozenset(ENDINGS) - {"adjlik"}
"""Endings in which a word may end."""
RESTORED = {"оо": "ао", "өө": "еө"}
"""Vowels of a verb that its verbal noun swallows: «баштоо» of «башта»."""


def endings_of(word: str, allowed: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Endings of `word` among the allowed ones: name, name with the form it has, and what is before it."""
    for length in range(1, min(_longest_form(), len(word) - 1) + 1):
        form, rest = word[-length:], word[:-length]
        for name, rule in _forms().get(form, ()):
            if name in allowed and _fits(rest, form, name, rule):
                yield name, name + ("*" if rule in "VC" else ""), rest
    for swallowed, restored in RESTORED.items():
        for name, form in (("inf", swallowed), ("uuchu", swallowed + ("чу" if swallowed == "оо" else "чү"))):
            if name in allowed and word.endswith(form) and len(word) > len(form) + 1:
                yield from ((name, f"{name}0", word[: -len(form)] + vowel) for vowel in restored)
    for name, form in (("pres", "йт"), ("cv", "й")):
        if name in allowed and word.endswith(form) and word[-len(form) - 1 : -len(form)] in VOWELS:
            yield name, name, word[: -len(form)]


def _fits(rest: str, form: str, name: str, rule: str) -> bool:
    """Whether an ending in this form may stand behind `rest`: vowel harmony, then the letters that meet."""
    return _in_harmony(rest, form, name) and _meet(rest[-1], form[0], _body(name)[0], rule)


def _in_harmony(rest: str, form: str, name: str) -> bool:
    last = next((letter for letter in reversed(rest) if letter in VOWELS), "")
    if not last:
        return len(rest) > 1  # «КМШнын»: letters are read out, who knows how
    first = next((letter for letter in form if letter in VOWELS), "")
    open_vowel, close_vowel = HARMONY[last]
    if name in ("inf", "uuchu"):
        return first == ("у" if open_vowel in "ао" else "ү")
    return not first or first == (open_vowel if first in "аоеө" else close_vowel)


def _meet(before: str, first: str, written: str, rule: str) -> bool:
    """`written` is how the ending begins in ENDINGS, `first` how it does here; `rule` is of `_forms`."""
    after_vowel, after_voiceless = before in VOWELS, before in VOICELESS
    if (rule == "~" and (written in "AI" and after_vowel or written == "с" and not after_vowel)) or (
        rule in "V" and not after_vowel or rule in "C+" and after_vowel
    ):
        return False
    match written:
        case "Л" | "Н":
            soft = after_vowel or (written == "Л" and before in "йр")
            return first == ("т" if after_voiceless else written.lower() if soft else "д")
        case "Д" | "Г" | "Б":
            hard = first in "ткп"
            return hard == after_voiceless or (hard and before in "бвгдз")
    return True


# ---------------------------------------------------------------- their order


@cache
def before(name: str) -> tuple[frozenset[str], str]:
    """The endings that may stand before one, and which stem may: a noun, a verb, or none."""
    nominal = DERIVATION | VERBAL_NOUNS
    if name in CASES:
        return nominal | OTHERS_POSSESSION | RELATION | {"pl", "adjlik"}, "N"
    if name in CASES_OF_THIRD:
        return frozenset({"p3"}), ""
    if name == "dat1":
        return frozenset({"p1", "p2"}), ""
    if name in POSSESSION:
        return nominal | {"pl", "adjlik"}, "N"
    if name == "pl":
        return nominal | RELATION | {"p1"}, "N"
    if name in RELATION:
        return nominal | OTHERS_POSSESSION | {"pl"}, "N"
    if name in DERIVATION or name == "adjlik":
        return nominal | {"pl"}, "N"
    return _before_of_verb(name)


def _before_of_verb(name: str) -> tuple[frozenset[str], str]:
    if name in PERSONS:
        return frozenset({"past", "sa", "ali"} | ({"pres"} if name != "pk" else set())), ""
    if name in ("mIn", "biz", "siz"):
        return frozenset({"part", "aor", "cv", "negaor", "iptir", "ip", "makchi", "locki"}), ""
    if name == "q":
        return CASES | POSSESSION | {"past", "part", "pres", "negpres", "aor", "negaor", "pl"}, "N"
    if name == "dikt":
        return frozenset({"part"}), ""
    return VOICES if name in VOICES else INNERMOST_OF_VERBS, "V"


# ---------------------------------------------------------------- the forms of endings


@cache
def _body(name: str) -> str:
    return ENDINGS[name].lstrip("~+")


@cache
def _longest_form() -> int:
    return max(map(len, _forms()))


@cache
def _forms() -> dict[str, list[tuple[str, str]]]:
    """(name, rule) of the endings by their forms. Rules: "~" and "+" as in ENDINGS; "V": only after a vowel, "C": only
    after a consonant, for forms without their first letter; " " for all others."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, written in ENDINGS.items():
        rule = written[0] if written[0] in "~+" else " "
        forms = sorted({form for vowel in "аеоөыиуү" for form in _spell(_body(name), vowel)})
        for form in forms:
            found.setdefault(form, []).append((name, rule))
        if rule == "~" and _body(name)[0] in "AIс":
            short = sorted({form[1:] for form in forms if len(form) > 1})
            for form in short:
                found.setdefault(form, []).append((name, "C" if _body(name)[0] == "с" else "V"))
    return found


def _spell(body: str, vowel: str) -> Iterator[str]:
    """The forms of an ending whose first vowel is `vowel`, as far as it may be."""
    for consonant in CONSONANTS.get(body[0], body[0]):
        spelt, last = consonant if body[0] not in "AIU" else "", ""
        for letter in body if body[0] in "AIU" else body[1:]:
            if letter not in "AIU":
                spelt += letter.lower()
                continue
            wanted = {"A": "аеоө", "I": "ыиуү", "U": "уү"}[letter]
            last = _next_vowel(letter, last) if last else vowel
            if last not in wanted:
                return
            spelt += last
        yield spelt


def _next_vowel(letter: str, last: str) -> str:
    if letter == "U":
        return "у" if last in "аыоу" else "ү"
    return HARMONY[last][0 if letter == "A" else 1]
