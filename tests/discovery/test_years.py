"""The bars beside the results."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo.discovery.years import HEIGHT, LEAST, MOST_BARS, WIDTH, draw_years


def test_a_bar_a_year_when_there_are_few() -> None:
    bars = draw_years([("2003", 4), ("2001", 1)])
    assert [(bar.years, bar.count, bar.height) for bar in bars] == [("2001", 1, 15), ("2002", 0, 0), ("2003", 4, 60)]


def test_spans_of_years_when_there_are_many() -> None:
    bars = draw_years([("2026", 1000), ("1899", 1), ("1901", 2)])
    assert (bars[0].years, bars[0].height, bars[-1].years) == ("1890–1899", LEAST, "2020–2029")


@pytest.mark.parametrize("counts", [[], [("1999", 7)]])
def test_nothing_to_choose_is_no_picture(counts: list[tuple[str, int]]) -> None:
    assert draw_years(counts) == []


@given(st.dictionaries(st.integers(0, 9999), st.integers(1, 10**6), min_size=2))
def test_every_work_is_in_one_bar(works: dict[int, int]) -> None:
    bars = draw_years([(str(year), count) for year, count in works.items()])
    assert sum(bar.count for bar in bars) == sum(works.values())
    assert len(bars) <= MOST_BARS
    assert all(bar.left + bar.width <= WIDTH + 0.2 and bar.height <= HEIGHT for bar in bars)
    assert all(bar.last + 1 == following.first for bar, following in zip(bars, bars[1:], strict=False))
