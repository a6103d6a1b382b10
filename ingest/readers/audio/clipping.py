"""Runs of samples at full scale, and flat tops under it where a wave was cut off.

Square waves, waves of few steps and slow waves have flat tops too. One that was cut rises steeply up to its top, and
its last step is as long as chance will have it; theirs come from nowhere, level off, or always rise by the same steps.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.pcm import HISTORY, HOP, Floats

_RUN = 3
_MOST_TIMES = 20
_NEAR_PEAK = np.float32(0.98)
_STEEP = np.float32(1 / 256)
_PARTS = 256
_LEAST_STEPS = 12
"""Lengths of last steps, in 256ths of the top, that waves cut off by chance have at the least."""


class Clipping:
    """Runs of one channel, over chunk edges; `starts` holds the first frames of the first runs."""

    def __init__(self, full_scale: float, has_headroom: bool = False) -> None:
        """`has_headroom`: samples over full scale are kept as they are, so that only those exactly at it are cut."""
        self._full = np.float32(full_scale)
        self._has_headroom = has_headroom
        self._open_start = 0
        self._open_length = 0
        self._peak = np.float32(0.0)
        self._tops: Counter[float] = Counter()
        self._steps: set[int] = set()
        self.runs = 0
        self.starts: list[int] = []

    def feed(self, plane: Floats, tops: Floats, start: int) -> None:
        """`plane` has HISTORY earlier samples; `tops` are the greatest magnitudes of the hops after these."""
        peak = float(tops.max(initial=0.0))
        if peak > self._peak:
            self._rise(np.float32(peak))
        limit = min(self._peak * _NEAR_PEAK, self._full)
        if peak and peak >= limit:
            places = _places(plane, np.flatnonzero(tops >= limit), limit)
            self._flat(plane, places)
            if peak >= self._full:
                magnitudes = np.abs(plane[places])
                is_full = magnitudes == self._full if self._has_headroom else magnitudes >= self._full
                if is_full.any():
                    self._clipped(places[is_full] - HISTORY, start)
                    return
        self._close()

    def finish(self) -> None:
        self._close()

    def flat_tops(self) -> int:
        """Runs of three or more equal samples within 2 % of the peak, full scale left out, where a wave was cut off."""
        if len(self._steps) < _LEAST_STEPS:
            return 0
        limit = self._peak * _NEAR_PEAK
        return sum(count for value, count in self._tops.items() if limit <= value < self._full)

    def _rise(self, peak: np.float32) -> None:
        """What now lies too far under the peak will never count again, and is forgotten."""
        limit = peak * _NEAR_PEAK
        if self._peak < limit:
            self._steps.clear()
        self._peak = peak
        self._tops = Counter({value: count for value, count in self._tops.items() if value >= limit})

    def _clipped(self, places: NDArray[np.intp], start: int) -> None:
        breaks = np.flatnonzero(np.diff(places) != 1) + 1
        firsts = np.concatenate(([0], breaks))
        lengths = np.diff(np.concatenate((firsts, [len(places)])))
        begins = places[firsts] + start
        if self._open_length and int(begins[0]) == self._open_start + self._open_length:
            self._open_length += int(lengths[0])
            begins, lengths = begins[1:], lengths[1:]
        if not len(begins):
            return
        self._close()
        counted = begins[:-1][lengths[:-1] >= _RUN]
        self.runs += len(counted)
        self.starts += [int(place) for place in counted[: _MOST_TIMES - len(self.starts)]]
        self._open_start, self._open_length = int(begins[-1]), int(lengths[-1])

    def _close(self) -> None:
        if self._open_length >= _RUN:
            self.runs += 1
            if len(self.starts) < _MOST_TIMES:
                self.starts.append(self._open_start)
        self._open_length = 0

    def _flat(self, plane: Floats, places: NDArray[np.intp]) -> None:
        """Note runs whose third sample lies at one of `places`, by value: the file's peak is known only at the end."""
        places = places[plane[places] == plane[places - 1]]
        value = plane[places]
        places = places[(plane[places - 2] == value) & (plane[places - 3] != value) & (np.abs(value) < self._full)]
        if not len(places):
            return
        tops = np.abs(plane[places])
        # The last samples of the slope, nearest first, turned so that it rises.
        near, middle, far = (np.copysign(1, plane[places]) * plane[places - back] for back in (3, 4, 5))
        is_cut = (near < tops) & (near - middle >= tops * _STEEP) & (middle > far)
        tops, near = tops[is_cut], near[is_cut]
        self._tops.update(tops.tolist())
        self._steps.update(((tops - near) / tops * _PARTS).astype(int).tolist())


def _places(plane: Floats, hops: NDArray[np.intp], limit: np.float32) -> NDArray[np.intp]:
    """Where in `hops`, counted from the end of the history, samples of `plane` reach the limit."""
    inside, columns = np.nonzero(np.abs(plane[HISTORY:].reshape(-1, HOP)[hops]) >= limit)
    return HISTORY + hops[inside] * HOP + columns
