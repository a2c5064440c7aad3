"""The guesses on the forty labelled articles, and on what real title pages do to them."""

from pathlib import Path

import pytest

from ingest.guessing.guesses import Guesses, Source
from ingest.pipeline import run_pipeline
from ingest.readers.documents import Line, Metadata, Text
from ingest.sandbox import Sandbox
from ingest.stages.guess import guess
from tests.articles import Labelled, make_articles
from tests.ingest.judging import Judgement

Judged = dict[str, Judgement]


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> list[Labelled]:
    return make_articles(tmp_path_factory.mktemp("articles"))


@pytest.fixture(scope="module")
def judged(articles: list[Labelled], sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The articles through the whole pipeline: those to develop on, those held back, and all."""
    pictures = tmp_path_factory.mktemp("pictures")
    judged = {"even": Judgement(), "odd": Judgement(), "all": Judgement()}
    for article in articles:
        report = run_pipeline(article.path, article.path.name, sandbox=sandbox, pictures_to=pictures)
        for half in ("all", "odd" if article.number % 2 else "even"):
            judged[half].judge(article.number, report.guesses, article.labels)
    return judged


@pytest.mark.parametrize(("half", "articles_in_it"), [("all", 40), ("odd", 20)])
@pytest.mark.parametrize("kind", ["title", "author"])
def test_title_and_first_author_are_right_for_four_of_five(
    judged: Judged, half: str, articles_in_it: int, kind: str
) -> None:
    assert judged[half].found[kind] >= 0.8 * articles_in_it, dict(judged[half].wrong)


@pytest.mark.parametrize("half", ["all", "odd"])
def test_what_is_offered_is_right_nine_times_of_ten(judged: Judged, half: str) -> None:
    assert judged[half].precision >= 0.9, dict(judged[half].wrong)


@pytest.mark.parametrize("kind", ["title", "authors", "abstract", "keywords", "udc", "doi", "year", "language"])
def test_each_kind_of_guess_is_right_nine_times_of_ten(judged: Judged, kind: str) -> None:
    offered, wrong = judged["all"].offered[kind], judged["all"].wrong[kind]
    assert offered >= 10
    assert len(wrong) <= 0.1 * offered, wrong


def test_the_articles_are_made_alike_each_time(articles: list[Labelled], tmp_path: Path) -> None:
    again = make_articles(tmp_path)
    for one, other in zip(articles, again, strict=True):
        assert one.labels == other.labels
        if one.path.suffix == ".pdf":
            assert one.path.read_bytes() == other.path.read_bytes()


# ---------------------------------------------------------------- single pages


def page(*lines: str | tuple[str, float], **properties: object) -> Guesses:
    """Guesses from a first page; a line alone is set in 10 points, with a number in that size and bold."""
    set_lines = tuple(
        Line(0, line, 10.0) if isinstance(line, str) else Line(0, line[0], line[1], bold=True) for line in lines
    )
    text = "\n".join(line.text for line in set_lines)
    return guess(Text((text,), set_lines), Metadata(**properties))  # type: ignore[arg-type]


FRONT = (
    "УДК 930.85",
    ("КЫРГЫЗ КИТЕБИНИН ТАРЫХЫ ЖАНА ЧЫҢГЫЗ АЙТМАТОВДУН МУРАСЫ", 12.0),
    "А. Б. Асанов",
    "Аннотация. Макалада кыргыз китебинин тарыхы жана Чыңгыз Айтматовдун кол жазмалары каралат, алардын сакталышы",
    "тууралуу жаңы маалыматтар берилет.",
    "Ачкыч сөздөр: китеп, тарых, кол жазма.",
    "Киришүү",
    "Бул макалада китептин тарыхы тууралуу сөз болот.",
)


def test_a_title_in_capitals_is_written_as_titles_are() -> None:
    assert page(*FRONT).titles[0].value == "Кыргыз китебинин тарыхы жана Чыңгыз Айтматовдун мурасы"


def test_the_title_of_the_properties_is_believed_when_the_page_says_the_same() -> None:
    stated = "Кыргыз китебинин тарыхы жана Чыңгыз Айтматовдун мурасы"
    title = page(*FRONT, title=stated).titles[0]
    assert (title.value, title.source) == (stated, Source.BOTH)


@pytest.mark.parametrize(
    "stated",
    [
        "Microsoft Word - makala_2021.doc",
        "untitled",
        "C:\\papers\\a b.indd",
        "Документ Microsoft Word",
        "scan 0001",
        "12-34",
    ],
)
def test_titles_that_programs_write_are_not_offered(stated: str) -> None:
    assert page("Бул жөн гана текст, анда аталыш да, автор да жок.", title=stated).titles == ()


def test_people_of_the_properties_are_only_people() -> None:
    assert page("текст", authors=("User",)).authors == ()
    named = page("текст", authors=("Асанов Бакыт Эркинович",)).authors[0]
    assert (named.family, named.given, named.source) == ("Асанов", "Бакыт Эркинович", Source.PROPERTIES)


def test_a_doi_of_the_references_is_not_that_of_the_article() -> None:
    assert page(*FRONT, "Адабияттар", "1. Иванов И.И. Книга. https://doi.org/10.1000/other").doi is None
    found = page("https://doi.org/10.1000/this.one.", *FRONT).doi
    assert found is not None
    assert found.value == "10.1000/this.one"


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("УДК 811.512.154'373", "811.512.154'373"),
        ("УДК: 39(=512.154)", "39(=512.154)"),
        ("UDC 621.311+628.1", "621.311+628.1"),
        ("УДК 94(575.2) DOI: 10.1000/1", "94(575.2)"),
        ("УДК – 004:02", "004:02"),
    ],
)
def test_class_marks_are_read_whole(line: str, mark: str) -> None:
    found = page(line, *FRONT[1:]).udc
    assert found is not None
    assert found.value == mark


def test_nothing_is_offered_of_nothing() -> None:
    assert guess(Text(), Metadata()) == Guesses()
    assert page("123 456", "— 7 —").titles == ()
