"""Guesses held against the labels of the made articles."""

from collections import defaultdict
from dataclasses import dataclass, field

from ingest.guessing.front import squeeze
from ingest.guessing.guesses import Guesses
from tests.articles import Labels


@dataclass
class Judgement:
    """Per kind of guess: how many were offered, and which of them were wrong (with what)."""

    offered: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    found: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Articles whose title, or first author, was offered and is right."""

    @property
    def precision(self) -> float:
        offered = sum(self.offered.values())
        return 1 - sum(map(len, self.wrong.values())) / offered

    def judge(self, number: int, guesses: Guesses, labels: Labels) -> None:
        """Texts are compared by their letters and digits: capitals and hyphens are a matter of style."""
        for title in guesses.titles:
            right = labels.titles.get(title.language or "", "")
            self._note(number, "title", squeeze(title.value) == squeeze(right), title.value)
        for abstract in guesses.abstracts:
            right = labels.abstracts.get(abstract.language or "", "")
            self._note(number, "abstract", squeeze(abstract.value) == squeeze(right), abstract.value)
        for keywords in guesses.keywords:
            words = [squeeze(word) for word in labels.keywords.get(keywords.language or "", [])]
            self._note(number, "keywords", [squeeze(word) for word in keywords.values] == words, str(keywords.values))
        if guesses.authors:
            families = [squeeze(author.family) for author in guesses.authors]
            self._note(number, "authors", families == [squeeze(name) for name, _ in labels.authors], str(families))
        for kind, guess, label in (
            ("udc", guesses.udc, labels.udc),
            ("doi", guesses.doi, labels.doi),
            ("year", guesses.year, str(labels.year)),
            ("language", guesses.language, labels.language),
        ):
            if guess is not None:
                self._note(number, kind, guess.value == label, guess.value)
        self._judge_first(guesses, labels)

    def _judge_first(self, guesses: Guesses, labels: Labels) -> None:
        """The figure of the issue: the title that is offered first, and the first author."""
        if guesses.titles and squeeze(guesses.titles[0].value) == squeeze(labels.title):
            self.found["title"] += 1
        family, given = labels.authors[0]
        if guesses.authors and (first := guesses.authors[0]):
            same = squeeze(first.family) == squeeze(family) and first.given[:1] == given[:1]
            self.found["author"] += same

    def _note(self, number: int, kind: str, right: bool, value: str) -> None:
        self.offered[kind] += 1
        if not right:
            self.wrong[kind].append(f"{number}: {value}")
