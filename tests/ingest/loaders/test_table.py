"""Tables as text: columns, encodings, files beside them, faults of each kind."""

import base64
import csv
import io
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.loaders import table
from ingest.loaders.columns import COLUMNS, read_title
from ingest.loaders.folders import extra_files
from ingest.loaders.packages import Note, Package
from ingest.loaders.profile import Profile
from ingest.loaders.values import clean
from tests.ingest.loaders.loading import load, load_one, notes, write_files

TITLES = "Ключ;Название [ru];Авторы;Год;Файлы\n"


def rows(tmp_path: Path, *lines: str, titles: str = TITLES, **files: str) -> list[Package]:
    write_files(tmp_path, {"table.csv": titles + "".join(f"{line}\n" for line in lines), **files})
    return load(tmp_path)


def test_a_row_is_a_work_with_its_files(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.pdf": "1", "scans/page10.tif": "2", "scans/page2.tif": "3", "b.pdf": "4"})
    (package,) = rows(tmp_path, 'x1;Манас;;1968;"A.pdf; scans\\; a.pdf"')
    assert (package.key, package.place, package.refused) == ("x1", "2", False)
    assert [file.name for file in package.files] == ["a.pdf", "page2.tif", "page10.tif"]
    named = {file.path for file in package.files} | {tmp_path / "table.csv"}
    assert list(extra_files(tmp_path, named)) == ["b.pdf"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "cp866", "koi8-r"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_encoding_delimiter_and_end_of_line(tmp_path: Path, encoding: str, delimiter: str, newline: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline)
    writer.writerow(["Ключ", "Название [ru]", "Аннотация", "Авторы"])
    for number in range(40):
        abstract = f"Первая, строка;{newline}вторая строка"
        writer.writerow([number, "История кыргызского народа", abstract, "Иванов, Пётр"])
    (tmp_path / "table.csv").write_bytes(out.getvalue().encode(encoding))
    packages = load(tmp_path)
    assert [package.key for package in packages] == [str(number) for number in range(40)]
    told = packages[-1].metadata or {}
    assert told["titles"] == [{"value": "История кыргызского народа", "lang": "ru"}]
    assert told["abstracts"] == [{"value": "Первая, строка; вторая строка"}]
    assert told["creators"] == [{"names": [{"family": "Иванов", "given": "Пётр"}]}]
    assert not any(package.remarks for package in packages)


def test_the_profile_overrules_what_is_detected(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes("key,title\n1,Ґанок\n".encode("cp1251"))
    told = load_one(tmp_path, Profile(encoding="cp1251")).metadata
    assert told is not None and told["titles"] == [{"value": "Ґанок"}]
    assert notes(load_one(tmp_path, Profile(encoding="klingon"))) == [(Note.WRONG_VALUE, "encoding")]


def test_letters_that_come_late_in_an_english_table(tmp_path: Path) -> None:
    lines = "".join(f"{number},A book about mountains\n" for number in range(20_000))
    (tmp_path / "table.csv").write_bytes(f"key,title\n{lines}last,История народа\n".encode("cp1251"))
    packages = list(table.load(tmp_path, Profile(), ""))
    assert len(packages) == 20_001
    assert packages[-1].metadata is not None and packages[-1].metadata["titles"] == [{"value": "История народа"}]


def test_lines_of_two_encodings_in_one_file(tmp_path: Path) -> None:
    content = "key;title\n1;Тоолор жана көлдөр\n".encode() + "2;История народа\n".encode("cp1251")
    (tmp_path / "table.csv").write_bytes(content)
    first, second = load(tmp_path)
    assert first.remarks == ()
    assert second.metadata is not None and second.metadata["titles"] == [{"value": "История народа"}]
    assert [(remark.note, remark.data) for remark in second.remarks] == [(Note.MENDED, {"encoding": "cp1251"})]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.path)
def test_columns_are_known_in_three_languages_and_by_other_names(column) -> None:  # type: ignore[no-untyped-def]
    for name in (column.ky, column.ru, column.en, column.path, *column.others, column.ru.upper(), f" {column.en}: "):
        assert read_title(name, Profile()) == column.path


def test_titles_with_a_language_and_by_the_profile() -> None:
    known = ("Название (русский)", "title [ru]", "Аталышы (орусча)", "Title (Russian)", "title[ru]", "НАЗВАНИЕ [rus]")
    for title in known:
        assert read_title(title, Profile()) == "title[ru]", title
    assert read_title("Год (русский)", Profile()) is None
    profile = Profile(fields={"Поле 7": "notes", "Год": ""})
    assert (read_title("поле 7", profile), read_title("Год", profile)) == ("notes", "")


def test_columns_nobody_knows_are_said_where_they_say_something(tmp_path: Path) -> None:
    first, second = rows(tmp_path, "1;Манас;да", "2;Семетей;", titles="Ключ;Название;Оцифровано\n")
    assert notes(first) == [(Note.NOT_MAPPED, "Оцифровано")]
    assert notes(second) == [] and not first.refused


def test_a_table_without_a_known_column_is_refused(tmp_path: Path) -> None:
    (package,) = rows(tmp_path, "1;2", titles="alpha;beta\n")
    assert notes(package) == [(Note.NO_METADATA, "table.csv")] and package.position == "end"


def test_no_table_and_two_tables(tmp_path: Path) -> None:
    for files in ({"a.pdf": "1"}, {"a.csv": TITLES, "b.csv": TITLES}):
        write_files(tmp_path, files)
        assert [package.remarks[0].note for package in table.load(tmp_path, Profile(), "")] == [Note.NO_METADATA]
    write_files(tmp_path, {"metadata.csv": TITLES + "1;Манас;;;\n"})
    assert load_one(tmp_path).key == "1"


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("../secret.txt", Note.BAD_PATH),
        ("scans/../../secret.txt", Note.BAD_PATH),
        ("/etc/passwd", Note.BAD_PATH),
        ("C:\\Users\\a.pdf", Note.BAD_PATH),
        ("~/a.pdf", Note.BAD_PATH),
        ("\\\\server\\share\\a.pdf", Note.BAD_PATH),
        ("missing.pdf", Note.FILE_MISSING),
        ("empty/", Note.FILE_MISSING),
        ("link.txt", Note.NOT_A_FILE),
        ("linked/inside.txt", Note.NOT_A_FILE),
        ("hard.txt", Note.NOT_A_FILE),
        ("pipe", Note.NOT_A_FILE),
        ("x" * 5000, Note.FILE_MISSING),
    ],
)
def test_names_that_lead_elsewhere_or_to_no_file(tmp_path: Path, name: str, note: Note) -> None:
    folder = write_files(tmp_path, {"secret.txt": "x", "outside/inside.txt": "y", "load/a.pdf": "z"}) / "load"
    (folder / "empty").mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "linked").symlink_to(tmp_path / "outside")
    os.link(tmp_path / "secret.txt", folder / "hard.txt")
    os.mkfifo(folder / "pipe")
    (package,) = rows(folder, f'1;Манас;;;"{name}"')
    assert [remark.note for remark in package.remarks] == [note]
    assert package.refused and package.files == ()


