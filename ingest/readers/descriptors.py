"""What a process holds open: a child of the fork server keeps its answer pipe, and nothing that anybody left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path
from typing import Final

CLOSE_RANGE: Final = 436
"""close_range(2), Linux 5.9; the number is the same on every architecture."""

LAST: Final = 0xFFFFFFFF
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def keep_only(number: int) -> None:
    """Close every descriptor but the standard ones (0 to 2) and `number`, whatever limit held when it was opened."""
    if not (_closed(3, number - 1) and _closed(max(number, 2) + 1, LAST)):
        _close_listed(number)


def _closed(first: int, last: int) -> bool:
    """False where the kernel does not have the call."""
    return first > last or _LIBC.syscall(CLOSE_RANGE, ctypes.c_uint(first), ctypes.c_uint(last), 0) == 0


def _close_listed(number: int) -> None:
    """The way of kernels before 5.9. The listing itself is among the listed, and closed already."""
    for opened in [int(one.name) for one in Path("/proc/self/fd").iterdir()]:
        if opened > 2 and opened != number:
            with contextlib.suppress(OSError):
                os.close(opened)
