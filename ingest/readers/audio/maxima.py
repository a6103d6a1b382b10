"""The greatest values of hops of samples: all meters that look for peaks or silence look at these first."""

from __future__ import annotations

import numpy as np

from ingest.readers.audio.pcm import HOP, SPAN, Floats

_PIECE = 32768
_STARTS = np.arange(0, _PIECE, HOP)


class Maxima:
    """Takes maxima over rows of samples, in pieces that stay in the processor's cache."""

    def __init__(self) -> None:
        self._one, self._other = np.empty(_PIECE + 2, np.float32), np.empty(_PIECE + 2, np.float32)

    def of(self, row: Floats) -> Floats:
        """The greatest |x| of each hop of `row`, whose length is a multiple of HOP."""
        tops = np.empty(len(row) // HOP, np.float32)
        for start in range(0, len(row), _PIECE):
            piece = row[start : start + _PIECE]
            hops = len(piece) // HOP
            magnitudes = np.abs(piece, out=self._one[: len(piece)])
            np.maximum.reduceat(magnitudes, _STARTS[:hops], out=tops[start // HOP : start // HOP + hops])
        return tops

    def bends(self, row: Floats) -> Floats:
        """The same of the second differences |x[n-1] - 2 x[n] + x[n+1]|, for all hops but the first and the last."""
        bends = np.zeros(len(row) // HOP, np.float32)
        for start in range(HOP, len(row) - HOP, _PIECE):
            stop = min(start + _PIECE, len(row) - HOP)
            one, other, hops = self._one[: stop - start + 1], self._other[: stop - start], (stop - start) // HOP
            np.subtract(row[start : stop + 1], row[start - 1 : stop], out=one)
            np.subtract(one[1:], one[:-1], out=other)
            np.abs(other, out=other)
            np.maximum.reduceat(other, _STARTS[:hops], out=bends[start // HOP : start // HOP + hops])
        return bends


def of_spans(rows: Floats) -> Floats:
    """The greatest value of each SPAN columns of `rows`.

    Maxima of 2, 4, 8 and 16 neighbours everywhere take a fraction of the time of a reduction over short spans.
    """
    values = rows.reshape(-1)
    reach = 1
    while reach < SPAN:
        values = np.maximum(values[:-reach], values[reach:])
        reach *= 2
    return values[::SPAN].reshape(len(rows), -1)
