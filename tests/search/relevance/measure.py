"""How good the answers to judged queries are; pure: an engine is a function from a query to ids, the best first."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

JUDGED = Path(__file__).with_name("judged.tsv")
FIRST = 10
"""How many answers are looked at: what a reader sees without paging."""
SAME_TYPED_PLAINLY = 95
"""Per cent of the queries with ө, ү or ң that have to give the same first ten with о, у and н."""
ALIKE = 0.9
"""How much the first ten of two engines have to overlap in the mean."""
WITHIN = 1.0
"""By how many points success at 1 and at 10 of two engines may differ."""
SUBSTITUTES = str.maketrans("өүңӨҮҢ", "оунОУН")

Engine = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Judged:
    """A query as a reader would type it, and the ids that a librarian would call an answer, the best first."""

    language: str
    kind: str
    query: str
    right: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    judged: Judged
    found: tuple[str, ...]
    """The first ten ids at most."""

    @property
    def rank(self) -> int:
        """Where the first right answer stands, from 1; 0: not among the first ten."""
        return next((at for at, item in enumerate(self.found, start=1) if item in self.judged.right), 0)

    @property
    def recall(self) -> float:
        """The share of the right answers that are among the first ten."""
        return len(set(self.found) & set(self.judged.right)) / len(self.judged.right)


@dataclass(frozen=True)
class Score:
    """Per cent of queries with a right answer first and among the first ten; mean of 1/rank; per cent of the right
    answers that are among the first ten, in the mean of the queries."""

    queries: int
    at_1: float
    at_10: float
    mrr: float
    recall: float


def read_judged(path: Path = JUDGED) -> list[Judged]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Judged(row["language"], row["kind"], row["query"], tuple(row["right"].split())) for row in rows]


def ask(engine: Engine, queries: Iterable[Judged]) -> list[Answer]:
    return [Answer(judged, tuple(engine(judged.query)[:FIRST])) for judged in queries]


def score(answers: Sequence[Answer]) -> Score:
    ranks = [answer.rank for answer in answers]
    return Score(
        len(ranks),
        100 * sum(rank == 1 for rank in ranks) / len(ranks),
        100 * sum(rank > 0 for rank in ranks) / len(ranks),
        sum(1 / rank for rank in ranks if rank) / len(ranks),
        100 * sum(answer.recall for answer in answers) / len(ranks),
    )


def overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of ids that two lists have in common, of the longer one; 1 for two empty ones."""
    longest = max(len(one), len(other))
    return len(set(one) & set(other)) / longest if longest else 1.0


def mean_overlap(one: Sequence[Answer], other: Sequence[Answer]) -> float:
    """Of the answers of two engines to the same queries."""
    return sum(overlap(a.found, b.found) for a, b in zip(one, other, strict=True)) / len(one)


def typed_plainly(query: str) -> str:
    """The query from a keyboard without ө, ү and ң."""
    return query.translate(SUBSTITUTES)
