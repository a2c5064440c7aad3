"""Records in the container of MARC: by whose rules they are read, fields within fields, and UNIMARC of old books."""

import pytest

from ingest.crosswalks.marc_fields import Field, Record, by_own_tag, embedded
from ingest.crosswalks.marc_flavours import Flavour, flavour_of, read_marc
from repo.items.metadata import Metadata


def field(tag: str, content: str) -> Field:
    """ "0 $aМанас$eэпос": indicators, then subfields."""
    before, *subfields = content.split("$")
    return Field(tag, (before[:1] or " ", before[1:2] or " "), [(part[0], part[1:]) for part in subfields])


def record(*fields: tuple[str, str], leader: str = "00000nam0 2200000   450 ") -> Record:
    return Record(leader=leader, data=[field(tag, content) for tag, content in fields])


def read(*fields: tuple[str, str], leader: str = "00000nam0 2200000   450 ") -> Metadata:
    return read_marc(record(*fields, leader=leader)).metadata


@pytest.mark.parametrize(
    ("fields", "flavour"),
    [
        ([("245", "10$aManas")], Flavour.MARC21),
        ([("200", "1 $aManas")], Flavour.UNIMARC),
        ([("200", "1 $aManas"), ("920", "  $aPAZK")], Flavour.IRBIS),
        ([("245", "10$aManas"), ("920", "  $aPAZK")], Flavour.MARC21),
        ([("200", "1 $aManas"), ("920", "  $aperiodical")], Flavour.UNIMARC),
        ([("100", "1 $aAitmatov")], Flavour.MARC21),
    ],
)
def test_flavours(fields: list[tuple[str, str]], flavour: Flavour) -> None:
    assert flavour_of(record(*fields)) is flavour


def test_fields_within_a_field() -> None:
    """As RUSMARC writes them: $1, then the tag and both indicators, of control fields the tag alone."""
    inner = embedded(field("461", r" 0$1001RU\NLR\bibl\5996$12001 $aЗадачи и этюды$vВып. 13$1700 1$aБарсуков$bВ. Н."))
    assert [(one.tag, one.subfields) for one in inner] == [
        ("001", [("", r"RU\NLR\bibl\5996")]),
        ("200", [("a", "Задачи и этюды"), ("v", "Вып. 13")]),
        ("700", [("a", "Барсуков"), ("b", "В. Н.")]),
    ]
    assert [one.indicators for one in inner] == [(" ", " "), ("1", " "), (" ", "1")]
    assert embedded(field("461", " 0$tПлоско$v5")) == []
    assert [one.subfields for one in embedded(field("461", "  $12001$aбез второго индикатора"))] == [
        [("a", "без второго индикатора")]
    ]
    assert [one.subfields for one in embedded(field("461", "  $12001 Название"))] == [[("a", "Название")]]


def test_another_script_belongs_to_its_tag() -> None:
    assert by_own_tag(field("880", "10$6245-01/r$aМанас")).tag == "245"
    assert by_own_tag(field("880", "10$6245-01/r$aМанас")).linked
    assert by_own_tag(field("880", "10$aМанас")).tag == "880"


def test_an_article_in_an_issue_of_a_journal() -> None:
    metadata = read(
        ("200", "1 $aЖаңы маалыматтар"),
        ("461", " 0$1011  $a2070-0288$12001 $aЭкономика"),
        ("463", " 0$12001 $a№ 4$vС. 86-95$1210  $d2016"),
        leader="00000naa0 2200000   450 ",
    )
    assert metadata.type == "article"
    assert metadata.issued == "2016", "the record has no year of its own"
    assert metadata.host.titles[0].value == "Экономика"
    assert (metadata.host.issue, metadata.host.pages, metadata.host.issn) == ("4", "86-95", "2070-0288")


def test_an_article_in_a_volume() -> None:
    host = read(("200", "1 $aTitle"), ("463", " 0$12001 $aТруды$vТ. 12, вып. 3, с. 5–9")).host
    assert (host.volume, host.issue, host.pages) == ("12", "3", "5–9")


def test_a_volume_is_called_by_the_whole() -> None:
    fields = [("200", "1 $aВып. 13"), ("461", " 0$12001 $aЗадачи и этюды.$vВып. 13")]
    assert read(*fields, leader="00000nam2 2200000   450 ").title().value == "Задачи и этюды. Вып. 13"
    assert read(*fields, leader="00000nam0 2200000   450 ").title().value == "Вып. 13"


def test_an_old_book() -> None:
    metadata = read(
        ("100", "  $a19050101d1905    km y0rusy0189    ca"),
        ("200", "1 $a\x88Le \x89livre$eроман"),
        ("214", "  $aКазань$cТипография$d[1905]"),
        ("316", "  $aПереплёт повреждён"),
        ("317", "  $aЭкслибрис: К. Арабаев"),
        ("700", " 1$aАрабаев$b, К."),
        ("899", "  $aНБ$jР-17"),
    )
    assert metadata.title().value == "Le livre: роман", "marks of what does not count in sorting are not text"
    assert (metadata.places[0].value, metadata.publishers[0].value, metadata.issued) == ("Казань", "Типография", "1905")
    assert metadata.rare.copy_notes[0].value == "Переплёт повреждён"
    assert metadata.rare.provenance[0].value == "Экслибрис: К. Арабаев"
    assert metadata.rare.shelf_mark == "Р-17"
    assert metadata.creators[0].name().inverted == "Арабаев, К."


def test_the_coded_year_is_the_last_resort() -> None:
    assert read(("200", "1 $aТ"), ("100", "  $a19880516d1987    k  y0rusy0102    ca")).issued == "1987"
    assert read(("200", "1 $aТ"), ("100", "  $a19880516u9999    k  y0rusy0102    ca")).issued == ""
