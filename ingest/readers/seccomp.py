"""A filter of system calls (seccomp, x86-64): no network, no other process, no other program.

What is forbidden fails with EPERM, as if the account lacked the right; nothing is killed. Threads stay possible.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from typing import Final

FORBIDDEN: Final = {
    "socket": 41,
    "connect": 42,
    "accept": 43,
    "sendto": 44,
    "sendmsg": 46,
    "bind": 49,
    "listen": 50,
    "socketpair": 53,
    "fork": 57,
    "vfork": 58,
    "execve": 59,
    "kill": 62,
    "ptrace": 101,
    "setpgid": 109,
    "setsid": 112,
    "mount": 165,
    "tkill": 200,
    "tgkill": 234,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "unshare": 272,
    "accept4": 288,
    "perf_event_open": 298,
    "prlimit64": 302,
    "setns": 308,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "kcmp": 312,
    "bpf": 321,
    "execveat": 322,
    "userfaultfd": 323,
    "pidfd_send_signal": 424,
    "io_uring_setup": 425,
    "pidfd_open": 434,
    "pidfd_getfd": 438,
}
"""Names and numbers of the x86-64 table (Linux: arch/x86/entry/syscalls/syscall_64.tbl)."""

CLONE, CLONE3, CLONE_THREAD = 56, 435, 0x10000
AUDIT_ARCH_X86_64: Final = 0xC000003E
X32_BIT: Final = 0x40000000
ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000
KILL: Final = 0x80000000
PR_SET_SECCOMP, MODE_FILTER = 22, 2

# Classic BPF (linux/bpf_common.h): load a word, compare and jump, return.
LOAD, IF_EQUAL, IF_AT_LEAST, IF_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def filter_calls() -> bool:
    """Put the filter on this process for good; False where there is none for this machine, or it is refused."""
    if platform.machine() != "x86_64" or struct.calcsize("P") != 8:
        return False
    code = _program()
    kept = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(kept))
    installed: bool = _LIBC.prctl(PR_SET_SECCOMP, MODE_FILTER, program, 0, 0) == 0
    return installed


def _program() -> bytes:
    """The filter: each forbidden number jumps to the refusal behind the list."""
    forbidden = sorted(FORBIDDEN.values())
    head = [
        _step(LOAD, ARCHITECTURE),
        _step(IF_EQUAL, AUDIT_ARCH_X86_64, 1, 0),
        _step(RETURN, KILL),
        _step(LOAD, NUMBER),
        _step(IF_AT_LEAST, X32_BIT, 0, 1),
        _step(RETURN, KILL),
    ]
    tail = [
        _step(IF_EQUAL, CLONE3, 4, 0),
        _step(IF_EQUAL, CLONE, 0, 4),
        _step(LOAD, FIRST_ARGUMENT),
        _step(IF_BITS, CLONE_THREAD, 2, 0),
        _step(RETURN, REFUSE | errno.EPERM),
        _step(RETURN, REFUSE | errno.ENOSYS),
        _step(RETURN, ALLOW),
    ]
    # A forbidden number lands on the refusal, which is four steps into the tail.
    listed = [_step(IF_EQUAL, number, len(forbidden) - at - 1 + 4, 0) for at, number in enumerate(forbidden)]
    return b"".join([*head, *listed, *tail])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
