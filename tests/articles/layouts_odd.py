"""Layouts of the articles with odd numbers: unlike those to develop on, to see what was not learnt by heart."""

from collections.abc import Callable

from tests.articles.draft import Draft, NewPage


def quiet(draft: Draft) -> None:
    """Everything at the left; names without initials; labels in capitals on lines of their own."""
    article = draft.article
    draft.font = "Sans"
    draft.udc("УДК: {}", size=9, align="right", after=16)
    draft.title(size=14, bold=True, after=8)
    draft.add(", ".join(author.given_first(draft.language) for author in article.authors), size=11)
    draft.add(article.place()[draft.language], size=9, italic=True, after=12)
    words = {"ky": "АЧКЫЧ СӨЗДӨР", "ru": "КЛЮЧЕВЫЕ СЛОВА", "en": "KEYWORDS"}
    names = {"ky": "АННОТАЦИЯ", "ru": "АННОТАЦИЯ", "en": "ABSTRACT"}
    for language in (draft.language, "en"):
        draft.abstract(language, names[language] + "\n{}", size=9)
        draft.keywords(language, words[language] + "\n{}", size=9, after=8)
    draft.body(16, size=10)


def masthead(draft: Draft) -> None:
    """A masthead larger than any title; the summaries stand at the end of the article."""
    article = draft.article
    draft.add("ИЛИМ ЖАНА ТЕХНИКА", size=24, bold=True, align="center", after=2)
    draft.add(f"Илимий-практикалык журнал • {article.year} • № 1", size=9, align="center", after=18)
    draft.udc(size=10)
    draft.add(
        ", ".join(author.initials_last(draft.language, " ") for author in article.authors), align="right", bold=True
    )
    draft.title(caps=True, bold=True, size=12, align="center", after=10)
    draft.body(9)
    summaries = {"ky": "Корутунду", "ru": "Резюме", "en": "Summary"}
    for language in (draft.language, "en"):
        draft.abstract(language, f"{summaries[language]}. {{}}", size=9.5, italic=False, align="justify")
    # So far behind that a reader of the first pages does not see them: right to find, not wrong to miss.


def names_above(draft: Draft) -> None:
    """English: names in capitals over the title, British words for the labels."""
    article = draft.article
    draft.running_head = f"JOURNAL OF MOUNTAIN REGIONS, VOL. {article.volume}, ISSUE 2, {article.year}"
    draft.udc("UDC {}", size=10, after=8)
    draft.add(", ".join(author.initials_first("en", " ").upper() for author in article.authors), size=11)
    draft.title(bold=True, size=12.5, after=6)
    draft.add(f"{article.place()['en']}", size=9, italic=True, after=8)
    draft.abstract("en", "<b>Annotation.</b> {}", size=10, align="justify")
    draft.keywords("en", "<b>Key words:</b> {}.", size=10, after=10)
    draft.abstract("ru", "<b>Аннотация.</b> {}", size=10, align="justify")
    draft.keywords("ru", "<b>Ключевые слова:</b> {}.", size=10, after=10)
    draft.body(15)


def citation_box(draft: Draft) -> None:
    """Dates of the editors and a line of citation, which repeats names and title, before the abstract."""
    article = draft.article
    draft.font = "Sans"
    draft.info = {"title": article.titles[draft.language]}
    draft.add("ORIGINAL ARTICLE" if draft.language == "en" else "ОРИГИНАЛЬНАЯ СТАТЬЯ", size=8, after=6)
    draft.title(size=15, bold=True, after=6)
    draft.add(", ".join(author.given_first(draft.language) for author in article.authors), size=10.5)
    for author in article.authors:
        draft.add(f"{author.given_first('en')}: https://orcid.org/0000-0002-1825-0097", size=8, after=1)
    draft.add(f"Received: 3 March {article.year} / Accepted: 12 June {article.year}", size=8, after=2)
    cited = "; ".join(author.initials_last(draft.language) for author in article.authors)
    title = article.titles[draft.language]
    draft.add(f"Cite as: {cited} {title}. Med. High. Alt. {article.year}, {article.volume}, 45–52.", size=8)
    draft.doi("doi: {}", size=8, after=8)
    label = "Abstract" if draft.language == "en" else "Реферат"
    draft.abstract(draft.language, f"<b>{label}.</b> {{}}", size=9.5, align="justify")
    words = "Keywords" if draft.language == "en" else "Ключевые слова"
    draft.keywords(draft.language, f"<b>{words}:</b> {{}}", between=" · ", size=9.5, after=8)
    draft.body(15, size=10)


def named_styles(draft: Draft) -> None:
    """DOCX with styles of the journal's own; names after the title, with degrees; false properties."""
    article = draft.article
    draft.word = True
    draft.info = {"title": "Шаблон статьи", "author": "Редакция"}
    draft.udc("УДК {}", style="Шифр")
    draft.title(style="Название")
    for index, author in enumerate(article.authors):
        draft.add(f"{author.in_full()}, канд. наук, {article.place(index)[draft.language]}", style="Авторы")
    words = {"ky": "Урунттуу сөздөр", "ru": "Ключевые слова", "en": "Keywords"}
    labels = {"ky": "Аннотация", "ru": "Аннотация", "en": "Abstract"}
    for language in (draft.language, "en"):
        draft.abstract(language, f"{labels[language]} – {{}}", style="Аннотация")
        draft.keywords(language, f"{words[language]} – {{}}", style="Аннотация")
    draft.body(9)


