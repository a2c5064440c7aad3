"""What a page says of a work, in each reader's language."""

from datetime import UTC, date, datetime

import pytest

from repo.items.access import Access
from repo.items.metadata import (
    Affiliation,
    Agent,
    Host,
    Metadata,
    Number,
    PersonName,
    Relation,
    Subject,
    Text,
    TextKind,
    Thesis,
)
from repo.items.presentation import RecordView, StoredFile, Words, present

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KNU = Affiliation(names=[Text(value="КУУ", lang="ky"), Text(value="KNU", lang="en")], ror="04t0s7x83")
MUSEUM = Affiliation(names=[Text(value="Теңир-Тоо музейи", lang="ky")])

WORK = Metadata(
    type="article",
    languages=["ky"],
    titles=[
        Text(value="Шырдак", lang="ky"),
        Text(value="Felt carpets", lang="en", kind=TextKind.TRANSLATED),
        Text(value="Ала кийиз", lang="ky", kind=TextKind.ALTERNATIVE),
    ],
    creators=[
        Agent(
            names=[
                PersonName(family="Токтосунова", given="Жаркынай", lang="ky"),
                PersonName(family="Toktosunova", given="Zharkynai", lang="en"),
            ],
            orcid="0000-0002-1825-0097",
            affiliations=[KNU, MUSEUM],
        ),
        Agent(names=[PersonName(family="Абдыкеримов", given="Мелис", lang="ky")], affiliations=[MUSEUM]),
        Agent(names=[PersonName(family="Жыйнакчы", lang="ky")], role="compiler"),
        Agent(),
    ],
    contributors=[Agent(names=[PersonName(family="Осмоналиева", given="Бактыгүл", lang="ky")], role="advisor")],
    abstracts=[
        Text(value="Биринчи абзац.\n\nЭкинчи.", lang="ky"),
        Text(value="About felt.", lang="en"),
        Text(value="О войлоке.", lang="ru"),
    ],
    keywords=[Text(value="шырдак", lang="ky"), Text(value="Felt!", lang="en")],
    subjects=[Subject(scheme="udc", value="745.522"), Subject(scheme="mesh", value="D1")],
    issued="2026-02",
    identifiers=[
        Number(scheme="isbn", value="9780306406157"),
        Number(scheme="doi", value="https://doi.org/10.5281/MURAS.77"),
        Number(scheme="url", value="javascript:alert(1)"),
    ],
    relations=[Relation(kind="IsSupplementedBy", value="10.5281/data.1", note="Ченөөлөр")],
    host=Host(titles=[Text(value="Жарчы", lang="ky")], issue="3", pages="41–54", issn="1694-7851"),
    licence="cc-by-4.0",
)


def shown(lang: str, metadata: Metadata = WORK, **changes: object) -> RecordView:
    return present(metadata.model_copy(update=changes), [], lang, AT)


def facts(view: RecordView) -> dict[str, list[str]]:
    return {fact.label or fact.kind: [value.words.value for value in fact.values] for fact in view.facts}


def test_the_title_stays_in_its_language_and_the_readers_stands_below() -> None:
    view = shown("en")
    assert view.title == Words("Шырдак", "ky")
    assert view.alias == Words("Felt carpets", "en")
    assert shown("ky").alias is None
    assert shown("ru").alias is None, "there is none in Russian"
    assert facts(view)["other_titles"] == ["Ала кийиз"]


def test_people_by_script_with_places_counted_once() -> None:
    view = shown("en")
    first, second, third = view.people
    assert (first.name, first.also) == (
        Words("Zharkynai Toktosunova", "en"),
        Words("Жаркынай Токтосунова", "ky"),
    )
    assert (second.name, second.also) == (Words("Мелис Абдыкеримов", "ky"), None)
    assert [person.places for person in view.people] == [(1, 2), (2,), ()]
    assert [(place.number, place.name.value, place.ror) for place in view.places] == [
        (1, "KNU", "04t0s7x83"),
        (2, "Теңир-Тоо музейи", ""),
    ]
    assert (first.role, third.role) == ("", "compiler")
    assert first.heading == "Токтосунова, Жаркынай"
    assert shown("ky").people[0].also is None


