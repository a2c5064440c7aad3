"""Records of IRBIS64: `record -> Found`; pure.

IRBIS keeps UNIMARC's tags and moves some of them: they are brought back to where UNIMARC has them (by the tables of
conversion that come with IRBIS), and read as UNIMARC. Its fields have no indicators, its codes are letters of either
case, and fields without subfields hold plain text (code "" here).
"""

import re
from collections.abc import Callable, Iterator

from ingest.crosswalks.found import Found
from ingest.crosswalks.marc_fields import Field, Record
from ingest.crosswalks.unimarc import read_unimarc

LEVELS = {"ASP": "a", "NJ": "s", "OJ": "s", "NJK": "s", "NJP": "s"}
"""Worksheets (920) of articles and of issues of journals; the others describe books."""
BLANK = (" ", " ")


def read_irbis(record: Record) -> Found:
    return read_unimarc(as_unimarc(record))


def as_unimarc(record: Record) -> Record:
    """The same record with UNIMARC's tags and codes; what it has no place for is left behind."""
    record = Record(record.leader, record.controls, [_lower(field) for field in record.data])
    made = Record(leader=_leader(record), controls=dict(record.controls))
    for field in record.data:
        made.data += MOVES[field.tag](field) if field.tag in MOVES else [field]
    made.data += _volume(record)
    if not made.text("210", "d"):
        made.data += [Field("210", BLANK, [("d", year)]) for year in _years(record)]
    if mark := "/".join(filter(None, [record.text("906", "", "a"), record.text("908", "", "a")])):
        made.data.append(Field("852", BLANK, [("j", mark)]))
    return made


def worksheet(record: Record) -> str:
    return record.text("920", "", "a").upper()


def _lower(field: Field) -> Field:
    return Field(field.tag, field.indicators, [(code.lower(), text) for code, text in field.subfields])


def _leader(record: Record) -> str:
    """Positions 6 (kind), 7 (level) and 8 (2: a volume) of UNIMARC's leader, by worksheet and field 900."""
    sheet, kind = worksheet(record), record.text("900", "t")[:1].lower()
    level = LEVELS.get(sheet, "m")
    return f"00000n{kind if kind.isalpha() else 'a'}{level}{'2' if sheet == 'SPEC' else ' '}"


def _years(record: Record) -> Iterator[str]:
    """The year of the whole, of the issue, of the journal's year."""
    for tag, *codes in (("461", "h"), ("463", "j"), ("934", "", "a")):
        if text := record.text(tag, *codes):
            yield text


def _volume(record: Record) -> Iterator[Field]:
    """463 names the journal or book of an article, 461 the work of which a volume is described."""
    for field in record.fields("461"):
        yield Field("461", BLANK, [("t", field.first("c")), ("v", record.text("200", "v"))])
    for field in record.fields("463"):
        part = ", ".join(filter(None, [field.first("v"), field.first("h"), _pages(field.first("s"))]))
        yield Field("463", BLANK, [("t", field.first("c")), ("v", part), ("d", field.first("j"))])


def _pages(text: str) -> str:
    return f"С. {text}" if re.match(r"\d", text) else text


def _plain(tag: str, *also: tuple[str, str]) -> Callable[[Field], list[Field]]:
    """A field whose plain text (or $a) belongs into $a of `tag`."""

    def move(field: Field) -> list[Field]:
        text = field.first("") or field.first("a")
        return [Field(tag, field.indicators, [("a", text), *also])] if text else []

    return move


def _title(field: Field) -> list[Field]:
    """$v is what the volume is called: "Кн. 3"."""
    volume, kept = field.first("v"), [pair for pair in field.subfields if pair[0] != "v"]
    if not volume:
        return [field]
    kept = [("i" if code == "a" else code, text) for code, text in kept]
    return [Field("200", field.indicators, [("h", volume), *kept])]


def _extent(field: Field) -> list[Field]:
    """A bare number is one of pages, unless $1 says of what."""
    text, unit = field.first("a"), field.first("1")
    return [Field("215", BLANK, [("a", f"{text} {unit or 'с.'}" if text.isdigit() else text)])]


def _person(tag: str) -> Callable[[Field], list[Field]]:
    """The code of a role may be followed by the role in words: "340 ред."."""
    return lambda field: [Field(tag, BLANK, [(c, t[:3] if c == "4" else t) for c, t in field.subfields])]


def _heading(field: Field) -> list[Field]:
    """A heading and its subheadings of every kind."""
    parts = [text for code, text in field.subfields if code in ("b", "c", "d", "e", "g", "h", "o")]
    return [Field(field.tag, BLANK, [("a", field.first("a")), *(("x", text) for text in parts)])]


def _contents(field: Field) -> list[Field]:
    parts = [text for text in (field.first("c"), field.first("f")) if text]
    return [Field("327", BLANK, [("a", " / ".join(parts))])] if parts else []


def _address(field: Field) -> list[Field]:
    return [Field("856", BLANK, [("u", field.first("i") or field.first("a"))])]


def _nothing(_field: Field) -> list[Field]:
    return []


MOVES: dict[str, Callable[[Field], list[Field]]] = {
    "101": _plain("101"),
    "200": _title,
    "215": _extent,
    "300": _plain("300"),
    "330": _contents,
    "331": _plain("330"),
    "461": _nothing,
    "463": _nothing,
    "606": _heading,
    "607": _heading,
    "610": _plain("610"),
    "621": _plain("686", ("2", "rubbk")),
    "675": _plain("675"),
    "964": _plain("686", ("2", "rugasnti")),
    "951": _address,
    "961": _person("701"),
    **{tag: _person(tag) for tag in ("700", "701", "702")},
    **dict.fromkeys(("852", "856", "899", "953"), _nothing),
}
"""`field -> fields of UNIMARC`, where they differ."""
