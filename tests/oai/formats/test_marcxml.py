"""MARC 21: each statement in its field, positions, linked scripts, access; read back by another library."""

import io
from dataclasses import replace

import pymarc
import pytest
from lxml import etree

from oai.formats.marc import date_of, field, nonfiling, pieces, split_title
from oai.formats.marcxml import CONTENT_TYPES, MATERIAL, render
from oai.formats.source import BASE, SourcePage
from repo.items.access import Access
from repo.items.metadata import Agent, Host, Metadata, Number, PersonName, Relation, Text, TextKind
from repo.vocabularies import script_of, types
from repo.vocabularies.marc import type_codes
from tests.oai.formats.examples import HOSTILE, examples, full_metadata, least_metadata, make_file, make_source
from tests.oai.formats.marc import fields_of, tags_of, text_of

EXAMPLES = examples()
BOOK = render(EXAMPLES["rare-book-full"])

FULL = {
    "001": ["0123b4c5x"],
    "003": ["muras.example.org"],
    "005": ["20260302093000.0"],
    "007": ["cr |||||||||||"],
    "008": ["260302e192605  kg |||||o    |0|| ||kir d"],
    "020": ["   $a9789967000001"],
    "024": ["7  $a10.5555/muras.1$2doi", "7  $ahttps://example.org/a?b=1&c=2$2uri"],
    "035": ["   $a(muras.example.org)0123b4c5x"],
    "040": ["   $aKG-BiKNU$beng$cKG-BiKNU"],
    "041": ["1  $akir$arus$beng"],
    "044": ["   $akg"],
    "080": ["   $a551.481"],
    "084": ["   $a26.22$2rubbk", "   $a37.27$2rugasnti"],
    "100": [
        "1  $6880-01$aТоктосунова, Айгүл$eauthor$uКыргыз улуттук университети"
        "$1https://orcid.org/0000-0002-1825-0097$4aut"
    ],
    "245": ["10 $6880-02$aКөл жана тоо$bбиринчи китеп$cАйгүл Токтосунова, Илимдер академиясы"],
    "246": ["31 $aОзеро и гора$bкнига первая"],
    "250": ["   $a2-басылышы"],
    "264": [" 1 $aФрунзе$bКыргызмамбас$c[1926?]"],
    "300": ["   $a1 online resource (214 б.)"],
    "336": ["   $atext$btxt$2rdacontent"],
    "337": ["   $acomputer$bc$2rdamedia"],
    "338": ["   $aonline resource$bcr$2rdacarrier"],
    "500": ["   $aЭскертүү", "   $aOrthography: 1924", "   $aМукабасы жок$5KG-BiKNU"],
    "502": ["   $bCandidate of Sciences$cКыргыз улуттук университети$d2024$g10.02.01 Кыргыз тили$gД 10.23.668"],
    "506": ["0  $aopen access$fUnrestricted online access$uhttp://purl.org/coar/access_right/c_abf2$2star"],
    "520": ["   $aКыскача мазмуну. Экинчи абзац.", "   $aShort summary."],
    "540": [
        "   $aCreative Commons Attribution 4.0 International (CC BY 4.0)$fCC BY 4.0"
        "$uhttps://creativecommons.org/licenses/by/4.0/$2cc"
    ],
    "546": ["   $aKyrgyz$bArabic script"],
    "561": ["1  $aК. Тыныстановдун китепканасы$5KG-BiKNU"],
    "653": ["   $aкөл", "   $aозеро", "   $alake"],
    "700": [
        "1  $aОсмонов, Бакыт$escientific supervisor$4ths",
        "1  $aИванова, Анна$eeditor$4edt",
        "1  $aЖумабаев, Эрлан$etranslator$4trl",
    ],
    "710": ["2  $aИлимдер академиясы$eauthor$4aut"],
    "760": ["08 $ipart of$nСерия$ohttps://example.org/serial"],
    "772": ["08 $isupplement to$o10.5555/muras.2"],
    "773": ["0  $tЖарчы$gVol. 12, no. 3, p. 10-20$g(1926)$x1694-7517"],
    "852": ["4  $aKG-BiKNU$jС 5/12"],
    "856": [
        f"40 $u{BASE}/records/0123b4c5x$zopen access",
        f"40 $u{EXAMPLES['rare-book-full'].files[0].address}$qapplication/pdf$s123456 bytes$3макала 1.pdf",
        f"40 $u{EXAMPLES['rare-book-full'].files[1].address}"
        "$qapplication/vnd.openxmlformats-officedocument.spreadsheetml.sheet$s123456 bytes$3таблица.xlsx",
    ],
    "880": [
        "1  $6100-01/(B$aToktosunova, Aigul$eauthor$uКыргыз улуттук университети"
        "$1https://orcid.org/0000-0002-1825-0097$4aut",
        "10 $6245-02/(B$aKöl jana too",
        "10 $6245-02/(3/r$aكول جانا توو",
    ],
}


@pytest.mark.parametrize("tag", FULL)
def test_each_statement_in_its_field(tag: str) -> None:
    assert fields_of(BOOK, tag) == FULL[tag]


