"""A MARC record as tags and subfields (ISO 2709's model), whatever it was written in; pure."""

import re
from dataclasses import dataclass, field

PUNCTUATION = re.compile(r"\s*[/:;,=]+\s*$|(?<=\w{3})\.\s*$")
"""What the rules of ISBD put at the end of a subfield to part it from the next; a full stop after a word of two letters
is an abbreviation's."""
SORTING = str.maketrans("", "", "\x88\x89\x98\x9c")
"""ISO 6630 and ISO 5426: around an article that does not count in sorting."""


@dataclass
class Field:
    """`linked`: the field says in another script what a field of this tag says."""

    tag: str
    indicators: tuple[str, str]
    subfields: list[tuple[str, str]]
    linked: bool = False

    def first(self, code: str) -> str:
        return next((text for sub, text in self.subfields if sub == code and text), "")

    def all(self, *codes: str) -> list[str]:
        """The subfields with these codes in the order of the record, without ISBD's punctuation at their ends."""
        return [text for sub, value in self.subfields if sub in codes and (text := trim(value))]

    def joined(self, *codes: str) -> str:
        return " ".join(self.all(*codes))


@dataclass
class Record:
    leader: str = ""
    controls: dict[str, str] = field(default_factory=dict)
    data: list[Field] = field(default_factory=list)

    def fields(self, tag: str) -> list[Field]:
        return [found for found in self.data if found.tag == tag]

    def text(self, tag: str, *codes: str) -> str:
        """What the first field of a tag that has any of these subfields says in them."""
        return next((text for found in self.fields(tag) if (text := found.joined(*codes))), "")


def trim(text: str) -> str:
    return PUNCTUATION.sub("", text.translate(SORTING).strip()).strip()


def by_own_tag(found: Field) -> Field:
    """880 says in another script what a field of the tag in its $6 says: it becomes a further field of that tag."""
    linked = re.match(r"(\d{3})-", found.first("6")) if found.tag == "880" else None
    return found if linked is None else Field(linked[1], found.indicators, found.subfields, True)


def embedded(found: Field) -> list[Field]:
    """The fields in a linking field of UNIMARC (4--): each $1 begins one with its tag and indicators."""
    inner: list[Field] = []
    for code, text in found.subfields:
        begin = re.match(r"(\d{3})(.{0,2})(.*)", text, re.S) if code == "1" else None
        if begin and begin[1] < "010":
            inner.append(Field(begin[1], (" ", " "), [("", text[3:])]))
        elif begin:
            indicators = begin[2].ljust(2)
            inner.append(Field(begin[1], (indicators[0], indicators[1]), [("a", begin[3])] if begin[3].strip() else []))
        elif inner:
            inner[-1].subfields.append((code, text))
    return inner
