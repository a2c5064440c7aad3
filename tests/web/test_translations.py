"""The catalogs are complete and keep the rules; and the rules find what they are there to find."""

import importlib.machinery
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages import Catalog

SCRIPT = Path(__file__).parents[2] / "scripts/messages"


@pytest.fixture(scope="module")
def messages() -> Iterator[ModuleType]:
    """The script as a module."""
    loader = importlib.machinery.SourceFileLoader("messages_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module
    loader.exec_module(module)
    yield module
    del sys.modules[loader.name]


def test_every_text_stands_in_three_languages_and_keeps_the_rules() -> None:
    checked = subprocess.run([sys.executable, SCRIPT, "check"], capture_output=True, text=True)

    assert (checked.stdout, checked.returncode) == ("The translations are complete.\n", 0)


def test_the_texts_of_code_and_templates_are_found(messages: ModuleType) -> None:
    found = {message.id for message in messages.extract()}

    assert {"Muras", "Skip to main content", "Too many attempts"} <= found


@pytest.mark.parametrize(
    ("language", "source", "translation", "fault"),
    [
        ("ky", "Saved: %(time)s", "", "is missing"),
        ("ky", "Saved: %(time)s", "Сакталды: %(tme)s", "other placeholders"),
        ("ru", "Saved: %(time)s", "Сохранено", "other placeholders"),
        ("ru", "100%% done", "Сделано: 100%", "other percent signs"),
        ("ru", "Press <b>Save</b>", "Нажмите <i>Сохранить</i>", "other tags"),
        ("ru", "Saved", "Сохранено ", "another space"),
        ("ky", "Houses", "Унааcы", "mixes Cyrillic and Latin"),
        ("ru", "Press “Save”", 'Нажмите "Сохранить"', "quotation marks"),
        ("ru", "Try again", "Попробуйте снова, пожалуйста", "rule 1"),
        ("ky", "Plan", "Жоспар үшін қара", "not Kyrgyz"),
        ("ky", "To %(name)s", "%(name)sга", "case ending"),
        ("ky", "From %(date)s", "%(date)s-дан", "case ending"),
        ("ky", "In %(place)s", "«%(place)s»да", "case ending"),
        ("ky", "Of %(place)s", "%(place)sнын", "case ending"),
    ],
)
def test_a_broken_text_is_found(messages: ModuleType, language: str, source: str, translation: str, fault: str) -> None:
    catalog = Catalog(locale=language)
    message = catalog.add(source, translation)

    found = list(messages.check_message(language, message))

    assert any(fault in line for line in found), found


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("Version %(number)s", "%(number)s-версия"),
        ("Page %(page)s of %(total)s", "%(page)s-бет, баары %(total)s"),
        ("Item “%(title)s”", "«%(title)s» материалы"),
        ("Library: %(name)s", "%(name)s китепканасында"),
        ("Download (PDF, %(size)s)", "Жүктөп алуу (PDF, %(size)s)"),
        ("Address of OAI-PMH", "OAI-PMH дареги"),
    ],
)
def test_a_right_text_passes(messages: ModuleType, source: str, translation: str) -> None:
    message = Catalog(locale="ky").add(source, translation)

    assert list(messages.check_message("ky", message)) == []


@pytest.mark.parametrize(
    ("forms", "fault"),
    [
        (("%(num)s файл", "%(num)s файл"), ""),
        (("%(num)s файл", "%(num)s файлдар"), "different plural forms"),
        (("%(num)s китептер", "%(num)s китептер"), "plural after a number"),
        (("%(num)s файл", ""), "is missing"),
    ],
)
def test_kyrgyz_plurals(messages: ModuleType, forms: tuple[str, str], fault: str) -> None:
    message = Catalog(locale="ky").add(("%(num)s file", "%(num)s files"), forms)

    found = list(messages.check_message("ky", message))

    assert bool(found) == bool(fault)
    assert not fault or any(fault in line for line in found)


def test_a_forgotten_translation_is_found(messages: ModuleType) -> None:
    kyrgyz, russian = Catalog(locale="ky"), Catalog(locale="ru")
    kyrgyz.add("Search", "Поиск")
    russian.add("Search", "Поиск")
    kyrgyz.add("%(first)s – %(last)s", "%(first)s – %(last)s")
    kyrgyz.add("Muras", "Мурас")
    russian.add("Muras", "Мурас")

    assert list(messages.check_sameness(kyrgyz, russian)) == [
        "ky and ru are equal, and repo/translations/same.txt does not say why: Search"
    ]


def test_the_glossary_is_binding(messages: ModuleType) -> None:
    kyrgyz, russian = Catalog(locale="ky"), Catalog(locale="ru")
    kyrgyz.add("Saved at %(time)s", "Сакталды: %(time)s")
    kyrgyz.add("Draft", "Долбоор")
    russian.add("Draft", "Черновик")

    assert list(messages.check_glossary({"ky": kyrgyz, "ru": russian})) == [
        "ky: Draft: «Долбоор», but the glossary says «каралама»"
    ]
    # "search" is a word of its own and a button
    assert messages.read_glossary()["search"] == {"ru": ["поиск", "найти"], "ky": ["издөө"]}
