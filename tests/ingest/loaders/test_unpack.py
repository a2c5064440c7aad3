"""Archives unpacked whole or refused by name, with nothing left behind."""

import io
import os
import stat
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.loaders.folders import main_folder
from ingest.loaders.unpack import UnpackError, UnpackFault, UnpackLimits, unpack

Build = Callable[[zipfile.ZipFile], object]
USUAL = UnpackLimits()

BuildTar = Callable[[tarfile.TarFile], object]


def make_zip(path: Path, build: Build) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        build(file)
    return path


def make_tar(path: Path, build: BuildTar, mode: str = "w") -> Path:
    with tarfile.open(path, mode) as file:  # type: ignore[call-overload]
        build(file)
    return path


def member(name: str, content: bytes = b"x", **options: object) -> tuple[tarfile.TarInfo, io.BytesIO]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in options.items():
        setattr(info, key, value)
    return info, io.BytesIO(content)


def unpacked(archive: Path, limits: UnpackLimits = USUAL) -> list[str]:
    folder = archive.with_suffix(".unpacked")
    count = unpack(archive, folder, limits)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert len(names) == count
    return names


def refused(archive: Path, limits: UnpackLimits = USUAL) -> UnpackFault:
    before = sorted(archive.parent.iterdir())
    with pytest.raises(UnpackError) as caught:
        unpack(archive, archive.parent / "unpacked", limits)
    assert sorted(archive.parent.iterdir()) == before, "something was left behind"
    return caught.value.fault


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def test_files_and_folders(tmp_path: Path) -> None:
    def build(file: zipfile.ZipFile) -> None:
        file.writestr("work/empty/", "")
        file.writestr("work/a.txt", "а")
        file.writestr("work\\b\\c.txt", "б")

    assert unpacked(make_zip(tmp_path / "a.zip", build)) == ["work/a.txt", "work/b/c.txt"]
    assert main_folder(tmp_path / "a.unpacked") == tmp_path / "a.unpacked/work"


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_tar_with_and_without_compression(tmp_path: Path, mode: str, form: int) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, mode, format=form) as file:  # type: ignore[call-overload]
        file.addfile(*member("./", b"", type=tarfile.DIRTYPE))
        file.addfile(*member("./a/Тоо.txt", b"q" * 512 * 4000))
        file.addfile(*member("b.txt", b"r" * 700))
    assert unpacked(path) == ["a/Тоо.txt", "b.txt"]
    assert (tmp_path / "a.unpacked/a/Тоо.txt").stat().st_size == 512 * 4000


@pytest.mark.parametrize("encoding", ["cp866", "cp1251", "utf-8"])
def test_names_in_the_code_page_of_a_console(tmp_path: Path, encoding: str) -> None:
    wanted = "Улуттук китепкана каталогу.txt" if encoding == "utf-8" else "Годовой отчет библиотеки.txt"
    raw = wanted.encode(encoding)
    path = make_zip(tmp_path / "a.zip", lambda file: file.writestr("n" * len(raw), "x"))
    path.write_bytes(path.read_bytes().replace(b"n" * len(raw), raw))
    assert unpacked(path) == [wanted]


def test_64_bits(tmp_path: Path) -> None:
    def build(file: zipfile.ZipFile) -> None:
        for number in range(70_000):
            file.writestr(zipfile.ZipInfo(f"{number}.txt"), "")
        with file.open("large.bin", "w", force_zip64=True) as out:
            out.write(b"x" * 1000)

    assert len(unpacked(make_zip(tmp_path / "a.zip", build))) == 70_001


