"""MODS: each statement of the full example in its element, languages and scripts, access."""

import pytest
from lxml import etree

from oai.formats.mods import HREF, NAMESPACE, render
from oai.formats.source import BASE
from repo.items.access import Access
from repo.items.metadata import Agent, Host, Metadata, PersonName, RareBook, Text, TextKind
from tests.oai.formats.examples import examples, least_metadata, make_source

EXAMPLES = examples()
BOOK = render(EXAMPLES["rare-book-full"])
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def texts(path: str, root: etree._Element = BOOK) -> list[str]:
    """The texts at an XPath whose names are MODS."""
    found = root.xpath(path, namespaces={"m": NAMESPACE})
    assert isinstance(found, list)
    return [one.text or "" if isinstance(one, etree._Element) else str(one) for one in found]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("m:titleInfo[@usage='primary']/m:title", ["Көл жана тоо"]),
        ("m:titleInfo[@usage='primary']/m:subTitle", ["биринчи китеп"]),
        ("m:titleInfo[@type='translated'][@lang='rus'][@script='Cyrl']/m:title", ["Озеро и гора"]),
        ("m:titleInfo[@altRepGroup='01']/@script", ["Cyrl", "Latn", "Arab"]),
        ("m:titleInfo[@script='Arab'][@lang='kir']/m:title", ["كول جانا توو"]),
        ("m:name[@usage='primary'][@type='personal']/m:namePart[@type='family']", ["Токтосунова"]),
        ("m:name[@altRepGroup='02']/m:displayForm", ["Токтосунова, Айгүл", "Toktosunova, Aigul"]),
        ("m:name[@usage='primary']/m:nameIdentifier[@type='orcid']", ["0000-0002-1825-0097"]),
        ("m:name[@usage='primary']/m:affiliation", ["Кыргыз улуттук университети"]),
        ("m:name[@type='corporate']/m:namePart", ["Илимдер академиясы", "Кыргыз улуттук университети"]),
        (
            "m:name/m:role/m:roleTerm[@authority='marcrelator'][@type='code']",
            ["aut", "aut", "aut", "ths", "edt", "trl", "dgg"],
        ),
        ("m:typeOfResource", ["text"]),
        ("m:genre[@authority='coar']", ["rare book"]),
        ("m:originInfo/m:place/m:placeTerm[@authority='marccountry']", ["kg"]),
        ("m:originInfo/m:place/m:placeTerm[@type='text'][@lang='rus']", ["Фрунзе"]),
        ("m:originInfo/m:publisher", ["Кыргызмамбас"]),
        ("m:originInfo/m:dateIssued[@encoding='edtf'][@keyDate='yes'][@qualifier='approximate']", ["1926-05~"]),
        ("m:originInfo/m:dateOther[@type='defended']", ["2024-11-08"]),
        ("m:originInfo/m:edition", ["2-басылышы"]),
        ("m:language/m:languageTerm[@authority='iso639-2b']", ["kir", "rus", "kir"]),
        ("m:language/m:scriptTerm[@authority='iso15924']", ["Arab"]),
        ("m:physicalDescription/m:extent", ["214 б."]),
        ("m:abstract[@lang='kir']", ["Кыскача мазмуну.\n\nЭкинчи абзац."]),
        ("m:abstract[@lang='eng'][@script='Latn']", ["Short summary."]),
        ("m:note[not(@type)]", ["Эскертүү"]),
        ("m:note[@type='thesis']", ["Candidate of Sciences; 10.02.01 Кыргыз тили; Д 10.23.668"]),
        ("m:note[@type='orthography']", ["1924"]),
        ("m:note[@type='ownership']", ["К. Тыныстановдун китепканасы"]),
        ("m:note[@type='condition']", ["Мукабасы жок"]),
        ("m:subject/m:topic", ["көл", "озеро", "lake"]),
        ("m:subject[@lang='rus']/m:topic", ["озеро"]),
        ("m:classification[@authority='udc']", ["551.481"]),
        ("m:classification[@authority='rubbk']", ["26.22"]),
        ("m:classification[@authority='rugasnti']", ["37.27"]),
        ("m:relatedItem[@type='host']/m:titleInfo/m:title", ["Жарчы"]),
        ("m:relatedItem[@type='host']/m:identifier[@type='issn']", ["1694-7517"]),
        ("m:relatedItem[@type='host']/m:part/m:detail[@type='volume']/m:number", ["12"]),
        ("m:relatedItem[@type='host']/m:part/m:detail[@type='issue']/m:number", ["3"]),
        ("m:relatedItem[@type='host']/m:part/m:extent[@unit='pages']/*", ["10", "20"]),
        ("m:relatedItem[@type='series']/m:identifier", ["https://example.org/serial"]),
        ("m:relatedItem[@otherType='IsSupplementTo']/m:identifier[@type='doi']", ["10.5555/muras.2"]),
        ("m:identifier[@type='doi']", ["10.5555/muras.1"]),
        ("m:identifier[@type='isbn']", ["9789967000001"]),
        ("m:identifier[@type='uri']", ["https://example.org/a?b=1&c=2"]),
        ("m:location/m:physicalLocation[@authority='isil']", ["KG-BiKNU"]),
        ("m:location/m:shelfLocator", ["С 5/12"]),
        ("m:location/m:url[@usage='primary']", [f"{BASE}/records/0123b4c5x"]),
        ("m:location/m:url[@access='raw object']/@displayLabel", ["макала 1.pdf", "таблица.xlsx"]),
        ("m:accessCondition[@type='restriction on access']", ["open access"]),
        (
            "m:accessCondition[@type='use and reproduction']",
            ["Creative Commons Attribution 4.0 International (CC BY 4.0)"],
        ),
        ("m:recordInfo/m:recordContentSource", ["KG-BiKNU"]),
        ("m:recordInfo/m:recordIdentifier[@source='muras.example.org']", ["0123b4c5x"]),
        ("m:recordInfo/m:recordChangeDate", ["2026-03-02T09:30:00Z"]),
    ],
)
def test_each_statement_in_its_element(path: str, expected: list[str]) -> None:
    assert texts(path) == expected


