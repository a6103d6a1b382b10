"""What a process holds open: a child of the fork server keeps its pipes, and nothing that anybody left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path
from typing import Final

CLOSE_RANGE: Final = 436
"""close_range(2), Linux 5.9; the number is the same on every architecture."""

LAST: Final = 0xFFFFFFFF
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def keep_only(*numbers: int) -> None:
    """Close every descriptor but the standard ones (0 to 2) and `numbers`, whatever limit held when it was opened."""
    kept = sorted({2, *numbers})
    if not all(_closed(low + 1, high - 1) for low, high in pairwise((*kept, LAST + 1))):
        _close_listed(kept)


def _closed(first: int, last: int) -> bool:
    """False where the kernel does not have the call."""
    return first > last or _LIBC.syscall(CLOSE_RANGE, ctypes.c_uint(first), ctypes.c_uint(last), 0) == 0


def _close_listed(kept: Collection[int]) -> None:
    """The way of kernels before 5.9. The listing itself is among the listed, and closed already."""
    for opened in [int(one.name) for one in Path("/proc/self/fd").iterdir()]:
        if opened > 2 and opened not in kept:
            with contextlib.suppress(OSError):
                os.close(opened)
