"""A keeper of children that were taken over: `python -m tests.readers.attacks`.

A request may ask for an older Landlock (`landlock`: its version, 0 for none) or for no filter of system calls
(`seccomp`: false). The system calls are made by number, as code that came with a hostile file would make them.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from ingest.readers import fork_server, landlock, sandbox, seccomp
from ingest.readers.reads import READS, Request
from tests.readers.attack_calls import AT_FDCWD, Word, forbidden

DESCRIPTORS: Final = 70_000
UNFILTERED: Final = {335, 336}
"""uretprobe and uprobe: the kernel filters neither, and ends whoever calls them but its own trampolines."""

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_OFFERED: Final = landlock.version()
_MAPS: Final[list[str]] = []
"""Where this child's memory lies. An attacker finds out by asking for a stat of each page: EFAULT, or ENOENT."""


def confine(limits: dict[str, Any], request: Request) -> sandbox.Confinement:
    """As `sandbox.confine`, on the kernel that the request wants."""
    if request["read"] == "remembered":
        _MAPS.append(Path("/proc/self/maps").read_text())
    patch.object(landlock, "version", return_value=min(_OFFERED, request.get("landlock", _OFFERED))).start()
    if not request.get("seccomp", True):
        patch.object(seccomp, "is_offered", return_value=False).start()
    if request.get("refused"):
        patch.object(landlock, "RESTRICT_SELF", landlock.ADD_RULE).start()
    return sandbox.confine(limits, request)


def call(*words: Word) -> str:
    """How the kernel answered: `done`, or the name of the error."""
    ours = os.getpid()
    ctypes.set_errno(0)
    given = [ctypes.c_long(word) if isinstance(word, int) else ctypes.c_char_p(word) for word in words]
    failed = _LIBC.syscall(*given) == -1
    if os.getpid() != ours:
        os._exit(0)
    return errno.errorcode[ctypes.get_errno()] if failed else "done"


def attack(request: Request) -> dict[str, str]:
    """Each call on files, processes and the machine, and how it ended."""
    own = os.open(request["path"], os.O_RDONLY)
    return {name: call(*one) for name, one in forbidden(request, own).items()}


def every_call(request: Request) -> dict[str, str]:
    """Each number that the filter does not name, without arguments: those that were not refused."""
    named = {*seccomp.ALLOWED.values(), *(number for number, _ in seccomp.LIMITED.values()), *UNFILTERED}
    refused = [number for number in range(seccomp.NEWEST + 1) if number not in named]
    answers = {str(number): call(number, 0, 0, 0, 0, 0, 0) for number in refused}
    x32, newer = 0x40000000, seccomp.NEWEST + 1
    if request["x32"]:
        answers |= {f"x32 {number}": call(x32 | number, 0, 0, 0) for number in (0, 39, 57, 101, 512, 520)}
    answers |= {str(number): call(number, 0, 0, 0) for number in range(newer, newer + 100)}
    wanted = {name: "EPERM" if name.isdigit() and int(name) < newer else "ENOSYS" for name in answers}
    return {name: answer for name, answer in answers.items() if answer != wanted[name]}


def read_elsewhere(request: Request) -> dict[str, str]:
    """What a child may not read, and how each attempt ended."""
    wanted = [request["key"], "/etc/passwd", "/proc/self/environ", "/proc/sys/kernel/hostname", "/dev/zero"]
    wanted += [
        f"/proc/{request[who]}/{name}" for who in ("keeper", "daemon") for name in ("environ", "mem", "fd/3", "fd/4")
    ]
    wanted += [f"/proc/{request['sibling']}/{name}" for name in ("environ", "maps", "fd/0")]
    folders = [request["folder"], "/", "/tmp", "/proc", *(f"/proc/{request[who]}/fd" for who in ("keeper", "sibling"))]
    tries = [(path, os.O_RDONLY) for path in wanted] + [(path, os.O_RDONLY | os.O_DIRECTORY) for path in folders]
    return {path: call(257, AT_FDCWD, path.encode(), flags | os.O_NONBLOCK) for path, flags in tries}


def without_filter(request: Request) -> dict[str, str]:
    """What Landlock alone is to hold, on a kernel without seccomp; nothing here could hurt the machine of a test."""
    own, key, folder = (request[name].encode() for name in ("path", "key", "folder"))
    tcp = b"\2\0" + (9).to_bytes(2, "big") + b"\x7f\0\0\1" + bytes(8)
    abstract = b"\1\0\0" + request["abstract"].encode()
    tries: dict[str, Callable[[], str]] = {
        "reading": lambda: call(257, AT_FDCWD, key, os.O_RDONLY),
        "listing": lambda: call(257, AT_FDCWD, folder, os.O_RDONLY | os.O_DIRECTORY),
        "writing": lambda: call(257, AT_FDCWD, own, os.O_WRONLY),
        "making": lambda: call(257, AT_FDCWD, folder + b"/new", os.O_CREAT | os.O_WRONLY, 0o600),
        "mkdir": lambda: call(83, folder + b"/new", 0o700),
        "symlink": lambda: call(88, key, folder + b"/new"),
        "removing": lambda: call(87, key),
        "running": lambda: call(59, b"/bin/true", None, None),
        "truncate": lambda: call(76, key, 0),
        "connect": lambda: call(42, _LIBC.socket(2, 1, 0), tcp, 16),
        "abstract": lambda: call(42, _LIBC.socket(1, 1, 0), abstract, len(abstract)),
        "signal": lambda: call(62, request["bystander"], signal.SIGCONT),
        "queued signal": lambda: call(129, request["bystander"], signal.SIGCONT, b"\0" * 8 + b"\xff" * 4 + bytes(116)),
        "ptrace": lambda: call(101, 0x4206, request["bystander"], 0, 0),
    }
    return {name: attempt() for name, attempt in tries.items()}


def descriptors(request: Request) -> list[str]:
    """What this child holds open, as far as it can find by asking for each number."""
    held = []
    for number in range(DESCRIPTORS):
        try:
            seen = os.fstat(number)
        except OSError:
            continue
        is_null = stat.S_ISCHR(seen.st_mode) and seen.st_rdev == os.makedev(1, 3)
        held.append("null" if is_null else stat.filemode(seen.st_mode)[0])
    return held


def standing_by(request: Request) -> str:
    """A sibling: reads, is there until a file stands at `until`, and can say so in the end."""
    Path(request["path"]).read_bytes()
    while not Path(request["until"]).exists():
        time.sleep(0.05)
    return "stood"


def told(request: Request) -> str:
    """A word that is told as a fact, and that stands nowhere else in one piece."""
    return "-".join(["secret", "of", request["word"]])


def remembered(request: Request) -> list[str]:
    """Such words in the memory that this child got from the keeper."""
    found: set[str] = set()
    for line in _MAPS[0].splitlines():
        place, rights, _, _, inode, *_ = line.split()
        low, high = (int(end, 16) for end in place.split("-"))
        if rights.startswith("rw") and inode == "0":
            held = (ctypes.c_char * (high - low)).from_address(low)
            found |= {word.decode() for word in re.findall(rb"secret[-]of[-]\w+", memoryview(held))}
    return sorted(found)


def number(request: Request) -> int:
    return os.getpid()


ATTACKS: Final[dict[str, Callable[[Request], Any]]] = {
    one.__name__: one
    for one in (
        attack,
        every_call,
        read_elsewhere,
        without_filter,
        descriptors,
        standing_by,
        told,
        remembered,
        number,
    )
}


def main() -> None:
    patch.object(fork_server, "confine", confine).start()
    fork_server.main(READS | ATTACKS)


if __name__ == "__main__":
    main()
