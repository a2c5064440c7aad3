"""Encodings of catalogues: told apart by record, named as people name them, decoded without an accident."""

import unicodedata
from pathlib import Path

import pymarc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.loaders.encodings import KNOWN, decode, find_encoding, read_encoding, usual_encoding
from ingest.loaders.marc8 import decode_marc8, looks_like_marc8
from tests.ingest.loaders.marc_samples import KYRGYZ, RUSSIAN, Fields, write

CYRILLIC = ("cp1251", "cp866", "koi8-r", "utf-8")
RECORDS = (*RUSSIAN, *KYRGYZ)


def text_of(record: Fields, encoding: str) -> bytes:
    return b"\x1e".join(write(content.replace("$", "\x1f"), encoding) for _, content in record)


@pytest.mark.parametrize("encoding", CYRILLIC)
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record[0][1])
def test_a_record_alone(record: Fields, encoding: str) -> None:
    assert find_encoding(text_of(record, encoding), marc=True) == encoding


@pytest.mark.parametrize("usual", CYRILLIC)
@pytest.mark.parametrize("encoding", CYRILLIC)
def test_a_record_in_a_file_of_another_encoding(encoding: str, usual: str) -> None:
    for record in RECORDS:
        assert find_encoding(text_of(record, encoding), usual, marc=True) == encoding


@pytest.mark.parametrize("usual", ["cp1251", "cp866", "koi8-r"])
@pytest.mark.parametrize("few", ["М.", "Ош", "ЖЗЛ", "П. 2"])
def test_few_letters_follow_the_file(few: str, usual: str) -> None:
    content = few.encode(usual)
    assert decode(content, find_encoding(content, usual)).text == few


def test_the_usual_encoding_of_a_file() -> None:
    def records(*encodings: str) -> list[bytes]:
        return [text_of(record, encoding) for encoding in encodings for record in RECORDS]

    assert usual_encoding(records("cp866", "cp866", "cp1251")) == "cp866"
    assert usual_encoding([*records("koi8-r"), *records("utf-8", "utf-8")]) == "koi8-r"
    assert usual_encoding(records("utf-8")) == ""
    assert usual_encoding([b"all in ASCII"]) == ""


def test_kyrgyz_and_ukrainian_in_the_relatives_of_windows_1251() -> None:
    """The bytes of ү and ө in KZ-1048 are those of Ukrainian letters in windows-1251."""
    kyrgyz = "Кыргыз тилинин түшүндүрмө сөздүгү, жаңы басылышы"
    ukrainian = "Історія української літератури: її ґенеза. Київ, Україна, 1995. Їжакевич Є."
    assert find_encoding(kyrgyz.encode("kz1048")) == "kz1048"
    assert find_encoding(ukrainian.encode("cp1251")) == "cp1251"
    assert find_encoding(ukrainian.encode("cp1251"), "cp1251") == "cp1251"


def test_utf8_with_some_damage_stays_utf8() -> None:
    content = "Кыргыз тилинин түшүндүрмө сөздүгү".encode()
    damaged = content[:9] + content[10:]
    assert find_encoding(damaged, "cp1251") == "utf-8"
    assert decode(damaged, "utf-8").damaged


def test_a_field_in_utf8_within_a_record_of_a_code_page() -> None:
    assert decode("Өмүр".encode(), "cp1251").text == "Өмүр"
    told = decode("Өмүр".encode(), "cp1251", told=True)
    assert told.text == "УЁРјТЇСЂ", "what the profile tells is obeyed"
    assert decode("№ 5".encode("cp1251"), "cp1251").text == "№ 5"
    assert decode("к п".encode("cp1251"), "cp1251").text == "к п", "a last letter that could begin a character of UTF-8"


def test_text_that_was_turned_into_utf8_twice_is_told() -> None:
    twice = "Société".encode().decode("latin-1").encode()
    assert not decode(twice, "utf-8").damaged, "Ã and © are letters and signs that may be meant"
    assert decode("café́".encode().decode("latin-1").encode(), "utf-8").damaged


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("windows-1251", "cp1251"),
        ("CP1251", "cp1251"),
        ("UTF8", "utf-8"),
        ("866", "cp866"),
        ("ibm866", "cp866"),
        ("KOI8-R", "koi8-r"),
        ("MARC8", "marc-8"),
        ("ANSEL", "marc-8"),
        ("kz_1048", "kz1048"),
        ("latin1", "iso8859-1"),
        ("", ""),
        ("hex", ""),
        ("rot13", ""),
        ("no such", ""),
        ("utf-8\0", ""),
    ],
)
def test_names_of_encodings(name: str, known: str) -> None:
    assert read_encoding(name) == known
    assert known in ("", *KNOWN)


# ---------------------------------------------------------------- MARC-8


def test_marc8_of_the_tables_own_test(real_data: Path) -> None:
    """1,516 headings in Arabic, Chinese, Japanese, Korean, Hebrew, Greek and Cyrillic, with their Unicode."""
    folder = real_data / "4-catalogue/edsu__pymarc/test"
    marc8 = (folder / "test_marc8.txt").read_bytes().split(b"\n")
    unicode = (folder / "test_utf8.txt").read_text(encoding="utf-8").split("\n")
    found = [decode_marc8(line) for line in marc8]
    different = [number for number, line in enumerate(unicode) if found[number] != unicodedata.normalize("NFC", line)]
    # The last line but one tries characters that have no Unicode: there each byte is its own character.
    assert len(found) == 1516
    assert len(different) <= 1


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"Soci\xe2et\xe2e", "Société"),
        (b"\xe8ubung \xe4A", "übung Ã"),
        (b"\x1b(NmANAS\x1b(B ok", "Манас ok"),
        (b"&#x04AF;\x1b(NJ\x1bs x", "үй x"),
        (b"\xe2", "\u0301"),
        (b"\x1b", "\ufffd"),
        (b"\x1b(", "\ufffd("),
        (b"\x1b$1!", "\ufffd"),
        (b"&#xD800;", "&#xD800;"),
        (b"\xff", "\ufffd"),
    ],
)
def test_marc8_by_hand(content: bytes, text: str) -> None:
    assert decode_marc8(content) == text


@given(st.binary(max_size=60))
def test_marc8_of_any_bytes(content: bytes) -> None:
    text = decode_marc8(content)
    assert text == unicodedata.normalize("NFC", text)
    looks_like_marc8(content)


@given(st.binary(max_size=60).map(lambda content: content.replace(b"\x1b", b"") + b"x"))
def test_marc8_agrees_with_pymarc(content: bytes) -> None:
    """Wherever pymarc can read it; it makes a blank of what has no meaning and drops controls."""
    ours = decode_marc8(content)
    if "\ufffd" in ours or any(ord(letter) < 0x20 or 0x80 <= ord(letter) < 0xA0 for letter in ours) or "&#x" in ours:
        return
    assert pymarc.marc8_to_unicode(content, hide_utf8_warnings=True) == ours


@given(st.binary(max_size=400), st.sampled_from(["", *KNOWN]))
def test_any_bytes_have_an_encoding(content: bytes, usual: str) -> None:
    encoding = find_encoding(content, usual, marc=True)
    decode(content, encoding)
    decode(content, usual or "utf-8", told=True)
