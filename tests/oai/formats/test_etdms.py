"""ETD-MS 1.1 by the rules of the standard, whose schema is in no package: sections 3 (elements) and 4 (qualifiers)."""

from collections import Counter

import pytest
from lxml import etree

from oai.formats import FORMATS
from oai.formats.elements import XML_LANG, XSI
from oai.formats.source import BASE
from repo.items.access import Access
from repo.items.metadata import Agent, Metadata, PersonName, Text
from repo.vocabularies import degrees, types
from tests.oai.formats.examples import full_metadata, least_metadata, make_file, make_source
from tests.oai.formats.reading import (
    EXAMPLES,
    HOSTILE_AS_TEXT,
    NAMES,
    empty_elements,
    in_languages,
    rendered,
    texts,
    told,
)

LANDING = f"{BASE}/records/0123b4c5x"
ORDER = [
    *("dc:title", "dcterms:alternative", "dc:creator", "dc:subject", "dc:description", "dc:publisher"),
    *("dc:contributor", "dc:date", "dc:type", "dc:format", "dc:identifier", "dc:language", "dc:coverage", "dc:rights"),
    "etdms:degree",
]
REQUIRED = {"dc:title", "dc:creator", "dc:subject", "dc:date", "dc:type", "dc:identifier"}
ONCE = {"dc:date", "etdms:degree"}
DEGREE = ["etdms:name", "etdms:level", "etdms:discipline", "etdms:grantor"]
QUALIFIERS = {XML_LANG, "scheme", "resource", "translated"}
OF_THEIR_OWN = {"dc:description": {"role"}, "dc:contributor": {"role"}, "dc:publisher": {"country"}}


def short(element: etree._Element) -> str:
    name = etree.QName(element)
    prefix = next(prefix for prefix, namespace in NAMES.items() if namespace == name.namespace)
    return f"{prefix}:{name.localname}"


