"""What every search engine does: one suite for all of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from repo.addresses import ClusterAddress
from repo.items.access import Access
from repo.search.document import Facet, LangText, SearchDocument, SourceText
from repo.search.elasticsearch import ElasticsearchEngine
from repo.search.fields import NAME, TOPIC, WORD
from repo.search.parser import parse_query
from repo.search.ports import WINDOW, IndexState, SearchEngine, SearchRequest, SearchUnavailableError
from repo.search.query import Filters, Sort
from repo.search.tantivy import TantivyEngine
from repo.search.widening import search_widening
from tests.search.material import (
    PUBLISHED,
    STAFF,
    document,
    fill,
    found,
    full_text,
    reader,
    search,
    text_for,
    texts,
)
from tests.search.test_query import MALFORMED

Engines = Callable[[], SearchEngine]


@pytest.fixture(params=["tantivy", "elasticsearch"])
def new_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engines:
    """Makes an engine of this test's index."""
    if request.param == "tantivy":
        return lambda: TantivyEngine(tmp_path / "index", patience=0.3)
    address: ClusterAddress = request.getfixturevalue("search_cluster")
    return lambda: ElasticsearchEngine(address, patience=5)


@pytest.fixture
def engines(new_engine: Engines) -> Iterator[Engines]:
    """Makes engines of the same index, as several processes have them."""
    made: list[SearchEngine] = []

    def make() -> SearchEngine:
        made.append(new_engine())
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def engine(engines: Engines) -> SearchEngine:
    """An empty index."""
    engine = engines()
    engine.rebuild([])
    return engine


# Finding -----------------------------------------------------------------------------------------------


LAKE = document("lake", "Ысык-Көл", creators=texts("Айтматов, Чыңгыз"), year=1999)
HAND = document("hand", "Кол өнөрчүлүк", creators=texts("Кулов, Эсен"))
HISTORY = document(
    "history",
    "История и культура Кыргызстана",
    "ru",
    creators=(LangText("Бартольд, В. В.", "ru"),),
    abstracts=texts("Кыргыз тарыхы тууралуу"),
    subjects=(LangText("История", "ru"),),
    codes=(("isbn", "978-5-02-022938-9"), ("udc", "94(575.2)"), ("doi", "10.1234/ABC.5")),
)
LIBRARIES = document(
    "libraries", "Libraries of mountain countries", "en", texts=full_text("The libraries keep books", "en")
)
POEM = document("poem", "Манас", codes=(("udc", "821.512.154"),), texts=full_text("Ала-Тоонун көлдөрү жана тоолору"))
LITERATURE = (LAKE, HAND, HISTORY, LIBRARIES, POEM)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("көл", {"lake", "hand", "poem"}),
        ("кол", {"lake", "hand", "poem"}),
        ("онорчулук", {"hand"}),
        ("ЫСЫК-КӨЛ", {"lake"}),
        ("ысык кол", {"lake"}),
        ("Ысык-Көлдүн", {"lake"}),
        ("Ysyk-Kol", {"lake"}),
        ('"ысык-көлдүн"', set()),
        ('"ысык көл"', {"lake"}),
        ('"көл ысык"', set()),
        ("историю культур", {"history"}),
        ("library", {"libraries"}),
        ("books library", {"libraries"}),
        ("көлдөрү", {"lake", "hand", "poem"}),
        ("тоого", {"poem"}),
        ("тарыхына", {"history"}),
        ("тоо*", {"poem"}),
        ("mount*", {"libraries"}),
        ("көл OR манас", {"lake", "hand", "poem"}),
        ("көл -ысык", {"hand", "poem"}),
        ("-көл -манас", {"history", "libraries"}),
        ("author:Айтматов", {"lake"}),
        ("title:Айтматов", set()),
        ("Чыңгыз Айтматов", {"lake"}),
        ("Ч. Айтматов", {"lake"}),
        ("чынгыз айтматов кол", {"lake"}),
        ("Chyngyz Aitmatov", {"lake"}),
        ("author:Aytmatov", {"lake"}),
        ("Kyrgyzstan", {"history"}),
        ("Кыргызстане", {"history"}),
        ("либрариес", {"libraries"}),
        ('"Aitmatov"', set()),
        ("year:1990..2005", {"lake"}),
        ("year:2000..", set()),
        ("тарыхы", {"history"}),
        ("text:тарыхы", set()),
        ("isbn:5020229385", {"history"}),
        ("978-5-02-022938-9", {"history"}),
        ("https://doi.org/10.1234/abc.5", {"history"}),
        ("udc:821", {"poem"}),
        ("удк:94", {"history"}),
        ("821.512.154", {"poem"}),
        ("id:poem", {"poem"}),
        ("type:article lang:ky", set()),
        ("алфавит:arab", set()),
        ("TYPE:Article манас", {"poem"}),
        ("история в кыргызстане и культура", {"history"}),
        ("история в киргизии и культура", set()),
        ("история и для культура", {"history"}),
        ("и", {"history"}),
        ("", {"lake", "hand", "history", "libraries", "poem"}),
        ("жоксөз", set()),
        ("🎉", set()),
    ],
)
def test_what_a_query_finds(engine: SearchEngine, query: str, ids: set[str]) -> None:
    fill(engine, *LITERATURE)
    assert set(found(engine, query)) == ids


