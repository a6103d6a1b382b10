"""Which bytes of a file were written: half-open ranges that are merged as writes come in, in any order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right


class Ranges:
    """A set of half-open byte ranges, kept sorted, disjoint and merged."""

    def __init__(self, size: int = 0) -> None:
        """Start with the bytes from 0 to `size` present."""
        self._starts: list[int] = [0] if size else []
        self._ends: list[int] = [size] if size else []

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, start: int, end: int) -> None:
        """Mark the bytes from `start` up to and without `end` as present."""
        if start >= end:
            return
        if self._ends and self._starts[-1] <= start <= self._ends[-1]:
            self._ends[-1] = max(end, self._ends[-1])
            return
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def cut(self, size: int) -> None:
        """Mark the bytes from `size` on as missing."""
        kept = bisect_left(self._starts, size)
        del self._starts[kept:], self._ends[kept:]
        if self._ends:
            self._ends[-1] = min(size, self._ends[-1])

    def covers(self, size: int) -> bool:
        """True when no byte from 0 up to and without `size` is missing."""
        return size == 0 or (bool(self._starts) and self._starts[0] == 0 and self._ends[0] >= size)
