"""Records of IRBIS64: its text export, its ISO 2709, and what its fields mean."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.crosswalks.irbis import read_irbis
from ingest.crosswalks.marc_fields import Field, Record
from ingest.loaders import irbis, marc
from ingest.loaders.packages import Note, Package
from ingest.loaders.profile import Profile
from repo.items.metadata import Metadata, read_metadata
from tests.ingest.loaders.marc_samples import FOLDER, KYRGYZ, RUSSIAN, iso, samples
from tests.ingest.loaders.marc_samples import irbis as as_text


def load(content: bytes, tmp_path: Path, profile: Profile | None = None) -> list[Package]:
    path = tmp_path / "records.txt"
    path.write_bytes(content)
    found = list(irbis.load(path, profile or Profile()))
    for number, package in enumerate(found):
        assert list(irbis.load(path, profile or Profile(), package.position)) == found[number + 1 :]
    return found


def described(package: Package) -> Metadata:
    assert package.metadata is not None
    return read_metadata(package.metadata)


def read(*fields: tuple[str, str]) -> Metadata:
    """A record by its lines: ("200", "^AМанас^EЭпос")."""
    record = Record()
    for tag, text in fields:
        before, *subfields = text.split("^")
        pairs = [(part[0], part[1:]) for part in subfields]
        record.data.append(Field(tag, (" ", " "), [("", before), *pairs] if before else pairs))
    return read_irbis(record).metadata


# ---------------------------------------------------------------- what fields mean


def test_a_book() -> None:
    metadata = read(
        ("920", "PAZK"),
        ("200", "^AИстория Киргизии^EУчебник^FА. Карыпкулов"),
        ("700", "^AКарыпкулов^BА.^GАманбек"),
        ("702", "^4340 ред.^AИванов^BИ."),
        ("010", "^A5-655-00123-3^D5 р."),
        ("210", "^AФрунзе^CМектеп^D1988"),
        ("215", "^A464^1^Cил."),
        ("101", "kir"),
        ("331", "О народе и земле"),
        ("610", "история"),
        ("606", "^AИстория^BКиргизия^H20 в."),
        ("621", "63.3(2Ки)"),
        ("675", "947.1"),
        ("964", "03.19"),
        ("300", "Напечатано по старой орфографии"),
        ("906", "63.3"),
        ("908", "К 21"),
        ("910", "^A0^B1234"),
        ("951", "^Ihttps://library.example.org/1.pdf^TПолный текст"),
    )
    assert (metadata.type, metadata.languages, metadata.issued) == ("book", ["ky"], "1988")
    assert metadata.title().value == "История Киргизии: Учебник"
    assert [agent.name().inverted for agent in metadata.creators] == ["Карыпкулов, Аманбек"]
    assert [(agent.name().inverted, agent.role) for agent in metadata.contributors] == [("Иванов, И.", "editor")]
    assert metadata.abstract().value == "О народе и земле"
    assert [word.value for word in metadata.keywords] == ["история", "История — Киргизия — 20 в."]
    assert [(subject.scheme, subject.value) for subject in metadata.subjects] == [
        ("udc", "947.1"),
        ("bbk", "63.3(2Ки)"),
        ("grnti", "03.19"),
    ]
    assert metadata.extent == "464 с."
    assert metadata.rare.shelf_mark == "63.3/К 21"
    assert metadata.notes[0].value == "Напечатано по старой орфографии"


def test_an_article() -> None:
    metadata = read(
        ("920", "ASP"),
        ("200", "^aПередовые охотники^fИ. Ведерников"),
        ("463", "^S2^J1942^H№ 14 (17 янв.)^CВосточно-Сибирская правда"),
    )
    assert (metadata.type, metadata.issued) == ("article", "1942")
    assert metadata.host.titles[0].value == "Восточно-Сибирская правда"
    assert (metadata.host.issue, metadata.host.pages) == ("14", "2")


def test_a_volume_is_called_by_the_whole() -> None:
    metadata = read(
        ("920", "SPEC"),
        ("200", "^VКн. 3^AСтранные люди"),
        ("461", "^CСобрание сочинений^H1998"),
        ("961", "^ZДА^AШукшин^BВ. М."),
    )
    assert metadata.title().value == "Собрание сочинений. Кн. 3. Странные люди"
    assert metadata.issued == "1998"
    assert metadata.creators[0].name().inverted == "Шукшин, В. М."


def test_an_iso_export_of_irbis(tmp_path: Path) -> None:
    """No indicators, fields without subfields, and the worksheet in 920."""
    path = tmp_path / "irbis.iso"
    fields = [
        ("101", "rus"),
        ("200", "$AБелый пароход$Eповести"),
        ("610", "повести"),
        ("920", "PAZK"),
        ("903", "84/А36"),
    ]
    path.write_bytes(iso(fields, "cp1251"))
    (package,) = marc.load(path, Profile())
    assert package.key == "84/А36"
    assert described(package).title().value == "Белый пароход: повести"
    assert described(package).keywords[0].value == "повести"


# ---------------------------------------------------------------- the text


@pytest.mark.parametrize("name", ["russian.cp866.txt", "russian.cp1251.txt", "russian.utf-8.txt"])
def test_every_encoding(name: str) -> None:
    found = list(irbis.load(FOLDER / name, Profile()))
    assert [package.key for package in found] == ["ru-1", "ru-2"]
    assert described(found[1]).title().value == "Белый пароход: повести"


def test_utf16(tmp_path: Path) -> None:
    content = samples()["kyrgyz.utf-16.txt"]
    found = load(content, tmp_path)
    assert described(found[1]).title().value == "Өмүр жөнүндө аңгемелер"
    assert b"".join(base64.b64decode(package.raw) for package in found) == content
    # U+040A and U+0A00 hold the byte of a line end.
    odd = "\ufeff#200: ^AЊегош ਀ Ċ\r\n#903: 1\r\n*****\r\n#200: ^AManas\r\n#903: 2\r\n*****\r\n".encode("utf-16-be")
    assert [described(package).title().value for package in load(odd, tmp_path)] == ["Његош ਀ Ċ", "Manas"]


def test_the_record_is_kept_as_it_came(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + as_text(RUSSIAN[0]) + as_text(KYRGYZ[0]) + as_text(RUSSIAN[1], "cp866")
    found = load(content, tmp_path)
    assert b"".join(base64.b64decode(package.raw) for package in found) == content
    assert [package.key for package in found] == ["ru-1", "ky-1", "ru-2"]
    assert described(found[2]).title().value == "Белый пароход: повести", "encodings may differ by record"
    assert {package.raw_name for package in found} == {"record.txt"}


def test_codes_of_either_case_and_leading_zeros(tmp_path: Path) -> None:
    text = "#0200: ^aМанас^E эпос\n#00101:kir\n#903:   84/М 23  \n*****\n"
    (package,) = load(text.encode(), tmp_path)
    assert package.key == "84/М 23"
    assert described(package).title().value == "Манас: эпос"
    assert described(package).languages == ["ky"]


def test_unimarc_in_the_dress_of_irbis(tmp_path: Path) -> None:
    text = (
        "#1: eshr16\n#100:   ^a20160303d2016    |||y0rusy0400      \n#200: 1 ^aКластеры^fА. Б.\n"
        "#463:  0^12001 ^a№ 1^vС. 86-95\n#461:  0^1011  ^a2070-0288^12001 ^aЭкономика\n*****\n"
    )
    (package,) = load(text.encode("cp1251"), tmp_path)
    assert package.key == "eshr16"
    assert described(package).type == "article"
    assert (described(package).host.issue, described(package).host.pages) == ("1", "86-95")
    assert described(package).host.issn == "2070-0288"


def test_keys(tmp_path: Path) -> None:
    title = "#200: ^AМанас\n"
    texts = [f"{title}#903: 84/М23\n#1119: guid\n", f"{title}#1119: guid\n", f"{title}#1: 17\n", title]
    found = load("".join(f"{text}*****\n" for text in texts).encode(), tmp_path)
    assert [package.key for package in found[:3]] == ["84/М23", "guid", "17"]
    assert found[3].key.startswith("sha256:")


def test_damage(tmp_path: Path) -> None:
    good = as_text(RUSSIAN[1])
    found = load(b"no field at all\n*****\n" + good + b"*****\n\n*****\n" + good, tmp_path)
    assert [[remark.note for remark in package.remarks] for package in found] == [
        [Note.BROKEN],
        [],
        [Note.BROKEN],
        [Note.BROKEN],
        [],
    ]
    (cut,) = load(good[:60], tmp_path)
    assert [remark.note for remark in cut.remarks] == [Note.CUT_OFF]
    (whole,) = load(good[: good.index(b"*****")], tmp_path)
    assert [(remark.note, remark.about) for remark in whole.remarks] == [(Note.MENDED, "*****")]
    (garbled,) = load(good.replace("Белый".encode(), "Белый".encode()[:-1]), tmp_path)
    assert [(remark.note, remark.about) for remark in garbled.remarks] == [(Note.GARBLED, "200")]


def test_lines_that_go_on(tmp_path: Path) -> None:
    (package,) = load("#200: ^AМанас^Eкыргыз\nэпосу\n#903: 1^^2\n*****\n".encode(), tmp_path)
    assert described(package).title().value == "Манас: кыргыз эпосу"
    assert package.key == "1 2"


def test_a_file_within_a_record_is_left_out(tmp_path: Path) -> None:
    (package,) = load("#200: ^AМанас\n#903: 1\n#953: ^Ajpg^B%FF%D8\n*****\n".encode(), tmp_path)
    assert [(remark.note, remark.about) for remark in package.remarks] == [(Note.LEFT_OUT, "953")]


def test_too_large(tmp_path: Path) -> None:
    good = as_text(RUSSIAN[1])
    many = b"#200: " + b"^A" * 60_000 + b"\n*****\n"
    found = load(good + b"#330: " + b"x" * (3 << 20) + b"\n*****\n" + good + many, tmp_path)
    assert [[remark.note for remark in package.remarks] for package in found] == [
        [],
        [Note.TOO_LARGE],
        [],
        [Note.TOO_LARGE],
    ]


@given(st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=8), st.integers(0, 30)), max_size=5))
def test_damage_anywhere(tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, bytes, int]]) -> None:
    for name in ("russian.cp866.txt", "kyrgyz.utf-16.txt"):
        content = samples()[name]
        for at, put, taken in damage:
            at %= len(content) + 1
            content = content[:at] + put + content[at + taken :]
        load(content, tmp_path_factory.mktemp("damage"))
