"""True peak (ITU-R BS.1770, annex 2) with exact pruning: interpolated only where a bound exceeds the maximum so far.

The bound is computed for hops first, then for the spans of those hops that are left. A span is SPAN samples with the
interpolated values before each of them; a filter of up to 24 taps then needs only the span itself and its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.interpolator import ITU, SINC, Interpolator
from ingest.readers.audio.maxima import Maxima, of_spans
from ingest.readers.audio.pcm import HOP, SPAN, Floats

_FIRST = 8
_TOGETHER = 256
"""Hops looked into at one time: what is made of them stays in the processor's cache."""
_MANY = 12
_STEEPEST = tuple(np.float32(max(column)) for column in zip(*(*SINC.pairs, *ITU.pairs), strict=True))
_GAIN = np.float32(max(SINC.gain, ITU.gain))
_SPANS = HOP // SPAN
_WIDTH = HOP + 2 * SPAN
_NONE = np.zeros(0, np.intp)


class Hops:
    """Sieves the inner hops of all planes by what bounds all outputs of all filters: magnitudes, then curvature.

    The first and the last hop of a plane are no inner ones. Inner hops are numbered as in one long plane.
    """

    def __init__(self, planes: Floats, tops: Floats, maxima: Maxima) -> None:
        """`tops` is the greatest |x| of each hop, channel by channel."""
        self.planes, self._tops, self._maxima = planes, tops, maxima

    def over(self, peak: float) -> NDArray[np.intp]:
        """Numbers of the inner hops, from 0, that the bounds do not keep under `peak`."""
        limit = peak / _GAIN
        if not self._tops.max() > limit:
            return _NONE
        left = np.flatnonzero(_cover(self._tops) > limit)
        if len(left) > self._tops.size / _MANY:
            left = np.flatnonzero(self._curved() > peak)
        return np.asarray(left + left // (self._tops.shape[1] - 2) * 2)

    def _curved(self) -> Floats:
        """The ends of all gaps of a hop are its own samples and the one before them.

        A bend where one plane ends and the next begins is none of the signal's; it can only raise a bound.
        """
        near = np.maximum(self._tops[:, 1:-1], np.abs(self.planes[:, HOP - 1 : -HOP - 1 : HOP]))
        bends = self._maxima.bends(self.planes.reshape(-1)).reshape(self._tops.shape)
        return np.asarray(_STEEPEST[0] * near + _STEEPEST[1] * _cover(bends))


def _cover(tops: Floats) -> Floats:
    """The maximum of each inner one and its two neighbours."""
    return np.maximum(np.maximum(tops[..., :-2], tops[..., 2:]), tops[..., 1:-1])


class Spans:
    """The spans of some inner hops, with what bounds the outputs of each."""

    def __init__(self, planes: Floats, hops: NDArray[np.intp]) -> None:
        """`places` counts spans from the first inner hop on."""
        self.planes = planes
        self.places = (hops[:, None] * _SPANS + np.arange(_SPANS)).reshape(-1)
        rows = _windows(planes, HOP - SPAN - 1, HOP, _WIDTH + 2)[hops]
        slopes = rows[:, 1:] - rows[:, :-1]
        magnitudes = np.abs(rows[:, 1:-1])
        tops = of_spans(magnitudes)
        self._near = np.maximum(tops[:, 1:-1], magnitudes[:, SPAN - 1 : -SPAN - 1 : SPAN]).reshape(-1)
        self._wide = _cover(tops).reshape(-1)
        self._bends = _cover(of_spans(np.abs(slopes[:, 1:] - slopes[:, :-1]))).reshape(-1)

    def bounds(self, filter_: Interpolator) -> Floats:
        """|y| <= gain * max|x| and |y| <= s * max|x| + g * max|x''|, for whichever phase is worst."""
        curved = [np.float32(s) * self._near + np.float32(g) * self._bends for s, g in filter_.pairs]
        return np.asarray(np.minimum(np.maximum.reduce(curved), np.float32(filter_.gain) * self._wide))


def _windows(planes: Floats, first: int, step: int, width: int) -> Floats:
    """A view of `width` samples of each `step`, from `first` on, for all inner hops of one long plane."""
    size = planes.itemsize
    count = (planes.size - 2 * HOP) // step
    return np.ndarray((count, width), np.float32, planes.data, first * size, (step * size, size))


class TruePeak:
    """The greatest interpolated magnitude of one filter over all channels, and the sample it lies at."""

    def __init__(self, filter_: Interpolator) -> None:
        self._filter = filter_
        self.greatest = 0.0
        self.at = 0

    def raise_to(self, peak: float, at: int) -> None:
        """The sample peak counts as well: the signal passes through its samples."""
        if peak > self.greatest:
            self.greatest, self.at = peak, at

    def feed(self, spans: Spans, start: int) -> None:
        """Spans of one chunk, whose planes begin at sample `start` of the file."""
        bound = spans.bounds(self._filter)
        left = np.flatnonzero(bound > self.greatest)
        if len(left) > 4 * _FIRST:
            # The most promising first: what they raise the greatest to spares most of the others.
            bound = bound[left]
            self._exact(spans.planes, spans.places[left[np.argpartition(bound, -_FIRST)[-_FIRST:]]], start)
            left = left[bound > self.greatest]
        if len(left):
            self._exact(spans.planes, spans.places[left], start)

    def _exact(self, planes: Floats, places: NDArray[np.intp], start: int) -> None:
        """Interpolate spans of inner hops, counted from 0: rows of their samples times the filter's matrix."""
        taps = self._filter.taps
        outputs = _windows(planes, HOP - taps // 2, SPAN, SPAN + taps - 1)[places] @ self._filter.matrix
        peak = max(float(outputs.max()), -float(outputs.min()))
        if peak > self.greatest:
            row, column = divmod(int(np.abs(outputs).argmax()), outputs.shape[1])
            sample = HOP + int(places[row]) * SPAN + column // len(self._filter.phases)
            self.greatest, self.at = peak, max(start + sample % planes.shape[1] - 1, 0)


def feed_all(meters: Sequence[TruePeak], hops: Hops, start: int) -> None:
    """One chunk, whose planes begin at sample `start` of the file, through all filters."""
    left = hops.over(min(meter.greatest for meter in meters))
    for first in range(0, len(left), _TOGETHER):
        spans = Spans(hops.planes, left[first : first + _TOGETHER])
        for meter in meters:
            meter.feed(spans, start)
