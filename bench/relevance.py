"""How good the answers to judged queries are, by engine, and how alike two engines answer.

    python -m bench relevance [--engines tantivy …] [--failures]

The queries and what is right for each stand in `tests/search/relevance/judged.tsv`; they are asked over real texts and
records (MURAS_TEST_DATA). `--failures` lists the queries whose first answer is not a right one.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from repo.addresses import ClusterAddress
from repo.search.elasticsearch import ElasticsearchEngine
from repo.search.parser import parse_query
from repo.search.ports import SearchEngine, SearchRequest
from repo.search.tantivy import TantivyEngine
from repo.search.widening import search_widening
from tests.search.relevance.corpus import corpus
from tests.search.relevance.measure import (
    ALIKE,
    FIRST,
    SAME_TYPED_PLAINLY,
    WITHIN,
    Answer,
    Engine,
    Judged,
    ask,
    mean_overlap,
    overlap,
    read_judged,
    score,
    typed_plainly,
)
from tests.services.elasticsearch import start_node

DATA = Path(os.environ.get("MURAS_TEST_DATA", "../shared/data")).resolve()
UNLIKE = 0.7
"""Overlap of the first ten of two engines below which a query is listed."""


@contextmanager
def _tantivy(folder: Path) -> Iterator[SearchEngine]:
    yield TantivyEngine(folder / "index")


@contextmanager
def _elasticsearch(_folder: Path) -> Iterator[SearchEngine]:
    """On a node of its own."""
    node = start_node()
    try:
        yield ElasticsearchEngine(ClusterAddress((node.url,)))
    finally:
        node.stop()


ENGINES: dict[str, Callable[[Path], AbstractContextManager[SearchEngine]]] = {
    "tantivy": _tantivy,
    "elasticsearch": _elasticsearch,
}
"""Each makes an engine without an index, from an empty folder that it may use; the first is what others are compared
with."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--failures", action="store_true", help="list the queries whose first answer is not right")
    given = parser.parse_args()
    judged = read_judged()
    answers: dict[str, list[Answer]] = {}
    for name in given.engines:
        with filled(name) as engine:
            answers[name] = ask(engine, judged)
            print(f"\n== {name}, {len(judged)} queries over {len(corpus(DATA))} works")
            tell_scores(answers[name])
            tell_plain(engine, judged)
        if given.failures:
            tell_failures(answers[name])
    first, *others = given.engines
    for other in others:
        tell_difference(first, answers[first], other, answers[other])


@contextmanager
def filled(name: str) -> Iterator[Engine]:
    """A way to ask an engine that holds all works."""
    with tempfile.TemporaryDirectory(prefix="muras-bench-") as folder, ENGINES[name](Path(folder)) as engine:
        try:
            engine.rebuild(corpus(DATA).values())
            yield lambda query: _first_ids(engine, query)
        finally:
            engine.close()


def _first_ids(engine: SearchEngine, query: str) -> list[str]:
    request = SearchRequest(query=parse_query(query), limit=FIRST, facets=(), passages=0)
    return [hit.id for hit in search_widening(engine, request)[0].hits]


# ---------------------------------------------------------------- what is told


def tell_scores(answers: Sequence[Answer]) -> None:
    """By language, by kind of query, and in all; and how many queries have anything to put in order."""
    print(f"{'':34} queries  success@1  success@10    MRR  of the right ones")
    for language in dict.fromkeys(one.judged.language for one in answers):
        _tell_score(language, [one for one in answers if one.judged.language == language])
    for kind in dict.fromkeys(one.judged.kind for one in answers):
        _tell_score(kind, [one for one in answers if one.judged.kind == kind])
    _tell_score("all", answers)
    several, full = (sum(len(one.found) >= number for one in answers) for number in (2, FIRST))
    print(f"queries that find two works or more: {several}, ten or more: {full}")


def _tell_score(name: str, answers: Sequence[Answer]) -> None:
    told = score(answers)
    print(f"{name:34} {told.queries:7} {told.at_1:9.1f}% {told.at_10:10.1f}% {told.mrr:6.3f} {told.recall:15.1f}%")


def tell_plain(engine: Engine, judged: Sequence[Judged]) -> None:
    """Whether a keyboard without ө, ү and ң finds the same."""
    special = [each for each in judged if typed_plainly(each.query) != each.query]
    right = [answer.found for answer in ask(engine, special)]
    plain = [tuple(engine(typed_plainly(each.query)))[:FIRST] for each in special]
    pairs = list(zip(right, plain, strict=True))
    ordered = 100 * sum(one == other for one, other in pairs) / len(pairs)
    as_sets = 100 * sum(set(one) == set(other) for one, other in pairs) / len(pairs)
    print(
        f"typed with о, у, н for ө, ү, ң, of {len(pairs)} queries: the same first ten in the same order "
        f"{ordered:.1f}% (limit {SAME_TYPED_PLAINLY}%), in any order {as_sets:.1f}%"
    )
    for each, (one, other) in zip(special, pairs, strict=True):
        if (shared := overlap(one, other)) < UNLIKE or one != other:
            print(f"  {'overlap' if shared < UNLIKE else 'order  '} {shared:.2f}  {each.query}")


def tell_failures(answers: Sequence[Answer]) -> None:
    for answer in answers:
        if answer.rank != 1:
            where = f"at {answer.rank}" if answer.rank else "not in ten"
            print(f"  {where:10}  {answer.judged.language}, {answer.judged.kind}: {answer.judged.query}")
            found = " ".join(answer.found[:3]) or "nothing"
            print(f"{'':14}right {' '.join(answer.judged.right)}; found {found}")


def tell_difference(name: str, one: Sequence[Answer], other_name: str, other: Sequence[Answer]) -> None:
    print(f"\n== {other_name} beside {name}")
    print(f"overlap of the first ten, mean: {mean_overlap(one, other):.3f} (limit {ALIKE})")
    a, b = score(one), score(other)
    for what, apart in (("success@1", b.at_1 - a.at_1), ("success@10", b.at_10 - a.at_10)):
        print(f"{what}: {apart:+.1f} points (limit {WITHIN})")
    for left, right in zip(one, other, strict=True):
        if (shared := overlap(left.found, right.found)) < UNLIKE:
            print(f"  overlap {shared:.2f}  {left.judged.query}")


if __name__ == "__main__":
    main()
