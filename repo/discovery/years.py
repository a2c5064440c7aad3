"""The years of what was found, as a row of bars: pure."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_BARS = 16
"""More could not be told apart, nor hit with a finger, in a column beside the results."""

SPANS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
WIDTH, HEIGHT = 240, 60
LEAST = 3
"""Height of the shortest bar, so that a single work among thousands is seen."""


@dataclass(frozen=True)
class Bar:
    """The works of the years `first` to `last`; `left`, `width` and `height` are units of the picture."""

    first: int
    last: int
    count: int
    left: float
    width: float
    height: float

    @property
    def years(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


def draw_years(counts: Sequence[tuple[str, int]]) -> list[Bar]:
    """A bar for each span of years from the first to the last of `counts` (year, works), also where there is none;
    no bar for a single year, in which there is nothing to choose."""
    works = {int(year): count for year, count in counts}
    if len(works) < 2:
        return []
    span = next((span for span in SPANS if max(works) // span - min(works) // span < MOST_BARS), SPANS[-1])
    spans: dict[int, int] = dict.fromkeys(range(min(works) // span, max(works) // span + 1), 0)
    for year, count in works.items():
        spans[year // span] += count
    most, width = max(spans.values()), WIDTH / len(spans)
    return [
        Bar(
            first=number * span,
            last=number * span + span - 1,
            count=count,
            left=round(at * width, 2),
            width=round(width, 2),
            height=round(max(count / most * HEIGHT, LEAST), 2) if count else 0,
        )
        for at, (number, count) in enumerate(spans.items())
    ]
