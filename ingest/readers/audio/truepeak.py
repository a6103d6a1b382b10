"""True peak by exact pruning: a hop is interpolated only where a bound allows it to beat the greatest so far.

A hop here is HOP samples and what the filters make of the spans before each of them. Centred so, a filter of up to 24
taps reaches into the hop before and the hop after and no further.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.interpolator import ITU, SINC, Interpolator
from ingest.readers.audio.maxima import Maxima
from ingest.readers.audio.pcm import HOP, Floats

_FIRST = 8
_MANY = 12
_NONE = np.zeros(0, np.intp)


class Surroundings:
    """What bounds the outputs of each inner hop of one plane: magnitudes near and wide, and curvature when asked."""

    def __init__(self, plane: Floats, magnitudes: Floats, tops: Floats, maxima: Maxima) -> None:
        self.plane = plane
        self.wide = _cover(tops)
        self._widest = float(self.wide.max())
        self._magnitudes, self._tops, self._maxima = magnitudes, tops, maxima
        self._near: Floats | None = None
        self._bends: Floats | None = None
        self._coarse: Floats | None = None

    def over(self, peak: float, gain: np.float32) -> NDArray[np.intp]:
        """Inner hops whose magnitudes alone do not keep them under `peak`."""
        return np.flatnonzero(self.wide * gain > peak) if self._widest * gain > peak else _NONE

    def bent(self, peak: float) -> NDArray[np.intp]:
        """Inner hops that no filter's curvature bound keeps under `peak`: a coarse sieve for all filters."""
        if self._coarse is None:
            steepest = [np.float32(max(column)) for column in zip(*(*SINC.pairs, *ITU.pairs), strict=True)]
            self._coarse = steepest[0] * self.near() + steepest[1] * self.bends()
        return np.flatnonzero(self._coarse > peak)

    def near(self) -> Floats:
        """The greatest |x| of each inner hop and of the one sample before it: the ends of all its spans."""
        if self._near is None:
            self._near = np.maximum(self._tops[1:-1], self._magnitudes[HOP - 1 : -HOP - 1 : HOP])
        return self._near

    def bends(self) -> Floats:
        """The greatest |x''| of each inner hop and its neighbours, taken once and only when some filter asks."""
        if self._bends is None:
            self._bends = _cover(self._maxima.bends(self.plane))
        return self._bends


def _cover(tops: Floats) -> Floats:
    """The maximum of each inner hop and its two neighbours."""
    return np.maximum(np.maximum(tops[:-2], tops[2:]), tops[1:-1])


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

    def feed(self, around: Surroundings, start: int) -> None:
        """One channel of one chunk, whose plane begins at sample `start` of the file (HISTORY before the chunk)."""
        gain = np.float32(self._filter.gain)
        left = around.over(self.greatest, gain)
        if not len(left):
            return
        bound = around.wide[left] * gain
        if len(left) > len(around.wide) / _MANY:
            left = around.bent(self.greatest)
            bound = self._curved(around.near()[left], around.bends()[left])
            is_left = bound > self.greatest
            left, bound = left[is_left], bound[is_left]
        if len(left) > 4 * _FIRST:
            # The most promising first: what they raise the greatest to spares most of the others.
            self._exact(around.plane, left[np.argpartition(bound, -_FIRST)[-_FIRST:]], start)
            left = left[bound > self.greatest]
        if len(left):
            self._exact(around.plane, left, start)

    def _curved(self, near: Floats, bends: Floats) -> Floats:
        """|y| <= s * max|x| + g * max|x''|, for whichever phase is worst."""
        bounds = [np.float32(s) * near + np.float32(g) * bends for s, g in self._filter.pairs]
        return np.asarray(np.maximum.reduce(bounds))

    def _exact(self, plane: Floats, hops: NDArray[np.intp], start: int) -> None:
        """Interpolate inner hops, counted from 0: rows of their samples times the filter's matrix."""
        taps, step = self._filter.taps, plane.strides[0]
        first = HOP - taps // 2
        shape = (len(plane) // HOP - 2, HOP + taps - 1)
        rows: Floats = np.ndarray(shape, np.float32, plane.data, first * step, (HOP * step, step))
        outputs = rows[hops] @ self._filter.matrix
        peak = max(float(outputs.max()), -float(outputs.min()))
        if peak > self.greatest:
            row, column = divmod(int(np.abs(outputs).argmax()), outputs.shape[1])
            sample = (int(hops[row]) + 1) * HOP + column // len(self._filter.phases)
            self.greatest, self.at = peak, max(start + sample - 1, 0)
