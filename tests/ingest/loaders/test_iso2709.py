"""The container of MARC as bytes: whatever is damaged is told, and what is not is read exactly."""

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.loaders.iso2709 import LARGEST, Piece, RawRecord, find_records, read_record
from ingest.loaders.packages import Note, Remark
from tests.ingest.loaders.marc_samples import KYRGYZ, RUSSIAN, iso

ONE, TWO = (iso(record) for record in RUSSIAN)
THREE = iso(KYRGYZ[0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.iso"


def pieces(path: Path, content: bytes, offset: int = 0) -> list[Piece]:
    path.write_bytes(content)
    return list(find_records(path, offset))


def notes(found: list[Piece]) -> list[str]:
    """What is said of each record: "" of one that is right, its note with "+" if it is read nevertheless."""
    said = []
    for piece in found:
        record = read_record(piece)
        if isinstance(record, Remark):
            said.append(record.note.value)
        else:
            said.append("+".join(remark.note.value for remark in record.remarks))
    return said


def fields(piece: Piece) -> list[tuple[str, bytes]]:
    record = read_record(piece)
    assert isinstance(record, RawRecord)
    return [(field.tag, field.content) for field in record.fields]


def test_records_are_the_bytes_they_were(path: Path) -> None:
    found = pieces(path, ONE + TWO + THREE)
    assert [piece.content for piece in found] == [ONE, TWO, THREE]
    assert [piece.end for piece in found] == [len(ONE), len(ONE + TWO), len(ONE + TWO + THREE)]
    assert notes(found) == ["", "", ""]
    assert fields(found[1])[2] == ("200", "1 \x1faБелый пароход\x1feповести\x1ffЧингиз Айтматов".encode())


def test_what_stands_between_records_is_passed_over(path: Path) -> None:
    found = pieces(path, b"\xef\xbb\xbf" + ONE + b"\r\n" + TWO + b"   \n\x00" + THREE + b"\r\n\x1a")
    assert [piece.content for piece in found] == [ONE, TWO, THREE]
    assert pieces(path, b"") == []
    assert pieces(path, b"\r\n \x1d\x1d") == []


def test_wrong_length_in_the_leader(path: Path) -> None:
    wrong = b"00001" + ONE[5:]
    found = pieces(path, wrong + TWO)
    assert notes(found) == ["mended", ""]
    assert fields(found[0]) == fields(Piece(ONE, len(ONE)))


def test_lengths_in_characters(path: Path) -> None:
    """As systems write them that count letters: of every field with Cyrillic letters length and start are wrong."""
    contents = [part + b"\x1e" for part in ONE[ONE.index(b"\x1e") + 1 : -2].split(b"\x1e")]
    directory, start = b"", 0
    for (tag, _), content in zip(RUSSIAN[0], contents, strict=True):
        directory += b"%b%04d%05d" % (tag.encode(), len(content.decode()), start)
        start += len(content.decode())
    counted = ONE[:24] + directory + ONE[24 + len(directory) :]
    assert notes(pieces(path, counted + TWO)) == ["mended", ""]
    assert fields(pieces(path, counted)[0]) == fields(Piece(ONE, len(ONE)))


@pytest.mark.parametrize("at", [24, 27, 40, 60])
def test_a_directory_that_cannot_be_right(path: Path, at: int) -> None:
    assert notes(pieces(path, ONE[:at] + ONE[at + 1 :] + TWO)) == ["broken", ""]


def test_fields_that_are_not_as_many_as_the_directory_says(path: Path) -> None:
    assert notes(pieces(path, ONE.replace(b"\x1e", b"", 3) + TWO)) == ["broken", ""]
    assert notes(pieces(path, ONE[:-1] + b"  \x1faone more\x1e\x1d" + TWO)) == ["mended", ""]


@pytest.mark.parametrize("kept", [3, 24, 30, 150, 151, len(ONE) - 40])
def test_cut_in_the_middle(path: Path, kept: int) -> None:
    """At the end of a file, and before another record, which is found by its leader."""
    assert notes(pieces(path, TWO + ONE[:kept])) == ["", "cut_off"]
    between = pieces(path, TWO + ONE[:kept] + THREE)
    assert notes(between) == ["", "cut_off", ""]
    assert between[1].content == ONE[:kept].rstrip()
    assert between[2].content == THREE


def test_only_the_end_is_lost(path: Path) -> None:
    assert notes(pieces(path, ONE + TWO[:-1])) == ["", "mended"]
    assert notes(pieces(path, ONE[:-1] + TWO)) == ["mended", ""]


def test_something_else_before_the_first_record(path: Path) -> None:
    assert notes(pieces(path, "Экспорт из каталога\n".encode() + ONE + TWO)) == ["broken", "", ""]


@pytest.mark.parametrize("content", [b"<html>not found</html>", b"%PDF-1.4\n" * 20, bytes(range(256)) * 3])
def test_another_kind_of_file(path: Path, content: bytes) -> None:
    assert {"broken", "cut_off"} >= set(notes(pieces(path, content))) != set()


def test_records_beyond_the_standard(path: Path) -> None:
    """200 KB, which neither leader nor directory can say: the fields are read, each to its end."""
    long = [*RUSSIAN[0], *(("330", f"  $a{number} " + "ы" * 900) for number in range(110))]
    large = iso(long)
    assert len(large) > 200_000
    found = pieces(path, TWO + large + THREE)
    assert notes(found) == ["", "mended", ""]
    assert len(fields(found[1])) == len(long)


def test_too_large_to_be_a_record(path: Path) -> None:
    with path.open("wb") as file:
        file.write(ONE)
        for _ in range(40):
            file.write(b"x" * (1 << 20))
        file.write(b"\x1d" + TWO)
    tracemalloc.start()
    try:
        found = list(find_records(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert notes(found) == ["", "too_large", ""]
    assert found[1].size == (40 << 20) + 1
    assert peak < 4 * LARGEST, "a file of one endless record is not kept"


def test_memory_does_not_grow_with_the_file(path: Path) -> None:
    path.write_bytes((ONE + TWO + THREE) * 10_000)
    tracemalloc.start()
    try:
        count = sum(1 for _ in find_records(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 30_000
    assert peak < 4 << 20


def test_a_load_goes_on_after_any_record(path: Path) -> None:
    content = ONE + b"\r\n" + TWO[:90] + THREE + b"nothing\x1d" + TWO + THREE[:-1]
    found = pieces(path, content)
    assert notes(found) == ["", "cut_off", "", "broken", "", "mended"]
    for number, piece in enumerate(found):
        assert list(find_records(path, piece.end)) == found[number + 1 :]


@given(st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=12), st.integers(0, 40)), max_size=6))
def test_damage_anywhere(tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, bytes, int]]) -> None:
    """Bytes replaced, put in and taken out: never an exception, records that were not touched are read, and each
    position leads to the same rest."""
    content = (ONE + TWO + THREE) * 2
    untouched = {ONE, TWO, THREE} if not damage else {TWO}
    last = ONE + TWO + THREE
    for at, put, taken in damage:
        at %= len(content) + 1
        content = content[:at] + put + content[at + taken :]
    path = tmp_path_factory.mktemp("damage") / "records.iso"
    found = pieces(path, content + b"\x1d" + last)
    assert untouched <= {piece.content for piece in found}
    for number, piece in enumerate(found):
        record = read_record(piece)
        if isinstance(record, Remark):
            assert record.note in (Note.BROKEN, Note.CUT_OFF)
        assert list(find_records(path, piece.end)) == found[number + 1 :]
