"""Spreadsheets that another library wrote, and those written by hand to be wrong."""

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from ingest.loaders import table
from ingest.loaders.cells import Style, read_format, show_number
from ingest.loaders.packages import Note
from ingest.loaders.profile import Profile
from ingest.loaders.workbook import open_workbook
from ingest.loaders.workbook_writing import Sheet, column_name, write_workbook
from ingest.readers.archives import BrokenError
from tests.ingest.loaders.loading import load, load_one, notes, write_files

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def write(path: Path, rows: list[list[object]], formats: dict[str, str] | None = None) -> Path:
    """A spreadsheet by openpyxl, as LibreOffice and Excel write them too."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cell, code in (formats or {}).items():
        sheet[cell].number_format = code
    book.save(path)
    return path


def raw_workbook(path: Path, sheet: str, strings: str = "", calculation: str = "", head: str = "") -> Path:
    """A spreadsheet whose parts are given as they are."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        sheets = f'<sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets>{calculation}'
        file.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{rel}">{sheets}</workbook>')
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        data = f"{head}<worksheet xmlns='{MAIN}'><sheetData>{sheet}</sheetData></worksheet>"
        file.writestr("xl/worksheets/sheet1.xml", data)
        if strings:
            file.writestr("xl/sharedStrings.xml", f"<sst xmlns='{MAIN}'>{strings}</sst>")
    return path


TITLES = '<row r="1"><c t="inlineStr"><is><t>Название</t></is></c><c t="inlineStr"><is><t>Год</t></is></c></row>'


def test_cells_are_what_the_person_saw(tmp_path: Path) -> None:
    day, moment = datetime.date(2024, 5, 17), datetime.datetime(2024, 5, 17, 12, 30)
    numbers = [day, moment, 9783161484100, 0.1, 1e20, 42, 45429, 45429, 2024, True, " Манас\nэпос ", "00017", None, "x"]
    formats = {"F1": "00000", "G1": "yyyy", "H1": "[$-419]MMMM\\ YYYY;@"}
    path = write(tmp_path / "a.xlsx", [numbers], formats)
    with open_workbook(path) as book:
        (row,) = book.rows()
    shown = ["2024-05-17", "2024-05-17T12:30:00", "9783161484100", "0.1", "100000000000000000000", "00042"]
    assert row.cells == [*shown, "2024", "2024-05", "2024", "TRUE", " Манас\nэпос ", "00017", "", "x"]
    assert row.dates == {0, 1, 6, 7}


@pytest.mark.parametrize(
    ("code", "style"),
    [
        ("General", Style()),
        ("0", Style()),
        ("0.00", Style()),
        ("#,##0.00", Style()),
        ("0.00E+00", Style()),
        ('0" д."', Style()),
        ("000000", Style(zeros=6)),
        ("dd.mm.yyyy", Style("ymd")),
        ("ДД.ММ.ГГГГ", Style("ymd")),
        ("yyyy\\-mm", Style("ym")),
        ("h:mm:ss", Style("time")),
        ("[h]:mm", Style("time")),
        ("[Red]0", Style()),
        ("@", Style()),
    ],
)
def test_formats(code: str, style: Style) -> None:
    assert read_format(code) == style


@pytest.mark.parametrize(
    ("value", "style", "shown"),
    [
        ("9.78316148410E12", Style(), "9783161484100"),
        ("1.0000000000000001E-2", Style(), "0.01"),
        ("-7", Style(zeros=3), "-7"),
        ("1", Style("ymd"), "1900-01-01"),
        ("59", Style("ymd"), "1900-02-28"),
        ("61", Style("ymd"), "1900-03-01"),
        ("0.5", Style("time"), "12:00:00"),
        ("99999999999", Style("ymd"), "99999999999"),
        ("NaN", Style(), "NaN"),
        ("inf", Style("ymd"), "inf"),
        ("abc", Style(), "abc"),
    ],
)
def test_numbers(value: str, style: Style, shown: str) -> None:
    assert show_number(value, style) == shown


def test_years_since_1904() -> None:
    assert show_number("0", Style("ymd"), from_1904=True) == "1904-01-01"


def test_rows_become_works_with_their_files(tmp_path: Path) -> None:
    titles = ["Ключ", "Название [ru]", "ISBN", "Дата", "Страницы в издании", "Файлы"]
    first = ["a", "Манас", 9783161484100, datetime.date(2024, 5, 17), datetime.date(2024, 5, 3), "a.pdf"]
    write(write_files(tmp_path, {"a.pdf": "x"}) / "table.xlsx", [titles, [], first, ["b", "Семетей"]])
    one, two = load(tmp_path)
    assert one.metadata is not None
    assert one.metadata["identifiers"] == [{"scheme": "isbn", "value": "9783161484100"}]
    assert one.metadata["issued"] == "2024-05-17" and [file.name for file in one.files] == ["a.pdf"]
    assert notes(one) == [(Note.GARBLED, "Страницы в издании")]
    assert (one.place, two.place) == ("3", "4")
    assert table.base64.b64decode(one.raw).decode().splitlines()[1].startswith("a,Манас,9783161484100")


