"""Landlock (Linux 5.13): this process may read below a few places and write nowhere, for the rest of its life."""

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
ALL_RIGHTS: Final = (1 << 13) - 1
"""Every right that the first version knows: running, writing, reading, removing and making (linux/landlock.h)."""
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def allow_reading(places: Iterable[Path]) -> bool:
    """From now on allow reading below `places` alone; False where the kernel has no Landlock or forbids its use."""
    if _LIBC.syscall(CREATE_RULESET, None, 0, VERSION) < 1:
        return False
    handled = struct.pack("Q", ALL_RIGHTS)
    rules = _LIBC.syscall(CREATE_RULESET, handled, len(handled), 0)
    if rules < 0:
        return False
    for place in places:
        _allow(rules, place)
    restricted: bool = _LIBC.syscall(RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return restricted


def _allow(rules: int, place: Path) -> None:
    """A place that is not there is not allowed, and the reader says so itself."""
    try:
        number = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = READ_FILE | READ_FOLDER if place.is_dir() else READ_FILE
    _LIBC.syscall(ADD_RULE, rules, PATH_BENEATH, struct.pack("=Qi", rights, number), 0)
    os.close(number)
