"""The judged queries are sound, and their figures do not fall."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from repo.addresses import ClusterAddress
from repo.search.analysis import fold
from repo.search.document import SearchDocument
from repo.search.elasticsearch import ElasticsearchEngine
from repo.search.ports import SearchEngine
from repo.search.tantivy import TantivyEngine
from tests.search.material import found
from tests.search.relevance.corpus import corpus
from tests.search.relevance.measure import (
    ALIKE,
    FIRST,
    SAME_TYPED_PLAINLY,
    WITHIN,
    Answer,
    Judged,
    Score,
    ask,
    mean_overlap,
    overlap,
    read_judged,
    score,
    typed_plainly,
)

FLOORS = {"ky": (88, 88), "ru": (93, 95), "en": (93, 93)}
"""Success at 1 and at 10 in per cent, a little below what was measured (docs/figures.md)."""


@pytest.fixture(scope="session")
def works(real_data: Path) -> dict[str, SearchDocument]:
    return corpus(real_data)


@pytest.fixture(scope="session")
def engine(works: dict[str, SearchDocument], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TantivyEngine]:
    engine = TantivyEngine(tmp_path_factory.mktemp("judged") / "index")
    engine.rebuild(works.values())
    yield engine
    engine.close()


# The file ----------------------------------------------------------------------------------------------


def test_there_are_enough_queries_and_none_twice() -> None:
    judged = read_judged()
    languages = Counter(each.language for each in judged)
    assert set(languages) == set(FLOORS) and min(languages.values()) >= 60 and len(judged) >= 180
    assert [query for query, number in Counter(each.query for each in judged).items() if number > 1] == []
    assert all(each.query == each.query.strip() and each.query and each.kind for each in judged)


def test_every_judged_work_exists_and_none_that_says_the_same_is_left_out(works: dict[str, SearchDocument]) -> None:
    """A headline that stands in both files is one answer as much as the other."""
    alike: dict[tuple[str, ...], set[str]] = {}
    for work in works.values():
        alike.setdefault(_said(work), set()).add(work.id)
    for each in read_judged():
        assert 1 <= len(each.right) <= FIRST and len(set(each.right)) == len(each.right), each
        assert [item for item in each.right if item not in works] == [], each
        same = {other for item in each.right for other in alike[_said(works[item])]}
        assert same <= set(each.right), each


def _said(work: SearchDocument) -> tuple[str, ...]:
    texts = (*work.titles, *work.creators, *work.details)
    return (*(fold(text.value) for text in texts), *(segment.text for segment in work.text_open))


# The figures -------------------------------------------------------------------------------------------


def test_relevance_does_not_fall(engine: TantivyEngine) -> None:
    answers = ask(lambda query: found(engine, query, limit=FIRST, facets=(), passages=0), read_judged())
    told = {language: score([one for one in answers if one.judged.language == language]) for language in FLOORS}
    fallen = {
        language: told[language]
        for language, (first, ten) in FLOORS.items()
        if told[language].at_1 < first or told[language].at_10 < ten
    }
    assert fallen == {}


def test_queries_typed_without_kyrgyz_letters_find_the_same(engine: TantivyEngine) -> None:
    """A reader without ө, ү and ң on the keyboard gets the same first ten."""
    special = [each.query for each in read_judged() if typed_plainly(each.query) != each.query]
    pairs = [(found(engine, query, limit=FIRST), found(engine, typed_plainly(query), limit=FIRST)) for query in special]
    assert len(pairs) >= 40
    assert 100 * sum(one == other for one, other in pairs) / len(pairs) >= SAME_TYPED_PLAINLY


def test_both_engines_answer_alike(
    engine: TantivyEngine, works: dict[str, SearchDocument], search_cluster: ClusterAddress
) -> None:
    def answers(of: SearchEngine) -> list[Answer]:
        return ask(lambda query: found(of, query, limit=FIRST, facets=(), passages=0), read_judged())

    with closing(ElasticsearchEngine(search_cluster)) as other:
        other.rebuild(works.values())
        embedded, cluster = answers(engine), answers(other)
    assert mean_overlap(embedded, cluster) >= ALIKE
    one, another = score(embedded), score(cluster)
    assert abs(one.at_1 - another.at_1) <= WITHIN and abs(one.at_10 - another.at_10) <= WITHIN


# The arithmetic ----------------------------------------------------------------------------------------


def test_scores() -> None:
    judged = Judged("ky", "known title", "көл", ("a", "b"))
    answers = [Answer(judged, ("a",)), Answer(judged, ("x", "b")), Answer(judged, ("x",)), Answer(judged, ())]
    assert score(answers) == Score(4, 25.0, 50.0, 0.375, 25.0)


def test_overlaps() -> None:
    assert overlap("abc", "cab") == 1.0
    assert overlap("abcd", "ab") == 0.5
    assert overlap("", "ab") == 0.0
    assert overlap("", "") == 1.0
    judged = Judged("ky", "known title", "көл", ("a",))
    one, other = [Answer(judged, ("a",)), Answer(judged, ())], [Answer(judged, ("a",)), Answer(judged, ("b",))]
    assert mean_overlap(one, other) == 0.5


def test_no_more_than_ten_answers_count() -> None:
    (answer,) = ask(lambda query: [*"0123456789a"], [Judged("en", "known title", "a", ("a",))])
    assert answer.rank == 0
