"""Objects on disk: what is written, what is refused, what others read."""

import hashlib
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repo.errors import SettingsError, StorageFullError
from repo.failpoints import armed
from repo.storage import ports
from repo.storage.disk import Filesystem, link_or_copy
from repo.storage.fixity import verify_object
from repo.storage.ocfl import OcflStore
from repo.storage.ocfl.layout import object_id_of, object_path
from repo.storage.ports import FromBytes, FromPath, Keep, Source
from tests.storage.material import ABOUT, NEW, OLD, bytes_of, sources


def put(store: OcflStore, object_id: str, files: dict[str, bytes]) -> int:
    return store.place(store.stage(object_id, {path: FromBytes(data) for path, data in files.items()}, **ABOUT))


def staged_homes(store: OcflStore) -> set[str]:
    return {path.name for path in store.staging.iterdir()} - {"locks"}


def test_the_disk_store_is_an_object_store(store: OcflStore) -> None:
    port: ports.ObjectStore = store  # checked by mypy
    assert port.head("muras:nobody") is None


# ---------------------------------------------------------------- versions


def test_versions_of_one_object(store: OcflStore, tmp_path: Path, assert_valid: Callable[..., None]) -> None:
    first = sources(tmp_path / "incoming", OLD)
    assert store.place(store.stage("muras:2d8kq0zt7", first, **ABOUT)) == 1
    second: dict[str, Source] = {
        "тезис.pdf": Keep(first["тезис.pdf"].sha512),
        "metadata.json": FromBytes(NEW["metadata.json"]),
        "тиркеме/маалымат.csv": FromBytes(NEW["тиркеме/маалымат.csv"]),
    }
    assert store.place(store.stage("muras:2d8kq0zt7", second, **ABOUT)) == 2
    assert store.place(store.stage("muras:2d8kq0zt7", {"metadata.json": FromBytes(b"{}")}, **ABOUT)) == 3

    assert store.head("muras:2d8kq0zt7") == 3
    assert bytes_of(store, "muras:2d8kq0zt7", 1) == OLD
    assert bytes_of(store, "muras:2d8kq0zt7", 2) == NEW
    assert bytes_of(store, "muras:2d8kq0zt7") == {"metadata.json": b"{}"}
    version = store.inventory("muras:2d8kq0zt7").versions[2]
    assert (version.message, version.person, version.address, version.created) == tuple(ABOUT.values())
    assert staged_homes(store) == set()
    assert_valid(store.root)


def test_bytes_are_kept_once_in_an_object(store: OcflStore) -> None:
    put(store, "muras:a", {"a.txt": b"same", "b.txt": b"same"})
    put(store, "muras:a", {"c.txt": b"same"})
    content = [path for path in store.root.rglob("*") if path.is_file() and path.read_bytes() == b"same"]
    assert len(content) == 1
    assert not (content[0].parents[2] / "v2" / "content").exists()
    assert bytes_of(store, "muras:a") == {"c.txt": b"same"}


def test_an_upload_is_linked_and_stays_where_it_was(store: OcflStore, tmp_path: Path) -> None:
    (source,) = sources(tmp_path / "incoming", {"a.pdf": b"x" * 5000}).values()
    store.place(store.stage("muras:a", {"a.pdf": source}, **ABOUT))
    assert source.path.samefile(store.path("muras:a", "a.pdf"))


def test_a_file_of_another_file_system_is_copied(store: OcflStore) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        if Path(elsewhere).stat().st_dev == store.root.stat().st_dev:
            pytest.skip("/dev/shm is no file system of its own here")
        (source,) = sources(Path(elsewhere), {"a.pdf": b"x" * 5000}).values()
        store.place(store.stage("muras:a", {"a.pdf": source}, **ABOUT))
    assert bytes_of(store, "muras:a") == {"a.pdf": b"x" * 5000}


def test_a_chunk_of_new_and_further_versions(store: OcflStore, assert_valid: Callable[..., None]) -> None:
    put(store, "muras:old", OLD)
    batch = [
        store.stage(f"muras:{name}", {"n": FromBytes(name.encode())}, durable=False, **ABOUT)
        for name in ("old", *map(str, range(30)))
    ]
    assert store.place_many(batch) == [2] + [1] * 30
    assert bytes_of(store, "muras:17") == {"n": b"17"}
    assert bytes_of(store, "muras:old") == {"n": b"old"}
    assert store.place_many([]) == []
    assert staged_homes(store) == set()
    assert_valid(store.root)


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=8).filter(
    lambda name: name not in (".", "..")
)
STATES = st.lists(
    st.dictionaries(NAMES, st.sampled_from([b"", b"a", b"bb", "ү".encode(), b"c" * 5000]), max_size=5),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60)
