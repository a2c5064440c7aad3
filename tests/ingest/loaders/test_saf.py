"""Items of DSpace's Simple Archive Format: bundles, permissions, embargoes, handles, collections."""

import base64
import os
from pathlib import Path

import pytest

from ingest.loaders.packages import Note
from ingest.loaders.profile import Profile
from ingest.loaders.registry import LOADERS, detect_format
from repo.items.access import Access, FileRole
from tests.ingest.loaders.loading import load, load_one, notes, write_files


def dublin_core(*values: tuple[str, str, str], schema: str = "dc", lang: str = "") -> str:
    language = f' language="{lang}"' if lang else ""
    each = "".join(
        f'<dcvalue element="{element}" qualifier="{qualifier}"{language}>{value}</dcvalue>'
        for element, qualifier, value in values
    )
    return f'<?xml version="1.0" encoding="utf-8"?><dublin_core schema="{schema}">{each}</dublin_core>'


TITLE = ("title", "none", "Манас")


def test_a_description_with_roles_handles_and_schemas(tmp_path: Path) -> None:
    values = [
        TITLE,
        ("title", "alternative", "Manas"),
        ("contributor", "author", "Айтматов, Чыңгыз"),
        ("contributor", "advisor", "Осмонов, Алыкул"),
        ("contributor", "author", "Асанова, Бермет"),
        ("date", "issued", "1968-05"),
        ("date", "accessioned", "2020-01-01T00:00:00Z"),
        ("description", "abstract", "Эпос жөнүндө"),
        ("description", "provenance", "Submitted by Clerk (clerk@example.org)"),
        ("identifier", "uri", "http://hdl.handle.net/123456789/42"),
        ("identifier", "uri", "https://lib.example.org/handle/123456789/42"),
        ("identifier", "isbn", "978-3-16-148410-0"),
        ("subject", "udc", "821.512"),
        ("subject", "none", "эпос"),
        ("type", "none", "Thesis"),
        ("language", "iso", "ky"),
        ("rights", "uri", "https://creativecommons.org/licenses/by/4.0/"),
        ("relation", "ispartofseries", "Китепкана"),
    ]
    grantor = dublin_core(("degree", "grantor", "КУУ"), schema="thesis", lang="ky_KG")
    secret = dublin_core(("field", "secret", "x"), schema="local")
    files = {"dublin_core.xml": dublin_core(*values), "metadata_thesis.xml": grantor, "metadata_local.xml": secret}
    files |= {"handle": "123456789/42\n", "collections": "123456789/1\n123456789/2\n"}
    package = load_one(write_files(tmp_path / "item_1", files).parent)
    told = package.metadata or {}
    assert package.key == "123456789/42" and package.collection == "123456789/1"
    assert package.addresses == ("hdl:123456789/42",)
    assert [agent["names"][0]["family"] for agent in told["creators"]] == ["Айтматов", "Асанова"]
    assert told["contributors"] == [{"names": [{"family": "Осмонов", "given": "Алыкул"}], "role": "advisor"}]
    assert (told["issued"], told["type"], told["languages"], told["licence"]) == (
        "1968-05",
        "doctoral-thesis",
        ["ky"],
        "cc-by-4.0",
    )
    assert told["identifiers"] == [
        {"scheme": "handle", "value": "123456789/42"},
        {"scheme": "isbn", "value": "9783161484100"},
    ]
    assert told["subjects"] == [{"scheme": "udc", "value": "821.512"}]
    assert told["thesis"] == {"institutions": [{"value": "КУУ", "lang": "ky"}]}
    assert "clerk@example.org" not in str(told)
    assert notes(package) == [(Note.NOT_MAPPED, "local.field.secret"), (Note.LEFT_OUT, "collections")]
    assert base64.b64decode(package.raw).decode() == files["dublin_core.xml"]
    assert [(file.name, file.role is FileRole.PRIVATE) for file in package.files] == [
        ("metadata_local.xml", True),
        ("metadata_thesis.xml", True),
    ]


def test_files_by_bundle_and_permission(tmp_path: Path) -> None:
    contents = "\n".join(
        (
            "second.pdf\tbundle:ORIGINAL\tpermissions:-r 'Anonymous'",
            "first.pdf\tprimary:true\tdescription:The work",
            "closed.pdf\tbundle:ORIGINAL\tPermissions: -r 'Staff'",
            "written.pdf\tpermissions:-w 'Anonymous'",
            "drafts.zip\tBUNDLE:Working copies",
            "license.txt\tbundle:LICENSE",
            "first.pdf.txt\tbundle:TEXT",
            "-r -s 1 -f store/file.pdf",
        )
    )
    names = ["first.pdf", "second.pdf", "closed.pdf", "written.pdf", "drafts.zip"]
    names += ["license.txt", "first.pdf.txt", "forgotten.pdf"]
    files = {"dublin_core.xml": dublin_core(TITLE), "contents": contents, **dict.fromkeys(names, "x")}
    package = load_one(write_files(tmp_path / "item_1", files).parent)
    assert [(file.name, file.role is FileRole.PRIVATE, file.access) for file in package.files] == [
        ("first.pdf", False, None),
        ("second.pdf", False, None),
        ("closed.pdf", False, Access.CLOSED),
        ("written.pdf", False, Access.CLOSED),
        ("drafts.zip", True, None),
        ("license.txt", True, None),
    ]
    assert notes(package) == [
        (Note.NOT_OPEN, "closed.pdf"),
        (Note.NOT_OPEN, "written.pdf"),
        (Note.NOT_OPEN, "drafts.zip"),
        (Note.LEFT_OUT, "first.pdf.txt"),
        (Note.FILE_MISSING, "-r -s 1 -f store/file.pdf"),
        (Note.EXTRA_FILE, "forgotten.pdf"),
    ]


