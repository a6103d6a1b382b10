"""Parts of a file, read as if they stood alone in one: what a decoder does not need, or fails on, is left out."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from ingest.readers.content import Held


class Parts(io.RawIOBase):
    """`spans` (start, end) of `data`, in bytes, and `tail` behind them. One read ends with the span it began in."""

    ran_dry = False
    """Whether anything was asked for behind the end."""

    def __init__(self, data: Held, spans: Sequence[tuple[int, int]], tail: bytes = b"") -> None:
        super().__init__()
        self._data, self.tail = data, tail
        self._spans = [span for span in spans if span[0] < span[1]]
        self._begins = list(accumulate((end - start for start, end in self._spans), initial=0))
        self._position = 0

    @property
    def left(self) -> int:
        """Bytes of the spans behind the place that was read last."""
        return max(self._begins[-1] - self._position, 0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        origin = (0, self._position, self._begins[-1] + len(self.tail))[whence]
        self._position = max(origin + offset, 0)
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        room = memoryview(buffer).cast("B")
        if self._position >= self._begins[-1]:
            at = self._position - self._begins[-1]
            piece = self.tail[at : at + len(room)]
        else:
            index = bisect_right(self._begins, self._position) - 1
            start, end = self._spans[index]
            at = start + self._position - self._begins[index]
            piece = self._data[at : min(at + len(room), end)]
        room[: len(piece)] = piece
        self._position += len(piece)
        self.ran_dry |= not piece
        return len(piece)
