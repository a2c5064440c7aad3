"""The words by which articles of Kyrgyz journals label their parts, and what else a line can be."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from ingest.readers.documents import Line


class Role(Enum):
    """What a line is for."""

    TEXT = auto()
    """Nothing special: a title, or the text itself."""
    ABSTRACT = auto()
    KEYWORDS = auto()
    CLASSIFICATION = auto()
    IDENTIFIER = auto()
    JOURNAL = auto()
    AFFILIATION = auto()
    CONTACT = auto()
    DATES = auto()
    CITATION = auto()
    RUBRIC = auto()
    HEADING = auto()
    REFERENCES = auto()
    SEPARATOR = auto()


@dataclass(frozen=True)
class Labelled:
    """A line with its role; `rest` is what follows the label on it, `language` what the label is written in."""

    line: Line
    role: Role
    rest: str = ""
    language: str | None = None


END = r"\s*(?:[.:–—-]\s*|$)"
ABSTRACT = {
    "ru": r"аннотация|резюме|реферат|краткое содержание",
    "ky": r"кыскача мазмуну|кыскача баяндама|кыскача мазмун|аннотациясы|корутунду",
    "en": r"abstract|annotation|summary",
}
KEYWORDS = {
    "ru": r"ключевые слова(?: и фразы| и словосочетания)?|ключевые понятия",
    "ky": r"(?:ачкыч|негизги|түйүндүү|урунттуу|өзөктүү|таяныч|тирек|маанилүү) (?:сөздөр|түшүнүктөр)(?:ү)?",
    "en": r"key ?words(?: and phrases)?|index terms",
}
ABSTRACT_LABELS = {name: re.compile(rf"(?:{words}){END}", re.I) for name, words in ABSTRACT.items()}
# In English the label may run into the text without a stop, as in "Abstract This paper".
ABSTRACT_LABELS["en"] = re.compile(rf"(?:{ABSTRACT['en']}){END}|Abstract\s+(?=[A-Z])", re.I)
KEYWORD_LABELS = {name: re.compile(rf"(?:{words}){END}", re.I) for name, words in KEYWORDS.items()}

CLASSIFICATION = re.compile(r"(?:УДК|UDC|ББК|BBC|ГРНТИ|МРНТИ|JEL|MSC|УДК/UDC)\b", re.I)
IDENTIFIER = re.compile(r"(?:©|doi\b|https?://|www\.|10\.\d{4,9}/|issn\b|isbn\b|e-?issn\b|orcid\b)", re.I)
# Bounded: an unbounded run before the @ would be tried again from each of its letters.
CONTACT = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}\.\w|orcid\.org|\be-?mail\b|\bтел\.|\bэл\. ?почта\b", re.I)
JOURNAL = re.compile(
    r"(?=.*\d)(?:.*(?:№|\bтом\b|\bvol\b|\bvolume\b|\bissue\b|\bвып(?:\.|уск)|\bсаны\b|-саны|\bissn\b|\bжурнал|\bjournal\b|"
    r"\bвестник|\bизвестия|\bжарчысы|\bсборник|\bproceedings\b|\bbulletin\b|\bстр?\.\s*\d))",
    re.I,
)
DATES = re.compile(
    r"(?:received|accepted|revised|submitted|published|available online|поступила|принята|опубликована|получено|"
    r"түшкөн|кабыл алынды|жарыяланды|дата поступления)\b.*\d",
    re.I,
)
CITATION = re.compile(r"(?:cite as|citation|for citation|how to cite|для цитирования|цитирование|шилтеме үчүн)\b", re.I)
RUBRIC = re.compile(
    r"(?:[\w\s,-]{0,60}\b(?:науки|илимдери|илимдер|sciences)|"
    r"(?:original|research|review|short) (?:article|paper|communication)|(?:оригинальная|научная|обзорная) статья|"
    r"илимий макала|статья|обзор|макала|содержание|оглавление|мазмуну|(?:table of )?contents|"
    r"на правах рукописи|кол жазма укугунда)[.:]?$",
    re.I,
)
HEADING = re.compile(
    r"(?:(?:\d+|[IVX]+)[.)]?\s+)?(?:введение|киришүү|кириш сөз|introduction|background|актуальность(?: темы)?|"
    r"материал\w* и метод\w*|методы исследования|постановка (?:задачи|проблемы)|изилдөөнүн \w+(?: жана \w+)?|"
    r"materials? and methods?|methods?)(?:[.:]\s|[.:]?$)",
    re.I,
)
REFERENCES = re.compile(
    r"(?:(?:список )?(?:использованной )?литерату(?:ра|ры)|(?:колдонулган )?адабияттар|references|bibliography)[.:]?$",
    re.I,
)
AFFILIATION = re.compile(
    r"университет|институт|академия|кафедра|факультет|лаборатори|колледж|орталыг|\bборбору\b|\bцентр\b|\bНИИ\b|\bНАН\b|"
    r"universit|institute|department|academy|faculty|laborator|college|\bcent(?:er|re)\b|\bschool of\b|"
    r"\bг\.\s?[А-ЯЁ]|\b[А-ЯЁҢӨҮ][а-яёңөү]+ ш\.|кыргызская республика|кыргыз республикасы|"
    r"\bkyrgyz(?:stan| republic)\b|\bкыргызстан$",
    re.I,
)
SEPARATOR = re.compile(r"[\s*_·•=–—-]{3,}$")
SPACED = re.compile(r"(?<!\S)(?:[^\W\d_] ){3,}[^\W\d_](?!\S)")


def label(line: Line, body_size: float) -> Labelled:
    """The role of a line, by its words and, where it matters, by its look."""
    text = SPACED.sub(lambda spaced: spaced[0].replace(" ", ""), line.text)
    for role, labels in ((Role.KEYWORDS, KEYWORD_LABELS), (Role.ABSTRACT, ABSTRACT_LABELS)):
        for language, pattern in labels.items():
            if found := pattern.match(text):
                rest = text[found.end() :].strip()
                # "Корутунду" alone on its line is the heading of the conclusion.
                if rest or not found[0].lower().startswith("корутунду"):
                    return Labelled(line, role, rest, language)
    return Labelled(line, _role(line, text, body_size), text)


def _role(line: Line, text: str, body_size: float) -> Role:
    for pattern, role in (
        (SEPARATOR, Role.SEPARATOR),
        (CLASSIFICATION, Role.CLASSIFICATION),
        (CITATION, Role.CITATION),
        (DATES, Role.DATES),
        (REFERENCES, Role.REFERENCES),
        (HEADING, Role.HEADING),
        (RUBRIC, Role.RUBRIC),
    ):
        if pattern.match(text):
            return role
    if CONTACT.search(text):
        return Role.CONTACT
    if IDENTIFIER.match(text):
        return Role.IDENTIFIER
    prominent = line.bold or text.isupper() or line.size > body_size * 1.15
    if JOURNAL.match(text) and not line.bold:
        return Role.JOURNAL
    # Universities occur in titles, too; those are set off from the text, addresses are not.
    if AFFILIATION.search(text) and not prominent:
        return Role.AFFILIATION
    return Role.TEXT
