"""A text with a few marks, as it is written by hand.

    @ title Name of the document        properties, first: title, author, language, font, size, page, scan
    # Heading        ## Smaller one     = A centred line       ~ Small print       - An item of a list
    ---              what follows stands on a new page (or slide)

Lines that follow each other are one paragraph; an empty line ends it.
"""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["heading", "subheading", "centre", "small", "item", "paragraph", "page"]
MARKS: dict[str, Kind] = {"#": "heading", "##": "subheading", "=": "centre", "~": "small", "-": "item"}


@dataclass(frozen=True)
class Block:
    kind: Kind
    text: str = ""


@dataclass
class Document:
    properties: dict[str, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.properties.get("title", "")

    @property
    def author(self) -> str:
        return self.properties.get("author", "")

    @property
    def language(self) -> str:
        return self.properties.get("language", "ky")

    @property
    def pages(self) -> list[list[Block]]:
        """The blocks between the page breaks."""
        pages: list[list[Block]] = [[]]
        for block in self.blocks:
            if block.kind == "page":
                pages.append([])
            else:
                pages[-1].append(block)
        return pages


def read_document(text: str) -> Document:
    document = Document()
    paragraph: list[str] = []

    def end_paragraph() -> None:
        if paragraph:
            document.blocks.append(Block("paragraph", " ".join(paragraph)))
            paragraph.clear()

    for line in [*text.splitlines(), ""]:
        mark, _, rest = line.partition(" ")
        if mark == "@":
            name, _, value = rest.partition(" ")
            document.properties[name] = value
        elif line == "---":
            end_paragraph()
            document.blocks.append(Block("page"))
        elif mark in MARKS:
            end_paragraph()
            document.blocks.append(Block(MARKS[mark], rest))
        elif line.strip():
            paragraph.append(line.strip())
        else:
            end_paragraph()
    return document
