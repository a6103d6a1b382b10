"""Run `ingest` as the unit confines it: its system calls, no memory both writable and executable, no new rights.

python -m tests.confined UNIT WORDS… — namespaces and cgroups, which need a whole systemd, are left out. The descriptor
that HANDED names becomes the first one of socket activation.
"""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
from pathlib import Path

ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | errno.EPERM
PR_SET_NO_NEW_PRIVS, PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN = 38, 65, 1


def values(unit: str, key: str) -> list[str]:
    """What the unit file sets `key` to, one for each of its lines."""
    return [line.partition("=")[2].strip() for line in unit.splitlines() if line.partition("=")[0].strip() == key]


def members(group: str) -> set[str]:
    """The system calls of a group, as systemd on this machine knows it."""
    listed = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    names = [line.strip() for line in listed.stdout.splitlines() if line.startswith("    ") and "#" not in line]
    calls: set[str] = set()
    for name in names:
        calls |= members(name) if name.startswith("@") else {name}
    return calls


def allowed(unit: str) -> set[str]:
    """The system calls that the unit's filter lets through; `@default` is always among them."""
    calls = members("@default")
    for line in values(unit, "SystemCallFilter"):
        named = {call for word in line.removeprefix("~").split() for call in _meant(word)}
        calls = calls - named if line.startswith("~") else calls | named
    return calls


def _meant(word: str) -> set[str]:
    return members(word) if word.startswith("@") else {word}


def confine(calls: set[str], unit: str) -> None:
    """Confine this process and all that it starts, as far as the unit says so."""
    libc = ctypes.CDLL(None, use_errno=True)
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(REFUSE)))
    for call in calls:
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            assert seccomp.seccomp_rule_add_array(context, ctypes.c_uint32(ALLOW), number, 0, None) == 0, call
    if values(unit, "NoNewPrivileges") == ["true"]:
        assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    if values(unit, "MemoryDenyWriteExecute") == ["true"]:
        assert libc.prctl(PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0
    assert seccomp.seccomp_load(context) == 0


def main() -> None:
    unit = Path(sys.argv[1]).read_text("utf-8")
    if handed := os.environ.pop("HANDED", ""):
        os.dup2(int(handed), 3)
        os.environ["LISTEN_PID"] = str(os.getpid())
    confine(allowed(unit), unit)
    from ingest.cli import main as ingest

    ingest(sys.argv[2:], prog_name="ingest")


if __name__ == "__main__":
    main()
