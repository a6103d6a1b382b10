"""Bytes in memory that children do not get when this process forks: madvise(2), MADV_DONTFORK.

What passes through the fork server belongs to one label, and the next child may read another's file and be taken over
by it. Nothing here goes by way of `bytes`, which would leave a copy on the heap, where it outlives the object.
"""

from __future__ import annotations

import mmap
import os
from typing import Final

LEAST: Final = 1 << 18
"""Bytes that a buffer has room for at first."""
_KIND: Final = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS


class Unshared:
    """A buffer that grows at its end and is taken from at its front. Call `close` in the end."""

    def __init__(self) -> None:
        self._memory = _mapped(LEAST)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def read_from(self, descriptor: int, most: int) -> int:
        """read(2) of at most `most` bytes to the end of the buffer; how many came, 0 at the end. Raises OSError."""
        if self._size + most > len(self._memory):
            self._grow(self._size + most)
        with memoryview(self._memory) as whole, whole[self._size : self._size + most] as room:
            count = os.readv(descriptor, [room])
        self._size += count
        return count

    def find(self, wanted: bytes) -> int:
        """Where these bytes begin for the first time; -1 where they do not."""
        return self._memory.find(wanted, 0, self._size)

    def ends_with(self, wanted: bytes) -> bool:
        """Whether these are the last bytes."""
        begin = self._size - len(wanted)
        return begin >= 0 and self._memory.find(wanted, begin, self._size) == begin

    def write_to(self, descriptor: int, count: int) -> None:
        """write(2) the first `count` bytes, until all are written. Raises OSError."""
        done = 0
        with memoryview(self._memory) as whole:
            while done < count:
                with whole[done:count] as rest:
                    done += os.write(descriptor, rest)

    def take(self, count: int) -> bytes:
        """The first `count` bytes, which children may see from now on, and which are no longer in the buffer."""
        taken = self._memory[:count]
        self.drop(count)
        return taken

    def drop(self, count: int) -> None:
        """Forget the first `count` bytes."""
        self._memory.move(0, count, self._size - count)
        self._size -= count

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()

    def _grow(self, least: int) -> None:
        larger = _mapped(max(least, 2 * len(self._memory)))
        with memoryview(larger) as new, memoryview(self._memory) as old:
            new[: self._size] = old[: self._size]
        self._memory.close()
        self._memory = larger


def _mapped(size: int) -> mmap.mmap:
    memory = mmap.mmap(-1, size, _KIND)
    memory.madvise(mmap.MADV_DONTFORK)
    return memory
