"""UNIMARC: each statement in its field, coded positions, embedded fields, links; valid to RUSMARC's own schema."""

import io
from pathlib import Path

import pymarc
import pytest
from lxml import etree

from oai.formats.marcxml import NAMESPACE as MARC21
from oai.formats.source import BASE
from oai.formats.unimarc import NAMESPACE, render
from repo.items.access import Access
from repo.items.metadata import Agent, Host, Metadata, Number, PersonName, Relation, Text, TextKind
from repo.vocabularies import types
from repo.vocabularies.marc import type_codes
from tests.oai.formats.examples import examples, full_metadata, least_metadata, make_file, make_source
from tests.oai.formats.marc import fields_of, tags_of, text_of
from tests.oai.formats.schemas import schema_of

EXAMPLES = examples()
BOOK = render(EXAMPLES["rare-book-full"])

FULL = {
    "001": ["0123b4c5x"],
    "003": [f"{BASE}/records/0123b4c5x"],  # the lasting address of the record
    "005": ["20260302093000.0"],
    "010": ["   $a9789967000001"],
    "017": ["70 $a10.5555/muras.1$2doi", "70 $ahttps://example.org/a?b=1&c=2$2url"],
    "100": ["   $a20260302j192605  |||y0rusy50      ca"],
    "101": ["1  $akir$arus$dkir$deng"],
    "102": ["   $aKG"],
    "105": ["   $a||||||||0||||"],
    "106": ["   $as"],
    "200": [
        "1  $6a01$7ca$aКөл жана тоо$eбиринчи китеп$dОзеро и гора: книга первая$fАйгүл Токтосунова, Илимдер академиясы",
        "1  $6a01$7ba$aKöl jana too",
        "1  $6a01$7fa$aكول جانا توو",
    ],
    "205": ["   $a2-басылышы"],
    "210": ["   $aФрунзе$cКыргызмамбас$d[1926?]"],
    "215": ["   $a214 б."],
    "300": [
        "   $aЭскертүү",
        "   $aкыргызский: арабская графика",
        "   $aОрфография: 1924",
        "   $aCreative Commons «Атрибуция» 4.0 Всемирная (CC BY 4.0) https://creativecommons.org/licenses/by/4.0/",
    ],
    "316": ["   $aМукабасы жок$5KG-BiKNU"],
    "317": ["   $aК. Тыныстановдун китепканасы$5KG-BiKNU"],
    "328": [" 0 $bкандидат наук$c10.02.01 Кыргыз тили$eКыргыз улуттук университети$d2024$aД 10.23.668"],
    "330": ["   $aКыскача мазмуну. Экинчи абзац.", "   $aShort summary."],
    "410": [" 0 $18564 $uhttps://example.org/serial$1300  $aСерия"],
    "422": [" 0 $18564 $u10.5555/muras.2"],
    "461": [" 0 $1011  $a1694-7517$12001 $aЖарчы"],
    "463": [" 0 $12001 $aТ. 12, № 3$vС. 10-20$1210  $d1926"],
    "510": ["1  $aОзеро и гора$eкнига первая$zrus"],
    "610": ["0  $aкөл", "0  $aозеро", "0  $alake"],
    "675": ["   $a551.481"],
    "686": ["   $a26.22$2rubbk", "   $a37.27$2rugasnti"],
    "700": [
        " 1 $6a02$7ca$aТоктосунова$bА.$gАйгүл$ohttps://orcid.org/0000-0002-1825-0097$pКыргыз улуттук университети$4070",
        " 1 $6a02$7ba$aToktosunova$bA.$gAigul$ohttps://orcid.org/0000-0002-1825-0097$pКыргыз улуттук университети$4070",
    ],
    "702": [" 1 $aОсмонов$bБ.$gБакыт$4727", " 1 $aИванова$bА.$gАнна$4340", " 1 $aЖумабаев$bЭ.$gЭрлан$4730"],
    "711": ["02 $aИлимдер академиясы$4070"],
    "801": [" 0 $aKG$bKG-BiKNU$c20260302"],
    "856": [
        f"4  $u{BASE}/records/0123b4c5x$zоткрытый доступ",
        f"4  $fмакала 1.pdf$qapplication/pdf$s123456$u{EXAMPLES['rare-book-full'].files[0].address}",
        "4  $fтаблица.xlsx$qapplication/vnd.openxmlformats-officedocument.spreadsheetml.sheet$s123456"
        f"$u{EXAMPLES['rare-book-full'].files[1].address}",
    ],
    "899": ["   $aKG-BiKNU$jС 5/12"],
}


@pytest.mark.parametrize("tag", FULL)
def test_each_statement_in_its_field(tag: str) -> None:
    assert fields_of(BOOK, tag) == FULL[tag]


def test_no_other_fields_and_in_order() -> None:
    assert list(dict.fromkeys(tags_of(BOOK))) == sorted(FULL)
    for name, source in EXAMPLES.items():
        tags = tags_of(render(source))
        assert tags == sorted(tags), name


def test_valid_to_the_schema_of_rusmarc(real_data: Path) -> None:
    """UNISlim is MarcXchange without a namespace."""
    schema = etree.XMLSchema(etree.parse(real_data / "4-catalogue/amironov73__ManagedIrbis/TestData/UNISlim.xsd"))
    for name, source in EXAMPLES.items():
        bare = text_of(render(source)).replace(f'xmlns="{NAMESPACE}"', "").replace("xsi:schemaLocation", "id2")
        root = etree.fromstring(bare)
        del root.attrib["id2"]
        assert schema.validate(root), f"{name}: {schema.error_log}"


