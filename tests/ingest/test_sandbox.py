"""The sandbox against what hostile files make a parser do."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest import plain
from ingest.sandbox import Limits, RefusalKind, Refused, Sandbox
from tests.ingest import misbehaviour
from tests.ingest.misbehaviour import Page

LIMITS = Limits(memory=600 << 20, cpu=1, wall=5, output=1 << 20, scratch=4 << 20, tasks=5, idle=30)
CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=2, limits=LIMITS) as box:
        yield box


def wait_until_gone(pid: int) -> None:
    """A killed process may stay visible for a moment; one that was not killed stays for good."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} lives on")


def test_typed_arguments_and_results_cross(sandbox: Sandbox) -> None:
    page = sandbox.run(misbehaviour.read_page, Page(1, ("ооз", "көмүр")), Path("/srv/мурас.pdf"))
    assert page == Page(2, ("ооз", "көмүр", "мурас.pdf", "here"))


def test_a_function_can_be_named(sandbox: Sandbox) -> None:
    assert isinstance(sandbox.run("tests.ingest.misbehaviour:process_id"), int)


def test_a_child_is_used_again_and_replaced_after_its_share_of_tasks(sandbox: Sandbox) -> None:
    pids = [sandbox.run(misbehaviour.process_id) for _ in range(LIMITS.tasks + 1)]
    assert len(set(pids[:-1])) == 1
    assert pids[-1] != pids[0]
    wait_until_gone(pids[0])


@pytest.mark.parametrize(
    ("function", "arguments", "kind"),
    [
        (misbehaviour.sleep, [60.0], RefusalKind.TIMEOUT),
        (misbehaviour.spin, [], RefusalKind.TIMEOUT),
        (misbehaviour.eat_memory, [], RefusalKind.MEMORY),
        (misbehaviour.eat_memory_slowly, [], RefusalKind.MEMORY),
        (misbehaviour.shout, [1 << 20], RefusalKind.OUTPUT),
        (misbehaviour.fill_one_file, [8 << 20], RefusalKind.OUTPUT),
        (misbehaviour.fill_many_files, [8 << 20], RefusalKind.OUTPUT),
        (misbehaviour.segfault, [], RefusalKind.CRASH),
        (misbehaviour.leave, [], RefusalKind.CRASH),
        (misbehaviour.fail, [], RefusalKind.ERROR),
        (misbehaviour.lie, [], RefusalKind.ERROR),
    ],
)
def test_each_excess_is_refused_by_its_name_and_the_child_replaced(
    sandbox: Sandbox, function: object, arguments: list[object], kind: RefusalKind
) -> None:
    before = sandbox.run(misbehaviour.process_id)
    with pytest.raises(Refused) as refused:
        sandbox.run(function, *arguments)  # type: ignore[arg-type]
    assert refused.value.kind is kind, refused.value.detail
    assert sandbox.run(misbehaviour.process_id) != before
    wait_until_gone(before)


def test_a_killed_child_takes_with_it_what_it_started(sandbox: Sandbox) -> None:
    pid = sandbox.run(misbehaviour.start_process)
    assert Path(f"/proc/{pid}").exists()
    sandbox.close()
    wait_until_gone(pid)


