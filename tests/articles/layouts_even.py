"""Layouts of the articles with even numbers: those to develop on."""

from collections.abc import Callable

from tests.articles.draft import Draft

OTHERS = {"ky": ("ru", "en"), "ru": ("ky", "en"), "en": ("ru", "ky")}
ABSTRACT = {"ky": "Аннотация", "ru": "Аннотация", "en": "Abstract"}
KEYWORDS = {"ky": "Түйүндүү сөздөр", "ru": "Ключевые слова", "en": "Keywords"}


def bulletin(draft: Draft) -> None:
    """Classification and DOI, then a block a language: title in capitals, authors, abstract, keywords."""
    article = draft.article
    draft.running_head = f"Вестник Чуйского гуманитарного университета. {article.year}. Том {article.volume}. № 4"
    draft.udc(size=10)
    draft.doi(size=10, after=10)
    for language in (draft.language, *OTHERS[draft.language]):
        draft.title(language, caps=True, size=12, bold=True, align="center")
        names = ", ".join(author.initials_first(language) for author in article.authors)
        draft.add(names, align="center", italic=True)
        draft.abstract(language, f"<i>{ABSTRACT[language]}.</i> {{}}", size=9.5, align="justify")
        draft.keywords(language, f"<i>{KEYWORDS[language]}:</i> {{}}.", between="; ", size=9.5, after=10)
    draft.body(16)


def proceedings(draft: Draft) -> None:
    """Authors at the right over each title, the classification after the titles, then the abstracts."""
    article = draft.article
    draft.add("ФИЛОЛОГИЯ ИЛИМДЕРИ", size=10, align="center", after=10)
    for language in ("ky", "ru", "en"):
        names = ", ".join(author.initials_last(language) for author in article.authors)
        draft.add(names, bold=True, align="right")
        draft.title(language, caps=True, bold=True, align="center", after=8)
    draft.udc("УДК: {}", after=8)
    labels = {"ky": "Негизги сөздөр", "ru": "Ключевые слова", "en": "Key words"}
    for language in ("ky", "ru", "en"):
        draft.abstract(language, f"<b>{ABSTRACT[language]}:</b> {{}}", size=10, italic=False, align="justify")
        draft.keywords(language, f"<b>{labels[language]}:</b> {{}}", size=10)
    draft.body(12)


def international(draft: Draft) -> None:
    """English: a large title, names with numbers, addresses, headings over abstract and keywords."""
    article = draft.article
    draft.font = "Sans"
    draft.info = {"title": article.titles["en"], "author": article.authors[0].given_first("en")}
    draft.labels.doi = article.doi
    draft.footer = (
        f"Tengir-Too Journal of Science {article.volume} ({article.year}) 12–19. https://doi.org/{article.doi}"
    )
    draft.title("en", size=17, bold=True, align="center", after=8)
    names = ", ".join(
        f"{author.given_first('en')}<super>{index + 1}</super>" for index, author in enumerate(article.authors)
    )
    draft.add(names, size=12, align="center")
    for index in range(len(article.authors)):
        draft.add(f"<super>{index + 1}</super> {article.place(index)['en']}", size=9, align="center", after=1)
    draft.add(f"* Corresponding author: {article.authors[0].latin_family.lower()}@example.org", size=9, align="center")
    draft.abstract("en", "<b>Abstract</b>\n{}", size=10, align="justify")
    draft.keywords("en", "<b>Keywords</b>\n{}", between="; ", size=10, after=8)
    draft.across()
    draft.body(20, numbered=True)


def collection(draft: Draft) -> None:
    """Full names with degrees and addresses over a title in small letters."""
    article = draft.article
    draft.running_head = f"Наука и жизнь Кыргызстана, № 3, {article.year}"
    draft.udc(after=8)
    for index, author in enumerate(article.authors):
        draft.add(f"{author.in_full()}, к.т.н., доцент", bold=True, after=1)
        draft.add(article.place(index)[draft.language], size=10, after=1)
    draft.add(f"E-mail: {article.authors[0].latin_family.lower()}@example.kg", size=10, after=8)
    draft.title(bold=True, size=13, align="center", after=8)
    for language in (draft.language, "en"):
        draft.abstract(language, f"<b>{ABSTRACT[language]}.</b> {{}}", size=10, align="justify")
        draft.keywords(language, f"<b>{KEYWORDS[language]}:</b> {{}}.", size=10)
    draft.body(15)


def styled_document(draft: Draft) -> None:
    """DOCX with the styles that the word processor offers, and true properties."""
    article = draft.article
    draft.word = True
    draft.info = {"title": article.titles[draft.language], "author": article.authors[0].in_full()}
    draft.udc()
    draft.title(style="Title")
    draft.add("; ".join(author.in_full() for author in article.authors), style="Subtitle")
    draft.add(article.place()[draft.language])
    for language in (draft.language, "ru" if draft.language == "ky" else "ky"):
        draft.abstract(language, f"<b>{ABSTRACT[language]}.</b> {{}}")
        draft.keywords(language, f"<b>{KEYWORDS[language]}:</b> {{}}")
    draft.body(10)