def test_valid_to_the_schema_of_marc_21_but_for_the_label(real_data: Path) -> None:
    schema = schema_of(real_data, "marcxml")
    for name, source in EXAMPLES.items():
        root = etree.fromstring(text_of(render(source)).replace(NAMESPACE, MARC21).replace('format="UNIMARC"', ""))
        assert root[0].text and root[0].text.endswith("450 ")
        root[0].text = root[0].text[:20] + "4500"
        assert schema.validate(root), f"{name}: {schema.error_log}"


@pytest.mark.parametrize("code", [*types(), "no-such-type"])
def test_label_and_coded_data(code: str) -> None:
    record = render(make_source(full_metadata(code), (make_file(),)))
    label = record[0].text or ""
    assert len(label) == 24 and label[6:8] == type_codes(code).unimarc and label[20:] == "450 "
    [general] = fields_of(record, "100")
    assert len(general) == len("   $a") + 36
    coded = fields_of(record, "105")
    assert (len(coded) == 1) == (label[6] in "ab")
    assert all(len(one) == len("   $a") + 13 for one in coded)


@pytest.mark.parametrize(
    ("edtf", "codes"),
    [
        ("1926", "d1926    "),
        ("1926/1928", "g19261928"),
        ("1926/..", "g19269999"),
        ("192X", "f19201929"),
        ("", "u        "),
        ("2024-11-08", "j20241108"),
    ],
)
def test_dates(edtf: str, codes: str) -> None:
    [general] = fields_of(render(make_source(Metadata(issued=edtf))), "100")
    assert general[len("   $a") + 8 :][:9] == codes


def test_theses_and_conferences_are_coded() -> None:
    assert fields_of(render(EXAMPLES["doctoral-thesis-full"]), "105") == ["   $a||||m|||0||||"]
    assert fields_of(render(EXAMPLES["proceedings-full"]), "105") == ["   $a||||||||1||||"]


def test_a_host_without_issues_is_a_book() -> None:
    host = Host(titles=[Text(value="Жыйнак")], pages="5-9", isbn="9789967000001")
    record = render(make_source(Metadata(type="book-part", host=host, issued="2020")))
    assert fields_of(record, "461") == []
    assert fields_of(record, "463") == [" 0 $1010  $a9789967000001$12001 $aЖыйнак$vС. 5-9$1210  $d2020"]


def test_originals_series_and_other_titles() -> None:
    metadata = Metadata(
        titles=[Text(value="Жамийла", lang="ky"), Text(value="Обон", lang="ky", kind=TextKind.ALTERNATIVE)],
        relations=[
            Relation(kind="IsTranslationOf", value="Джамиля"),
            Relation(kind="IsPartOf", value="Эл адабияты"),
            Relation(kind="Reviews", value="Повесть", note="1958"),
        ],
        identifiers=[Number(scheme="issn", value="1694-7517")],
    )
    record = render(make_source(metadata))
    assert fields_of(record, "454") == [" 0 $12001 $aДжамиля"]
    assert fields_of(record, "225") == ["1  $aЭл адабияты"]
    assert fields_of(record, "470") == [" 0 $12001 $aПовесть$1300  $a1958"]
    assert fields_of(record, "517") == ["1  $aОбон$zkir"]
    assert fields_of(record, "011") == ["   $a1694-7517"]
    assert fields_of(record, "101") == ["1  $aund"]


def test_who_shares_a_work_and_who_assists() -> None:
    def person(role: str) -> Agent:
        return Agent(names=[PersonName(family=role)], role=role)

    metadata = Metadata(
        creators=[person("author"), person("compiler")], contributors=[person("artist"), person("former-owner")]
    )
    record = render(make_source(metadata))
    assert fields_of(record, "700") == [" 0 $aauthor$4070"]
    assert fields_of(record, "701") == [" 0 $acompiler$4220", " 0 $aartist$4040"]
    assert fields_of(record, "702") == [" 0 $aformer-owner$4390"]


@pytest.mark.parametrize("access", Access)
def test_only_open_files_have_addresses(access: Access) -> None:
    source = EXAMPLES[f"access-{access.value}"]
    record = render(source)
    assert len(fields_of(record, "856")) == (2 if access is Access.OPEN else 1)
    assert (source.files[0].address in text_of(record)) == (access is Access.OPEN)


def test_the_least_says_nothing_that_nobody_said() -> None:
    record = render(make_source(least_metadata("article")))
    assert tags_of(record) == ["001", "003", "005", "100", "101", "105", "106", "200", "801", "856", "899"]


def test_hostile_text_stays_text() -> None:
    [title, *_] = fields_of(render(EXAMPLES["book-hostile"]), "200")
    assert "]]> <b>&amp; emoji 😀 RTL שלום" in title


@pytest.mark.parametrize("name", EXAMPLES)
def test_another_library_reads_it_and_writes_iso_2709(name: str) -> None:
    element = render(EXAMPLES[name])
    [record] = pymarc.parse_xml_to_array(io.BytesIO(etree.tostring(element, encoding="utf-8")))
    [again] = pymarc.MARCReader(record.as_marc(), force_utf8=True)
    assert again is not None
    written = [(one.tag, one.data if one.is_control_field() else one.subfields) for one in again.fields]
    assert written == [(one.tag, one.data if one.is_control_field() else one.subfields) for one in record.fields]
    assert [one.tag for one in again.fields] == tags_of(element)


def test_a_relation_to_nothing_is_not_told() -> None:
    bare = render(make_source(Metadata()))
    record = render(make_source(Metadata(relations=[Relation(kind="Cites", note="бул эмне"), Relation()])))
    assert text_of(record) == text_of(bare)
