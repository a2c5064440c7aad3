"""Elasticsearch for one run of the tests: a node of its own on the loopback address, in a temporary folder.

A node takes half a minute and half a gigabyte, and most parts of the suite need none. So the first process of a run
listens on a socket (`NodeKeeper`), starts the node when a worker asks for it first (`ask_keeper`), and stops it at the
end. Each test makes indices of a prefix of its own in it.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from elasticsearch import ApiError, Elasticsearch, TransportError

from repo.addresses import ClusterAddress
from tests.services.ports import free_port
from tests.services.postgres import find_memory

ROOT = Path(__file__).parents[2]
START_SECONDS = 180
STOP_SECONDS = 20
HEAP = "512m"

# One compiler and one collector that need no threads of their own: this node answers four workers on two cores.
JAVA_OPTIONS = f"-Xms{HEAP} -Xmx{HEAP} -XX:-UseG1GC -XX:+UseSerialGC -XX:TieredStopAtLevel=1"

CONFIGURATION = """\
cluster.name: muras-tests
discovery.type: single-node
http.host: 127.0.0.1
http.port: {port}
transport.host: 127.0.0.1
transport.port: {transport}
path.data: {data}
path.logs: {home}/logs
node.store.allow_mmap: false
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
"""


class ElasticsearchMissingError(Exception):
    """Elasticsearch cannot be had or run here; the message says what to do."""


@dataclass
class ElasticsearchNode:
    """A running node with its programs and logs in `home`."""

    url: str
    home: Path
    data: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it, by force if it takes long: its data is thrown away."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, sign)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
                break
        for folder in (self.home, self.data):
            shutil.rmtree(folder, ignore_errors=True)


class NodeKeeper:
    """Starts one node when it is first asked for; whoever connects to `address` gets its URL, or why there is none."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="muras-es-keeper-"))
        self.address = str(self._folder / "socket")
        self._node: ElasticsearchNode | None = None
        self._answer = b""
        self._stopped = threading.Event()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self.address)
        self._socket.listen()
        self._thread = threading.Thread(target=self._listen, name="node keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the node, if there is one; more than once does no harm."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        with suppress(OSError), socket.socket(socket.AF_UNIX) as last:
            last.connect(self.address)
        self._thread.join(START_SECONDS)
        self._socket.close()
        if self._node is not None:
            self._node.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _listen(self) -> None:
        # The thread that starts the node has to outlive it: the kernel takes its end for that of the parent.
        while not self._stopped.is_set():
            connection, _ = self._socket.accept()
            with connection:
                if not self._stopped.is_set():
                    connection.sendall(self._url())

    def _url(self) -> bytes:
        if not self._answer:
            try:
                self._node = start_node()
                self._answer = self._node.url.encode()
            except ElasticsearchMissingError as error:
                self._answer = f"missing: {error}".encode()
            except Exception as error:
                self._answer = f"failed: {error!r}".encode()
        return self._answer


def ask_keeper(address: str) -> str:
    """The URL of the node that the keeper at `address` has started. Raises ElasticsearchMissingError."""
    with socket.socket(socket.AF_UNIX) as keeper:
        keeper.settimeout(START_SECONDS + 60)
        keeper.connect(address)
        answer = b"".join(iter(lambda: keeper.recv(4096), b"")).decode()
    if answer.startswith("missing: "):
        raise ElasticsearchMissingError(answer.removeprefix("missing: "))
    if not answer.startswith("http"):
        raise RuntimeError(f"the node did not start: {answer}")
    return answer


def start_node() -> ElasticsearchNode:
    """Start a node and wait until it answers. Raises ElasticsearchMissingError."""
    programs, java = _find_programs(), _find_java()
    # Elasticsearch refuses to run as root, and other users do not enter root's cache folder.
    user = "nobody" if os.getuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="muras-es-"))
    # Nothing outlives the run, so nothing has to reach the disk: an index is made in a third of the time.
    data = Path(tempfile.mkdtemp(prefix="muras-es-", dir=find_memory()))
    shutil.copytree(programs, home / "programs", symlinks=True)
    port = free_port()
    settings = CONFIGURATION.format(port=port, transport=free_port(), home=home, data=data)
    (home / "programs/config/elasticsearch.yml").write_text(settings)
    (home / "tmp").mkdir()
    if user:
        subprocess.run(["chown", "-R", user, str(home), str(data)], check=True)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
        "ES_JAVA_HOME": str(java),
        "ES_JAVA_OPTS": JAVA_OPTIONS,
        "ES_TMPDIR": str(home / "tmp"),
        "CLI_JAVA_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    }
    with (home / "node.log").open("wb") as log:
        process = subprocess.Popen(
            [home / "programs/bin/elasticsearch"],
            user=user,
            cwd=home,
            env=environment,
            stdout=log,
            stderr=log,
            process_group=0,
            preexec_fn=_die_with_parent,
        )
    node = ElasticsearchNode(f"http://127.0.0.1:{port}", home, data, process)
    _wait_until_ready(node)
    return node


def remove_indices(address: ClusterAddress) -> None:
    """Remove what one test has made."""
    with Elasticsearch(address.nodes[0], request_timeout=60) as client:
        found = client.indices.get_alias(index=f"{address.prefix}.*", expand_wildcards="all")
        if found.body:
            client.indices.delete(index=list(found.body))


def _find_programs() -> Path:
    done = subprocess.run([ROOT / "scripts/elasticsearch"], capture_output=True, text=True)
    if done.returncode:
        raise ElasticsearchMissingError(f"Elasticsearch cannot be had (scripts/elasticsearch): {done.stderr[-500:]}")
    return Path(done.stdout.strip())


def _find_java() -> Path:
    """The home of a Java 17, whatever other releases are installed beside it."""
    for folder in sorted(Path("/usr/lib/jvm").glob("*17*")):
        if (folder / "bin/java").exists():
            return folder
    raise ElasticsearchMissingError("Java 17 is not installed: run scripts/install-test-services as root")


def _die_with_parent() -> None:
    """A test run that is killed takes its node with it: the launcher, and with it the server (see prctl(2))."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _wait_until_ready(node: ElasticsearchNode) -> None:
    deadline = monotonic() + START_SECONDS
    with Elasticsearch(node.url, request_timeout=5, max_retries=0) as client:
        while True:
            try:
                client.cluster.health(wait_for_status="yellow")
                return
            except (ApiError, TransportError):
                if node.process.poll() is not None or monotonic() > deadline:
                    log = (node.home / "node.log").read_text()
                    node.stop()
                    raise RuntimeError(f"Elasticsearch did not start:\n{log}") from None
                sleep(0.1)
