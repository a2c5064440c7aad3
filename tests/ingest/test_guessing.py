"""Names, languages, spelling: the parts that the guesses are made of."""

import pytest

from ingest.guessing.casing import recase
from ingest.guessing.languages import language_of, language_of_phrase
from ingest.guessing.names import Name, read_names
from ingest.guessing.passages import split_keywords


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("А. Б. Асанов, К.Д. Токтогулова", [Name("Асанов", "А. Б."), Name("Токтогулова", "К. Д.")]),
        ("Асанов А.Б., Токтогулова К. Д.", [Name("Асанов", "А. Б."), Name("Токтогулова", "К. Д.")]),
        ("Асанов Бакыт Эркинович, д.ф.-м.н., профессор", [Name("Асанов", "Бакыт Эркинович")]),
        ("Асан уулу Бакыт, Мамат кызы Айгүл", [Name("Асан уулу", "Бакыт"), Name("Мамат кызы", "Айгүл")]),
        ("АСАНОВ Б. Э.; ТОКТОГУЛОВА А. К.", [Name("Асанов", "Б. Э."), Name("Токтогулова", "А. К.")]),
        ("Bakyt Asanov1,2, Ainura Toktogulova2*", [Name("Asanov", "Bakyt"), Name("Toktogulova", "Ainura")]),
        ("B. E. Asanov and A. K. Toktogulova", [Name("Asanov", "B. E."), Name("Toktogulova", "A. K.")]),
        ("Салтыков-Щедрин М.Е.", [Name("Салтыков-Щедрин", "М. Е.")]),
        ("Асанов А.Б. жана Ли С.", [Name("Асанов", "А. Б."), Name("Ли", "С.")]),
    ],
)
def test_names_are_read_in_the_forms_of_journals(line: str, names: list[Name]) -> None:
    assert read_names(line) == names


@pytest.mark.parametrize(
    "line",
    [
        "Развитие сельского туризма в Иссык-Кульской области",
        "Водная дипломатия",
        "Water Diplomacy",
        "Бишкек, 2021",
        "УДК 94(575.2)",
        "",
        "А",
        "Кыргыз Республикасынын Улуттук китепканасы",
        "Introduction. The work of A. B. Asanov is well known",
    ],
)
def test_other_lines_name_nobody(line: str) -> None:
    assert read_names(line) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Бул маселе акыркы жылдары окумуштуулардын көңүлүн көбүрөөк буруп келет жана ар тараптан изилденет.", "ky"),
        ("В последние годы этот вопрос привлекает все больше внимания исследователей не только у нас.", "ru"),
        ("In recent years this question has attracted more and more attention of the scholars of the region.", "en"),
        ("Қазақстан Республикасының ғылыми кітапханасы туралы және оның тарихы жайында бірнеше сөз айту керек.", None),
        ("Die Bibliothek wurde im Jahre 1934 gegründet und ist eine der größten Sammlungen des ganzen Landes.", None),
        ("", None),
        ("12345 67890", None),
    ],
)
def test_languages_are_told_apart(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("phrase", "language"),
    [
        ("Кыргыз тилинин сөздүгү", "ky"),
        ("Картошканын жаңы сорттору", "ky"),
        ("Балдар адабияты тарыхы", "ky"),
        ("Развитие сельского туризма", "ru"),
        ("Оползневая опасность", "ru"),
        ("Water regime", "en"),
        ("Über die Bibliothek", None),
    ],
)
def test_short_phrases_too(phrase: str, language: str | None) -> None:
    assert language_of_phrase(phrase) == language


def test_capitals_stay_where_the_text_has_them() -> None:
    text = "Мы изучали, как работает ГЭС на реке Нарын. Река Нарын длинна."
    assert recase("РАБОТА ГЭС НА РЕКЕ НАРЫН В XXI ВЕКЕ", text) == "Работа ГЭС на реке Нарын в XXI веке"
    assert recase("Смешанное Написание", text) == "Смешанное Написание"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("вода, река; озеро, залив", ("вода, река", "озеро, залив")),
        ("вода, река, озеро.", ("вода", "река", "озеро")),
        ("one · two · three", ("one", "two", "three")),
        ("просто предложение без перечисления", ()),
        ("а" * 90 + ", б", ()),
    ],
)
def test_keywords_are_split_by_their_own_sign(text: str, words: tuple[str, ...]) -> None:
    assert split_keywords(text) == words