@pytest.mark.parametrize(
    ("lang", "order"), [("ky", ["ky", "en", "ru"]), ("ru", ["ru", "ky", "en"]), ("en", ["en", "ky", "ru"])]
)
def test_the_readers_abstract_comes_first_then_the_works_own(lang: str, order: list[str]) -> None:
    view = shown(lang)
    assert [text.lang for text in view.texts] == order
    kyrgyz = next(text for text in view.texts if text.lang == "ky")
    assert kyrgyz.paragraphs == ("Биринчи абзац.", "Экинчи.")
    english = next(text for text in view.texts if text.lang == "en")
    assert [(word.value, word.fold) for word in english.keywords] == [("Felt!", "felt")]
    assert english.title == "Felt carpets"


def test_details_in_words_with_addresses_that_lead_somewhere_safe() -> None:
    view = shown("en")
    told = facts(view)
    assert told["host"] == ["Жарчы"] and told["pages"] == ["41–54"]
    assert told["Scientific supervisor"] == ["Бактыгүл Осмоналиева"]
    assert told["udc"] == ["745.522"] and "mesh" not in told
    assert told["DOI"] == ["10.5281/muras.77"] and told["ISSN"] == ["1694-7851"]
    assert told["ISBN"] == ["978-0-306-40615-7"]
    addresses = {value.words.value: value.address for fact in view.facts for value in fact.values}
    assert addresses["10.5281/muras.77"] == "https://doi.org/10.5281/muras.77"
    assert addresses["Ченөөлөр"] == "https://doi.org/10.5281/data.1"
    assert addresses["javascript:alert(1)"] == ""
    assert [fact.label for fact in view.facts if fact.kind == "identifier"][0] == "DOI"
    assert all(fact.values for fact in view.facts)


def test_a_thesis() -> None:
    thesis = Thesis(
        degree="candidate-hist",
        speciality="07.00.07",
        speciality_names=[Text(value="Этнография", lang="ru"), Text(value="Ethnography", lang="en")],
        institutions=[Text(value="Институт", lang="ru")],
        defended="2019-06-20",
    )
    told = facts(shown("en", Metadata(type="candidate-thesis", thesis=thesis)))
    assert told["degree"] == ["Candidate of Historical Sciences"]
    assert told["speciality"] == ["07.00.07 Ethnography"]
    assert told["defended"] == ["2019-06-20"]


def test_files_follow_the_work_unless_they_have_a_rule_of_their_own() -> None:
    work = WORK.model_copy(update={"access": Access.EMBARGOED, "embargo_until": "2027-03-01"})
    files = [
        StoredFile(1, "текст.pdf", 10_000, pages=12),
        StoredFile(2, "data.csv", 500, access=Access.OPEN),
        StoredFile(3, "without-an-ending", 1, access=Access.EMBARGOED, until=date(2026, 1, 1)),
        StoredFile(4, "archive.tar-of-many", 1, access=Access.CLOSED),
    ]
    view = present(work, files, "en", AT)
    assert (view.access, view.until) == (Access.EMBARGOED, date(2027, 3, 1))
    assert [(file.kind, file.access, file.until) for file in view.files] == [
        ("PDF", Access.EMBARGOED, date(2027, 3, 1)),
        ("CSV", Access.OPEN, None),
        ("", Access.OPEN, None),
        ("", Access.CLOSED, None),
    ]
    later = present(work, files, "en", datetime(2027, 3, 1, tzinfo=UTC))
    assert (later.access, later.files[0].access) == (Access.OPEN, Access.OPEN)


def test_nothing_is_asked_of_an_empty_description_or_an_unknown_code() -> None:
    view = shown("ky", Metadata())
    assert (view.title.value, view.people, view.texts, view.facts, view.licence) == ("", (), (), (), None)
    odd = shown("ky", Metadata(type="hologram", licence="mine", embargo_until="soon", access=Access.EMBARGOED))
    assert odd.kind == "Hologram" and odd.type is None
    assert odd.licence is not None and odd.licence.label == "mine"
    assert odd.until is None
