"""Words, their forms and codes, in Kyrgyz, Russian and English."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo.search import kyrgyz
from repo.search.analysis import (
    MAX_WORD,
    Kind,
    analyse,
    clean,
    exact,
    find_words,
    first_letter,
    fold,
    in_other_alphabet,
    normal_code,
    word_forms,
)


def forms(text: str, lang: str, kind: Kind) -> list[str]:
    return [token.text for token in analyse(text, lang) if token.kind is kind]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("кол", "көл"),
        ("онугуу", "өнүгүү"),
        ("жаны", "жаңы"),
        ("Озоктуу маселелер", "Өзөктүү маселелер"),
        ("елка", "ёлка"),
        ("naive", "naïve"),
        ("истории", "и\u0301сто\u0301рии"),
        ("оффис", "о\u00adф\u00adфис"),
        ("files", "ﬁles"),
        ("унаасы", "унаа\N{LATIN SMALL LETTER C}ы"),
        ("кыргыз", "\N{LATIN CAPITAL LETTER K}ыргыз"),
        ("тургун", "т\N{LATIN SMALL LETTER V}рг\N{LATIN SMALL LETTER Y}н"),
        ("озгон", "\N{GREEK SMALL LETTER THETA}згөн"),
        ("كتاب", "كِتابٌ"),
        ("تيل", "تىل"),
        ("вестникъ", "вѣстникъ"),
    ],
)
def test_what_readers_type_folds_like_what_is_meant(typed: str, meant: str) -> None:
    assert fold(typed) == fold(meant)


def test_letters_of_their_own_are_not_folded() -> None:
    assert fold("май") != fold("маи")
    assert fold("тузь") != fold("туз")
    assert fold("PDFти") == "pdfти"
    assert fold("tezь") == "tezь" and word_forms("tarьqь kьz", "ky-Latn")[1].exact == "kьz"


def test_the_exact_form_keeps_the_letters() -> None:
    assert exact("Ысык-КӨЛ") == "ысык көл"
    assert forms("Өзөн", "ky", Kind.EXACT) == ["өзөн"]


@pytest.mark.parametrize(
    ("lang", "one", "other"),
    [
        ("ru", "истории", "история"),
        ("ru", "Зелёная", "зеленый"),
        ("ru", "журнал", "журнале"),
        ("ru", "роман", "романов"),
        ("ru", "Кыргызстана", "Кыргызстане"),
        ("rus", "библиотеки", "библиотека"),
        ("en", "libraries", "library"),
        ("", "истории", "история"),
        ("ky", "libraries", "library"),
        ("ky", "китептеринде", "китеп"),
        ("kir", "айлыгы", "айлык"),
        ("ru", "көлдөрдүн", "көл"),
        ("", "мектептеринде", "мектеп"),
    ],
)
def test_stems_meet(lang: str, one: str, other: str) -> None:
    assert set(forms(one, lang, Kind.STEM)) & set(forms(other, lang, Kind.STEM))


@pytest.mark.parametrize(
    ("lang", "word"),
    [("ky-Latn", "tarьqь"), ("de", "Bibliothek"), ("ky-Arab", "كتاب"), ("mis", "Асановдун")],
)
def test_no_foreign_stemmer_touches_a_word(lang: str, word: str) -> None:
    assert forms(word, lang, Kind.STEM) == []


@pytest.mark.parametrize(("lang", "word"), [("ky", "истории"), ("ru", "көлдөрдө")])
def test_each_language_has_its_own_stemmer(lang: str, word: str) -> None:
    """A Kyrgyz word is cut as one in a Russian record too; a word of a Kyrgyz record is not cut as a Russian one."""
    assert forms(word, lang, Kind.STEM) == list(dict.fromkeys([kyrgyz.stem(word), fold(kyrgyz.stem(word))]))


def test_a_word_of_no_known_language_has_the_stems_of_all() -> None:
    assert set(forms("тарыхынын", "", Kind.STEM)) > set(forms("тарыхынын", "ky", Kind.STEM))
    assert set(forms("тарыхынын", "", Kind.STEM)) > set(forms("тарыхынын", "ru", Kind.STEM))


@pytest.mark.parametrize(
    ("typed", "meant", "other"),
    [("оргуусуно", "өргүүсүнө", "өргүүсүн"), ("ушуктон", "үшүктөн", "үшүк"), ("создугундо", "сөздүгүндө", "сөздүгү")],
)
def test_a_word_typed_without_kyrgyz_letters_has_the_stem_of_the_right_one(typed: str, meant: str, other: str) -> None:
    assert fold(meant) == typed
    assert set(forms(typed, "", Kind.STEM)) & set(forms(other, "ky", Kind.STEM))


def test_a_word_with_back_vowels_cannot_have_had_kyrgyz_letters() -> None:
    assert "алоо" not in forms("алоонун", "", Kind.STEM)


def test_all_forms_of_a_word_share_position_and_place() -> None:
    tokens = analyse("Ысык-Көл, истории", "ru")
    assert {(token.position, token.start, token.end) for token in tokens} == {(0, 0, 4), (1, 5, 8), (2, 10, 17)}


def test_a_word_sounds_the_same_in_both_alphabets() -> None:
    cyrillic, *_of_stems = forms("Жусуп", "ky", Kind.SOUND)
    for spelt in ("Zhusup", "Jusup", "Žusup"):
        assert in_other_alphabet(cyrillic) in forms(spelt, "", Kind.SOUND)
    assert forms("tarьqь", "ky-Latn", Kind.SOUND) == [
        in_other_alphabet(one) for one in forms("тарыкы", "ky", Kind.SOUND)
    ]


@pytest.mark.parametrize(
    ("lang", "written", "typed"),
    [("ky", "Айтматовдун", "Aitmatov"), ("ky", "баатырдын", "baatyr"), ("ru", "Пушкину", "Pushkin")],
)
def test_a_word_with_endings_sounds_as_without_them_too(lang: str, written: str, typed: str) -> None:
    sound = forms(typed, "", Kind.SOUND)[0]
    assert in_other_alphabet(sound) in forms(written, lang, Kind.SOUND)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("см. https://doi.org/10.1234/ABC.def.", "doi:10.1234/abc.def"),
        ("ISBN 978-5-02-022938-9", "isbn:9785020229389"),
        ("0-306-40615-2", "isbn:9780306406157"),
        ("0-8044-2957-Х", "isbn:9780804429573"),
        ("ISSN 1694-7649", "issn:1694-7649"),
        ("УДК 821.512.154", "udc:821.512.154"),
        ("821.512.154(575.2)-3", "udc:821.512.154(575.2)-3"),
    ],
)
def test_codes_are_whole_tokens(text: str, code: str) -> None:
    assert code in forms(text, "", Kind.CODE)


def test_numbers_with_a_wrong_check_digit_are_no_codes() -> None:
    assert forms("978-5-02-022938-0 1694-7640", "", Kind.CODE) == []


def test_codes_are_stored_as_they_are_searched() -> None:
    assert normal_code("isbn", "0-8044-2957-Х") == "9780804429573"
    assert normal_code("doi", "https://doi.org/10.1234/ABC") == "10.1234/abc"
    assert normal_code("udc", " 821.512 .154 ") == "821.512.154"


def test_numbers_are_words() -> None:
    assert forms("1916-жылы 2 том", "ky", Kind.EXACT) == ["1916", "жылы", "2", "том"]


def test_decomposed_text_is_the_same_text() -> None:
    text = "Ёлка, чай, Ўзбек"
    assert analyse(unicodedata.normalize("NFD", text)) == analyse(text)


@given(st.text(max_size=300), st.sampled_from(["", "ky", "ru", "en", "ky-Arab", "x-y"]))
def test_any_text_has_tokens_that_lie_in_it(text: str, lang: str) -> None:
    cleaned = clean(text)
    tokens = analyse(text, lang)
    for token in tokens:
        assert 0 <= token.start < token.end <= len(cleaned)
        assert token.text.strip() == token.text != ""
        token.text.encode()
        if token.kind is not Kind.CODE:
            # Engines part fields at spaces: a term with one inside would become two.
            assert not any(char.isspace() for char in token.text)
    words = find_words(cleaned, lang)
    assert [form for _, _, form in words] == word_forms(cleaned, lang)
    for start, _, form in words:
        assert form is not None and first_letter(cleaned[start]) in ("", first_letter(form.fold[:1]))
    assert [token.position for token in tokens] == sorted(token.position for token in tokens)


@given(st.text(alphabet="абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя -", max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_endless_words_are_cut() -> None:
    assert [len(form.exact) for form in word_forms("ө" * 100_000)] == [MAX_WORD]