def three_tongues(draft: Draft) -> None:
    """A block a language, parted by stars, with the words for "summary" that are in use; a note to the title."""
    article = draft.article
    draft.udc("УДК – {}", size=10, align="center", after=10)
    labels = {
        "ky": ("Кыскача мазмуну", "Негизги сөздөр"),
        "ru": ("Краткое содержание", "Ключевые слова"),
        "en": ("Summary", "Key words"),
    }
    for language in ("ky", "ru", "en"):
        mark = "<super>*</super>" if language == "ky" else ""
        draft.title(language, size=12, bold=True, align="center", form="{}" + mark)
        draft.add(", ".join(author.initials_first(language, " ") for author in article.authors), align="center")
        draft.abstract(language, f"<b>{labels[language][0]}:</b> {{}}", size=10, align="justify")
        draft.keywords(language, f"<b>{labels[language][1]}:</b> {{}}", size=10)
        draft.add("* * *", align="center", after=8)
    draft.footer = "* Изилдөө Теңир-Тоо фондунун колдоосу менен жүргүзүлдү."
    draft.body(14)


def narrow(draft: Draft) -> None:
    """Two columns from the top: the title breaks into many short lines."""
    article = draft.article
    draft.columns = 2
    draft.running_head = f"Айыл чарба илимдери · {article.year} · 3-саны"
    draft.udc(size=9)
    draft.title(bold=True, size=13, after=4)
    for author in article.authors:
        draft.add(author.initials_last(draft.language), size=10, after=1)
    draft.add(article.place()[draft.language], size=8.5, italic=True, after=8)
    words = {"ky": "Түйүндүү сөздөр", "ru": "Ключевые слова"}
    draft.abstract(draft.language, "<b>Аннотация.</b> {}", size=9)
    draft.keywords(draft.language, f"<b>{words[draft.language]}.</b> {{}}", size=9, after=8)
    draft.body(20, size=9.5)


def covered(draft: Draft) -> None:
    """A sheet of the platform that handed out the file, then the article."""
    article = draft.article
    draft.info = {"title": f"download_{article.number}", "author": "elib server"}
    draft.add("Central Reading Room – downloaded document", size=9, after=30)
    draft.add("This copy is for personal use only.", size=9, after=4)
    draft.add("Terms of use: https://example.org/terms", size=9)
    draft.blocks.append(NewPage())
    draft.udc("UDC {}" if draft.language == "en" else "УДК {}", size=10)
    draft.title(bold=True, size=13, align="center", after=6)
    draft.add(", ".join(author.initials_first(draft.language) for author in article.authors), align="center")
    draft.add(article.place()[draft.language], size=10, align="center", after=8)
    label = "Abstract" if draft.language == "en" else "Аннотация"
    words = "Keywords" if draft.language == "en" else "Ключевые слова"
    draft.abstract(draft.language, f"{label}: {{}}", size=10, align="justify")
    draft.keywords(draft.language, f"{words}: {{}}", between="; ", size=10, after=8)
    draft.body(14)


def spaced(draft: Draft) -> None:
    """Spaced labels, title and names in capitals of one size, addresses between them."""
    article = draft.article
    draft.udc("УДК {}", size=10, after=2)
    draft.add("ББК 67.4", size=10, after=10)
    draft.add(article.place()[draft.language], size=10, align="center")
    draft.title(caps=True, bold=True, size=12, align="center", after=6)
    for author in article.authors:
        draft.add(f"<b>{author.in_full()}</b>, профессор", size=11, align="center", after=1)
    draft.add("А н н о т а ц и я", size=10, align="center")
    draft.abstract(draft.language, "{}", size=10, align="justify")
    words = {"ky": "Ачкыч сөздөр", "ru": "Ключевые слова"}
    draft.keywords(draft.language, f"{words[draft.language]}: {{}}.", size=10, after=8)
    draft.body(15)


def conference(draft: Draft) -> None:
    """English, a large title at the left, each author with an address and e-mail below; a line of copyright."""
    article = draft.article
    draft.font = "Sans"
    draft.info = {"author": ", ".join(author.given_first("en") for author in article.authors)}
    draft.title(size=18, after=10)
    for index, author in enumerate(article.authors):
        draft.add(author.given_first("en"), size=11, after=1)
        draft.add(article.place(index)["en"], size=9, after=1)
        draft.add(f"{author.latin_given.lower()}.{author.latin_family.lower()}@example.com", size=9, after=6)
    draft.abstract("en", "<b>ABSTRACT</b>\n{}", size=9.5)
    draft.keywords("en", "<b>KEYWORDS</b>\n{}", size=9.5, after=8)
    draft.footer = f"© {article.year} The authors. ISBN 978-9967-00-000-0. doi:{article.doi}"
    draft.labels.doi = article.doi
    draft.across()
    draft.body(18, size=10)


LAYOUTS: dict[int, Callable[[Draft], None]] = {
    **dict.fromkeys((1, 21), quiet),
    **dict.fromkeys((3, 23), masthead),
    **dict.fromkeys((5, 25), names_above),
    **dict.fromkeys((7, 27), citation_box),
    **dict.fromkeys((9, 29), named_styles),
    **dict.fromkeys((11, 31), three_tongues),
    **dict.fromkeys((13, 33), narrow),
    **dict.fromkeys((15, 35), covered),
    **dict.fromkeys((17, 37), spaced),
    **dict.fromkeys((19, 39), conference),
}