@pytest.mark.parametrize(
    ("element", "value", "access", "until"),
    [("date", "2031-01-01", "embargoed", "2031-01-01"), ("date", "forever", "closed", None)],
)
def test_embargoes(tmp_path: Path, element: str, value: str, access: str, until: str | None) -> None:
    files = {"dublin_core.xml": dublin_core(TITLE, (element, "embargo", value))}
    told = load_one(write_files(tmp_path / "item_1", files).parent).metadata or {}
    assert (told["access"], told.get("embargo_until")) == (access, until)


def test_a_profile_says_what_fields_and_collections_mean(tmp_path: Path) -> None:
    profile = Profile(
        fields={"dc.title[ky]": "title.alternative[ky]", "dc.subject.class": "subjects.bbk", "dc.date.issued": ""},
        terms={"collection": {"123456789/1": "theses"}},
        constants={"rights.licence": "arr"},
    )
    values = dublin_core(TITLE, ("subject", "class", "Ш3"), ("date", "issued", "1968"), lang="ky_KG")
    extra = dublin_core(("title", "none", "Эпос"), lang="ru")
    files = {"dublin_core.xml": values, "metadata_dc.xml": extra, "collections": "123456789/1"}
    package = load_one(write_files(tmp_path / "item_1", files).parent, profile)
    told = package.metadata or {}
    assert package.collection == "theses" and told["licence"] == "arr" and "issued" not in told
    assert told["subjects"] == [{"scheme": "bbk", "value": "Ш3"}]
    assert [(title["value"], title.get("kind", "main")) for title in told["titles"]] == [
        ("Эпос", "main"),
        ("Манас", "alternative"),
    ]


def test_items_in_the_order_of_their_names_and_those_that_are_none(tmp_path: Path) -> None:
    for name in ("item_10", "item_2", "item_3"):
        write_files(tmp_path / name, {"dublin_core.xml": dublin_core(TITLE)})
    (tmp_path / "item_4").mkdir()
    (tmp_path / "item_5").symlink_to(tmp_path / "item_3")
    write_files(tmp_path / "item_6", {"dublin_core.xml": "<dublin_core>"})
    write_files(tmp_path / "item_7", {"dublin_core.xml": b"<dublin_core>" + b" " * (1 << 25) + b"</dublin_core>"})
    packages = load(tmp_path)
    assert [package.key for package in packages] == ["item_10", "item_2", "item_3", "item_4", "item_6", "item_7"]
    told = [package.remarks[0].note for package in packages if package.refused]
    assert told == [Note.NO_METADATA, Note.BROKEN, Note.TOO_LARGE]


def test_names_that_lead_elsewhere(tmp_path: Path) -> None:
    write_files(tmp_path, {"secret.txt": "x"})
    lines = "../../secret.txt\n/etc/passwd\nlink.txt\nhard.txt\nsub/../../a\n"
    item = write_files(tmp_path / "load/item_1", {"dublin_core.xml": dublin_core(TITLE), "contents": lines})
    (item / "link.txt").symlink_to(tmp_path / "secret.txt")
    os.link(tmp_path / "secret.txt", item / "hard.txt")
    package = load_one(tmp_path / "load")
    bad = [remark.note for remark in package.remarks if remark.fatal]
    assert bad == [Note.BAD_PATH, Note.BAD_PATH, Note.NOT_A_FILE, Note.NOT_A_FILE, Note.BAD_PATH]
    assert package.files == ()


def test_small_files_that_are_links(tmp_path: Path) -> None:
    write_files(tmp_path, {"secret": "1/2"})
    item = write_files(tmp_path / "load/item_1", {"dublin_core.xml": dublin_core(TITLE)})
    (item / "handle").symlink_to(tmp_path / "secret")
    package = load_one(tmp_path / "load")
    assert package.key == "item_1" and notes(package)[0] == (Note.NOT_A_FILE, "handle")


def test_elements_that_are_no_names_and_entities(tmp_path: Path) -> None:
    values = dublin_core(TITLE, ("bad name<".replace("<", "&lt;"), "none", "x"), ("", "", "y"))
    entity = '<!DOCTYPE dublin_core [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    evil = values.replace("<dublin_core", f"{entity}<dublin_core").replace("Манас", "Манас &e;")
    package = load_one(write_files(tmp_path / "item_1", {"dublin_core.xml": evil}).parent)
    assert "root:" not in str(package)


def test_one_item_without_a_folder_has_a_key_of_its_own(tmp_path: Path) -> None:
    for folder in ("upload-1", "upload-2"):
        write_files(tmp_path / folder, {"dublin_core.xml": dublin_core(TITLE), "contents": ""})
    keys = {load_one(tmp_path / folder).key for folder in ("upload-1", "upload-2")}
    assert len(keys) == 1 and keys.pop().startswith("work-")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert detect_format(tmp_path) == ""
    assert [package.remarks[0].note for package in LOADERS["saf"](tmp_path, Profile(), "")] == [Note.NO_METADATA]
