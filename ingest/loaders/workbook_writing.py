"""Spreadsheets (XLSX, ECMA-376 part 1) written as they go: all cells are text, so that none becomes a date; pure."""

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO
from xml.sax.saxutils import escape, quoteattr

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
LAST_ROW = 1_048_576
LONGEST_CELL = 32_767
# XML 1.0 has no such characters.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# Style 0 is plain text, 1 the titles, 2 what is grey. Format 49 is "@": text, whatever it looks like.
STYLES = f"""{HEAD}<styleSheet xmlns="{MAIN}">
<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><name val="Calibri"/></font>
<font><i/><sz val="11"/><color rgb="FF666666"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="3"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>
<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""


@dataclass(frozen=True)
class Sheet:
    """`rows` may be endless as far as memory goes; the first holds the titles, and stays in sight.

    `choices`: by the number of a column, the place of what may be chosen there, "Lists!$A$1:$A$9".
    """

    name: str
    rows: Iterable[Sequence[str]]
    widths: Sequence[int] = ()
    choices: Mapping[int, str] = field(default_factory=dict)
    hidden: bool = False


def write_workbook(out: IO[bytes], sheets: Sequence[Sheet]) -> None:
    """Write a spreadsheet, row by row. Cells beyond what a spreadsheet can hold are cut."""
    numbers = range(1, len(sheets) + 1)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", _content_types(numbers))
        file.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        file.writestr("xl/workbook.xml", _workbook(sheets))
        parts = [("worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
        file.writestr("xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles.xml")]))
        file.writestr("xl/styles.xml", STYLES)
        for number, sheet in zip(numbers, sheets, strict=True):
            with file.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                _write_sheet(part, sheet)


def column_name(number: int) -> str:
    """ "A" of 0, "AB" of 27."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _write_sheet(part: IO[bytes], sheet: Sheet) -> None:
    frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    part.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">{frozen}'.encode())
    part.write(f"</sheetView></sheetViews>{_columns(sheet.widths)}<sheetData>".encode())
    for number, row in enumerate(sheet.rows, 1):
        style = 1 if number == 1 else 2 if row and row[0].startswith("#") else 0
        part.write(f'<row r="{number}">{"".join(_cells(row, number, style))}</row>'.encode())
    part.write(f"</sheetData>{_validations(sheet.choices)}</worksheet>".encode())


def _cells(row: Sequence[str], number: int, style: int) -> Iterable[str]:
    for at, text in enumerate(row):
        if text:
            shown = escape(UNSEEN.sub("", text)[:LONGEST_CELL])
            place = f'r="{column_name(at)}{number}" s="{style}" t="inlineStr"'
            yield f'<c {place}><is><t xml:space="preserve">{shown}</t></is></c>'


def _columns(widths: Sequence[int]) -> str:
    """Widths in characters; the style makes text of what will be typed there."""
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" style="0" customWidth="1"/>' for at, width in enumerate(widths, 1)
    )
    return f"<cols>{columns}</cols>" if columns else ""


def _validations(choices: Mapping[int, str]) -> str:
    """Lists to choose from. Another value is possible after a warning: a library may have words of its own."""
    options = 'type="list" allowBlank="1" showErrorMessage="1" errorStyle="warning"'
    each = "".join(
        f'<dataValidation {options} sqref="{column_name(at)}2:{column_name(at)}{LAST_ROW}">'
        f"<formula1>{escape(place)}</formula1></dataValidation>"
        for at, place in choices.items()
    )
    return f'<dataValidations count="{len(choices)}">{each}</dataValidations>' if each else ""


def _workbook(sheets: Sequence[Sheet]) -> str:
    listed = "".join(
        f"<sheet name={quoteattr(sheet.name)} sheetId={quoteattr(str(number))}"
        f'{" state=" + quoteattr("hidden") if sheet.hidden else ""} r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, 1)
    )
    return f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{each}</Relationships>'


def _content_types(numbers: Iterable[int]) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/>{sheets}</Types>'
    )