@pytest.mark.parametrize(
    ("cell", "calculation", "refused"),
    [
        ("<f>A1&amp;B1</f><v>Манас</v>", "", False),
        ("<f>A1&amp;B1</f>", "", True),
        ("<f>A1</f><v></v>", "", True),
        ("<f>[1]Лист1!A1</f><v>Манас</v>", "", True),
        ('<f>TEXT(TODAY(),"yyyy")</f><v>Манас</v>', "", True),
        ("<f>A1</f><v>Манас</v>", '<calcPr fullCalcOnLoad="1"/>', True),
    ],
)
def test_formulas_count_when_their_value_is_sure(tmp_path: Path, cell: str, calculation: str, refused: bool) -> None:
    row = f'{TITLES}<row r="2"><c r="A2" t="str">{cell}</c></row>'
    package = load_one(raw_workbook(tmp_path / "a.xlsx", row, calculation=calculation))
    assert package.refused == refused
    assert notes(package) == [(Note.FORMULA, "Название") if refused else (Note.MENDED, "A2")]


def test_errors_in_cells_are_no_titles(tmp_path: Path) -> None:
    row = f'{TITLES}<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>'
    assert notes(load_one(raw_workbook(tmp_path / "a.xlsx", row))) == [(Note.FORMULA, "Название")]


def test_texts_in_runs_without_readings_and_with_escapes(tmp_path: Path) -> None:
    strings = "<si><r><t>Ма</t></r><r><t>нас</t></r><rPh><t>reading</t></rPh></si><si><t>a_x000D_b</t></si><si/>"
    cells = "".join(f'<c t="s"><v>{number}</v></c>' for number in range(3))
    with open_workbook(raw_workbook(tmp_path / "a.xlsx", f"<row>{cells}</row>", strings)) as book:
        (row,) = book.rows()
    assert row.cells == ["Манас", "a\rb", ""]


def test_prefixes_of_other_programs(tmp_path: Path) -> None:
    path = raw_workbook(tmp_path / "a.xlsx", TITLES + "<row><c t='inlineStr'><is><t>Манас</t></is></c></row>")
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name).decode() for name in file.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace("xmlns=", "xmlns:x=")
    for name in ("worksheet", "sheetData", "row", "c ", "c>", "is>", "t>"):
        sheet = sheet.replace(f"<{name}", f"<x:{name}").replace(f"</{name}", f"</x:{name}")
    with zipfile.ZipFile(path, "w") as file:
        for name, content in {**parts, "xl/worksheets/sheet1.xml": sheet}.items():
            file.writestr(name, content)
    assert (load_one(path).metadata or {})["titles"] == [{"value": "Манас"}]


def test_hidden_sheets_are_passed_over(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["nothing"])
    book.active.sheet_state = "hidden"
    shown = book.create_sheet("shown")
    shown.append(["Название"])
    shown.append(["Манас"])
    book.active = 1
    book.save(tmp_path / "a.xlsx")
    assert (load_one(tmp_path / "a.xlsx").metadata or {})["titles"] == [{"value": "Манас"}]


@pytest.mark.parametrize(
    "row",
    [
        '<row r="2"><c r="A2" t="s"><v>99</v></c></row>',
        '<row r="2"><c r="ZZZ2"><v>1</v></c></row>',
        '<row r="2"><c r="A2" t="inlineStr"><is><t>&evil;</t></is></c></row>',
        '<row r="2"><c r="A2"><v>1</c></row>',
        '<row r="2"><c r="A2"><v>1</v></c>',
    ],
)
def test_damaged_rows_are_told_or_end_the_load(tmp_path: Path, row: str) -> None:
    entity = '<!DOCTYPE worksheet [<!ENTITY evil SYSTEM "file:///etc/passwd">]>'
    path = raw_workbook(tmp_path / "a.xlsx", TITLES + row, head=entity)
    for package in load(path):
        assert package.refused
        assert "root:" not in str(package)


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 1000])
def test_what_is_no_spreadsheet(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    assert [remark.note for remark in load_one(tmp_path / "a.xlsx").remarks] == [Note.BROKEN]
    with pytest.raises(BrokenError), open_workbook(tmp_path / "a.xlsx"):
        pass


def test_a_row_without_end(tmp_path: Path) -> None:
    path = raw_workbook(tmp_path / "a.xlsx", TITLES + '<row r="2">' + "<c/>" * (5 << 20))
    assert [remark.note for package in load(path) for remark in package.remarks] == [Note.TOO_LARGE]


def test_reading_goes_on_far_below_without_parsing_what_is_above(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{number}"><c r="A{number}"><v>{number}</v></c></row>' for number in range(2, 20_000))
    path = raw_workbook(tmp_path / "a.xlsx", TITLES + "<row><broken</row>" + rows)
    first = next(table.load(path, Profile(), "19000:0"))
    assert first.place == "19001"


def test_what_is_written_another_library_reads() -> None:
    out = io.BytesIO()
    rows = [["Название", "Пометки"], ["<Манас> & \x01co", "=1+1"], ["# пример", ""], ["", "x" * 40_000]]
    write_workbook(
        out, [Sheet("Работы", rows, [20, 30], {0: "Lists!$A$1:$A$2"}), Sheet("Lists", [["а"], ["б"]], hidden=True)]
    )
    book = openpyxl.load_workbook(out)
    sheet = book["Работы"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(max_row=3)] == [
        ["Название", "Пометки"],
        ["<Манас> & co", "=1+1"],
        ["# пример", None],
    ]
    assert sheet["B2"].data_type == "s" and sheet["B2"].number_format == "@"
    assert len(sheet["B4"].value) == 32_767 and sheet.freeze_panes == "A2"
    (choice,) = sheet.data_validations.dataValidation
    assert (str(choice.sqref), choice.formula1) == ("A2:A1048576", "Lists!$A$1:$A$2")
    assert book["Lists"].sheet_state == "hidden"


def test_names_of_columns() -> None:
    assert [column_name(number) for number in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
