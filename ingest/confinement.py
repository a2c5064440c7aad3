"""What a child process gives up before it sees the first hostile byte.

Called by the child itself: it is still trusted then, and a function between fork and exec is not safe in a
process with threads. Each step is dropped quietly where the kernel or a container forbids it; `Confinement`
says what holds, and `muras doctor` shows it. Linux only; elsewhere only the resource limits remain.
"""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# linux/prctl.h, linux/sched.h
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000

# linux/landlock.h; the system call numbers are the same on every architecture.
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
RULE_PATH_BENEATH = 1
READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read a file, list a folder
FS_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # version of the interface: number of rights it knows
FS_RIGHTS_NEWEST = 16
WRITE_TO_DEVICE = 1 << 1

# The system calls that open a way out: socket, connect, ptrace, io_uring_setup.
ESCAPES = {"x86_64": (0xC000003E, (41, 42, 101, 425)), "aarch64": (0xC00000B7, (198, 203, 117, 425))}


@dataclass(frozen=True)
class Confinement:
    """Which walls stand around a child."""

    network: bool
    """No socket can be opened (seccomp)."""
    files: bool
    """Nothing can be written elsewhere than where it may be, and only what is allowed can be read (Landlock)."""
    privileges: bool
    """The capabilities of the parent are lost (a user namespace of its own)."""


def confine(
    scratch: Path,
    readable: Iterable[Path] | None,
    memory: int,
    file_size: int,
    cpu: int,
    writable: Iterable[Path] = (),
) -> Confinement:
    """Limit the calling process for good.

    It may write to `scratch` and below `writable`, and read the documents below `readable` (None: any);
    `memory` and `file_size` in bytes, `cpu` in seconds over its whole life.
    """
    _limit_resources(memory, file_size, cpu)
    if not sys.platform.startswith("linux"):
        return Confinement(network=False, files=False, privileges=False)
    libc = ctypes.CDLL(None, use_errno=True)
    privileges = libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0
    # After unshare: a change of credentials clears the signal.
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    files = _restrict_files(libc, [scratch, *writable], readable)
    network = _forbid_sockets(libc)
    return Confinement(network=network, files=files, privileges=privileges)


def _limit_resources(memory: int, file_size: int, cpu: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))


def allow_cpu(seconds: float) -> None:
    """Let this process use `seconds` more of CPU time; SIGXCPU ends it then. Set before each task."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    # Whole seconds only, hence one more than was asked for.
    resource.setrlimit(resource.RLIMIT_CPU, (min(int(used.ru_utime + used.ru_stime + seconds) + 1, hard), hard))


def _restrict_files(libc: ctypes.CDLL, writable: Iterable[Path], readable: Iterable[Path] | None) -> bool:
    version = libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    everything = (1 << FS_RIGHTS.get(version, FS_RIGHTS_NEWEST)) - 1
    handled = struct.pack("=Q", everything)
    ruleset = libc.syscall(LANDLOCK_CREATE_RULESET, handled, len(handled), 0)
    if ruleset < 0:
        return False
    allowed = [(Path("/dev/null"), READ | WRITE_TO_DEVICE), *((folder, everything) for folder in writable)]
    allowed += [(folder, READ) for folder in ([Path("/")] if readable is None else [*_system(), *readable])]
    for path, rights in allowed:
        _allow(libc, ruleset, path, rights)
    restricted = libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return restricted


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    with contextlib.suppress(OSError):
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            # Rights on what lies in a folder do not fit a single file.
            rights &= ~(1 << 3) if not path.is_dir() else -1
            libc.syscall(LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, struct.pack("=Qi", rights, target), 0)
        finally:
            os.close(target)


def _system() -> list[Path]:
    """What an interpreter and its libraries read: themselves, shared libraries, fonts, random numbers."""
    ours = [Path(sys.prefix), Path(sys.base_prefix), Path(__file__).resolve().parents[1]]
    return ours + [Path(name) for name in ("/usr", "/lib", "/lib64", "/etc", "/dev", "/proc/self", "/proc/cpuinfo")]


def _forbid_sockets(libc: ctypes.CDLL) -> bool:
    """A seccomp filter: where user namespaces are forbidden, as in most containers, it still holds."""
    if platform.machine() not in ESCAPES:
        return False
    architecture, numbers = ESCAPES[platform.machine()]
    program = _filter_program(architecture, numbers)
    instructions = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog { unsigned short len; struct sock_filter *filter; } with native alignment.
    header = struct.pack("HP", len(program) // 8, ctypes.addressof(instructions))
    return libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0) == 0


def _filter_program(architecture: int, numbers: tuple[int, ...]) -> bytes:
    """Classic BPF over `struct seccomp_data`: EPERM for `numbers`, for another architecture and for x32."""

    def step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, value)

    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allow, deny = 0x7FFF0000, 0x00050001
    steps = [step(load, 4), step(equal, architecture, 0, len(numbers) + 3), step(load, 0)]
    steps.append(step(at_least, 0x40000000, len(numbers) + 1, 0))
    steps += [step(equal, number, len(numbers) - index, 0) for index, number in enumerate(numbers)]
    steps += [step(answer, allow), step(answer, deny)]
    return b"".join(steps)
