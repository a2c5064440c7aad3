"""An article as a layout puts it together: paragraphs with their look, and the labels of what was shown."""

from dataclasses import dataclass, field
from typing import Literal

from tests.articles.texts import HEADINGS, Article

Align = Literal["left", "center", "right", "justify"]


@dataclass(frozen=True)
class Paragraph:
    """Text with `<super>`, `<b>` and `<i>` in it."""

    text: str
    size: float = 11
    bold: bool = False
    italic: bool = False
    align: Align = "left"
    after: float = 4
    style: str = ""
    """In a DOCX: the name of its style."""


class NewPage:
    """What follows stands on a new page."""


@dataclass
class Labels:
    """What is right: only what the article really shows."""

    language: str
    year: int
    title: str
    authors: list[tuple[str, str]]
    """Family and given name of each, in the script of the language."""
    titles: dict[str, str] = field(default_factory=dict)
    abstracts: dict[str, str] = field(default_factory=dict)
    keywords: dict[str, list[str]] = field(default_factory=dict)
    udc: str | None = None
    doi: str | None = None


class Draft:
    """What a layout writes to. Whatever is shown of the article goes through a method, which notes its label."""

    def __init__(self, article: Article, length: int = 1) -> None:
        self.article = article
        self.length = length
        """How many times as long as usual its text is."""
        language = article.language
        self.language = language
        names = [author.names(language) for author in article.authors]
        self.labels = Labels(language, article.year, article.titles[language], names)
        self.blocks: list[Paragraph | NewPage] = []
        self.head = 0
        """Blocks that stand across both columns."""
        self.columns = 1
        self.running_head = ""
        self.footer = ""
        self.info: dict[str, str] = {}
        """Title and author as the file itself states them."""
        self.font = "Serif"
        self.word = False

    def add(self, text: str, **look: object) -> None:
        self.blocks.append(Paragraph(text, **look))  # type: ignore[arg-type]

    def udc(self, form: str = "УДК {}", **look: object) -> None:
        self.labels.udc = self.article.udc
        self.add(form.format(self.article.udc), **look)

    def doi(self, form: str = "DOI: {}", **look: object) -> None:
        self.labels.doi = self.article.doi
        self.add(form.format(self.article.doi), **look)

    def title(self, language: str = "", caps: bool = False, form: str = "{}", **look: object) -> None:
        language = language or self.language
        text = self.article.titles[language]
        self.labels.titles[language] = text
        self.add(form.format(text.upper() if caps else text), **look)

    def abstract(self, language: str, form: str, **look: object) -> None:
        """`form` holds the label, with {} for the text."""
        text = self.article.abstract(language)
        self.labels.abstracts[language] = text
        for line in form.format(text).split("\n"):
            self.add(line, **look)

    def keywords(self, language: str, form: str, between: str = ", ", **look: object) -> None:
        words = self.article.words[language]
        self.labels.keywords[language] = words
        for line in form.format(between.join(words)).split("\n"):
            self.add(line, **look)

    def across(self) -> None:
        """What was added so far stands above two columns."""
        self.head, self.columns = len(self.blocks), 2

    def body(self, paragraphs: int = 14, size: float = 10.5, numbered: bool = False) -> None:
        headings = HEADINGS[self.language]
        paragraphs *= self.length
        texts = self.article.body(paragraphs)
        share = max(1, paragraphs // 4)
        for index, text in enumerate(texts):
            if index % share == 0 and index // share < 4:
                heading = headings[index // share]
                self.add(f"{index // share + 1}. {heading}" if numbered else heading, size=size + 1, bold=True)
            self.add(text, size=size, align="justify")
        self.add(headings[4], size=size + 1, bold=True)
        for index, author in enumerate(self.article.authors):
            year = self.article.year - 3 - index
            self.add(
                f"{index + 1}. {author.initials_last(self.language)} {texts[0][:48]} // Жыйнак. {year}.", size=size
            )