def test_no_other_fields_and_in_order() -> None:
    assert list(dict.fromkeys(tags_of(BOOK))) == sorted(FULL)
    for name, source in EXAMPLES.items():
        tags = tags_of(render(source))
        assert tags == sorted(tags), name


@pytest.mark.parametrize("code", [*types(), "no-such-type"])
def test_leader_and_008(code: str) -> None:
    record = render(make_source(full_metadata(code), (make_file(),)))
    leader, fixed = record[0].text or "", fields_of(record, "008")[0]
    assert len(leader) == 24 and leader[6:8] == type_codes(code).marc and leader[9] == "a"
    assert len(fixed) == 40
    assert (fixed[:6], fixed[6], fixed[7:15], fixed[15:18]) == ("260302", "e", "192605  ", "kg ")
    assert fixed[35:38] == "kir"
    assert fixed[29 if leader[6] in "egk" else 23] == "o"  # form of item stands elsewhere for maps and pictures


def test_codes_of_every_type_are_known() -> None:
    for code in types():
        codes = type_codes(code)
        assert codes.marc[0] in MATERIAL and codes.content in CONTENT_TYPES


def test_theses_and_proceedings_are_coded() -> None:
    thesis, proceedings = (render(EXAMPLES[f"{name}-full"]) for name in ("doctoral-thesis", "proceedings"))
    assert fields_of(thesis, "008")[0][24] == "m"
    assert fields_of(proceedings, "008")[0][29] == "1"
    assert fields_of(thesis, "264")[0].startswith(" 0")  # not printed: made, not published


def test_articles_are_parts_of_serials() -> None:
    assert (render(EXAMPLES["article-full"])[0].text or "")[6:8] == "ab"


@pytest.mark.parametrize(
    ("edtf", "kind", "first", "second", "shown"),
    [
        ("1926", "s", "1926", "    ", "1926"),
        ("1926?", "s", "1926", "    ", "[1926?]"),
        ("2024-11-08", "e", "2024", "1108", "2024"),
        ("1926-05~", "e", "1926", "05  ", "[1926?]"),
        ("1926/1928", "m", "1926", "1928", "1926-1928"),
        ("1926/..", "m", "1926", "9999", "1926-"),
        ("192X", "s", "192u", "    ", "[1920-1929]"),
        ("19XX", "s", "19uu", "    ", "[1900-1999]"),
        ("2024-13", "n", "uuuu", "uuuu", ""),
        ("", "n", "uuuu", "uuuu", ""),
        ("кечээ" + HOSTILE, "n", "uuuu", "uuuu", ""),
    ],
)
def test_dates(edtf: str, kind: str, first: str, second: str, shown: str) -> None:
    assert date_of(edtf) == (kind, first, second, shown)


def test_titles_in_other_scripts_are_linked_and_parallel_ones_are_not() -> None:
    titles = [
        Text(value="The lake", lang="en"),
        Text(value="Көл", lang="ky", kind=TextKind.TRANSLATED),
        Text(value="Lake, the", lang="en", kind=TextKind.ALTERNATIVE),
    ]
    record = render(make_source(Metadata(type="book", titles=titles)))
    assert fields_of(record, "245") == ["04 $aThe lake"]
    assert fields_of(record, "246") == ["31 $aКөл", "3  $aLake, the"]
    assert fields_of(record, "880") == []


def test_names_in_the_same_script_are_one_name() -> None:
    agent = Agent(names=[PersonName(family="Айтматов", lang="ky"), PersonName(family="Айтматов", lang="ru")])
    record = render(make_source(Metadata(titles=[Text(value="Саманчынын жолу")], creators=[agent])))
    assert fields_of(record, "100") == ["0  $aАйтматов$eauthor$4aut"]
    assert fields_of(record, "880") == []


def test_who_is_no_creator_is_never_the_main_entry() -> None:
    metadata = Metadata(
        titles=[Text(value="Жыйнак")], contributors=[Agent(names=[PersonName(family="И")], role="editor")]
    )
    record = render(make_source(metadata))
    assert fields_of(record, "100") == [] and fields_of(record, "700") == ["0  $aИ$eeditor$4edt"]
    assert fields_of(record, "245") == ["00 $aЖыйнак"]


def test_an_orcid_that_cannot_be_one_is_left_out() -> None:
    agent = Agent(names=[PersonName(family="И")], orcid="0000-0002-1825-0098")
    assert "orcid.org" not in text_of(render(make_source(Metadata(creators=[agent]))))


def test_series_and_relations() -> None:
    relations = [
        Relation(kind="IsPartOf", value="Эл адабияты"),
        Relation(kind="IsTranslationOf", value="Джамиля"),
        Relation(kind="Continues", value="https://example.org/before"),
        Relation(kind="NoSuchKind", value="X"),
    ]
    record = render(make_source(Metadata(relations=relations)))
    assert fields_of(record, "490") == ["0  $aЭл адабияты"]
    assert fields_of(record, "765") == ["08 $itranslation of$tДжамиля"]
    assert fields_of(record, "780") == ["00 $ohttps://example.org/before"]
    assert fields_of(record, "787") == ["08 $iNoSuchKind$tX"]
    assert fields_of(record, "041") == []  # a translation, but nobody said from or into what


