"""What the articles say: names in the forms that journals use, abstracts and bodies by language."""

from dataclasses import dataclass
from itertools import cycle, islice

LATIN = dict(
    zip(
        "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЭЮЯ",
        [
            "A",
            "B",
            "V",
            "G",
            "D",
            "E",
            "Zh",
            "Z",
            "I",
            "I",
            "K",
            "L",
            "M",
            "N",
            "O",
            "P",
            "R",
            "S",
            "T",
            "U",
            "F",
            "Kh",
            "Ts",
            "Ch",
            "Sh",
            "E",
            "Yu",
            "Ya",
        ],
        strict=True,
    )
)


@dataclass(frozen=True)
class Author:
    family: str
    given: str
    patronymic: str
    latin_family: str
    latin_given: str

    @classmethod
    def parse(cls, line: str) -> "Author":
        cyrillic, latin = line.split(" = ")
        return cls(*cyrillic.split(), *latin.split())

    def names(self, language: str) -> tuple[str, str]:
        """Family name and given name in the script of the language."""
        return (self.latin_family, self.latin_given) if language == "en" else (self.family, self.given)

    def initials(self, language: str, gap: str = "") -> str:
        given = self.names(language)[1][0]
        other = LATIN.get(self.patronymic[0], self.patronymic[0]) if language == "en" else self.patronymic[0]
        return f"{given}.{gap}{other[0]}."

    def initials_first(self, language: str, gap: str = "") -> str:
        return f"{self.initials(language, gap)} {self.names(language)[0]}"

    def initials_last(self, language: str, gap: str = "") -> str:
        return f"{self.names(language)[0]} {self.initials(language, gap)}"

    def in_full(self) -> str:
        return f"{self.family} {self.given} {self.patronymic}"

    def given_first(self, language: str) -> str:
        family, given = self.names(language)
        return f"{given} {family}"


@dataclass(frozen=True)
class Article:
    number: int
    language: str
    year: int
    udc: str
    titles: dict[str, str]
    authors: tuple[Author, ...]
    words: dict[str, list[str]]

    @property
    def doi(self) -> str:
        return f"10.5555/muras.{self.year}.{self.number:03}"

    @property
    def volume(self) -> int:
        return self.year - 2000

    def abstract(self, language: str) -> str:
        words = self.words[language]
        texts = ABSTRACTS[language]
        return texts[self.number % len(texts)].format(*words[:3], before=self.year - 2, after=self.year - 1)

    def body(self, paragraphs: int) -> list[str]:
        """Paragraphs of a few sentences each, never twice the same in a row."""
        sentences = BODY[self.language]
        stream = islice(cycle(sentences), self.number % len(sentences), None)
        return [" ".join(islice(stream, 4 + index % 3)) for index in range(paragraphs)]

    def place(self, index: int = 0) -> dict[str, str]:
        return PLACES[(self.number + index) % len(PLACES)]


HEADINGS = {
    "ky": ("Киришүү", "Изилдөөнүн материалдары жана ыкмалары", "Жыйынтыктар", "Корутунду", "Адабияттар"),
    "ru": ("Введение", "Материалы и методы", "Результаты и обсуждение", "Заключение", "Литература"),
    "en": ("Introduction", "Materials and methods", "Results and discussion", "Conclusion", "References"),
}

PLACES = (
    {
        "ky": "Теңир-Тоо тоо илимдер институту, Бишкек ш., Кыргыз Республикасы",
        "ru": "Институт горных наук «Теңир-Тоо», г. Бишкек, Кыргызская Республика",
        "en": "Tengir-Too Institute of Mountain Sciences, Bishkek, Kyrgyz Republic",
    },
    {
        "ky": "Чүй гуманитардык университети, Токмок ш.",
        "ru": "Чуйский гуманитарный университет, г. Токмок",
        "en": "Chui University of Humanities, Tokmok, Kyrgyzstan",
    },
    {
        "ky": "Алай политехникалык академиясы, колдонмо математика кафедрасы, Ош ш.",
        "ru": "Алайская политехническая академия, кафедра прикладной математики, г. Ош",
        "en": "Department of Applied Mathematics, Alai Polytechnic Academy, Osh, Kyrgyzstan",
    },
)

