"""Forty labelled articles in Kyrgyz, Russian and English, made from `tests/data/articles/texts.toml`.

`make_articles(folder)` writes them as PDF and DOCX in the layouts of journals, always the same bytes of text,
and tells for each what is right. Even numbers are there to develop on; odd numbers have layouts of their own,
so that what was learnt by heart shows.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.articles import layouts_even, layouts_odd
from tests.articles.draft import Draft, Labels
from tests.articles.texts import Article, Author
from tests.articles.writers import write_docx, write_pdf

__all__ = ["Article", "Labelled", "Labels", "load_articles", "make_articles"]

TEXTS = Path(__file__).parents[1] / "data" / "articles" / "texts.toml"


@dataclass(frozen=True)
class Labelled:
    """A file and what is right about it."""

    number: int
    path: Path
    labels: Labels


@cache
def load_articles() -> tuple[Article, ...]:
    entries = tomllib.loads(TEXTS.read_text(encoding="utf-8"))["article"]
    return tuple(_read(entry) for entry in entries)


def _read(entry: dict[str, object]) -> Article:
    fields = dict(entry)
    fields["authors"] = tuple(Author.parse(line) for line in fields["authors"])  # type: ignore[attr-defined]
    fields["titles"] = fields.pop("title")
    return Article(**fields)  # type: ignore[arg-type]


def draft_article(article: Article, length: int = 1) -> Draft:
    """The article as its layout sets it: ten layouts of even numbers, ten others of odd ones."""
    draft = Draft(article, length)
    (layouts_even.LAYOUTS | layouts_odd.LAYOUTS)[article.number](draft)
    return draft


def make_articles(folder: Path) -> list[Labelled]:
    """Write all forty to `folder`."""
    made = []
    for article in load_articles():
        draft = draft_article(article)
        path = folder / f"article-{article.number:02}.{'docx' if draft.word else 'pdf'}"
        (write_docx if draft.word else write_pdf)(draft, path)
        made.append(Labelled(article.number, path, draft.labels))
    return made