def test_numbers_of_other_registries() -> None:
    numbers = [
        Number(scheme="issn", value="1694-7517"),
        Number(scheme="ismn", value="9790260000438"),
        Number(scheme="arxiv", value="2101.00001"),
        Number(scheme="local", value="77"),
    ]
    record = render(make_source(Metadata(identifiers=numbers, host=Host(isbn="9789967000001"))))
    assert fields_of(record, "022") == ["   $a1694-7517"]
    assert fields_of(record, "024") == ["2  $a9790260000438", "8  $a2101.00001$qarxiv", "8  $a77"]
    assert fields_of(record, "773") == ["0  $z9789967000001"]


@pytest.mark.parametrize("access", Access)
def test_only_open_files_have_addresses(access: Access) -> None:
    source = EXAMPLES[f"access-{access.value}"]
    record = render(source)
    links = fields_of(record, "856")
    assert len(links) == (2 if access is Access.OPEN else 1)
    assert (source.files[0].address in text_of(record)) == (access is Access.OPEN)
    assert fields_of(record, "506")[0].startswith("0" if access is Access.OPEN else "1")


def test_the_end_of_an_embargo() -> None:
    [terms] = fields_of(render(EXAMPLES["access-embargoed"]), "506")
    assert terms == (
        "1  $aembargoed access$g20310101$fOnline access with authorization"
        "$uhttp://purl.org/coar/access_right/c_f1cf$2star"
    )


def test_the_least_says_nothing_that_nobody_said() -> None:
    record = render(make_source(least_metadata("article")))
    assert set(tags_of(record)) == {"001", "003", "005", "008", "035", "040", "245", "336", "506", "852", "856"}
    assert fields_of(record, "008") == ["260302nuuuuuuuuxx ||||||    |0|| ||und d"]


def test_hostile_text_stays_text() -> None:
    record = render(EXAMPLES["book-hostile"])
    again = etree.fromstring(etree.tostring(record, encoding="utf-8"))
    [title] = fields_of(again, "245")
    assert "]]> <b>&amp; emoji 😀 RTL שלום" in title
    assert not list(again.iter("{*}b"))


def test_long_abstracts_go_into_several_fields() -> None:
    text = "сөз " * 10_000
    found = list(pieces(text))
    assert " ".join(found) == text.strip()
    assert all(len(piece.encode()) <= 9_000 for piece in found)
    assert list(pieces("а" * 9_001)) == ["а" * 9_001]  # no space to cut at: whole


def test_small_rules() -> None:
    assert field("084", "  ", "a", " \n", "2", "rubbk") is None
    assert nonfiling(Text(value="L'eau", lang="fr")) == 2 and nonfiling(Text(value="The", lang="en")) == 0
    assert split_title("A: b: c") == ("A", "b: c") and split_title("A: ") == ("A: ", "")
    assert script_of("zh-Hant-TW") == "Hant" and script_of("ky") == "Cyrl" and script_of("qq") == ""


def test_a_book_of_a_thousand_pages_fits_into_iso_2709() -> None:
    scans = [replace(make_file("p.tif", "image/tiff"), name=f"{number}.tif") for number in range(1000)]
    pages = tuple(SourcePage(f"p{place}", "", scan.name) for place, scan in enumerate(scans))
    tables = [replace(make_file("t.csv", "text/csv"), name=f"{number}.csv") for number in range(60)]
    record = render(make_source(full_metadata("rare-book"), (*scans, *tables), pages))
    assert len(fields_of(record, "856")) == 1 + 50 and "0.tif" not in text_of(record)
    [read] = pymarc.parse_xml_to_array(io.BytesIO(etree.tostring(record, encoding="utf-8")))
    assert len(read.as_marc()) < 100_000


@pytest.mark.parametrize("name", EXAMPLES)
def test_another_library_reads_it_and_writes_iso_2709(name: str) -> None:
    element = render(EXAMPLES[name])
    [record] = pymarc.parse_xml_to_array(io.BytesIO(etree.tostring(element, encoding="utf-8")), strict=True)
    [again] = pymarc.MARCReader(record.as_marc())
    assert again is not None
    written = [(one.tag, one.data if one.is_control_field() else one.subfields) for one in again.fields]
    assert written == [(one.tag, one.data if one.is_control_field() else one.subfields) for one in record.fields]
    assert [one.tag for one in again.fields] == tags_of(element)
    assert again.title == " ".join(part.text or "" for part in title_parts(element))


def title_parts(element: etree._Element) -> list[etree._Element]:
    [title] = [one for one in element if one.get("tag") == "245"]
    return [part for part in title if part.get("code") in ("a", "b")]


def test_a_relation_to_nothing_is_not_told() -> None:
    bare = render(make_source(Metadata()))
    record = render(make_source(Metadata(relations=[Relation(kind="Cites", note="бул эмне"), Relation()])))
    assert text_of(record) == text_of(bare)
