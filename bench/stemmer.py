"""How well the Kyrgyz stemmer does on the treebank UD_Kyrgyz-KTMU; with --fit, its weights are made anew.

    python -m bench stemmer [--file test|train] [--fit]

Of words (nouns, names, verbs, adjectives, adverbs, numerals and pronouns with a letter), per cent:

- lemma: whose stem is that of their dictionary form;
- forms: whose stem is that of most other forms of their dictionary form, where there are others;
- pairs: of two different words with one stem, how often they share a dictionary form.

The weights are fitted on the training file alone, by logistic regression over the readings of each word; ADJUSTED is
what was added to them, so that a word is rather cut too little than too much, found by dividing the training file.
"""

import argparse
import json
import math
import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from repo.search import kyrgyz

DATA = Path(os.environ.get("MURAS_TEST_DATA", "../shared/data"))
TREEBANK = "7-language/UniversalDependencies__UD_Kyrgyz-KTMU/ky_ktmu-ud-{}.conllu"
WEIGHTS = Path(kyrgyz.__file__).with_name("data") / "kyrgyz.json"
CONTENT = frozenset(("NOUN", "PROPN", "VERB", "ADJ", "ADV", "NUM", "PRON"))
NOMINAL = frozenset(("NOUN", "PROPN"))
LETTER = re.compile("[а-яёңөү]")
LIMITS = {"all": (83, 80, 90), "nouns and names": (88, 88, 95)}
PASSES, RATE, DECAY = 80, 0.15, 0.02
LEAST, SMALLEST = 3, 0.15
"""How often a trait has to be there, and how much it has to weigh, to be kept."""
ADJUSTED = {
    **dict.fromkeys(("s:il", "s:in", "s:il*", "s:in*"), -1.6),
    **dict.fromkeys(("s:t", "s:dir", "s:giz", "s:ik", "s:ik*"), -1.5),
    **dict.fromkeys(("s:ish", "s:ish*"), 0.3),
    "len2:N": 1.1,
    "len2:V": -0.1,
    "len3:N": 1.0,
    "len3:V": -0.5,
    "k:V": 0.5,
    "n:3": -1.3,
    "n:4": -1.3,
    "s:p3": 0.4,
    "s:p3*": 0.4,
    "s:pl": 0.5,
    "s:gen": 1.2,
    "s:dat": 0.6,
    "s:acc": 0.6,
    "s:loc": 0.6,
    "s:inf": -0.1,
    "s:inf0": -0.1,
    "s:part": -1.2,
    "s:gki": -1.5,
    "s:agent": -2.0,
    "s:known": 1.2,
}

Stem = Callable[[str], str]


class Word(NamedTuple):
    form: str
    lemma: str
    part: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", choices=("test", "train"), default="test")
    parser.add_argument("--fit", action="store_true", help="fit the weights on the training file, and write them")
    given = parser.parse_args()
    if given.fit:
        WEIGHTS.write_text(json.dumps(fit(read_words("train")), ensure_ascii=False, indent=0) + "\n")
        print(f"written: {WEIGHTS}")
        return
    words = read_words(given.file)
    stems = {text: kyrgyz.stem(text) for word in words for text in (word.form, word.lemma)}
    chosen = {"all": words, "nouns and names": [word for word in words if word.part in NOMINAL]}
    for name, some in chosen.items():
        found = evaluate(some, stems.__getitem__)
        told = (
            f"{word} {value:.1f} (limit {limit})"
            for word, value, limit in zip(("lemma", "forms", "pairs"), found, LIMITS[name], strict=True)
        )
        print(f"{given.file}, {name}, {len(some)} words: " + ", ".join(told))


def read_words(name: str) -> list[Word]:
    found = []
    for line in (DATA / TREEBANK.format(name)).read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) == 10 and fields[0].isdigit() and fields[3] in CONTENT and LETTER.search(fields[1].lower()):
            found.append(Word(fields[1].lower(), fields[2].lower(), fields[3]))
    return found