def test_terms_are_named_by_address_too() -> None:
    assert [condition.get(HREF) for condition in BOOK.iter(f"{{{NAMESPACE}}}accessCondition")] == [
        "http://purl.org/coar/access_right/c_abf2",
        "https://creativecommons.org/licenses/by/4.0/",
    ]


def test_another_spelling_in_the_same_script_is_an_alternative_name() -> None:
    names = [PersonName(family="Айтматов", given="Чыңгыз", lang="ky")]
    names += [PersonName(family="Айтматов", given="Чингиз", lang="ru")]
    root = render(make_source(Metadata(creators=[Agent(names=names)])))
    assert texts("m:name/m:alternativeName[@lang='rus']/m:namePart[@type='given']", root) == ["Чингиз"]
    assert len(texts("m:name", root)) == 1 and texts("m:name/@altRepGroup", root) == []


def test_articles_are_not_sorted_by() -> None:
    titles = [Text(value="The lake", lang="en"), Text(value="Көл", lang="ky", kind=TextKind.TRANSLATED)]
    root = render(make_source(Metadata(titles=titles)))
    assert texts("m:titleInfo/m:nonSort", root) == ["The"] and texts("m:titleInfo/m:title", root) == ["lake", "Көл"]


def test_a_rare_book_in_arabic_script() -> None:
    root = render(make_source(Metadata(languages=["ky"], rare=RareBook(script="Arab"))))
    assert texts("m:language/m:scriptTerm", root) == ["Arab"]


def test_dates_that_nobody_can_read_are_not_called_edtf() -> None:
    root = render(make_source(Metadata(issued="былтыр", host=Host(pages="12, 14"))))
    assert texts("m:originInfo/m:dateIssued", root) == ["былтыр"]
    assert texts("//@encoding", root) == ["w3cdtf", "w3cdtf"]  # those of the record itself
    assert texts("m:relatedItem/m:part/m:extent/m:list", root) == ["12, 14"]


def test_scans_are_reformatted() -> None:
    assert texts("m:physicalDescription/m:digitalOrigin", render(EXAMPLES["scanned-book"])) == ["reformatted digital"]
    assert texts("m:physicalDescription/m:digitalOrigin") == []


@pytest.mark.parametrize("access", Access)
def test_only_open_files_have_addresses(access: Access) -> None:
    source = EXAMPLES[f"access-{access.value}"]
    root = render(source)
    assert (source.files[0].address in texts("//m:url", root)) == (access is Access.OPEN)
    assert len(texts("//m:url", root)) == (2 if access is Access.OPEN else 1)
    assert texts("m:originInfo/m:dateOther[@type='available']", root) == (
        ["2031-01-01"] if access is Access.EMBARGOED else []
    )


def test_the_least_has_no_empty_elements() -> None:
    root = render(make_source(least_metadata("article")))
    assert texts("m:titleInfo/m:title", root) == ["Аталышы"]
    assert [element.tag for element in root.iter() if not len(element) and not (element.text or "").strip()] == []


def test_hostile_text_stays_text() -> None:
    again = etree.fromstring(etree.tostring(render(EXAMPLES["book-hostile"]), encoding="utf-8"))
    assert "]]> <b>&amp;" in texts("m:titleInfo[@usage='primary']/m:subTitle", again)[0]
    assert not list(again.iter("{*}b"))