@pytest.mark.parametrize(
    "name",
    [
        "../a.txt",
        "a/../../b.txt",
        "/etc/passwd",
        "C:/a.txt",
        "..\\..\\a.txt",
        "\\\\server\\a.txt",
        "~/.ssh/authorized_keys",
        "x" * 256,
        "a/" * 50 + "b",
        "..",
    ],
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    assert refused(make_zip(tmp_path / "a.zip", lambda file: file.writestr(name, "x"))) is UnpackFault.BAD_PATH
    assert refused(make_tar(tmp_path / "a.tar", lambda file: file.addfile(*member(name)))) is UnpackFault.BAD_PATH


@pytest.mark.parametrize(
    ("mode", "fault"),
    [
        (stat.S_IFLNK | 0o777, UnpackFault.LINK),
        (stat.S_IFIFO | 0o644, UnpackFault.DEVICE),
        (stat.S_IFBLK | 0o644, UnpackFault.DEVICE),
        (stat.S_IFCHR | 0o644, UnpackFault.DEVICE),
        (stat.S_IFSOCK | 0o644, UnpackFault.DEVICE),
    ],
)
def test_what_is_no_file_in_a_zip(tmp_path: Path, mode: int, fault: UnpackFault) -> None:
    path = make_zip(tmp_path / "a.zip", lambda file: file.writestr(special("a", mode), "/etc/passwd"))
    assert refused(path) is fault


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (tarfile.SYMTYPE, UnpackFault.LINK),
        (tarfile.LNKTYPE, UnpackFault.LINK),
        (tarfile.CHRTYPE, UnpackFault.DEVICE),
        (tarfile.BLKTYPE, UnpackFault.DEVICE),
        (tarfile.FIFOTYPE, UnpackFault.DEVICE),
    ],
)
def test_what_is_no_file_in_a_tar(tmp_path: Path, kind: bytes, fault: UnpackFault) -> None:
    def build(file: tarfile.TarFile) -> None:
        file.addfile(*member("first.txt"))
        file.addfile(*member("a", b"", type=kind, linkname="/etc/passwd"))
        file.addfile(*member("a/b.txt"))

    assert refused(make_tar(tmp_path / "a.tar", build)) is fault


