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
        """The same of the second differences |x[n-1] - 2 x[n] + x[n+1]|; the first and the last sample have none."""
        bends = np.empty(len(row) // HOP, np.float32)
        for start in range(0, len(row), _PIECE):
            stop = min(start + _PIECE, len(row))
            first, last = max(start, 1), min(stop, len(row) - 1)
            slopes = np.subtract(row[first : last + 1], row[first - 1 : last], out=self._one[: last - first + 1])
            piece = self._other[: stop - start]
            piece[0] = piece[-1] = 0.0
            inner = np.subtract(slopes[1:], slopes[:-1], out=piece[first - start : last - start])
            np.abs(inner, out=inner)
            np.maximum.reduceat(piece, _STARTS[: len(piece) // HOP], out=bends[start // HOP : stop // HOP])
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
