"""What columns are called in Kyrgyz, Russian and English: read from tables, written into templates; pure.

A title may say the language of its texts in brackets of either kind: «Название (русский)», "Title [ru]". A path of
`ingest/loaders/targets.py` is a title too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ingest.loaders import values
from ingest.loaders.profile import Profile
from ingest.loaders.targets import find_target
from ingest.loaders.values import WrongError

WITH_LANGUAGE = re.compile(r"(.+?)\s*[\[(]([^\])]+)[\])]")


@dataclass(frozen=True)
class Column:
    """`others` are further names under which libraries keep the same thing, in any language, in lower case."""

    path: str
    ky: str
    ru: str
    en: str
    others: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        return {"ky": self.ky, "ru": self.ru}.get(language, self.en)


COLUMNS = (
    Column("key", "Номуру", "Номер", "Key", ("id", "№", "идентификатор", "ачкыч", "ключ")),
    Column("type", "Түрү", "Вид", "Type", ("тип", "вид документа", "тип документа", "эмгектин түрү", "resource type")),
    Column("title", "Аталышы", "Название", "Title", ("заглавие", "заголовок", "аты", "наименование")),
    Column("title.alternative", "Башка аталышы", "Другое название", "Other title", ("вариант названия",)),
    Column("creators", "Авторлору", "Авторы", "Authors", ("автор", "автору", "author", "creator", "creators")),
    Column(
        "creators.organisation",
        "Автор уюм",
        "Организация-автор",
        "Corporate author",
        ("коллективный автор", "жамааттык автор"),
    ),
    Column("creators.orcid", "Авторлордун ORCID номуру", "ORCID авторов", "ORCID of the authors", ("orcid",)),
    Column(
        "creators.affiliation",
        "Авторлордун мекемеси",
        "Место работы авторов",
        "Affiliations",
        ("affiliation", "аффилиация", "иштеген жери", "место работы"),
    ),
    Column(
        "contributors.advisor", "Илимий жетекчиси", "Научный руководитель", "Advisor", ("supervisor", "руководитель")
    ),
    Column("contributors.editor", "Редактору", "Редактор", "Editor", ("редакторы", "editors", "редакторлору")),
    Column("contributors.translator", "Котормочусу", "Переводчик", "Translator", ("переводчики", "котормочулары")),
    Column("contributors.compiler", "Түзүүчүсү", "Составитель", "Compiler", ("составители", "түзүүчүлөрү")),
    Column("language", "Тили", "Язык", "Language", ("языки", "languages", "тилдери", "язык текста", "язык документа")),
    Column("date", "Жылы", "Год", "Year", ("date", "дата", "күнү", "год издания", "дата издания", "чыккан жылы")),
    Column("publisher", "Басмасы", "Издательство", "Publisher", ("издатель", "басма")),
    Column("place", "Басылган жери", "Место издания", "Place", ("чыккан жери", "place of publication")),
    Column("edition", "Басылышы", "Сведения об издании", "Edition", ("издание",)),
    Column("extent", "Көлөмү", "Объём", "Extent", ("pages", "страницы", "количество страниц", "объем", "барактар")),
    Column("abstract", "Аннотация", "Аннотация", "Abstract", ("реферат", "описание", "description", "сүрөттөмө")),
    Column("keywords", "Ачкыч сөздөр", "Ключевые слова", "Keywords", ("subject", "subjects", "темы", "темалар")),
    Column("subjects.udc", "УДК", "УДК", "UDC", ("индекс удк",)),
    Column("subjects.bbk", "ББК", "ББК", "BBK", ("индекс ббк", "lbc")),
    Column("subjects.grnti", "ГРНТИ", "ГРНТИ", "GRNTI"),
    Column("identifiers.isbn", "ISBN", "ISBN", "ISBN"),
    Column("identifiers.doi", "DOI", "DOI", "DOI"),
    Column(
        "identifiers.local", "Инвентардык номуру", "Инвентарный номер", "Inventory number", ("инв. номер", "инв. №")
    ),
    Column("host.title", "Журнал же китеп", "Журнал или книга", "Journal or book", ("journal", "журнал", "источник")),
    Column("host.issn", "ISSN", "ISSN", "ISSN"),
    Column("host.volume", "Тому", "Том", "Volume"),
    Column("host.issue", "Саны", "Выпуск", "Issue", ("номер выпуска", "номер журнала", "чыгарылышы")),
    Column("host.pages", "Кайсы беттерде", "Страницы в издании", "Pages in it", ("страницы статьи", "беттери")),
    Column("thesis.degree", "Илимий даражасы", "Учёная степень", "Degree", ("степень", "даражасы")),
    Column(
        "thesis.speciality",
        "Адистиктин шифри",
        "Шифр специальности",
        "Speciality code",
        ("специальность", "speciality", "адистиги"),
    ),
    Column(
        "thesis.institution",
        "Корголгон жери",
        "Место защиты",
        "Defended at",
        ("институт", "университет", "institution", "organisation"),
    ),
    Column("thesis.defended", "Корголгон күнү", "Дата защиты", "Date of defence"),
    Column("rare.script", "Жазуусу", "Письменность", "Script", ("алфавит", "арип")),
    Column("rare.orthography", "Орфографиясы", "Орфография", "Orthography"),
    Column("rare.provenance", "Таандыктыгынын тарыхы", "История владения", "Provenance", ("провенанс",)),
    Column("rare.copy_notes", "Нуска жөнүндө", "Об экземпляре", "About the copy"),
    Column("rare.shelf_mark", "Шифри", "Шифр хранения", "Shelf mark", ("шифр", "полочный шифр", "сактоо шифри")),
    Column("notes", "Эскертүү", "Примечание", "Note", ("примечания", "notes", "эскертүүлөр")),
    Column("rights.licence", "Лицензия", "Лицензия", "Licence", ("license", "права", "rights")),
    Column("rights.access", "Жеткиликтүүлүк", "Доступ", "Access"),
    Column("embargo", "Эмбарго бүткөн күн", "Эмбарго до", "Embargo until", ("эмбарго",)),
    Column("collection", "Коллекция", "Коллекция", "Collection", ("код коллекции", "коллекциянын коду")),
    Column("files", "Файлдар", "Файлы", "Files", ("file", "файл", "имя файла", "имена файлов", "файлдын аты")),
    Column("addresses", "Мурунку дареги", "Прежний адрес", "Former address", ("handle", "прежние адреса")),
)


@cache
def _known() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for column in COLUMNS:
        for name in (column.ky, column.ru, column.en, *column.others):
            names.setdefault(_fold(name), column.path)
    return names


def _fold(title: str) -> str:
    return re.sub(r"[\s_]+", " ", title).casefold().replace("ё", "е").strip(" *:.")


def read_title(title: str, profile: Profile) -> str | None:
    """The path of the column that is called `title`: as the profile says, else by name; None when nobody knows.

    "" for a column that the profile leaves out.
    """
    title = values.clean(title)
    own = {_fold(name): path for name, path in profile.fields.items()}
    if _fold(title) in own:
        return own[_fold(title)]
    if find_target(title) is not None:
        return title
    return _by_name(title)


def _by_name(title: str) -> str | None:
    if (path := _known().get(_fold(title))) is not None:
        return path
    found = WITH_LANGUAGE.fullmatch(title.strip(" *:"))
    base = _known().get(_fold(found[1])) if found else None
    if found is None or base is None:
        return None
    try:
        path = f"{base}[{values.read_language(_fold(found[2]))}]"
    except WrongError:
        return None
    return path if find_target(path) is not None else None