def test_names_written_by_a_mac(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Йүрт ёлкасы.pdf")
    write_files(tmp_path, {decomposed: "1"})
    (package,) = rows(tmp_path, "1;Манас;;;Йүрт ёлкасы.pdf")
    assert [file.path.name for file in package.files] == [decomposed] and not package.refused


def test_capitals_decide_where_two_files_differ_by_them(tmp_path: Path) -> None:
    write_files(tmp_path, {"scan.tif": "1", "Scan.tif": "2"})
    first, second = rows(tmp_path, "1;Манас;;;Scan.tif", "2;Манас;;;SCAN.TIF")
    assert [file.path.read_text() for file in first.files] == ["2"]
    assert notes(second) == [(Note.FILE_MISSING, "SCAN.TIF")]


def test_formulas_are_refused_but_texts_that_excel_keeps_so(tmp_path: Path) -> None:
    first, second = rows(tmp_path, '1;"=HYPERLINK(""http://evil"")";;;', '="0042";Манас;;;')
    assert (Note.FORMULA, "Название [ru]") in notes(first) and first.refused
    assert second.key == "0042" and not second.refused


def test_quotes_that_do_not_close_refuse_what_they_swallow(tmp_path: Path) -> None:
    packages = rows(tmp_path, "1;Манас;;;", '2;"Семетей;;;', "3;Сейтек;;;", '4;"Курманбек";;;', "5;Жаныл;;;")
    broken = [package for package in packages if package.refused]
    assert [package.key for package in packages if not package.refused] == ["1", "5"]
    assert [remark.data["lines"] for package in broken for remark in package.remarks] == [3]


@pytest.mark.parametrize(("line", "note"), [("1;a;b;c;;extra", Note.BROKEN), ("1;;;;", Note.NO_METADATA)])
def test_rows_that_do_not_fit_their_titles(tmp_path: Path, line: str, note: Note) -> None:
    (package,) = rows(tmp_path, line)
    assert note in {remark.note for remark in package.remarks}


def test_cells_and_lines_without_end(tmp_path: Path) -> None:
    first, second = rows(tmp_path, f"1;{'а' * 200_000};;;", "2;Манас;;;")
    assert [remark.note for remark in first.remarks] == [Note.TOO_LARGE] and second.key == "2"
    write_files(tmp_path, {"table.csv": TITLES + "x" * 5_000_000})
    assert [remark.note for package in load(tmp_path) for remark in package.remarks] == [Note.TOO_LARGE]


def test_empty_rows_examples_and_lines_for_excel(tmp_path: Path) -> None:
    packages = rows(tmp_path, ";;;;", "# пример;Манас;;;", "", "7;Семетей;;;", titles="sep=;\n" + TITLES)
    assert [(package.key, package.place) for package in packages] == [("7", "5")]


def test_a_row_without_a_key_keeps_its_own(tmp_path: Path) -> None:
    titles = "Название;Год;Примечание\n"
    first, again, other = rows(tmp_path, "Манас;1946;а", "Манас;1946;б", "Манас;1958;а", titles=titles)
    assert first.key == again.key != other.key


def test_what_came_is_kept_to_the_byte(tmp_path: Path) -> None:
    content = 'Ключ;Название\r\n1;"Манас,\r\nэпос"\r\n'.encode("cp1251")
    (tmp_path / "table.csv").write_bytes(content)
    assert base64.b64decode(load_one(tmp_path).raw) == content


def test_a_table_alone_has_no_files(tmp_path: Path) -> None:
    write_files(tmp_path, {"table.csv": TITLES + "1;Манас;;;\n2;Семетей;;;a.pdf\n", "a.pdf": "x"})
    first, second = load(tmp_path / "table.csv")
    assert not first.refused and notes(second) == [(Note.FILE_MISSING, "a.pdf")]


def test_fifty_thousand_files_in_one_folder(tmp_path: Path) -> None:
    for number in range(50_000):
        (tmp_path / f"scan {number}.tif").touch()
    lines = "".join(f"{number};Том {number};;;scan {number}.tif\n" for number in range(50_000))
    write_files(tmp_path, {"table.csv": TITLES + lines})
    packages = list(table.load(tmp_path, Profile(), ""))
    assert all(package.files[0].name == f"scan {package.key}.tif" for package in packages)
    assert len(packages) == 50_000
    middle = packages[25_000].position
    assert next(table.load(tmp_path, Profile(), middle)).key == "25001"


LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn"))
CELLS = st.text(LETTERS | st.sampled_from('",;\t\n '), max_size=30)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(CELLS, min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_is_quoted_comes_out(
    tmp_path: Path, texts: list[str], delimiter: str, encoding: str, quoting: int, newline: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=newline)
    writer.writerow(["key", "title", "notes"])
    for number, text in enumerate(texts):
        writer.writerow([f"k{number}", "Манас", f"x{text}x"])
    (tmp_path / "table.csv").write_bytes(out.getvalue().encode(encoding))
    packages = load(tmp_path)
    assert [package.key for package in packages] == [f"k{number}" for number in range(len(texts))]
    for text, package in zip(texts, packages, strict=True):
        assert package.metadata is not None
        assert package.metadata["notes"][0]["value"].split() == clean(f"x{text}x").split()


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300))
def test_whatever_bytes_come_nothing_breaks(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "table.csv").write_bytes(b"key,title\n" + content)
    assert all(package.refused or package.metadata for package in load(tmp_path))