def test_named_files_are_collected_and_the_rest_is_swept(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.run(misbehaviour.write_files, ["preview.jpg", "extra"], files={"preview.jpg": tmp_path / "p.jpg"})
    assert (tmp_path / "p.jpg").read_text() == "preview.jpg"
    assert sandbox.run(misbehaviour.left_behind) == []


def test_a_link_left_behind_is_not_followed(sandbox: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret.key"
    secret.write_text("s3cret")
    sandbox.run(misbehaviour.leave_link, str(secret), files={"preview.jpg": tmp_path / "p.jpg"})
    assert not (tmp_path / "p.jpg").exists()
    assert secret.exists()


def test_the_network_is_out_of_reach(sandbox: Sandbox) -> None:
    if not sandbox.confinement().network:
        pytest.skip("the kernel allows no seccomp filter")
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert sandbox.run(misbehaviour.connect, list(server.getsockname())) == "Operation not permitted"


def test_nothing_can_be_written_elsewhere(sandbox: Sandbox, tmp_path: Path) -> None:
    if not sandbox.confinement().files:
        pytest.skip("the kernel has no Landlock")
    assert sandbox.run(misbehaviour.write_to, str(tmp_path / "index.html")) == "Permission denied"
    assert not (tmp_path / "index.html").exists()


def test_only_the_folders_of_documents_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "a.txt").write_text("документ")
    (tmp_path / "secret.key").write_text("s3cret")
    with Sandbox(limits=LIMITS, readable=[tmp_path / "uploads"]) as sandbox:
        if not sandbox.confinement().files:
            pytest.skip("the kernel has no Landlock")
        assert sandbox.run(misbehaviour.read_from, str(tmp_path / "uploads" / "a.txt")) == "документ"
        assert sandbox.run(misbehaviour.read_from, str(tmp_path / "secret.key")) == "Permission denied"


def test_a_folder_that_is_made_later_can_be_read(tmp_path: Path) -> None:
    with Sandbox(workers=1, limits=LIMITS, readable=[tmp_path / "uploads"]) as sandbox:
        sandbox.run(misbehaviour.process_id)
        (tmp_path / "uploads").mkdir()
        (tmp_path / "uploads" / "a.txt").write_text("документ")
        assert sandbox.run(misbehaviour.read_from, str(tmp_path / "uploads" / "a.txt")) == "документ"


def test_neither_environment_nor_open_files_are_inherited(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MURAS_SECRET_KEY", "s3cret")
    with (tmp_path / "muras.sqlite").open("w") as database:
        os.set_inheritable(database.fileno(), True)
        assert "MURAS_SECRET_KEY" not in sandbox.run(misbehaviour.environment)
        assert not [name for name in sandbox.run(misbehaviour.open_files) if "muras.sqlite" in name]


def test_no_more_children_than_workers(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        pids = list(pool.map(lambda _: sandbox.run(misbehaviour.process_id), range(LIMITS.tasks)))
    assert 1 <= len(set(pids)) <= 2


def test_children_outlive_the_threads_that_asked(sandbox: Sandbox) -> None:
    """The kernel ends a child with the thread that started it; ours are started by one that stays."""
    pids: list[int] = []
    for _ in range(2):
        thread = threading.Thread(target=lambda: pids.append(sandbox.run(misbehaviour.process_id)))
        thread.start()
        thread.join()
    assert pids[0] == pids[1]


def test_idle_children_end() -> None:
    with Sandbox(limits=Limits(idle=0.2)) as sandbox:
        wait_until_gone(sandbox.run(misbehaviour.process_id))


def test_children_end_with_a_killed_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle of a task, the parent leaves no child behind; its folder goes with the next start."""
    program = (
        "import sys; from ingest.sandbox import Sandbox; s = Sandbox();"
        "print(s.run('tests.ingest.misbehaviour:process_id'), flush=True);"
        "s.run('tests.ingest.misbehaviour:sleep', 60.0)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, env={"TMPDIR": str(tmp_path)}
    )
    assert parent.stdout is not None
    with parent.stdout:
        child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until_gone(child)
    assert list(tmp_path.glob("muras-ingest-*")) != []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Sandbox() as sandbox:
        sandbox.run(misbehaviour.process_id)
        assert [folder.name.split("-")[2] for folder in tmp_path.iterdir()] == [str(os.getpid())]


def test_plain_values_of_the_wrong_shape_are_named() -> None:
    good = plain.parse(plain.dump(Page(1, ("a",))))
    assert plain.build(Page, good) == Page(1, ("a",))
    wrongs: list[object] = [{"number": 1}, {"number": True, "words": []}, {"number": 1, "words": "a"}, [], None]
    for wrong in wrongs:
        with pytest.raises(plain.WrongShapeError):
            plain.build(Page, wrong)


def test_text_that_is_no_text_does_not_stop_the_pipe() -> None:
    assert plain.parse(plain.dump("a\ud800b")) == "a?b"
