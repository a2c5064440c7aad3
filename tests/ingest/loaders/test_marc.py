"""Records of MARC in ISO 2709 and MARCXML as packages: what they are called, what they say, what their library says."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.loaders import marc, marcxml
from ingest.loaders.packages import Note, Package
from ingest.loaders.profile import Profile
from repo.items.metadata import read_metadata
from tests.ingest.loaders.marc_samples import FOLDER, HACKED, KYRGYZ, KYRGYZ_MARC21, RUSSIAN, iso, samples

SLIM = "http://www.loc.gov/MARC21/slim"


def titles(packages: list[Package]) -> list[str]:
    return [(package.metadata or {}).get("titles", [{"value": ""}])[0]["value"] for package in packages]


def load(content: bytes, tmp_path: Path, profile: Profile | None = None) -> list[Package]:
    path = tmp_path / "records.mrc"
    path.write_bytes(content)
    return list(marc.load(path, profile or Profile()))


# ---------------------------------------------------------------- descriptions and raw records


def test_a_record_of_unimarc(tmp_path: Path) -> None:
    (package,) = load(iso(RUSSIAN[0]), tmp_path)
    assert package.metadata is not None
    metadata = read_metadata(package.metadata)
    assert (package.key, package.place, package.position) == ("ru-1", "1", f"2:{len(iso(RUSSIAN[0]))}")
    assert metadata.title().value == "История Киргизской ССР: учебное пособие для вузов"
    assert metadata.creators[0].name().inverted == "Карыпкулов, Аманбек Карыпкулович"
    assert (metadata.type, metadata.languages, metadata.issued) == ("book", ["ru"], "1988")
    assert (metadata.places[0].value, metadata.publishers[0].value) == ("Фрунзе", "Мектеп")
    assert metadata.identifiers[0].value == "9785655001237"
    assert [(remark.note, remark.about) for remark in package.remarks] == [(Note.NOT_MAPPED, "900")]
    assert not package.refused


def test_the_record_is_kept_as_it_came(tmp_path: Path) -> None:
    content = [iso(RUSSIAN[0], "cp866"), b"broken\x1d", iso(KYRGYZ[0]), iso(RUSSIAN[1])[:150]]
    found = load(b"\r\n".join(content), tmp_path)
    assert [base64.b64decode(package.raw) for package in found] == content
    assert {package.raw_name for package in found} == {"record.mrc"}
    assert [package.place for package in found] == ["1", "2", "3", "4"]
    assert [package.refused for package in found] == [False, True, False, True]
    assert [package.metadata is None for package in found] == [False, True, False, True]


def test_packages_are_plain(tmp_path: Path) -> None:
    """They go through the pipe between processes, and into JSON."""
    for package in load(iso(KYRGYZ[0]) + iso(KYRGYZ_MARC21[0]), tmp_path):
        assert json.loads(json.dumps(package.metadata)) == package.metadata


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8-r", "utf-8"])
def test_every_encoding(encoding: str) -> None:
    found = list(marc.load(FOLDER / f"russian.{encoding}.iso", Profile()))
    assert titles(found) == ["История Киргизской ССР: учебное пособие для вузов", "Белый пароход: повести"]


def test_encodings_mixed_in_one_file() -> None:
    found = list(marc.load(FOLDER / "mixed.iso", Profile()))
    assert titles(found) == 4 * ["История Киргизской ССР: учебное пособие для вузов", "Белый пароход: повести"]


def test_kyrgyz_in_marc8() -> None:
    """Leader/09 blank: what is ASCII with escapes to others is not taken for UTF-8."""
    (package,) = marc.load(FOLDER / "kyrgyz.marc-8.mrc", Profile())
    assert titles([package]) == ["Өмүр жөнүндө аңгемелер"]
    assert package.key == "(KG-BiNB)ky-3"


@pytest.mark.parametrize("encoding", ["cp1251", "cp866"])
def test_letters_drawn_over_others_are_mended_by_the_profile(encoding: str) -> None:
    path = FOLDER / f"kyrgyz.{encoding}.iso"
    wanted = ["Кыргыз тилинин түшүндүрмө сөздүгү: жаңы басылышы", "Өмүр жөнүндө аңгемелер"]
    assert titles(list(marc.load(path, Profile()))) != wanted
    assert titles(list(marc.load(path, Profile(letters=HACKED[encoding])))) == wanted


def test_the_encoding_of_the_profile_is_obeyed() -> None:
    path = FOLDER / "russian.koi8-r.iso"
    assert titles(list(marc.load(path, Profile(encoding="KOI8-R"))))[1] == "Белый пароход: повести"
    assert titles(list(marc.load(path, Profile(encoding="cp1251"))))[1] == "вЕМЩК РБТПИПД: РПЧЕУФЙ"
    (refused,) = marc.load(path, Profile(encoding="cp1250½"))
    assert [(remark.note, remark.about) for remark in refused.remarks] == [(Note.WRONG_VALUE, "encoding")]
    assert list(marc.load(path, Profile(encoding="cp1250½"), refused.position)) == []
    garbled = list(marc.load(path, Profile(encoding="utf-8")))
    assert {remark.note for package in garbled for remark in package.remarks} >= {Note.GARBLED}


def test_samples_are_what_their_maker_makes() -> None:
    made = samples()
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == made


# ---------------------------------------------------------------- keys


def test_keys(tmp_path: Path) -> None:
    nameless = RUSSIAN[1][1:]
    again = [("005", "20261127120000.0"), *nameless]
    changed = [*nameless, ("330", "  $aО мальчике")]
    marc21 = [("001", "77 "), ("003", "KG-BiNB"), ("245", "00$aManas")]
    unimarc = [("001", "77"), ("003", "http://id.example.org/77"), ("200", "1 $aManas")]
    found = load(b"".join(map(iso, [nameless, again, changed, marc21, unimarc])), tmp_path)
    keys = [package.key for package in found]
    assert keys[0].startswith("sha256:")
    assert keys[0] == keys[1] != keys[2], "by what it says, not by when it was changed"
    assert keys[3:] == ["(KG-BiNB)77", "77"]
    assert [(remark.note, remark.about) for remark in found[0].remarks] == [(Note.MENDED, "001")]
    (other,) = load(iso(nameless, "cp1251"), tmp_path)
    assert other.key == keys[0], "whatever the encoding"


def test_a_record_without_a_title_is_refused(tmp_path: Path) -> None:
    (package,) = load(iso([("001", "1"), ("020", "  $a5-655-00123-3")]), tmp_path)
    assert [(remark.note, remark.about) for remark in package.remarks] == [(Note.NO_METADATA, "title")]
    (mended,) = load(iso([("001", "1"), ("942", "  $tManas")]), tmp_path, Profile(fields={"942$t": "title"}))
    assert titles([mended]) == ["Manas"]
    assert not mended.refused


# ---------------------------------------------------------------- what the library says


def test_local_fields_by_the_profile(tmp_path: Path) -> None:
    record = [
        *RUSSIAN[0][:-1],
        ("300", "  $aДля служебного пользования"),
        ("900", "  $aКраеведение$bДар автора"),
        ("900", "  $aИстория$9x"),
        ("990", "  $adiss"),
        ("995", "  $ashelf"),
    ]
    profile = Profile(
        fields={"900$a": "keywords[ru]", "900$b": "provenance", "300$a": "", "990$a": "type", "900$9": ""},
        constants={"publisher": "Чужое", "rights.licence": "cc-by-4.0"},
        terms={"type": {"Diss": "doctoral-thesis"}},
    )
    (package,) = load(iso(record), tmp_path, profile)
    assert package.metadata is not None
    metadata = read_metadata(package.metadata)
    assert [(word.value, word.lang) for word in metadata.keywords][-2:] == [("Краеведение", "ru"), ("История", "ru")]
    assert metadata.notes == []
    assert metadata.type == "doctoral-thesis"
    assert metadata.licence == "cc-by-4.0"
    assert [text.value for text in metadata.publishers] == ["Мектеп"], "constants give way to what a record says"
    assert (Note.NOT_MAPPED, "995") in [(remark.note, remark.about) for remark in package.remarks]
    assert (Note.NOT_MAPPED, "900") not in [(remark.note, remark.about) for remark in package.remarks]


def test_a_field_mapped_away_from_its_meaning(tmp_path: Path) -> None:
    (package,) = load(iso(RUSSIAN[0]), tmp_path, Profile(fields={"610": "abstract[ru]", "700": "", "001": ""}))
    assert package.metadata is not None
    metadata = read_metadata(package.metadata)
    assert (metadata.keywords, metadata.creators) == ([], [])
    assert metadata.abstracts[0].value == "история Киргизии"


def test_a_wrong_value_is_told_of(tmp_path: Path) -> None:
    (package,) = load(iso(RUSSIAN[0]), tmp_path, Profile(fields={"900$a": "date"}))
    assert [(remark.note, remark.about) for remark in package.remarks] == [(Note.WRONG_VALUE, "900$a")]


def test_files_beside_the_catalogue(tmp_path: Path) -> None:
    folder = tmp_path / "load"
    (folder / "pdf").mkdir(parents=True)
    (folder / "pdf" / "1.pdf").write_bytes(b"%PDF-1.4")
    named = [[*RUSSIAN[0], ("951", f"  $a{name}")] for name in ("pdf\\1.pdf", "pdf/2.pdf", "../../etc/passwd")]
    (folder / "books2.mrc").write_bytes(iso(KYRGYZ[0]))
    (folder / "books10.mrc").write_bytes(b"".join(map(iso, named)))
    profile = Profile(fields={"951$a": "files"})
    found = list(marc.load(folder, profile))
    assert [package.place for package in found] == [
        "books2.mrc: 1",
        "books10.mrc: 2",
        "books10.mrc: 3",
        "books10.mrc: 4",
    ]
    assert [file.path for file in found[1].files] == [folder / "pdf" / "1.pdf"]
    assert [package.remarks[-1].note for package in found[2:]] == [Note.FILE_MISSING, Note.BAD_PATH]
    for number, package in enumerate(found):
        assert list(marc.load(folder, profile, package.position)) == found[number + 1 :]


# ---------------------------------------------------------------- going on


@given(st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=8), st.integers(0, 30)), max_size=5))
def test_damage_anywhere(tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, bytes, int]]) -> None:
    """Never an exception; each position leads to the same rest; what is read can be stored."""
    content = samples()["mixed.iso"]
    for at, put, taken in damage:
        at %= len(content) + 1
        content = content[:at] + put + content[at + taken :]
    path = tmp_path_factory.mktemp("damage") / "records.mrc"
    path.write_bytes(content)
    found = list(marc.load(path, Profile()))
    for number, package in enumerate(found):
        assert package.refused or package.metadata is not None
        assert "\x00" not in json.dumps(package.metadata, ensure_ascii=False)
        assert list(marc.load(path, Profile(), package.position)) == found[number + 1 :]


# ---------------------------------------------------------------- MARCXML


def slim(*records: str, head: str = '<?xml version="1.0" encoding="utf-8"?>', encoding: str = "utf-8") -> bytes:
    inner = "\n".join(f"<record>{record}</record>" for record in records)
    return f'{head}<collection xmlns="{SLIM}">{inner}</collection>\n'.encode(encoding)


def entry(number: int, title: str = "Манас") -> str:
    return (
        f'<leader>00000nam a2200000 a 4500</leader><controlfield tag="001">{number}</controlfield>'
        f'<datafield tag="245" ind1="0" ind2="0"><subfield code="a">{title} &amp; {number}</subfield></datafield>'
    )


def load_xml(content: bytes, tmp_path: Path, profile: Profile | None = None) -> list[Package]:
    path = tmp_path / "records.xml"
    path.write_bytes(content)
    found = list(marcxml.load(path, profile or Profile()))
    for number, package in enumerate(found):
        assert list(marcxml.load(path, profile or Profile(), package.position)) == found[number + 1 :]
    return found


def test_marcxml(tmp_path: Path) -> None:
    content = slim(*(entry(number) for number in range(3)))
    found = load_xml(content, tmp_path)
    assert [package.key for package in found] == ["0", "1", "2"]
    assert titles(found) == ["Манас & 0", "Манас & 1", "Манас & 2"]
    raw = [base64.b64decode(package.raw).decode() for package in found]
    assert raw == [f"<record>{entry(number)}</record>" for number in range(3)]


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-16", "cp866"])
def test_encodings_of_xml(encoding: str, tmp_path: Path) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    found = load_xml(slim(entry(1), entry(2), head=head, encoding=encoding), tmp_path)
    assert titles(found) == ["Манас & 1", "Манас & 2"]
    assert (
        base64.b64decode(found[1].raw).decode("utf-16-le" if encoding == "utf-16" else encoding).endswith("</record>")
    )


def test_a_wrong_encoding_in_xml_is_put_right_by_the_profile(tmp_path: Path) -> None:
    content = slim(entry(1), entry(2), encoding="cp1251")
    assert [package.remarks[0].note for package in load_xml(content, tmp_path)] == [Note.BROKEN, Note.BROKEN]
    assert titles(load_xml(content, tmp_path, Profile(encoding="cp1251"))) == ["Манас & 1", "Манас & 2"]
    (refused,) = load_xml(content, tmp_path, Profile(encoding="marc-8"))
    assert refused.remarks[0].about == "encoding"


def test_records_in_an_answer_of_oai_pmh(tmp_path: Path) -> None:
    wrapped = (
        "".join(
            f"<record><header/><metadata><m:record xmlns:m='{SLIM}'>{entry(number)}</m:record></metadata></record>"
            for number in range(3)
        )
        .replace("<m:record xmlns:m", "<record xmlns")
        .replace("</m:record>", "</record>")
    )
    head = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
    found = load_xml(f"{head}{wrapped}</ListRecords></OAI-PMH>".encode(), tmp_path)
    assert [package.key for package in found] == ["0", "1", "2"]


def test_damaged_xml(tmp_path: Path) -> None:
    content = slim(*(entry(number) for number in range(5)))
    broken = content.replace(b'<controlfield tag="001">1<', b'<controlfield tag="001">1<<')
    found = load_xml(broken, tmp_path)
    assert [package.refused for package in found] == [False, True, False, False, False]
    assert base64.b64decode(found[1].raw).startswith(b"<record><leader>")
    cut = load_xml(content[: content.rindex(b"<subfield") + 20], tmp_path)
    assert [package.remarks[0].note for package in cut if package.refused] == [Note.CUT_OFF]
    assert len(cut) == 5
    between = load_xml(content[: content.rindex(b"<record>")], tmp_path)
    assert [package.refused for package in between] == [False] * 4 + [True]
    assert between[-1].remarks[0].note is Note.CUT_OFF, "somebody should know that the file does not end there"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain text",
        b"<html><body>404</body></html>",
        b'<!DOCTYPE c [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><collection><record><leader>&b;</leader></record></collection>',
        b'<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><collection><record><leader>&x;</leader></record></collection>',
        b"<collection>" + b"<a>" * 100_000,
        b"<collection><record>" + b"<leader>" * 100_000,
    ],
)
def test_hostile_xml(content: bytes, tmp_path: Path) -> None:
    found = load_xml(content, tmp_path)
    assert all(package.refused for package in found)
    assert len(found) == (1 if content else 0)


def test_a_record_of_xml_that_is_too_large(tmp_path: Path) -> None:
    content = slim(entry(1), entry(2, "x" * (3 << 20)), entry(3))
    found = load_xml(content, tmp_path)
    assert [[remark.note for remark in package.remarks] for package in found] == [[], [Note.TOO_LARGE], []]


@given(st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=8), st.integers(0, 30)), max_size=4))
def test_damage_anywhere_in_xml(tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, bytes, int]]) -> None:
    content = slim(*(entry(number) for number in range(6)))
    for at, put, taken in damage:
        at %= len(content) + 1
        content = content[:at] + put + content[at + taken :]
    load_xml(content, tmp_path_factory.mktemp("damage"))
