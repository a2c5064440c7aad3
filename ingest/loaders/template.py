"""The table that a library fills in: titles, examples and lists to choose from, in one of the three languages; pure.

Rows that begin with "#" are examples and are never loaded, so that nobody has to remove them.
"""

import csv
import io
from collections.abc import Mapping, Sequence

from ingest.loaders.columns import COLUMNS
from ingest.loaders.targets import find_target
from ingest.loaders.workbook_writing import Sheet, column_name, write_workbook
from repo.vocabularies.terms import choices, label, language_label

LANGUAGES = ("ky", "ru", "en")

IN_THREE = ("title", "abstract", "keywords")
PATHS = (
    *("key", "type", "title", "creators", "creators.orcid", "language", "date", "publisher", "place", "extent"),
    *("abstract", "keywords", "subjects.udc", "subjects.bbk", "identifiers.isbn", "identifiers.doi"),
    *("host.title", "host.issn", "host.volume", "host.issue", "host.pages"),
    *("thesis.degree", "thesis.institution", "contributors.advisor", "rare.script", "rare.shelf_mark"),
    *("notes", "rights.licence", "rights.access", "embargo", "collection", "files"),
)
VOCABULARIES = {"type": "types", "language": "languages", "rights.licence": "licences", "rights.access": "access"}
WIDE = {"title": 40, "abstract": 50, "creators": 30, "files": 30, "rights.licence": 30}

HELP = {
    "ky": (
        "# Бул саптар — үлгү, алар жүктөлбөйт. Бир уячадагы бир нече маани үтүрлүү чекит менен бөлүнөт. "
        "Файл аттары таблица турган папкадан эсептелет; папканын аты андагы бардык файлдарды билдирет."
    ),
    "ru": (
        "# Эти строки — примеры, они не загружаются. Несколько значений в ячейке разделяются точкой с запятой. "
        "Имена файлов отсчитываются от папки с таблицей; имя папки означает все файлы в ней."
    ),
    "en": (
        "# These rows are examples and are not loaded. Several values in a cell are parted by semicolons. "
        "File names start from the folder of the table; the name of a folder means all files in it."
    ),
}
EXAMPLES: tuple[dict[str, str], ...] = (
    {
        "key": "# 1",
        "type": "article",
        "title[ky]": "Кыргыз тилиндеги үндүүлөрдүн үндөшүүсү",
        "title[ru]": "Гармония гласных в кыргызском языке",
        "title[en]": "Vowel harmony in Kyrgyz",
        "creators": "Асанова, Бермет; Иванов, Пётр",
        "language": "ky",
        "date": "2023",
        "keywords[ky]": "фонетика; кыргыз тили",
        "keywords[ru]": "фонетика; кыргызский язык",
        "host.title": "Тил жана коом",
        "host.issue": "2",
        "host.pages": "15-24",
        "rights.licence": "cc-by-4.0",
        "rights.access": "open",
        "files": "asanova.pdf; asanova-data.csv",
    },
    {
        "key": "# 2",
        "type": "rare-book",
        "title[ky]": "Алиппе",
        "language": "ky-Latn",
        "date": "1929",
        "place": "Фрунзе",
        "extent": "64 б.",
        "rare.shelf_mark": "СК 42",
        "rights.licence": "public-domain",
        "rights.access": "open",
        "files": "alippe/",
    },
)


def write_template(language: str, terms: Mapping[str, Sequence[str]] = {}) -> bytes:
    """The table as XLSX. `terms` offers, by path, what a house has of its own: codes of its collections."""
    paths = template_paths()
    offered = {path: [name for _, name in choices(name, language)] for path, name in VOCABULARIES.items()}
    lists = {path: list(found) for path, found in {**offered, **terms}.items() if found and path in paths}
    places = {
        paths.index(path): f"Lists!${column_name(at)}$1:${column_name(at)}${len(found)}"
        for at, (path, found) in enumerate(lists.items())
    }
    longest = max(map(len, lists.values()))
    columns = [[*found, *[""] * (longest - len(found))] for found in lists.values()]
    widths = [WIDE.get(path.partition("[")[0], 18) for path in paths]
    out = io.BytesIO()
    name = {"ky": "Эмгектер", "ru": "Работы"}.get(language, "Works")
    rows = Sheet(name, _rows(language), widths, places)
    write_workbook(out, [rows, Sheet("Lists", list(zip(*columns, strict=True)), hidden=True)])
    return out.getvalue()


def write_template_csv(language: str) -> bytes:
    """The table as CSV: UTF-8 with a mark and semicolons, as Excel opens it where commas are in numbers."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(_rows(language))
    return out.getvalue().encode("utf-8-sig")


def template_paths() -> list[str]:
    """The paths of the template's columns."""
    return [
        each
        for path in PATHS
        for each in ([f"{path}[{language}]" for language in LANGUAGES] if path in IN_THREE else [path])
    ]


def column_title(path: str, language: str) -> str:
    """What a column is called in a language: «Название (кыргызский)»; the path itself for one without a name."""
    base, _, lang = path.rstrip("]").partition("[")
    title = next((column.title(language) for column in COLUMNS if column.path == base), "")
    if not title:
        return path
    return f"{title} ({language_label(lang, language)})" if lang else title


def _rows(language: str) -> list[list[str]]:
    paths = template_paths()
    titles = [column_title(path, language) for path in paths]
    examples = [[_shown(path, example.get(path, ""), language) for path in paths] for example in EXAMPLES]
    return [titles, *examples, [HELP[language]]]


def _shown(path: str, value: str, language: str) -> str:
    place = find_target(path)
    vocabulary = place[0].vocabulary if place else ""
    return label(vocabulary, value, language) if vocabulary and value else value