def evaluate(words: list[Word], stem: Stem) -> tuple[float, float, float]:
    """(lemma, forms, pairs) in per cent."""
    lemma = sum(stem(word.form) == stem(word.lemma) for word in words) / len(words)
    return 100 * lemma, 100 * _agreement(words, stem), 100 * _precision(words, stem)


def _agreement(words: list[Word], stem: Stem) -> float:
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word in words:
        forms[word.lemma][word.form] += 1
    right = total = 0
    for word in words:
        others: Counter[str] = Counter()
        for form, count in forms[word.lemma].items():
            if form != word.form:
                others[stem(form)] += count
        if others:
            total += 1
            right += others[stem(word.form)] == max(others.values())
    return right / total


def _precision(words: list[Word], stem: Stem) -> float:
    lemmas: defaultdict[str, set[str]] = defaultdict(set)
    for word in words:
        lemmas[word.form].add(word.lemma)
    together: defaultdict[str, list[str]] = defaultdict(list)
    for form in lemmas:
        together[stem(form)].append(form)
    pairs = [(a, b) for forms in together.values() for at, a in enumerate(forms) for b in forms[:at]]
    return sum(not lemmas[a].isdisjoint(lemmas[b]) for a, b in pairs) / len(pairs)


# ---------------------------------------------------------------- fitting


Readings = list[tuple[str, list[str]]]
"""Stems with their traits."""


def fit(words: list[Word]) -> dict[str, float]:
    examples = list(_examples(words))
    weights: defaultdict[str, float] = defaultdict(float)
    sums: Counter[str] = Counter()
    chance = random.Random(1)
    for number in range(PASSES):
        chance.shuffle(examples)
        rate = RATE / (1 + number * 0.1)
        for readings, right, count in examples:
            _learn(weights, readings, right, rate * count)
        for trait in weights:
            weights[trait] *= 1 - DECAY * rate * 10
        if number >= PASSES // 2:
            sums.update(weights)
    mean = {trait: total / (PASSES - PASSES // 2) for trait, total in sums.items()}
    kept = {trait: value for trait, value in mean.items() if abs(value) >= SMALLEST}
    adjusted = {trait: kept.get(trait, 0.0) + ADJUSTED.get(trait, 0.0) for trait in kept.keys() | ADJUSTED}
    return {trait: round(adjusted[trait], 1) for trait in sorted(adjusted) if round(adjusted[trait], 1)}


def _examples(words: list[Word]) -> Iterator[tuple[Readings, str, int]]:
    """Words of which one reading is the right one; the dictionary forms are examples too."""
    seen = Counter((word.form, word.lemma) for word in words)
    seen.update({(word.lemma, word.lemma) for word in words})
    found = []
    for (form, lemma), count in sorted(seen.items()):
        readings = [(one.stem, list(kyrgyz.traits(one))) for one in kyrgyz.readings(form)]
        if form not in kyrgyz.KEPT and len(readings) > 1 and any(stem == lemma for stem, _ in readings):
            found.append((readings, lemma, min(count, 3)))
    often = Counter(trait for readings, _, _ in found for trait in {t for _, traits in readings for t in traits})
    for readings, lemma, count in found:
        yield [(stem, [t for t in traits if often[t] >= LEAST]) for stem, traits in readings], lemma, count


def _learn(weights: defaultdict[str, float], readings: Readings, right: str, rate: float) -> None:
    scores = [sum(weights[trait] for trait in traits) for _, traits in readings]
    shares = [math.exp(score - max(scores)) for score in scores]
    whole = sum(shares)
    of_right = sum(share for share, (stem, _) in zip(shares, readings, strict=True) if stem == right)
    for share, (stem, traits) in zip(shares, readings, strict=True):
        step = (share / of_right if stem == right else 0.0) - share / whole
        for trait in traits:
            weights[trait] += rate * step


if __name__ == "__main__":
    main()