def test_no_phrase_reaches_from_one_value_to_the_next(engine: SearchEngine) -> None:
    fill(engine, document("a", "Ак", titles=texts("Ак", "кеме"), creators=texts("Ак", "кеме")))
    assert found(engine, '"ак кеме"') == []


def test_a_segment_border_does_not_break_a_phrase(engine: SearchEngine) -> None:
    fill(engine, document("a", "Китеп", texts=full_text("толтуруу " * 227 + "ак кеме " + "толтуруу " * 300)))
    assert found(engine, '"толтуруу ак кеме толтуруу"') == ["a"]


# Ranking -----------------------------------------------------------------------------------------------


def test_title_before_author_before_subject_before_abstract_before_text(engine: SearchEngine) -> None:
    other = "Башка китеп"
    fill(
        engine,
        document("text", other, texts=full_text("барак " * 40 + "Манас " * 9)),
        document("abstract", other, abstracts=texts("Мында манас тууралуу айтылат")),
        document("subject", other, keywords=texts("Манас")),
        document("author", other, creators=texts("Манас, Асан")),
        document("title", "Манас эпосу тууралуу"),
        *(document(f"x{n}", other, texts=full_text("манас барак")) for n in range(5)),
    )
    order = found(engine, "манас")
    assert order[:4] == ["title", "author", "subject", "abstract"]
    assert "text" in order[4:]


def test_exact_before_stem_before_fold(engine: SearchEngine) -> None:
    fill(
        engine,
        document("fold", "Бир кол тууралуу"),
        document("exact", "Бир көл тууралуу"),
        document("stem", "Бир көлдөрдө тууралуу"),
        document("russian-stem", "Одна истории здесь", "ru"),
        document("russian-exact", "Одна история здесь", "ru"),
    )
    assert found(engine, "көл") == ["exact", "stem", "fold"]
    assert found(engine, "кол")[0] == "fold" and set(found(engine, "кол")) == {"exact", "stem", "fold"}
    assert found(engine, "история") == ["russian-exact", "russian-stem"]


def test_a_title_typed_in_full_comes_first(engine: SearchEngine) -> None:
    fill(
        engine,
        document(
            "more",
            "Кыргыз тили жана кыргыз тилинин тарыхы",
            keywords=texts("кыргыз тили"),
            abstracts=texts("кыргыз тили"),
        ),
        document("whole", "Кыргыз тили"),
        document("text", "Сөздүк", texts=full_text("кыргыз тили " * 50)),
    )
    assert found(engine, "кыргыз тили")[0] == "whole"
    assert found(engine, "Кыргыз тили")[0] == "whole"


def test_words_side_by_side_in_the_title_come_before_scattered_ones(engine: SearchEngine) -> None:
    fill(
        engine, document("apart", "Тилдин кыргыз тили дагы тарыхы"), document("near", "Кыргыз тарыхы дагы тили, тилдин")
    )
    assert found(engine, "кыргыз тарыхы") == ["near", "apart"]


