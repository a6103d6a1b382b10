"""A filter of system calls (seccomp, x86-64): what the readers use passes, and every other call fails.

The list was made by measuring the children over every kind of reading, good files, broken ones and mutants, with what
the C library calls beside that when memory is short, a signal comes or a computation is interrupted. No call on it
changes a file, a right, another process or the machine, and none makes a process, a thread, a socket or code.

What it leaves: `stat` of any path that the account may reach, since the readers look at files by their paths and a
filter sees no path. That tells whether a file is there, its size, times and owner; never what is in it or in a folder.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import struct
from typing import Final

from ingest.readers.bpf import INSTRUCTION, Argument, bits, compiled, null

AUDIT_ARCH_X86_64: Final = 0xC000003E
PR_SET_SECCOMP, MODE_FILTER = 22, 2

READ_ONLY: Final = os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK | 0o100000
"""Flags of opening something that exists, for reading; the number is what musl adds always (O_LARGEFILE)."""

DATA_ONLY: Final = mmap.PROT_READ | mmap.PROT_WRITE
MAPPINGS: Final = (mmap.MAP_PRIVATE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.MAP_SHARED)
"""Shared memory that is of no file would not count against RLIMIT_DATA."""
ANY_MAPPING: Final = 0x10 | 0x4000 | mmap.MAP_STACK
"""MAP_FIXED, MAP_NORESERVE and MAP_STACK go with each; neither locked nor of reserved huge pages."""

ADVICE: Final = (14, 4, 8, 0, 1, 2, 3, 15)
"""MADV_HUGEPAGE, DONTNEED, FREE, NORMAL, RANDOM, SEQUENTIAL, WILLNEED, NOHUGEPAGE: none changes a file or a page."""

DUPLICATES: Final = (fcntl.F_DUPFD_CLOEXEC, fcntl.F_DUPFD, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL)
WAITING: Final = (0, 1, 9, 10)
"""FUTEX_WAIT, WAKE, WAIT_BITSET and WAKE_BITSET; the mask leaves out FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME."""

LIMITED: Final[dict[str, tuple[int, tuple[Argument, ...]]]] = {
    "madvise": (28, (Argument(2, ADVICE),)),
    "mmap": (9, (bits(2, DATA_ONLY), Argument(3, MAPPINGS, 0xFFFFFFFF & ~ANY_MAPPING))),
    "openat": (257, (bits(2, READ_ONLY),)),
    "fcntl": (72, (Argument(1, DUPLICATES),)),
    "futex": (202, (Argument(1, WAITING, mask=0xFFFFFFFF & ~(128 | 256)),)),
    "mprotect": (10, (bits(2, DATA_ONLY),)),
    "prlimit64": (302, (Argument(0, (0,)), *null(2))),
}
"""Number and arguments of the calls that are harmless in one way only: `prlimit64` as a question about oneself."""

ALLOWED: Final = {
    "read": 0,
    "lseek": 8,
    "pread64": 17,
    "newfstatat": 262,
    "close": 3,
    "munmap": 11,
    "brk": 12,
    "write": 1,
    "dup": 32,
    "getdents64": 217,
    "stat": 4,
    "fstat": 5,
    "lstat": 6,
    "statx": 332,
    "readv": 19,
    "mremap": 25,
    "rt_sigprocmask": 14,
    "rt_sigreturn": 15,
    "restart_syscall": 219,
    "sched_yield": 24,
    "nanosleep": 35,
    "clock_nanosleep": 230,
    "clock_gettime": 228,
    "gettimeofday": 96,
    "time": 201,
    "getpid": 39,
    "gettid": 186,
    "getcwd": 79,
    "getrandom": 318,
    "sysinfo": 99,
    "exit_group": 231,
}
"""Names and numbers of the x86-64 table (Linux: arch/x86/entry/syscalls/syscall_64.tbl), the most frequent first.

`write` reaches the answer pipe, /dev/null and, of a child that makes a file, that file alone (`output`): it holds
nothing else that was opened for writing.
"""

NEWEST: Final = 450
"""The last call (`set_mempolicy_home_node`, Linux 5.17) of the table that was looked through for this list."""
PROGRAM: Final = compiled(
    AUDIT_ARCH_X86_64, dict(LIMITED.values()) | dict.fromkeys(ALLOWED.values(), ()), newest=NEWEST
)
"""The filter. Calls whose arguments count come first: for the others the kernel itself remembers the answer."""

_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def is_offered() -> bool:
    """Whether this kernel filters system calls, and for a machine whose numbers stand here."""
    if os.uname().machine != "x86_64" or struct.calcsize("P") != 8:
        return False
    # Without a program the kernel that knows the mode complains of the address, any other of the mode.
    return bool(_LIBC.prctl(PR_SET_SECCOMP, MODE_FILTER, None, 0, 0) != 0 and ctypes.get_errno() == errno.EFAULT)


def filter_calls() -> bool:
    """Put the filter on this process for good; False where none is offered. Raises OSError where it is refused.

    The process must have given up gaining rights (PR_SET_NO_NEW_PRIVS).
    """
    if not is_offered():
        return False
    kept = ctypes.create_string_buffer(PROGRAM, len(PROGRAM))
    told = struct.pack("HxxxxxxQ", len(PROGRAM) // INSTRUCTION.size, ctypes.addressof(kept))
    if _LIBC.prctl(PR_SET_SECCOMP, MODE_FILTER, told, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter of system calls cannot be installed")
    return True
