"""From the controls of a form to the description and back."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from repo.deposit.comparison import Choice, compare, merge
from repo.deposit.fields import Edit, Form, keyword_lines, read_description, subject_line
from repo.deposit.forms import build_form
from repo.deposit.steps import FIELDS, Step, control_of, fields_shown, step_of, steps_of
from repo.deposit.typed import FileRule, read_file_rules, read_typed
from repo.items.access import Access
from repo.items.metadata import (
    Affiliation,
    Agent,
    Metadata,
    Number,
    PersonName,
    Subject,
    Text,
    TextKind,
    write_metadata,
)

ALL = tuple(field for fields in FIELDS.values() for field in fields)


def form_of(*pairs: tuple[str, str]) -> Form:
    return MultiDict(pairs)


def read(*pairs: tuple[str, str], field: str, before: Metadata | None = None, do: str = "") -> object:
    metadata = read_description(form_of(*pairs), [field], before or Metadata(), Edit.parse(do))
    return getattr(metadata, field)


TITLES = [
    ("titles.0.value", "Биринчи"),
    ("titles.0.lang", "ky"),
    ("titles.1.value", ""),
    ("titles.1.lang", "en"),
    ("titles.2.value", "Вторая"),
    ("titles.2.lang", "ru"),
]


def test_rows_become_texts_and_empty_rows_are_left_out() -> None:
    assert read(*TITLES, field="titles") == [
        Text(value="Биринчи", lang="ky"),
        Text(value="Вторая", lang="ru", kind=TextKind.TRANSLATED),
    ]


def test_rows_are_moved_and_removed_as_the_form_counted_them() -> None:
    assert [text.value for text in read(*TITLES, field="titles", do="remove:titles.0")] == ["Вторая"]
    moved = read(*TITLES, field="titles", do="up:titles.2")
    assert [(text.value, text.kind) for text in moved] == [("Вторая", "main"), ("Биринчи", "translated")]
    assert [text.value for text in read(*TITLES, field="titles", do="down:titles.0")] == ["Вторая", "Биринчи"]
    assert [text.value for text in read(*TITLES, field="titles", do="down:titles.2")] == ["Биринчи", "Вторая"]
    assert [text.value for text in read(*TITLES, field="titles", do="remove:titles.9")] == ["Биринчи", "Вторая"]


def test_people_with_names_in_scripts_affiliations_and_pasted_numbers() -> None:
    people = read(
        ("creators.0.names.0.family", "Айтматов"),
        ("creators.0.names.0.given", "Чыңгыз"),
        ("creators.0.names.0.lang", "ky"),
        ("creators.0.names.1.family", "Aitmatov"),
        ("creators.0.names.1.lang", "en"),
        ("creators.0.orcid", "https://orcid.org/0000-0002-1825-0097"),
        ("creators.0.role", "compiler"),
        ("creators.0.affiliations.0.names.0.value", "КУУ"),
        ("creators.0.affiliations.0.names.0.lang", "ky"),
        ("creators.0.affiliations.0.ror", "https://ror.org/04t0s7x83"),
        ("creators.0.affiliations.1.names.0.value", ""),
        ("creators.1.organisation", "1"),
        ("creators.1.role", "author"),
        field="creators",
    )
    assert people == [
        Agent(
            names=[
                PersonName(family="Айтматов", given="Чыңгыз", lang="ky"),
                PersonName(family="Aitmatov", lang="en"),
            ],
            orcid="0000-0002-1825-0097",
            role="compiler",
            affiliations=[Affiliation(names=[Text(value="КУУ", lang="ky")], ror="04t0s7x83")],
        )
    ]


def test_keywords_are_a_line_for_each_language_and_come_back_so() -> None:
    pairs = [
        ("keywords.0.value", "шырдак, кийиз;  оюу\nшырдак"),
        ("keywords.0.lang", "ky"),
        ("keywords.1.value", "felt"),
        ("keywords.1.lang", "en"),
    ]
    metadata = read_description(form_of(*pairs), ["keywords"], Metadata())
    assert [(word.value, word.lang) for word in metadata.keywords] == [
        ("шырдак", "ky"),
        ("кийиз", "ky"),
        ("оюу", "ky"),
        ("felt", "en"),
    ]
    assert [line.value for line in keyword_lines(metadata)] == ["шырдак, кийиз, оюу", "felt"]


def test_subjects_keep_their_commas_and_numbers_of_other_schemes() -> None:
    before = Metadata(subjects=[Subject(scheme="mesh", value="D0001"), Subject(scheme="udc", value="1")])
    pairs = [("subjects.udc", "811.512.154'36,1; 82-1"), ("subjects.bbk", ""), ("subjects.grnti", "17.09")]
    metadata = read_description(form_of(*pairs), ["subjects"], before)
    assert [(subject.scheme, subject.value) for subject in metadata.subjects] == [
        ("udc", "811.512.154'36,1"),
        ("udc", "82-1"),
        ("grnti", "17.09"),
        ("mesh", "D0001"),
    ]
    assert subject_line(metadata, "udc") == "811.512.154'36,1; 82-1"


def test_typed_text_is_composed_and_loses_control_characters() -> None:
    assert read(("edition", "и\u0306од\x00\x07 2-е\r\nизд."), field="edition") == "йод 2-е\nизд."
    assert read(("edition", "a\ud800b"), field="edition") == "ab"


def test_what_no_list_offers_is_not_taken() -> None:
    assert read(("type", "<script>"), field="type") == ""
    assert read(("type", "article"), field="type") == "article"
    assert read(("licence", "mine"), field="licence") == ""
    assert read(("access", "everyone"), field="access") is Access.OPEN
    assert read(("languages", "ky"), ("languages", 'x" onload'), ("languages", ""), field="languages") == ["ky"]
    assert read(("identifiers.0.scheme", "x"), ("identifiers.0.value", "7"), field="identifiers") == [Number(value="7")]
    titles = read(("titles.0.value", "T"), ("titles.0.lang", '"><b>'), field="titles")
    assert titles == [Text(value="T", lang="")]


def test_fields_that_did_not_stand_on_the_form_are_left_alone() -> None:
    before = Metadata(issued="1926", edition="2")
    typed = read_typed(form_of(("fields", "issued"), ("issued", "2026"), ("edition", "9")), Step.DETAILS, before)
    assert (typed.metadata.issued, typed.metadata.edition) == ("1926", "2")
    typed = read_typed(form_of(("fields", "issued titles nonsense"), ("issued", "2026")), Step.DESCRIPTION, before)
    assert typed.fields == ("titles", "issued")
    assert typed.metadata.issued == "2026"


@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.sampled_from(["titles.0.value", "creators.0.names.0.family", "titles", "creators.0", "host.issn.x"]),
                st.from_regex(
                    r"(titles|creators|host|keywords|access|languages)(\.[a-z0-9]{1,5}){0,9}", fullmatch=True
                ),
                st.text(max_size=20),
            ),
            st.text(max_size=30),
        ),
        max_size=30,
    ),
    st.text(max_size=20),
)
def test_any_form_can_be_saved_and_shown_again(pairs: list[tuple[str, str]], do: str) -> None:
    metadata = read_description(form_of(*pairs), ALL, Metadata(), Edit.parse(do))
    stored = write_metadata(metadata)
    assert Metadata.model_validate(stored) == metadata
    for step in FIELDS:
        build_form(step, metadata, more=do.partition(":")[2])


# ---------------------------------------------------------------- steps and rows to type into


def test_every_field_belongs_to_a_step_and_shows_for_its_types() -> None:
    asked = {field for fields in FIELDS.values() for field in fields}
    assert asked == set(Metadata.model_fields) - {"schema_version"}
    article, thesis = Metadata(type="article"), Metadata(type="candidate-thesis")
    assert "host" in fields_shown(Step.DETAILS, article) and "thesis" not in fields_shown(Step.DETAILS, article)
    assert "thesis" in fields_shown(Step.DETAILS, thesis) and "host" not in fields_shown(Step.DETAILS, thesis)
    kept = article.model_copy(update={"edition": "2-бас."})
    assert "edition" in fields_shown(Step.DETAILS, kept), (
        "what was typed before the kind of work changed stays in sight"
    )
    assert step_of("creators.0.orcid") is Step.PEOPLE
    assert control_of("creators.2.names") == "creators.2.names.0.family"
    assert Step.FILES not in steps_of(1) and Step.AGREEMENT not in steps_of(1)


def test_an_empty_form_has_rows_and_more_of_them_on_demand() -> None:
    form = build_form(Step.PEOPLE, Metadata(languages=["ru"]), lang="ky")
    assert form.metadata.creators[0].names[0].lang == "ru"
    assert form.metadata.creators[0].affiliations[0].names[0].value == ""
    assert form.metadata.contributors == []
    saved = Metadata(creators=[Agent(names=[PersonName(family="А", lang="ky")])], languages=["ky"])
    form = build_form(Step.PEOPLE, saved, more="creators.0.names", lang="ky")
    assert [name.lang for name in form.metadata.creators[0].names] == ["ky", "ru"]
    assert len(build_form(Step.PEOPLE, saved, more="creators").metadata.creators) == 2
    assert saved.creators[0].affiliations == [], "the saved description is not touched"


def test_guesses_fill_empty_fields_only() -> None:
    guesses = {"titles": [Text(value="Из файла", lang="ru")], "issued": "2024", "creators": []}
    form = build_form(Step.DESCRIPTION, Metadata(issued="1999"), guesses=guesses)
    assert form.guessed == {"titles"}
    assert form.metadata.titles[0].value == "Из файла"
    assert form.metadata.issued == "1999"


def test_saving_meanwhile_leaves_guesses_alone_that_nobody_looked_at() -> None:
    pairs = [
        ("fields", "titles issued"),
        ("titles.0.value", "Из файла"),
        ("issued", "2024"),
        ("guessed", "titles"),
        ("checked", "issued"),
    ]
    quiet = read_typed(form_of(*pairs, ("autosave", "1")), Step.DESCRIPTION, Metadata())
    assert (quiet.fields, quiet.settled) == (("issued",), ("issued",))
    assert quiet.metadata.titles == []
    pressed = read_typed(form_of(*pairs), Step.DESCRIPTION, Metadata())
    assert pressed.settled == ("titles", "issued")
    assert pressed.metadata.titles[0].value == "Из файла"


def test_rules_for_single_files() -> None:
    form = form_of(
        ("file_access.7", "embargoed"),
        ("file_until.7", "2027-09-01"),
        ("file_access.8", "embargoed"),
        ("file_access.9", ""),
        ("file_access.x", "open"),
    )
    rules = read_file_rules(form)
    assert rules == [
        FileRule(7, Access.EMBARGOED, date(2027, 9, 1)),
        FileRule(8, Access.EMBARGOED, None),
        FileRule(9, None, None),
    ]


# ---------------------------------------------------------------- two texts


def test_two_texts_are_compared_field_by_field_and_made_one() -> None:
    mine = Metadata(titles=[Text(value="А", lang="ky")], issued="2025", keywords=[Text(value="к")])
    saved = Metadata(titles=[Text(value="Б", lang="ru")], issued="2024", keywords=[Text(value="к")])
    found = compare(mine, saved, ("titles", "issued", "keywords"))
    assert [difference.field for difference in found] == ["titles", "issued"]
    assert found[0].can_join and not found[1].can_join
    assert [line.value for line in found[0].mine] == ["А"]
    merged = merge(mine, saved, {"titles": Choice.BOTH, "issued": Choice.SAVED, "keywords": Choice.MINE})
    assert [title.value for title in merged.titles] == ["Б", "А"]
    assert merged.issued == "2024"


def test_people_are_compared_in_words() -> None:
    agent = Agent(
        names=[PersonName(family="А", given="Б")],
        orcid="0000-0002-1825-0097",
        affiliations=[Affiliation(names=[Text(value="КУУ")], ror="04t0s7x83")],
    )
    (difference,) = compare(Metadata(creators=[agent]), Metadata(), ("creators",))
    assert [line.value for line in difference.mine] == ["А, Б · КУУ · 04t0s7x83 · 0000-0002-1825-0097"]
    assert difference.saved == ()
