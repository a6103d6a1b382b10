"""Classic BPF, as seccomp takes it: which system calls pass, and with which arguments, as instructions for the kernel.

Linux: Documentation/userspace-api/seccomp_filter.rst, include/uapi/linux/bpf_common.h, include/uapi/linux/seccomp.h.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000
LOAD, AND, IF_EQUAL, IF_AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
"""Offsets in `struct seccomp_data`; each argument has eight bytes, the low half first (little-endian machines)."""

WORD: Final = 0xFFFFFFFF
INSTRUCTION: Final = struct.Struct("HBBI")


@dataclass(frozen=True, slots=True)
class Argument:
    """What argument `index` of a call (from 0) must be: one of `values`, where the bits of `mask` alone count.

    Only its low 32 bits are looked at, or with `is_high` the others: no flag and no command that the kernel knows for
    the calls of `seccomp` lies above them.
    """

    index: int
    values: tuple[int, ...]
    mask: int = WORD
    is_high: bool = False


def bits(index: int, allowed: int) -> Argument:
    """An argument that may have bits of `allowed` set and no others."""
    return Argument(index, (0,), WORD & ~allowed)


def null(index: int) -> tuple[Argument, Argument]:
    """An argument that must be zero in all its 64 bits, as a pointer to nothing is."""
    return Argument(index, (0,)), Argument(index, (0,), is_high=True)


def compiled(architecture: int, calls: Mapping[int, tuple[Argument, ...]], newest: int) -> bytes:
    """A filter that lets `calls` pass whose arguments are as given; the first of them is found soonest.

    Everything else fails with EPERM, as if the account lacked the right, and what is newer than the call `newest` with
    ENOSYS, as on a kernel that does not have it: libraries then take the older way. Nothing is killed.
    """
    program = [
        _step(LOAD, ARCHITECTURE),
        _step(IF_EQUAL, architecture, 1, 0),
        _step(RETURN, REFUSE | errno.EPERM),
        _step(LOAD, NUMBER),
    ]
    for number, arguments in calls.items():
        wanted = [step for argument in arguments for step in _test(argument)]
        program += [_step(IF_EQUAL, number, 0, len(wanted) + 1), *wanted, _step(RETURN, ALLOW)]
    program += [
        _step(IF_AT_LEAST, newest + 1, 0, 1),
        _step(RETURN, REFUSE | errno.ENOSYS),
        _step(RETURN, REFUSE | errno.EPERM),
    ]
    return b"".join(program)


def _test(argument: Argument) -> list[bytes]:
    """Go on behind these instructions if the argument is as it must be, else refuse the call."""
    count = len(argument.values)
    return [
        _step(LOAD, ARGUMENTS + 8 * argument.index + 4 * argument.is_high),
        *([] if argument.mask == WORD else [_step(AND, argument.mask)]),
        *(_step(IF_EQUAL, value, count - at, 0) for at, value in enumerate(argument.values)),
        _step(RETURN, REFUSE | errno.EPERM),
    ]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return INSTRUCTION.pack(code, if_true, if_false, value)