@given(states=STATES)
def test_every_version_reads_back_as_it_was(states: list[dict[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = OcflStore(Path(folder, "ocfl"), Path(folder, "staging"))
        for state in states:
            put(store, "muras:a", state)
        assert [bytes_of(store, "muras:a", number + 1) for number in range(len(states))] == states
        digests = [
            digest for version in store.inventory("muras:a").versions.values() for digest in version.state.values()
        ]
        assert set(digests) == set(store.inventory("muras:a").manifest)
        assert verify_object(store, "muras:a") == []


# ---------------------------------------------------------------- names


@pytest.mark.parametrize("path", ["", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/.", "a\0b", "a\udcffb"])
def test_paths_that_lead_astray_are_refused(store: OcflStore, path: str) -> None:
    with pytest.raises(ports.PathRefused):
        store.stage("muras:a", {path: FromBytes(b"")}, **ABOUT)
    assert staged_homes(store) == set()


def test_a_file_cannot_be_a_folder_too(store: OcflStore) -> None:
    with pytest.raises(ports.PathRefused):
        store.stage("muras:a", {"a": FromBytes(b""), "a/b/c": FromBytes(b"")}, **ABOUT)


def test_names_stay_as_they_were_given(store: OcflStore, assert_valid: Callable[..., None]) -> None:
    names = {
        unicodedata.normalize("NFC", "Жаңы чыгарма й.pdf"),
        unicodedata.normalize("NFD", "Жаңы чыгарма й.pdf"),
        "ж" * 255 + ".PDF",
        "a/b\\c:*?<>|.txt",
        "README",
        ".htaccess",
        "two\nlines.html",
        "Case.txt",
        "case.txt",
    }
    put(store, "muras:a", {name: name.encode() for name in names})
    assert {name.decode() for name in bytes_of(store, "muras:a").values()} == names
    assert bytes_of(store, "muras:a").keys() == names
    for path in store.root.rglob("content/*"):
        assert path.name.isascii() and len(path.name) < 20
    assert_valid(store.root)


# The examples of the extension's own text, and one of ours.
@pytest.mark.parametrize(
    ("object_id", "directory"),
    [
        ("object-01", "3c/0f/object-01"),
        ("..hor/rib:le-$id", "48/73/%2e%2ehor%2frib%3ale-%24id"),
        ("..Hor/rib:lè-$id", "37/35/%2e%2eHor%2frib%3al%c3%a8-%24id"),
        (
            "abcdefghij" * 10 + "a",
            f"5c/c7/{'abcdefghij' * 10}-5cc73e648fbcff136510e330871180922ddacf193b68fdeff855683a01464220",
        ),
        ("muras:2d8kq0zt7", "da/00/muras%3a2d8kq0zt7"),
    ],
)
def test_where_an_object_lies(object_id: str, directory: str) -> None:
    assert str(object_path(object_id)) == directory
    assert object_id_of(object_path(object_id).name) in (object_id, None)


def test_an_object_needs_an_id(store: OcflStore) -> None:
    with pytest.raises(ValueError, match="id"):
        store.stage("", {}, **ABOUT)


# ---------------------------------------------------------------- what is refused


def test_the_second_of_two_writers_is_refused(store: OcflStore) -> None:
    put(store, "muras:a", OLD)
    mine = store.stage("muras:a", {"mine": FromBytes(b"1")}, **ABOUT)
    theirs = store.stage("muras:a", {"theirs": FromBytes(b"2")}, **ABOUT)
    store.place(theirs)
    with pytest.raises(ports.ObjectConflict) as refused:
        store.place(mine)
    assert refused.value.head == 2
    assert bytes_of(store, "muras:a") == {"theirs": b"2"}
    assert staged_homes(store) == set()


def test_a_writer_says_what_it_has_read(store: OcflStore) -> None:
    with pytest.raises(ports.ObjectConflict):
        store.stage("muras:a", {"n": FromBytes(b"")}, follows=1, **ABOUT)
    store.place(store.stage("muras:a", {"n": FromBytes(b"")}, follows=0, **ABOUT))
    store.place(store.stage("muras:a", {"n": FromBytes(b"2")}, follows=1, **ABOUT))
    for stale in (0, 1):
        with pytest.raises(ports.ObjectConflict) as refused:
            store.stage("muras:a", {"n": FromBytes(b"")}, follows=stale, **ABOUT)
        assert refused.value.head == 2


def test_a_new_object_is_not_placed_over_another(store: OcflStore) -> None:
    mine = store.stage("muras:a", {"mine": FromBytes(b"1")}, **ABOUT)
    put(store, "muras:a", OLD)
    with pytest.raises(ports.ObjectConflict):
        store.place(mine)


def test_an_object_expunged_and_made_anew_is_another_object(store: OcflStore) -> None:
    put(store, "muras:a", OLD)
    mine = store.stage("muras:a", {"mine": FromBytes(b"1")}, **ABOUT)
    store.purge("muras:a")
    put(store, "muras:a", {"metadata.json": b'{"expunged": true}'})
    with pytest.raises(ports.ObjectConflict):
        store.place(mine)


def test_a_conflict_in_a_chunk_places_none_of_it(store: OcflStore) -> None:
    batch = [store.stage(f"muras:{name}", {"n": FromBytes(b"")}, durable=False, **ABOUT) for name in "abc"]
    put(store, "muras:b", OLD)
    with pytest.raises(ports.ObjectConflict):
        store.place_many(batch)
    assert list(store.objects()) == ["muras:b"]
    store.place_many([batch[0], batch[2]])
    assert sorted(store.objects()) == ["muras:a", "muras:b", "muras:c"]


def test_a_chunk_holds_an_object_once(store: OcflStore) -> None:
    twice = [store.stage("muras:a", {"n": FromBytes(n)}, durable=False, **ABOUT) for n in (b"1", b"2")]
    with pytest.raises(ValueError, match="muras:a"):
        store.place_many(twice)
    assert store.head("muras:a") is None


def test_keep_is_for_content_that_is_there(store: OcflStore) -> None:
    with pytest.raises(ports.ObjectMissing):
        store.stage("muras:a", {"a": Keep(hashlib.sha512(b"").hexdigest())}, **ABOUT)
    assert staged_homes(store) == set()


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(b"longer than before"),
        lambda path: path.write_bytes(b"BYTES"),
        lambda path: path.unlink(),
        lambda path: (path.rename(path.with_suffix(".real")), path.symlink_to(path.with_suffix(".real"))),
    ],
    ids=["size", "bytes", "gone", "link"],
)
def test_a_source_is_what_was_announced(store: OcflStore, tmp_path: Path, change: Callable[[Path], object]) -> None:
    (source,) = sources(tmp_path / "incoming", {"a.pdf": b"bytes"}).values()
    change(source.path)
    with pytest.raises(ports.SourceChanged):
        store.stage("muras:a", {"a.pdf": source}, **ABOUT)
    assert staged_homes(store) == set()


def test_a_link_is_never_stored_for_its_target(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic"):
        link_or_copy(tmp_path / "link", tmp_path / "target")


def test_what_is_not_there_is_missing(store: OcflStore) -> None:
    put(store, "muras:a", OLD)
    for ask in (
        lambda: store.inventory("muras:b"),
        lambda: store.open("muras:b", "metadata.json"),
        lambda: store.path("muras:a", "nothing"),
        lambda: store.path("muras:a", "metadata.json", 2),
        lambda: store.open_content("muras:a", "v9/content/1"),
    ):
        with pytest.raises(ports.ObjectMissing):
            ask()
    store.path("muras:a", "metadata.json").unlink()
    with pytest.raises(ports.ObjectMissing):
        store.open("muras:a", "metadata.json")


@pytest.mark.parametrize("step", ["stage:before-content", "stage:after-content", "stage:before-sync"])
def test_a_full_disk_while_staging_leaves_nothing(store: OcflStore, step: str) -> None:
    put(store, "muras:a", OLD)
    with armed(f"{step}=raise:ENOSPC"), pytest.raises((StorageFullError, OSError)):
        put(store, "muras:a", NEW)
    assert staged_homes(store) == set()
    assert put(store, "muras:a", NEW) == 2


@pytest.mark.parametrize(
    "step", ["before-version", "after-version", "after-version-sync", "after-sidecar", "after-inventory", "after-sync"]
)
def test_a_full_disk_while_placing_leaves_the_old_or_the_new(
    store: OcflStore, step: str, assert_valid: Callable[..., None]
) -> None:
    put(store, "muras:a", OLD)
    staged = store.stage("muras:a", {path: FromBytes(data) for path, data in NEW.items()}, **ABOUT)
    with armed(f"place:{step}=raise:EDQUOT"), pytest.raises(StorageFullError):
        store.place(staged)
    assert bytes_of(store, "muras:a") in (OLD, NEW)
    head = store.recover("muras:a")
    assert bytes_of(store, "muras:a") == (OLD if head == 1 else NEW)
    assert (head == 1) == (step == "before-version")
    store.discard_staging(0)
    assert_valid(store.root)


def test_a_failed_sync_is_not_passed_over(tmp_path: Path) -> None:
    filesystem = Filesystem(tmp_path)
    nothing_to_sync = os.open(tmp_path, os.O_PATH)
    os.dup2(nothing_to_sync, filesystem._descriptor)
    os.close(nothing_to_sync)
    with pytest.raises(OSError, match="Bad file descriptor"):
        filesystem.sync()


# ---------------------------------------------------------------- all objects, and none


def test_the_walk_through_all_objects_can_go_on(store: OcflStore) -> None:
    ids = [f"muras:{number}" for number in range(40)] + ["muras:" + "ы" * 60]
    for object_id in ids:
        put(store, object_id, {"n": b""})
    walked = list(store.objects())
    assert sorted(walked) == sorted(ids)
    for number in range(len(walked)):
        assert list(store.objects(after=walked[number])) == walked[number + 1 :]
    store.purge(walked[3])
    assert list(store.objects(after=walked[3])) == walked[4:]


def test_an_expunged_object_leaves_no_trace(store: OcflStore, assert_valid: Callable[..., None]) -> None:
    put(store, "muras:a", {"a": b"personal"})
    put(store, "muras:b", OLD)
    store.purge("muras:a")
    store.purge("muras:a")
    assert store.head("muras:a") is None and store.survey("muras:a") is None
    assert list(store.objects()) == ["muras:b"]
    assert not any(b"personal" in path.read_bytes() for path in store.root.parent.rglob("*") if path.is_file())
    assert_valid(store.root)


# ---------------------------------------------------------------- the root itself


def test_an_empty_root_is_a_valid_root(store: OcflStore, assert_valid: Callable[..., None]) -> None:
    assert_valid(store.root)
    assert list(OcflStore(store.root, store.staging).objects()) == []
    assert store.root.stat().st_mode & 0o007 == 0


def test_somebody_elses_directory_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").touch()
    with pytest.raises(SettingsError, match="neither empty"):
        OcflStore(tmp_path / "home", tmp_path / "staging")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["letter.txt"]


def test_a_root_of_another_layout_is_not_written_to(store: OcflStore) -> None:
    config = next(store.root.rglob("config.json"))
    config.write_text(config.read_text().replace('"tupleSize": 2', '"tupleSize": 3'))
    with pytest.raises(SettingsError, match="layout"):
        OcflStore(store.root, store.staging)


def test_staging_lies_on_the_same_file_system(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        if Path(elsewhere).stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("/dev/shm is no file system of its own here")
        with pytest.raises(SettingsError, match="same file system"):
            OcflStore(tmp_path / "ocfl", Path(elsewhere))


def test_the_validator_sees_what_is_wrong(store: OcflStore, assert_valid: Callable[..., None]) -> None:
    put(store, "muras:a", OLD)
    content = store.path("muras:a", "metadata.json")
    good = content.read_bytes()
    content.write_bytes(b"{}")
    with pytest.raises(AssertionError, match="INVALID"):
        assert_valid(store.root)
    content.write_bytes(good)
    (store.root / "00" / "00").mkdir(parents=True)
    with pytest.raises(AssertionError):
        assert_valid(store.root)
    shutil.rmtree(store.root / "00")
    assert_valid(store.root)


def test_sources_that_share_their_bytes_share_a_place(store: OcflStore, tmp_path: Path) -> None:
    made = sources(tmp_path / "incoming", {"a": b"same", "b": b"same"})
    assert made["a"] == FromPath(made["b"].path, made["b"].sha512, 4)
    store.place(store.stage("muras:a", made, **ABOUT))
    assert store.path("muras:a", "a") == store.path("muras:a", "b")
