"""The filter, run here as the kernel runs it: what passes, with which arguments, and nothing else."""

from __future__ import annotations

import errno
import mmap
import os
import struct
from types import SimpleNamespace

import pytest

from ingest.readers import bpf, seccomp

ALLOWED, REFUSED, UNKNOWN = "allowed", errno.EPERM, errno.ENOSYS
HIGH = 1 << 32


def answer(number: int, *arguments: int, architecture: int = seccomp.AUDIT_ARCH_X86_64) -> str | int:
    """What the filter says of a call: `allowed`, or the error that it fails with."""
    given = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *(one % (1 << 64) for one in given))
    steps = list(bpf.INSTRUCTION.iter_unpack(seccomp.PROGRAM))
    at = word = 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        if code == bpf.LOAD:
            (word,) = struct.unpack_from("<I", data, value)
        elif code == bpf.AND:
            word &= value
        elif code == bpf.RETURN:
            return ALLOWED if value == bpf.ALLOW else value & 0xFFFF
        else:
            is_met = word == value if code == bpf.IF_EQUAL else word >= value
            at += if_true if is_met else if_false


def test_a_call_passes_if_it_is_on_the_list_and_fails_otherwise() -> None:
    always = set(seccomp.ALLOWED.values())
    limited = {number for number, _ in seccomp.LIMITED.values()}
    assert not always & limited
    for number in set(range(600)) - limited:
        expected = ALLOWED if number in always else REFUSED if number <= seccomp.NEWEST else UNKNOWN
        assert answer(number, *[2**64 - 1] * 6) == expected, number


def test_calls_of_another_machine_fail() -> None:
    for number in range(600):
        assert answer(number, architecture=0x40000003) == REFUSED
        assert answer(0x40000000 | number) == UNKNOWN


MMAP, MPROTECT, OPENAT, FCNTL, FUTEX, MADVISE, PRLIMIT = 9, 10, 257, 72, 202, 28, 302
PRIVATE = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS

PASS = {
    "a large allocation": (MMAP, 0, 4096, 3, PRIVATE, -1, 0),
    "an arena": (MMAP, 0, 4096, 0, PRIVATE | 0x4000, -1, 0),
    "a file to read": (MMAP, 0, 4096, 1, mmap.MAP_SHARED, 3, 0),
    "growing an arena": (MPROTECT, 0, 4096, 3),
    "a file": (OPENAT, -100, 0, os.O_RDONLY | os.O_CLOEXEC),
    "a folder": (OPENAT, -100, 0, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_DIRECTORY),
    "no link": (OPENAT, -100, 0, os.O_NOFOLLOW),
    "a second descriptor": (FCNTL, 3, 1030, 0),
    "a lock waited for": (FUTEX, 0, 0 | 128, 1),
    "a lock waited for until": (FUTEX, 0, 9 | 128 | 256, 1),
    "a lock given back": (FUTEX, 0, 1 | 128, 1),
    "large pages": (MADVISE, 0, 4096, mmap.MADV_HUGEPAGE),
    "memory given back": (MADVISE, 0, 4096, mmap.MADV_DONTNEED),
    "how large the stack may be": (PRLIMIT, 0, 3, 0, 0x7F0000000000),
}


@pytest.mark.parametrize("what", PASS)
def test_what_readers_and_the_c_library_need_passes(what: str) -> None:
    assert answer(*PASS[what]) == ALLOWED


FAIL = {
    "code": (MMAP, 0, 4096, 5, PRIVATE, -1, 0),
    "code in a high half": (MMAP, 0, 4096, HIGH | 7, PRIVATE, -1, 0),
    "locked memory": (MMAP, 0, 4096, 3, PRIVATE | 0x2000, -1, 0),
    "reserved huge pages": (MMAP, 0, 4096, 3, PRIVATE | 0x40000, -1, 0),
    "memory made code": (MPROTECT, 0, 4096, 4),
    "writing": (OPENAT, -100, 0, os.O_WRONLY),
    "reading and writing": (OPENAT, -100, 0, os.O_RDWR | os.O_CLOEXEC),
    "both ways at once": (OPENAT, -100, 0, os.O_ACCMODE),
    "making": (OPENAT, -100, 0, os.O_CREAT),
    "emptying": (OPENAT, -100, 0, os.O_TRUNC),
    "a file without a name": (OPENAT, -100, 0, os.O_TMPFILE),
    "a place": (OPENAT, -100, 0, os.O_PATH),
    "an owner of signals": (FCNTL, 3, 8, 1),
    "a signal": (FCNTL, 3, 10, 9),
    "a lease": (FCNTL, 3, 1024, 0),
    "a larger pipe": (FCNTL, 3, 1031, 1 << 20),
    "a lock with priority": (FUTEX, 0, 6, 1),
    "a page that is shared out": (MADVISE, 0, 4096, 12),
    "a hole in a file": (MADVISE, 0, 4096, 9),
    "a broken page": (MADVISE, 0, 4096, 100),
    "the limits of another": (PRLIMIT, 1, 7, 0, 0x7F0000000000),
    "a new limit": (PRLIMIT, 0, 7, 0x1000, 0),
    "a new limit far up": (PRLIMIT, 0, 7, 0x7F00 << 32, 0),
}


@pytest.mark.parametrize("what", FAIL)
def test_what_is_harmless_in_one_way_only_fails_in_every_other(what: str) -> None:
    assert answer(*FAIL[what]) == REFUSED


def test_a_machine_whose_numbers_are_not_known_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.uname", lambda: SimpleNamespace(machine="aarch64"))
    assert not seccomp.is_offered()
    assert not seccomp.filter_calls()
