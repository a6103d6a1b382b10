"""True peak by exact pruning: a block is interpolated only where a bound allows it to beat the greatest so far."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from ingest.readers.audio.interpolator import HOP, Interpolator
from ingest.readers.audio.pcm import BLOCK, HISTORY, Floats

_FIRST = 8
_MANY = 12


class TruePeak:
    """The greatest interpolated magnitude over all channels, and the sample it lies at; fed chunk by chunk."""

    def __init__(self, filter_: Interpolator) -> None:
        self._filter = filter_
        self.greatest = 0.0
        self.at = 0

    def raise_to(self, peak: float, at: int) -> None:
        """The sample peak counts as well: the signal passes through its samples."""
        if peak > self.greatest:
            self.greatest, self.at = peak, at

    def feed(self, plane: Floats, covered: Floats, curve: Curve, start: int) -> None:
        """One channel of one chunk: `plane` is HISTORY earlier samples, then whole blocks from sample `start` on.

        `covered` is the greatest magnitude of each block and the one before it.
        """
        bound = covered * self._filter.gain
        left = np.flatnonzero(bound > self.greatest)
        if len(left) > len(covered) / _MANY:
            bound = np.minimum(bound, self._curved(covered, curve.covered(plane)))
            left = np.flatnonzero(bound > self.greatest)
        if not len(left):
            return
        if len(left) > _FIRST:
            best = left[np.argpartition(bound[left], -_FIRST)[-_FIRST:]]
            self._exact(plane, best, start)
            left = left[bound[left] > self.greatest]
        self._exact(plane, left, start)

    def _curved(self, covered: Floats, bends: Floats) -> Floats:
        pairs = self._filter.pairs
        bounds = np.stack([np.float32(s) * covered + np.float32(g) * bends for s, g in pairs])
        return np.asarray(bounds.max(axis=0))

    def _exact(self, plane: Floats, blocks: NDArray[np.intp], start: int) -> None:
        """Interpolate whole blocks: rows of HOP outputs times the filter's matrix."""
        if not len(blocks):
            return
        taps = self._filter.taps
        first = HISTORY - (taps - 1)
        hops = BLOCK // HOP
        step = plane.strides[0]
        view = as_strided(
            plane[first:], ((len(plane) - HISTORY) // HOP, HOP + taps - 1), (HOP * step, step), writeable=False
        )
        rows = view if len(blocks) * hops == len(view) else view[(blocks[:, None] * hops + np.arange(hops)).ravel()]
        outputs = rows @ self._filter.matrix
        peak = max(float(outputs.max()), -float(outputs.min()))
        if peak > self.greatest:
            row, column = divmod(int(np.abs(outputs).argmax()), outputs.shape[1])
            offset = int(blocks[row // hops]) * BLOCK + row % hops * HOP + column // len(self._filter.phases)
            self.greatest, self.at = peak, max(start + offset - taps // 2, 0)


class Curve:
    """Second differences of one channel of one chunk, taken once and only when some filter asks."""

    def __init__(self) -> None:
        self._covered: Floats | None = None

    def covered(self, plane: Floats) -> Floats:
        """The greatest |x''| of each block and the one before it."""
        if self._covered is None:
            steps = np.diff(plane)
            bends = np.diff(steps)
            np.abs(bends, out=bends)
            lead = HISTORY - 2
            greatest = np.maximum.reduceat(bends[lead:], np.arange(0, len(plane) - HISTORY, BLOCK))
            self._covered = cover(greatest, float(bends[:lead].max()))
        return self._covered


def cover(greatest: Floats, before: float) -> Floats:
    """The maximum of each block and its predecessor; `before` is that of the history."""
    covered = greatest.copy()
    np.maximum(covered[1:], greatest[:-1], out=covered[1:])
    covered[0] = max(covered[0], before)
    return covered
