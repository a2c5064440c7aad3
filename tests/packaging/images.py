"""Runs a Dockerfile without a container engine, on a copy-on-write view of this machine.

Each stage is an overlay of the machine's root (standing in for the base image, which is Debian with Python too) in
namespaces of its own. RUN, USER, ENV and WORKDIR act inside it as an engine lets them; what a step writes stays in the
stage's folder. It needs what `unshare` needs: root, or rather CAP_SYS_ADMIN.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

INSTRUCTION = re.compile(r"^(?P<word>[A-Z]+) (?P<rest>.*)$")

# Settings of this machine's package clients, which an engine would take from its own configuration.
PASSED_ON = ("PIP_", "UV_", "SSL_", "REQUESTS_CA", "HTTP_", "HTTPS_", "NO_PROXY", "http_", "https_", "no_proxy")


@dataclass
class Image:
    """A stage as its instructions left it. `upper` holds what differs from the machine, by path."""

    upper: Path
    environment: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    )
    workdir: str = "/"
    user: str = "root"
    command: list[str] = field(default_factory=list)
    health: str = ""
    volumes: list[str] = field(default_factory=list)

    def path(self, inside: str) -> Path:
        """Where a path of the image, relative to its WORKDIR, lies outside; only for what the stage wrote."""
        return self.upper / str(PurePosixPath(self.workdir) / inside).lstrip("/")


@contextmanager
def running(image: Image) -> Iterator["Container"]:
    """The image's file system mounted in namespaces of its own; leaving ends every process in it."""
    merged, work = (image.upper.with_name(image.upper.name + part) for part in ("-merged", "-work"))
    for folder in (image.upper, merged, work):
        folder.mkdir(exist_ok=True)
    mount = (
        f"mount -t overlay overlay -o lowerdir=/,upperdir={image.upper},workdir={work} {merged}"
        f" && mount --rbind /dev {merged}/dev && mount -t proc proc {merged}/proc"
        " && echo mounted && exec sleep infinity"
    )
    holder = subprocess.Popen(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", mount], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    try:
        if holder.stdout.readline() != "mounted\n":
            raise PermissionError("namespaces or overlays are not to be had here")
        children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()
        yield Container(image, merged, int(children[0]))
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        holder.stdout.close()


@dataclass
class Container:
    image: Image
    merged: Path
    first_process: int

    def command(self, arguments: Sequence[str], **settings: str) -> list[str]:
        """The command line that runs `arguments` inside, as the image's user in its WORKDIR."""
        image = self.image
        passed_on = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
        environment = passed_on | {"HOME": "/root"} | image.environment | settings
        enter = ["nsenter", f"--target={self.first_process}", "--mount", "--pid"]
        enter += ["chroot", f"--userspec={image.user}", str(self.merged), "/usr/bin/env", "-i", f"-C{image.workdir}"]
        return [*enter, *(f"{name}={value}" for name, value in environment.items()), *arguments]

    def run(self, line: str, **settings: str) -> str:
        """Run a shell line to its end and return what it printed. Raises CalledProcessError."""
        done = subprocess.run(self.command(["/bin/sh", "-c", line], **settings), capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{line}\n{done.stdout}{done.stderr}")
        return done.stdout


def build(dockerfile: Path, folder: Path) -> Image:
    """Carry out every instruction and return the last stage."""
    stages: dict[str, Image] = {}
    image = Image(folder)
    for word, rest in read_instructions(dockerfile):
        match word:
            case "FROM":
                name = rest.partition(" AS ")[2] or "last"
                image = stages[name] = Image(folder / name)
            case "WORKDIR":
                image.workdir = rest
                image.path(".").mkdir(parents=True, exist_ok=True)
            case "USER":
                image.user = rest
            case "ENV":
                name, _, value = rest.partition("=")
                image.environment[name] = value
            case "VOLUME":
                image.volumes.append(rest)
            case "EXPOSE":
                pass  # information for people; nothing is done
            case "HEALTHCHECK":
                image.health = rest.partition("CMD ")[2]
            case "CMD":
                image.command = json.loads(rest)
            case "COPY":
                copy(image, rest, stages, dockerfile.parent)
            case "RUN":
                with running(image) as container:
                    container.run(rest)
            case _:
                raise ValueError(f"{word} is not known here")
    return image


def read_instructions(dockerfile: Path) -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", dockerfile.read_text(), flags=re.M).replace("\\\n", " ")
    found = [INSTRUCTION.match(line) for line in text.splitlines() if line.strip()]
    return [(match["word"], " ".join(match["rest"].split())) for match in found if match]


def copy(image: Image, rest: str, stages: dict[str, Image], checkout: Path) -> None:
    *sources, target = shlex.split(rest)
    if sources[0].startswith("--from="):
        stage = stages[sources.pop(0).removeprefix("--from=")]
        for source in sources:
            shutil.copytree(stage.path(source), image.path(target), symlinks=True, dirs_exist_ok=True)
        return
    ignored = [line for line in (checkout / ".dockerignore").read_text().split("\n") if line and line[0] != "#"]

    def left_out(folder: str, names: list[str]) -> set[str]:
        here = Path(folder).relative_to(checkout)
        return {name for name in names if any(is_ignored(str(here / name), pattern) for pattern in ignored)}

    for source in sources:
        shutil.copytree(checkout / source, image.path(target), symlinks=True, dirs_exist_ok=True, ignore=left_out)


def is_ignored(path: str, pattern: str) -> bool:
    """A pattern of .dockerignore counts from the root, `**/` any number of folders below it."""
    if pattern.startswith("**/"):
        return fnmatch(PurePosixPath(path).name, pattern.removeprefix("**/"))
    return PurePosixPath(path).match(pattern) and path.count("/") == pattern.count("/")