ABSTRACTS = {
    "ky": (
        "Макалада {0} жана {1} маселеси каралат. {before}–{after}-жылдары топтолгон маалыматтар боюнча айрым "
        "райондордогу өзгөрүүлөр көрсөтүлдү. Алынган жыйынтыктар мурдагы изилдөөлөр менен салыштырылды.",
        "Изилдөөнүн максаты – {0} тууралуу билимди толуктоо. Талаа иштеринин жыйынтыгында {1} менен {2} "
        "ортосундагы байланыш аныкталды. Автор иш жүзүндө колдонууга боло турган сунуштарды берет.",
        "Бул иште {0} жаңы маалыматтардын негизинде талданат. Негизги көңүл {1} маселесине бурулган. "
        "Жыйынтыктар окуу процессинде жана андан аркы изилдөөлөрдө пайдаланылышы мүмкүн.",
    ),
    "ru": (
        "В статье рассматриваются {0} и {1}. По данным, собранным в {before}–{after} годах, показаны изменения "
        "в отдельных районах. Полученные результаты сопоставлены с выводами прежних исследований.",
        "Цель исследования – дополнить сведения по теме «{0}». В ходе полевых работ установлена связь, в которой "
        "участвуют {1} и {2}. Автор предлагает рекомендации, пригодные для практики.",
        "Работа посвящена вопросу, в центре которого {0}. Особое внимание уделено теме «{1}». Выводы могут быть "
        "использованы в учебном процессе и при дальнейшем изучении вопроса.",
    ),
    "en": (
        "The article deals with {0} and {1}. Data collected in {before} and {after} show how the situation changes "
        "in several districts. The results are compared with the findings of earlier studies.",
        "This study adds to what is known about {0}. Field work has established a link between {1} and {2}. "
        "Recommendations that can be used in practice are proposed.",
        "The paper analyses {0} on the basis of new data. Particular attention is paid to {1}. The conclusions may "
        "be useful for teaching and for further research.",
    ),
}

BODY = {
    "ky": (
        "Бул маселе акыркы жылдары окумуштуулардын көңүлүн көбүрөөк буруп келет.",
        "Изилдөө үч этапта жүргүзүлдү жана ар бир этаптын өз милдети болду.",
        "Алгачкы маалыматтар жергиликтүү тургундар менен болгон маектешүүлөрдөн алынды.",
        "Салыштыруу үчүн мурда жарыяланган эмгектер да пайдаланылды.",
        "Таблицада көрсөтүлгөндөй, көрсөткүчтөр жылдан жылга бир калыпта өзгөргөн эмес.",
        "Мындай айырмачылыктын себеби, биздин оюбузча, шарттардын ар түрдүүлүгүндө жатат.",
        "Айрым авторлор башкача пикирде экенин белгилей кетүү зарыл.",
        "Биз чогулткан материалдар бул жыйынтыкты толук бойдон тастыктайт.",
        "Демек, ишти улантуу жана байкоолордун санын көбөйтүү максатка ылайыктуу.",
        "Ошондой эле кошуна өлкөлөрдүн тажрыйбасын эске алуу пайдалуу болмок.",
    ),
    "ru": (
        "В последние годы этот вопрос привлекает все больше внимания исследователей.",
        "Работа велась в три этапа, и каждый этап имел свою задачу.",
        "Первичные сведения получены в беседах с местными жителями.",
        "Для сравнения привлекались и ранее опубликованные труды.",
        "Как видно из таблицы, показатели менялись от года к году неравномерно.",
        "Причина таких различий, на наш взгляд, кроется в разнообразии условий.",
        "Следует отметить, что некоторые авторы придерживаются иного мнения.",
        "Собранный нами материал полностью подтверждает этот вывод.",
        "Таким образом, целесообразно продолжить работу и увеличить число наблюдений.",
        "Полезно было бы учесть и опыт соседних стран.",
    ),
    "en": (
        "In recent years this question has attracted more and more attention.",
        "The work was carried out in three stages, each with a task of its own.",
        "Primary data were obtained in conversations with local residents.",
        "Earlier publications were used for comparison.",
        "As the table shows, the figures did not change evenly from year to year.",
        "In our view, the reason for these differences lies in the variety of conditions.",
        "It should be noted that some authors hold a different opinion.",
        "The material that we collected fully supports this conclusion.",
        "It is therefore reasonable to continue and to increase the number of observations.",
        "The experience of neighbouring countries could also be taken into account.",
    ),
}
