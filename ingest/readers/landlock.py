"""Landlock (Linux 5.13): this process may read below a few places and do nothing else to files, for good.

Everything that the kernel's version can withhold is withheld: writing, making, removing, moving, cutting, running,
ioctl on devices, TCP, and signals and abstract sockets to processes outside. What an older version lacks, the filter of
system calls (`seccomp`) holds alone. No version keeps a process from `stat`, or from changing modes, owners and times.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

CREATE_RULESET: Final = 444
ADD_RULE: Final = 445
RESTRICT_SELF: Final = 446
"""System calls of these numbers are the same on every architecture (Linux: include/uapi/asm-generic/unistd.h)."""

VERSION: Final = 1
PATH_BENEATH: Final = 1
READ_FILE: Final = 1 << 2
READ_FOLDER: Final = 1 << 3
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
TCP: Final = 0b11
"""LANDLOCK_ACCESS_NET_BIND_TCP and CONNECT_TCP."""

OUTSIDE: Final = 0b11
"""LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and LANDLOCK_SCOPE_SIGNAL."""

NEWEST: Final = 6
"""The version that brought the last rights known here: 2 REFER, 3 TRUNCATE, 4 TCP, 5 IOCTL_DEV, 6 the scopes."""
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """The version that this kernel offers, 0 where it has no Landlock or its use is forbidden."""
    return max(0, int(_LIBC.syscall(CREATE_RULESET, None, 0, VERSION)))


def handled(offered: int) -> bytes:
    """The ruleset that withholds all that this version knows (linux/landlock.h: `struct landlock_ruleset_attr`)."""
    files = (1 << 13) - 1
    files |= sum(right for since, right in ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEV)) if offered >= since)
    members = [files, *([TCP] if offered >= 4 else []), *([OUTSIDE] if offered >= 6 else [])]
    return struct.pack(f"{len(members)}Q", *members)


def allow_reading(places: Iterable[Path]) -> int:
    """From now on allow reading below `places` alone. Returns the version that sees to it, 0 for none.

    Raises OSError where the kernel offers Landlock and then refuses it.
    """
    offered = version()
    if offered < 1:
        return 0
    ruleset = handled(offered)
    rules = _called(CREATE_RULESET, ruleset, len(ruleset), 0)
    for place in places:
        _allow(rules, place)
    _called(RESTRICT_SELF, rules, 0)
    os.close(rules)
    return offered


def _allow(rules: int, place: Path) -> None:
    """A place that is not there is not allowed, and the reader says so itself."""
    try:
        number = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = READ_FILE | READ_FOLDER if place.is_dir() else READ_FILE
    _called(ADD_RULE, rules, PATH_BENEATH, struct.pack("=Qi", rights, number), 0)
    os.close(number)


def _called(number: int, *arguments: object) -> int:
    """Make one of the three calls. Raises OSError."""
    result = int(_LIBC.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock cannot be put in force")
    return result
