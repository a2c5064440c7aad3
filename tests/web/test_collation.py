"""One order for both databases and the index; on PostgreSQL it is compared with ICU's Kyrgyz collation, on words."""

import random
import unicodedata

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from repo.db import SortKey
from repo.settings import Settings
from repo.web.collation import ALPHABET, DIGITS, LATIN, OTHER, letter_of, letter_range, sort_key

# In order, written by hand: the alphabet's own letters beside the ones they are taken for elsewhere.
IN_ORDER = """
абак абыл ава ага агай адам ажар аз азык ай айыл ак ала алай алма алтын аң аңчы аот аө апа ара ары асан ата аттан ау
аү ачык ашуу ая баш башат бермет бешик биз бийик боз болот борбор боюнча бөдөнө бөрү бул булак бут бүт ваза гезит гүл
дан дөбө дүйнө ежевика ел ель ёж ёлка жаз жака жаңы жер жол жөл жуп жүн заман зыян илим ини исхак йод кагаз кандай кар
китеп кой коңур кө көз кулун күн лампа май манас мурас мүйүз нан нар нур ңыр от оюу өзөн өрүк пияз рух саз соң сөз суу
сүрөт таш тил тоо төө түш уй уруу үй үрөн файл хан цирк чаң чоң чөп шаң шыр шырдак щи ыр ысык эл эң юбка ядро
"""

CAPITALS_AND_LATIN = "Абак АЙЫЛ Ёж abacus Abacus book élan elan zoo"

# Pairs in order that ICU does not settle, or settles for another purpose than a library's.
BEFORE = [
    ("2-том", "10-том"),  # by value, not digit by digit
    ("№ 9", "10"),
    ("99", "абак"),  # numbers, Cyrillic, Latin, other scripts
    ("ячмень", "abacus"),
    ("zoo", "ئادەم"),
    ("ала тоо", "алаканат"),  # word by word: nothing comes before something
    ("ала-тоо", "алаканат"),
    ("Манас", "манасчы"),
    ("манас", "Манас"),  # small letters first, but only where all else is equal
    ("Манас", "«Манас»"),  # marks last of all
    ("«Абак»", "абыл"),
    ("resume", "résumé"),
    ("résumé", "resumes"),
    ("гүл", "ғылым"),  # Kazakh letters beside their own
    ("ғылым", "дан"),
    ("syt", "Şьrdaq"),  # the Latin alphabet of 1928, where ь is a vowel at the end
    ("zoo", "ьsьq"),
    ("соң", "сөз"),
    ("", "😀"),
]


def test_words_come_in_the_order_of_the_alphabet() -> None:
    words = IN_ORDER.split()

    assert sorted(random.sample(words, len(words)), key=sort_key) == words


@pytest.mark.parametrize(("before", "after"), BEFORE)
def test_what_a_library_wants_beyond_the_alphabet(before: str, after: str) -> None:
    assert sort_key(before) < sort_key(after)


def test_the_database_orders_as_python_does(empty_database_url: str) -> None:
    """On PostgreSQL also as ICU does for `ky`, which knows the alphabet from CLDR."""
    words = f"{IN_ORDER} {CAPITALS_AND_LATIN}".split()
    engine = sa.create_engine(Settings(database_url=empty_database_url).database)
    table = sa.Table("word", sa.MetaData(), sa.Column("text", sa.String), sa.Column("key", SortKey))
    with engine.begin() as connection:
        table.create(connection)
        rows = [{"text": word, "key": sort_key(word)} for word in random.sample(words, len(words))]
        connection.execute(table.insert(), rows)
        by_key = connection.scalars(sa.select(table.c.text).order_by(table.c.key)).all()

        assert by_key == sorted(words, key=sort_key)
        if engine.dialect.name == "postgresql":
            by_icu = sa.select(table.c.text).order_by(sa.collate(table.c.text, "ky-x-icu"))
            assert by_key == connection.scalars(by_icu).all()
        table.drop(connection)
    engine.dispose()


@given(st.text(max_size=600))
def test_a_key_is_short_ascii_for_any_text(text: str) -> None:
    key = sort_key(text)

    assert key.isascii()
    assert key.isprintable()
    assert 1 <= len(key) <= 240


@given(st.text(alphabet=ALPHABET + ALPHABET.lower() + LATIN + "0129 -«»é́ҚғɵьşЇ", max_size=12))
def test_a_letter_and_its_range_agree(text: str) -> None:
    bounds = letter_range(letter_of(text))

    assert bounds is not None
    assert bounds[0] <= sort_key(text) < bounds[1]


def test_every_place_of_a_letter_bar_has_a_range_of_its_own() -> None:
    ranges = [letter_range(letter) for letter in (DIGITS, *ALPHABET, *LATIN, OTHER)]

    assert all(ranges)
    assert all(one and two and one[1] <= two[0] for one, two in zip(ranges, ranges[1:], strict=False))
    assert letter_range("ң") == letter_range("Ң")
    assert letter_range("нг") is letter_range("") is None


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("«Ңаалат»", "Ң"),
        ("ёж", "Ё"),
        ("Élan", "E"),
        ("Қазақ", "К"),
        ("1-том", "0"),
        ("قىرعىز", "#"),
        ("…", "#"),
        ("", "#"),
    ],
)
def test_letter_of(text: str, letter: str) -> None:
    assert letter_of(text) == letter


@pytest.mark.parametrize("letter", ["й", "ё", "Ё", "é", "ç"])
def test_decomposed_letters_are_the_same_letters(letter: str) -> None:
    assert sort_key(unicodedata.normalize("NFD", letter)) == sort_key(letter)