def test_all_but_one_of_the_words_are_enough_if_nothing_has_all(engine: SearchEngine) -> None:
    fill(engine, *LITERATURE)

    def widened(query: str, **more: object) -> tuple[list[str], bool]:
        result, wider = search_widening(engine, SearchRequest(parse_query(query), **more))  # type: ignore[arg-type]
        return [hit.id for hit in result.hits], wider

    assert widened("ысык көл айтматов") == (["lake"], False)
    assert widened("ысык көл деңиз") == (["lake"], True)
    assert widened("ысык и көл деңиз -манас") == (["lake"], True)
    assert widened("ысык көл деңиз -айтматов")[0] == []
    assert widened("ысык деңиз") == ([], False)
    assert widened("ысык көл айтматов", filters=chosen(types={"map"})) == ([], False)
    assert widened("ысык көл деңиз", filters=chosen(types={"article"})) == (["lake"], True)
    assert widened("ысык көл деңиз дарыя") == ([], False)


# Filters, facets, order, pages -------------------------------------------------------------------------


SHELF = (
    document("a", "Аска", type="book", library="nlkr", year=1990, languages=("ky",), collections=("root", "rare")),
    document("b", "Бак", type="book", library="knu", year=2001, languages=("ru",), collections=("root",)),
    document("c", "Көл", type="thesis", library="knu", year=2001, languages=("ky", "ru"), subjects=texts('Тарых "А"')),
    document("d", "Ёлка", type="thesis", library="nlkr", access=Access.CLOSED, scripts=("Arab",)),
)


def chosen(**values: object) -> Filters:
    return Filters(**{name: frozenset(value) if isinstance(value, set) else value for name, value in values.items()})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (chosen(types={"book"}), {"a", "b"}),
        (chosen(types={"book", "thesis"}), {"a", "b", "c", "d"}),
        (chosen(types={"book"}, libraries={"knu"}), {"b"}),
        (chosen(collections={"root"}), {"a", "b"}),
        (chosen(languages={"ru"}), {"b", "c"}),
        (chosen(scripts={"Arab"}), {"d"}),
        (chosen(subjects={'Тарых "А"'}), {"c"}),
        (chosen(access={"closed"}), {"d"}),
        (chosen(year_from=1991), {"b", "c"}),
        (chosen(year_from=1990, year_to=1990), {"a"}),
        (chosen(libraries={"no such\x01 'library\""}), set()),
    ],
)
def test_filters(engine: SearchEngine, filters: Filters, ids: set[str]) -> None:
    fill(engine, *SHELF)
    assert set(found(engine, "", filters=filters)) == ids


def test_facets_count_what_was_found(engine: SearchEngine) -> None:
    fill(engine, *SHELF)
    facets = search(engine, "-ёлка").facets
    assert facets == {
        Facet.TYPE: [("book", 2), ("thesis", 1)],
        Facet.LIBRARY: [("knu", 2), ("nlkr", 1)],
        Facet.COLLECTION: [("root", 2), ("rare", 1)],
        Facet.YEAR: [("2001", 2), ("1990", 1)],
        Facet.LANGUAGE: [("ky", 2), ("ru", 2)],
        Facet.SCRIPT: [],
        Facet.SUBJECT: [('Тарых "А"', 1)],
        Facet.ACCESS: [("open", 3)],
    }


def test_counts_stay_when_a_value_is_chosen(engine: SearchEngine) -> None:
    fill(engine, *SHELF)
    result = search(engine, filters=chosen(types={"book"}, year_from=2001, libraries={"gone"}))
    assert result.total == 0
    assert result.facets[Facet.LIBRARY] == [("knu", 1), ("gone", 0)]
    result = search(engine, filters=chosen(types={"book"}, year_from=2001))
    assert result.facets[Facet.TYPE] == [("book", 1), ("thesis", 1)]
    assert result.facets[Facet.YEAR] == [("2001", 1), ("1990", 1)]
    assert result.facets[Facet.LIBRARY] == [("knu", 1)]


def test_only_asked_facets_are_counted(engine: SearchEngine) -> None:
    fill(engine, *SHELF)
    assert set(search(engine, facets=(Facet.TYPE,)).facets) == {Facet.TYPE}
    assert search(engine, facets=()).facets == {}


def test_orders(engine: SearchEngine) -> None:
    fill(engine, *SHELF)
    assert found(engine, sort=Sort.TITLE) == ["a", "b", "d", "c"]
    assert found(engine, sort=Sort.NEWEST) == ["c", "b", "a", "d"]
    assert found(engine, sort=Sort.OLDEST) == ["a", "b", "c", "d"]
    assert found(engine) == found(engine, sort=Sort.NEWEST)