@pytest.mark.parametrize(
    "names",
    [
        ("a.txt", "a.txt"),
        ("a.txt", "A.TXT"),
        ("й.txt", unicodedata.normalize("NFD", "й.txt")),
        ("a", "a/b.txt"),
        ("a/b.txt", "a"),
        ("a.txt", "./a.txt"),
        ("a/b.txt", "A\\b.txt"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_names_for_one_file(tmp_path: Path, names: tuple[str, str]) -> None:
    path = make_zip(tmp_path / "a.zip", lambda file: [file.writestr(name, "x") for name in names])
    assert refused(path) is UnpackFault.SAME_NAME
    path = make_tar(tmp_path / "a.tar", lambda file: [file.addfile(*member(name)) for name in names])
    assert refused(path) is UnpackFault.SAME_NAME


SMALL = UnpackLimits(entries=50, unpacked=10_000_000, ratio=100, small=100_000)


def test_bombs(tmp_path: Path) -> None:
    zeros = b"\0" * 5_000_000
    assert refused(make_zip(tmp_path / "a.zip", lambda file: file.writestr("a", zeros)), SMALL) is UnpackFault.BOMB
    path = make_tar(tmp_path / "a.tgz", lambda file: file.addfile(*member("a", zeros)), "w:gz")
    assert refused(path, SMALL) is UnpackFault.BOMB
    rest = io.BytesIO()
    with tarfile.open(fileobj=rest, mode="w:gz") as file:
        file.addfile(*member("a"))
    # What comes after the last entry is never read.
    (tmp_path / "b.tgz").write_bytes(rest.getvalue())
    assert unpacked(tmp_path / "b.tgz", SMALL) == ["a"]


def test_a_bomb_between_the_files(tmp_path: Path) -> None:
    """A header that tells of gigabytes of names, and an entry that is passed over."""

    def build(file: tarfile.TarFile) -> None:
        info, content = member("././@PaxHeader", b"\0" * 5_000_000, type=tarfile.XHDTYPE)
        file.addfile(info, content)
        file.addfile(*member("a"))

    assert refused(make_tar(tmp_path / "a.tgz", build, "w:gz"), SMALL) is UnpackFault.BOMB


def test_entries_over_each_other(tmp_path: Path) -> None:
    """Many names for the same compressed bytes (D. Fifield, "A better zip bomb", 2019)."""
    noise = os.urandom(90_000)
    path = make_zip(tmp_path / "a.zip", lambda file: file.writestr(zipfile.ZipInfo("a0"), noise))
    content = path.read_bytes()
    at = content.rfind(b"PK\1\2")
    end = content.rfind(b"PK\5\6")
    entry = content[at:end]
    entries = b"".join(entry.replace(b"a0", b"a%d" % number) for number in range(5))
    closing = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 5, 5, len(entries), at, 0)
    path.write_bytes(content[:at] + entries + closing)
    assert refused(path, SMALL) is UnpackFault.BOMB


def test_too_many_and_too_much(tmp_path: Path) -> None:
    many = [f"{number}.txt" for number in range(60)]
    path = make_zip(tmp_path / "a.zip", lambda file: [file.writestr(name, "x") for name in many])
    assert refused(path, SMALL) is UnpackFault.TOO_MANY
    path = make_tar(tmp_path / "a.tar", lambda file: [file.addfile(*member(name)) for name in many])
    assert refused(path, SMALL) is UnpackFault.TOO_MANY
    noise = os.urandom(11_000_000)
    path = make_zip(tmp_path / "b.zip", lambda file: file.writestr("a", noise))
    assert refused(path, SMALL) is UnpackFault.TOO_LARGE
    path = make_tar(tmp_path / "b.tar", lambda file: file.addfile(*member("a", noise)))
    assert refused(path, SMALL) is UnpackFault.TOO_LARGE


def test_more_than_the_disk_holds(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", lambda file: file.writestr("a", b"x"))
    content = path.read_bytes()
    at = content.rfind(b"PK\1\2")
    huge = struct.pack("<HHQ", 1, 8, 1 << 55)
    entry = content[at : at + 24] + b"\xff\xff\xff\xff" + content[at + 28 : at + 30] + struct.pack("<H", len(huge))
    entry += content[at + 32 : at + 47] + huge
    closing = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(entry), at, 0)
    path.write_bytes(content[:at] + entry + closing)
    assert refused(path, UnpackLimits(unpacked=1 << 60, small=1 << 60)) is UnpackFault.NO_ROOM


def test_encrypted(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", lambda file: file.writestr("a.txt", "x"))
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.rfind(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    assert refused(path) is UnpackFault.ENCRYPTED


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_cut_in_the_middle(tmp_path: Path, cut: float) -> None:
    noise = os.urandom(100_000)
    for path in (
        make_zip(tmp_path / "a.zip", lambda file: file.writestr("a", noise)),
        make_tar(tmp_path / "a.tar", lambda file: file.addfile(*member("a", noise))),
        make_tar(tmp_path / "a.tgz", lambda file: file.addfile(*member("a", noise)), "w:gz"),
    ):
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * cut)])
        assert refused(path) is UnpackFault.BROKEN


def test_a_damaged_file_and_something_else(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", lambda file: file.writestr("a", os.urandom(1000)))
    content = bytearray(path.read_bytes())
    content[500] ^= 0xFF
    path.write_bytes(content)
    assert refused(path) is UnpackFault.BROKEN
    (tmp_path / "b.rar").write_bytes(b"Rar!\x1a\x07" + b"x" * 600)
    assert refused(tmp_path / "b.rar") is UnpackFault.UNKNOWN
    (tmp_path / "c.zip").write_bytes(b"")
    assert refused(tmp_path / "c.zip") is UnpackFault.UNKNOWN


def test_what_an_earlier_attempt_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "a.unpacked.part/old").mkdir(parents=True)
    assert unpacked(make_zip(tmp_path / "a.zip", lambda file: file.writestr("a", "x"))) == ["a"]
    assert not (tmp_path / "a.unpacked.part").exists()