def faults(root: etree._Element) -> list[str]:
    """What in a record is against the standard."""
    found = [] if short(root) == "etdms:thesis" else ["root"]
    names = [short(child) for child in root]
    found += [f"unknown {name}" for name in names if name not in ORDER]
    found += [f"missing {name}" for name in REQUIRED - set(names)]
    found += [f"repeated {name}" for name, count in Counter(names).items() if name in ONCE and count > 1]
    if [ORDER.index(name) for name in names] != sorted(ORDER.index(name) for name in names):
        found.append("order")
    for child in root:
        allowed = QUALIFIERS | OF_THEIR_OWN.get(short(child), set())
        found += [f"attribute {name} of {short(child)}" for name in child.attrib if name not in allowed]
    for degree in root.iterfind("etdms:degree", NAMES):
        inside = [short(child) for child in degree]
        if [DEGREE.index(name) for name in inside] != sorted(DEGREE.index(name) for name in inside):
            found.append("order of the degree")
        found += [f"level {text}" for text in texts(degree, "etdms:level") if text not in ("0", "1", "2")]
    return found + [f"empty {name}" for name in empty_elements(root)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_keeps_the_rules_of_the_standard(name: str) -> None:
    assert faults(rendered("oai_etdms", EXAMPLES[name])) == []


def test_the_rules_see_what_is_wrong() -> None:
    root = rendered("oai_etdms", "candidate-thesis-full")
    root.append(root.find("dc:title", NAMES))
    root.find("etdms:degree/etdms:level", NAMES).text = "doctoral"
    root.remove(root.find("dc:date", NAMES))
    root.find("dc:type", NAMES).set("role", "x")
    assert faults(root) == ["missing dc:date", "order", "attribute role of dc:type", "level doctoral"]


def test_it_is_a_format_of_theses_alone() -> None:
    assert FORMATS["oai_etdms"].only == "theses"
    assert "theses" in {kind.group for kind in types().values()}


def test_names_the_schemas_of_all_its_namespaces() -> None:
    located = rendered("oai_etdms", "candidate-thesis-full").get(f"{{{XSI}}}schemaLocation").split()
    assert located[::2] == [NAMES["etdms"], NAMES["dc"], NAMES["dcterms"]]
    assert {address.rpartition("/")[0] for address in located[1::2]} == {
        "http://www.ndltd.org/standards/metadata/etdms/1-1"
    }


def test_what_a_thesis_says() -> None:
    root = rendered("oai_etdms", "candidate-thesis-full")
    assert in_languages(root, "dc:title") == [("ky", "Көл жана тоо: биринчи китеп")]
    assert [lang for lang, _ in in_languages(root, "dcterms:alternative")] == ["ru", "ky-Latn", "ky-Arab"]
    assert told(root, "dc:creator")[0] == (
        {XML_LANG: "ky", "resource": "https://orcid.org/0000-0002-1825-0097"},
        "Токтосунова, Айгүл",
    )
    assert [(a.get("scheme"), text) for a, text in told(root, "dc:subject")] == [
        (None, "көл"),
        (None, "озеро"),
        (None, "lake"),
        ("UDC", "551.481"),
        ("BBK", "26.22"),
        ("GRNTI", "37.27"),
        (None, "10.02.01 Кыргыз тили"),
        (None, "10.02.01 Кыргызский язык"),
    ]
    assert [a["role"] for a, _ in told(root, "dc:description")] == ["abstract", "abstract", "note"]
    assert [(a["role"], text) for a, text in told(root, "dc:contributor")] == [
        ("scientific supervisor", "Осмонов, Бакыт"),
        ("editor", "Иванова, Анна"),
        ("translator", "Жумабаев, Эрлан"),
    ]
    assert texts(root, "dc:publisher") == ["Кыргызмамбас"]
    assert texts(root, "dc:date") == ["1926-05"]
    assert texts(root, "dc:format")[0] == "application/pdf"
    assert texts(root, "dc:language") == ["kir", "rus"]
    assert texts(root, "dc:identifier")[0] == LANDING
    assert "https://doi.org/10.5555/muras.1" in texts(root, "dc:identifier")


def test_the_degree() -> None:
    degree = rendered("oai_etdms", "candidate-thesis-full").find("etdms:degree", NAMES)
    assert in_languages(degree, "etdms:name") == [("ky", "илимдин кандидаты")]
    assert texts(degree, "etdms:level") == ["2"]
    assert in_languages(degree, "etdms:discipline") == [
        ("ky", "10.02.01 Кыргыз тили"),
        ("ru", "10.02.01 Кыргызский язык"),
    ]
    assert in_languages(degree, "etdms:grantor") == [("ky", "Кыргыз улуттук университети")]


@pytest.mark.parametrize(
    ("code", "level"),
    [("bachelor-thesis", ["0"]), ("master-thesis", ["1"]), ("candidate-thesis", ["2"]), ("doctoral-thesis", ["2"])],
)
def test_the_type_says_the_level_where_no_degree_is_named(code: str, level: list[str]) -> None:
    root = rendered("oai_etdms", least_metadata(code))
    assert texts(root, "etdms:degree/etdms:level") == level
    assert texts(root, "dc:type")[0] == "Electronic Thesis or Dissertation"


def test_an_autoreferat_is_no_thesis() -> None:
    root = rendered("oai_etdms", "autoreferat-least")
    assert texts(root, "dc:type") == ["autoreferat", "автореферат", "автореферат"]
    assert root.find("etdms:degree", NAMES) is None


def test_every_degree_has_a_level() -> None:
    for code in degrees():
        metadata = least_metadata("autoreferat")
        metadata.thesis.degree = code
        assert texts(rendered("oai_etdms", metadata), "etdms:degree/etdms:level")[0] in ("0", "1", "2"), code


def test_a_degree_that_nobody_knows_keeps_its_name() -> None:
    metadata = least_metadata("master-thesis")
    metadata.thesis.degree = "магистр наук"
    degree = rendered("oai_etdms", metadata).find("etdms:degree", NAMES)
    assert in_languages(degree, "etdms:name") == [("", "магистр наук")]
    assert texts(degree, "etdms:level") == ["1"]


def test_a_thesis_without_date_was_defended_some_day() -> None:
    metadata = full_metadata("doctoral-thesis").model_copy(update={"issued": ""})
    assert texts(rendered("oai_etdms", metadata), "dc:date") == ["2024-11-08"]


@pytest.mark.parametrize(
    ("access", "level"),
    [(Access.OPEN, "2"), (Access.RESTRICTED, "1"), (Access.EMBARGOED, "0"), (Access.CLOSED, "0")],
)
def test_who_may_read_it(access: Access, level: str) -> None:
    metadata = full_metadata("doctoral-thesis").model_copy(update={"access": access})
    root = rendered("oai_etdms", make_source(metadata, (make_file(access=access),)))
    assert told(root, "dc:rights")[0] == ({}, level)
    assert told(root, "dc:rights")[1][0]["resource"] == "https://creativecommons.org/licenses/by/4.0/"
    assert [text for text in texts(root, "dc:identifier") if "/files/" in text] == (
        [f"{LANDING}/v2/files/file-12.pdf"] if access is Access.OPEN else []
    )


def test_what_is_not_known() -> None:
    metadata = Metadata(type="master-thesis", titles=[Text(value="\x01")])
    metadata.creators = [Agent(names=[PersonName(family="\x02")])]
    root = rendered("oai_etdms", metadata)
    assert texts(root, "dc:title") + texts(root, "dc:creator") + texts(root, "dc:subject") == [":unav"] * 3


def test_hostile_text_stays_text() -> None:
    root = rendered("oai_etdms", "candidate-thesis-hostile")
    assert texts(root, "dc:title") == ["Көл жана тоо: биринчи китеп" + HOSTILE_AS_TEXT]
    assert {short(element).partition(":")[0] for element in root.iter()} == {"dc", "dcterms", "etdms"}