def test_of_one_year_the_newest_publication_comes_first(engine: SearchEngine) -> None:
    days = [document(f"d{n}", "Көл", year=2020, published=PUBLISHED + timedelta(days=n)) for n in (2, 0, 1)]
    fill(engine, *days)
    assert found(engine, sort=Sort.NEWEST) == ["d2", "d1", "d0"]


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_hold_each_item_once(engine: SearchEngine, sort: Sort) -> None:
    fill(engine, *(document(f"n{n:02}", "Бирдей аталыш", year=2020) for n in range(25)))
    pages = [found(engine, "бирдей", page=page, limit=10, sort=sort) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert len({item for page in pages for item in page}) == 25


def test_deep_pages_end_at_the_window(engine: SearchEngine) -> None:
    fill(engine, *(document(f"n{n:04}", "Аталыш") for n in range(WINDOW + 30)))
    last = search(engine, "аталыш", page=WINDOW // 100, limit=100)
    assert (len(last.hits), last.beyond) == (100, False)
    across = search(engine, "аталыш", page=15, limit=70)
    assert (len(across.hits), across.beyond) == (WINDOW - 14 * 70, True)
    for page in (11, 10**6, 10**30):
        beyond = search(engine, "аталыш", page=page, limit=100)
        assert (beyond.hits, beyond.beyond, beyond.total, beyond.reachable) == ((), True, WINDOW + 30, WINDOW)
    assert len(search(engine, "аталыш", page=-3, limit=10**9).hits) == 100
    assert len(search(engine, "аталыш", page=0, limit=0).hits) == 1


# Passages and rights -----------------------------------------------------------------------------------


def passages(engine: SearchEngine, query: str, **request: object) -> list[str]:
    """The places of the best passages, and which of their segments."""
    found = search(engine, query, **request).hits
    return [f"{passage.place}/{passage.number}" for hit in found for passage in hit.passages]


def test_the_best_segment_is_named(engine: SearchEngine) -> None:
    pages = [SourceText(f"{n}-бет. Бул барак.", "ky", place=f"p{n}") for n in range(1, 60)]
    pages[41] = SourceText("Көлдө ак кеме сүзөт", "ky", place="p42")
    pages[7] = SourceText("Ак барак", "ky", place="p8")
    fill(engine, document("book", "Китеп", texts=pages))
    (hit,) = search(engine, "ак кеме", passages=2).hits
    assert [(passage.place, passage.lang) for passage in hit.passages] == [("p42", "ky"), ("p8", "ky")]
    assert search(engine, "ак кеме", passages=0).hits[0].passages == ()


def test_passages_come_from_abstracts_too(engine: SearchEngine) -> None:
    long = "Толтуруу сөз. " * 200
    fill(engine, replace(HISTORY, abstracts=texts(long, "Кыргыз тарыхы тууралуу")))
    assert passages(engine, "тарыхы") == ["/2"]
    assert passages(engine, "тар*") == ["/2"]
    assert passages(engine, "тарыхынын*") == []
    assert passages(engine, "толтуруу", passages=9) == ["/0", "/1"]
    assert passages(engine, "история") == []
    assert passages(engine, "") == []


SECRET = document(
    "secret",
    "Ачык аталыш",
    texts=[
        *full_text("ачыкмазмун", place="open"),
        *text_for(["knu"], "купуясөз өзгөчө купуялар", place="knu"),
        *text_for(["nlkr", "aup"], "экинчисыр", place="both"),
        SourceText("жабыксөз", "ky", frozenset()),
    ],
)


@pytest.mark.parametrize(
    "query",
    [
        "купуясөз",
        "купуясоз",
        "куп*",
        '"купуясөз өзгөчө"',
        "text:купуялар",
        "купуясөз OR жокмун",
        "library:knu|купуясөз",
        "=купуясөз",
        "everything|купуясөз",
    ],
)
def test_words_of_a_restricted_text_are_found_by_its_readers_only(engine: SearchEngine, query: str) -> None:
    fill(engine, SECRET)
    if "|" not in query:  # not as our terms are made
        assert found(engine, query, reader=reader("knu", "other")) == ["secret"]
        assert found(engine, query, reader=STAFF) == ["secret"]
        assert passages(engine, query, reader=reader("knu")) == ["knu/0"]
    for other in (reader(), reader("nlkr"), reader("kn"), reader("*"), reader("")):
        result = search(engine, query, reader=other)
        assert (result.total, result.hits) == (0, ())
        assert not any(result.facets.values())


def test_an_open_word_brings_no_restricted_fragment_or_count(engine: SearchEngine) -> None:
    fill(engine, SECRET)
    result = search(engine, "ачык OR купуясөз OR экинчисыр", passages=9)
    assert [hit.passages for hit in result.hits] == [()]
    assert passages(engine, "ачыкмазмун OR купуясөз", passages=9) == ["open/0"]
    for_aup = passages(engine, "ачыкмазмун OR купуясөз OR экинчисыр", passages=9, reader=reader("aup"))
    assert sorted(for_aup) == ["both/0", "open/0"]
    # Denying a word tells about a text as well as asking for it.
    assert found(engine, "ачык -купуясөз") == ["secret"]
    assert found(engine, "ачык -купуясөз", reader=reader("knu")) == []


def test_readers_of_one_text_do_not_read_the_other(engine: SearchEngine) -> None:
    fill(engine, SECRET)
    assert found(engine, "экинчисыр", reader=reader("nlkr")) == ["secret"]
    assert found(engine, "экинчисыр", reader=reader("knu")) == []
    assert found(engine, "купуясөз экинчисыр", reader=STAFF) == ["secret"]


def test_nobody_finds_what_is_closed(engine: SearchEngine) -> None:
    fill(engine, SECRET)
    assert found(engine, "жабыксөз", reader=STAFF) == []


# Bad input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", MALFORMED)
@pytest.mark.parametrize("sort", [Sort.RELEVANCE, Sort.TITLE])
def test_malformed_queries_are_answered(engine: SearchEngine, query: str, sort: Sort) -> None:
    fill(engine, *LITERATURE)
    result = search(engine, query, sort=sort, reader=reader("knu"))
    assert result.total >= len(result.hits)


def test_odd_values_are_kept_as_they_are(engine: SearchEngine) -> None:
    odd = "a\"b\\c{d}' \u202e<script>"
    fill(engine, document("a", "Көл", subjects=texts(odd), library="a b/c", collections=("x y",)))
    result = search(engine)
    assert result.facets[Facet.SUBJECT] == [(odd, 1)]
    assert found(engine, filters=chosen(subjects={odd}, libraries={"a b/c"}, collections={"x y"})) == ["a"]


# Writing -----------------------------------------------------------------------------------------------


def test_a_commit_is_seen_by_every_other_engine(engine: SearchEngine, engines: Engines) -> None:
    other = engines()
    assert found(other, "көл") == []
    engine.update([LAKE])
    assert found(other, "көл") == found(engine, "көл") == ["lake"]


def test_a_document_takes_the_place_of_its_former_self(engine: SearchEngine) -> None:
    fill(engine, document("a", "Эски аталыш", texts=full_text("эски мазмун", place="old")), HAND)
    engine.update([document("a", "Жаңы аталыш", stamp=2, texts=full_text("жаңы мазмун", place="new"))])
    assert found(engine, "эски") == []
    assert found(engine, "жаңы мазмун") == ["a"]
    assert passages(engine, "мазмун", passages=9) == ["new/0"]
    assert engine.count() == 2


def test_what_is_removed_leaves_nothing_behind(engine: SearchEngine) -> None:
    fill(engine, POEM, HAND)
    engine.update(remove=["poem", "never-there"])
    assert found(engine) == ["hand"]
    assert search(engine, "манас OR тоолору").total == 0
    assert engine.count() == 1
    assert search(engine, facets=(Facet.TYPE,)).facets[Facet.TYPE] == [("article", 1)]


def test_stamps_and_ids_tell_what_the_index_holds(engine: SearchEngine) -> None:
    fill(engine, *(document(f"n{n}", "Көл", stamp=1000 + n) for n in range(30)))
    assert engine.stamps(["n3", "n7", "gone"]) == {"n3": 1003, "n7": 1007}
    assert engine.stamps([]) == {}
    assert sorted(engine.ids()) == sorted(f"n{n}" for n in range(30))
    engine.update([document("n3", "Көл", stamp=2003)])
    engine.update(remove=["n7"])
    assert engine.stamps(["n3", "n7"]) == {"n3": 2003}
    assert len(list(engine.ids())) == 29


def test_an_update_of_nothing_is_nothing(engine: SearchEngine) -> None:
    engine.update()
    assert engine.count() == 0


def test_an_update_that_fails_changes_nothing(engine: SearchEngine) -> None:
    fill(engine, LAKE)

    def documents() -> Iterator[SearchDocument]:
        yield HAND
        raise LookupError("rows went away")

    with pytest.raises(LookupError):
        engine.update(documents(), remove=["lake"])
    engine.update([POEM])
    assert set(found(engine)) == {"lake", "poem"}


def test_an_engine_works_on_after_close(engine: SearchEngine) -> None:
    engine.update([LAKE])
    engine.close()
    assert found(engine, "көл") == ["lake"]
    engine.update([HAND])
    assert engine.count() == 2


# Rebuilding --------------------------------------------------------------------------------------------


def test_before_the_first_rebuild_there_is_no_answer(engines: Engines) -> None:
    engine = engines()
    assert engine.state() is IndexState.MISSING
    with pytest.raises(SearchUnavailableError):
        search(engine, "көл")
    with pytest.raises(SearchUnavailableError):
        engine.update([LAKE])
    assert engine.rebuild([]) == 0
    assert engine.state() is IndexState.READY


def test_a_rebuild_replaces_everything_at_once(engine: SearchEngine, engines: Engines) -> None:
    other = engines()
    fill(engine, LAKE)
    assert found(other) == ["lake"]

    def documents() -> Iterator[SearchDocument]:
        yield HAND
        assert found(other) == ["lake"]
        yield POEM

    assert engine.rebuild(documents()) == 2
    assert set(found(other)) == set(found(engine)) == {"hand", "poem"}


def test_a_rebuild_that_fails_changes_nothing(engine: SearchEngine) -> None:
    fill(engine, LAKE)

    def documents() -> Iterator[SearchDocument]:
        yield HAND
        raise LookupError("rows went away")

    with pytest.raises(LookupError):
        engine.rebuild(documents())
    assert found(engine) == ["lake"]
    engine.update([POEM])
    assert engine.count() == 2


def test_writing_goes_on_in_the_rebuilt_index(engine: SearchEngine, engines: Engines) -> None:
    other = engines()
    engine.update([LAKE])
    other.rebuild([HAND])
    engine.update([POEM])
    assert set(found(other)) == {"hand", "poem"}


def test_what_was_written_into_a_replaced_index_is_told(engine: SearchEngine, engines: Engines) -> None:
    def documents() -> Iterator[SearchDocument]:
        yield LAKE
        engines().rebuild([HAND])

    with pytest.raises(SearchUnavailableError):
        engine.update(documents())
    engine.update([LAKE])
    assert set(found(engine)) == {"lake", "hand"}


def test_a_thousand_terms_are_answered(engine: SearchEngine) -> None:
    fill(engine, *LITERATURE)
    request = SearchRequest(query=parse_query(" OR ".join(f"сөз{n}" for n in range(1000)) + " көл"))
    assert engine.search(request).total == 0
    assert request.query.cut


# Spellings ---------------------------------------------------------------------------------------------


def test_words_names_and_subjects_by_how_they_begin(engine: SearchEngine) -> None:
    fill(
        engine,
        document("a", "Өкмөт токтому", creators=texts("Айтматов, Чыңгыз"), subjects=texts("Кыргыз тарыхы")),
        document("b", "Өкмөт жана окмен", creators=texts("Айтматов, Чыңгыз", "Айдаров, А."), texts=full_text("окуя")),
        document("c", "2026", texts=text_for(["nlkr"], "окутуу")),
    )
    assert engine.spellings(WORD, "ок", 10) == [("окмот|өкмөт", 2), ("окмен|окмен", 1)]
    assert engine.spellings(WORD, "ок", 1) == [("окмот|өкмөт", 2)]
    assert engine.spellings(NAME, "айт", 10) == [("айтматов чынгыз|Айтматов, Чыңгыз", 2)]
    assert engine.spellings(NAME, "чынгыз айт", 10) == [("чынгыз айтматов|Айтматов, Чыңгыз", 2)]
    assert engine.spellings(TOPIC, "тар", 10) == [("тарыхы кыргыз|Кыргыз тарыхы", 1)]
    assert engine.spellings(TOPIC, ".*[", 10) == []