def preprint(draft: Draft) -> None:
    """As LaTeX sets it: title, authors, date, a small heading over the abstract; no keywords."""
    article = draft.article
    draft.title(size=17, align="center", after=12)
    draft.add("<br/>".join(author.given_first(draft.language) for author in article.authors), size=12, align="center")
    draft.add(f"March {article.year}", size=12, align="center", after=14)
    draft.add("Abstract", size=10, bold=True, align="center")
    draft.abstract(draft.language, "{}", size=9.5, align="justify")
    draft.body(18, numbered=True)


def two_columns(draft: Draft) -> None:
    """A heading across, the text in two columns, true Info."""
    article = draft.article
    draft.info = {"title": article.titles[draft.language], "author": article.authors[0].in_full()}
    draft.running_head = f"ISSN 1694-0000   ИЛИМ ЖАНА БИЛИМ   {article.year} № 2"
    draft.udc(size=9)
    draft.title(bold=True, size=15, align="left", after=6)
    draft.add(", ".join(author.initials_first(draft.language, " ") for author in article.authors), size=11, bold=True)
    draft.add(article.place()[draft.language], size=9, italic=True)
    draft.abstract(draft.language, f"<b>{ABSTRACT[draft.language]}.</b> {{}}", size=9, align="justify")
    draft.keywords(draft.language, f"<b>{KEYWORDS[draft.language]}:</b> {{}}", size=9, after=8)
    draft.across()
    draft.body(18, size=10)


def plain_document(draft: Draft) -> None:
    """DOCX in which everything is Normal, with the properties of the template."""
    article = draft.article
    draft.word = True
    draft.info = {"title": "Документ Microsoft Word", "author": "User"}
    draft.udc(align="right")
    draft.add(", ".join(author.initials_last(draft.language, " ") for author in article.authors), align="right")
    draft.title(caps=True, bold=True, size=14, align="center")
    draft.abstract(draft.language, f"<b>{ABSTRACT[draft.language]}:</b> {{}}")
    draft.keywords(draft.language, f"<b>{KEYWORDS[draft.language]}:</b> {{}}")
    draft.abstract("en", "<b>Abstract:</b> {}")
    draft.body(8)


def magazine(draft: Draft) -> None:
    """Masthead and section above, small letters throughout, Info from a word processor's printer."""
    article = draft.article
    draft.info = {
        "title": f"Microsoft Word - {article.authors[0].latin_family}_statya_{article.year}.doc",
        "author": "Admin",
    }
    draft.add(f"Техника и наука гор. {article.year}. № 1 (45)", size=9, align="right", after=12)
    draft.add("ТЕХНИЧЕСКИЕ НАУКИ", size=10, bold=True, after=10)
    draft.udc(size=10)
    draft.title(bold=True, size=12, align="center")
    marks = ", ".join(
        f"{author.initials_first(draft.language)}<super>{index + 1}</super>"
        for index, author in enumerate(article.authors)
    )
    draft.add(marks, align="center")
    for index in range(len(article.authors)):
        draft.add(f"<super>{index + 1}</super>{article.place(index)[draft.language]}", size=9, align="center", after=1)
    draft.abstract(draft.language, "{}", size=9.5, align="justify")
    draft.labels.abstracts.clear()  # without a label it is not told from the text
    draft.keywords(draft.language, f"<i>{KEYWORDS[draft.language]}:</i> {{}}.", size=9.5, after=8)
    draft.title("en", bold=True, size=11, align="center")
    draft.add(", ".join(author.initials_first("en") for author in article.authors), align="center")
    draft.abstract("en", "<i>Abstract.</i> {}", size=9.5, align="justify")
    draft.keywords("en", "<i>Keywords:</i> {}.", size=9.5, after=8)
    draft.body(16)


def regional(draft: Draft) -> None:
    """Capitals of one size for title and names, classification in Latin or Cyrillic letters, DOI in a line."""
    article = draft.article
    draft.udc("UDC {}" if draft.language == "en" else "УДК {}", size=11)
    draft.title(caps=True, size=11, align="center")
    names = "; ".join(author.initials_last(draft.language).upper() for author in article.authors)
    draft.add(names, size=11, align="center")
    draft.add(article.place()[draft.language], size=11, align="center")
    draft.doi("https://doi.org/{}", size=9, align="center", after=8)
    draft.abstract(draft.language, f"{ABSTRACT[draft.language]}: {{}}", size=11, align="justify")
    draft.keywords(draft.language, f"{KEYWORDS[draft.language]}: {{}}", size=11, after=8)
    draft.body(14, size=11)


LAYOUTS: dict[int, Callable[[Draft], None]] = {
    **dict.fromkeys((2, 24), proceedings),
    **dict.fromkeys((4, 28), collection),
    **dict.fromkeys((6, 26), international),
    **dict.fromkeys((8, 30), two_columns),
    **dict.fromkeys((10, 22, 34), bulletin),
    **dict.fromkeys((12, 32), preprint),
    **dict.fromkeys((14, 38), styled_document),
    **dict.fromkeys((18, 36), magazine),
    **dict.fromkeys((20, 40), regional),
    16: plain_document,
}
