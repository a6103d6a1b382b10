"""When the interpreter looks through its whole memory for cycles of objects: at chosen times, not in the midst of work.

And when freed memory goes back to the machine: glibc keeps it, for it lies between what is still used.

All threads wait for a full collection. While the facts of a message of thousands of recordings are being made, millions
of objects, the interpreter would begin one after the other, of up to a second each.
"""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

EVERY_SECONDS: Final = 300.0
NEVER: Final = 1_000_000_000


_trim: Final = getattr(ctypes.CDLL(None), "malloc_trim", None)
"""malloc_trim(3); only glibc has it."""


def give_back() -> None:
    """Give memory that was freed back to the machine, a few milliseconds of work without the interpreter's lock.

    After a hundred connections of SFTP that is 50 MB.
    """
    if _trim is not None:
        _trim(0)


@contextmanager
def full_collections_held_back(clock: Callable[[], float] = time.monotonic) -> Iterator[Callable[[], bool]]:
    """No full collection begins by itself during the block; young objects are collected as ever.

    What exists at its beginning stays and is not looked through again. Call what it yields every few seconds: it
    makes a full collection every five minutes, and says whether it did.
    """
    before, last = gc.get_threshold(), clock()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*before[:2], NEVER)

    def collect_when_due() -> bool:
        nonlocal last
        if clock() - last < EVERY_SECONDS:
            return False
        gc.collect()
        give_back()
        last = clock()
        return True

    try:
        yield collect_when_due
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
