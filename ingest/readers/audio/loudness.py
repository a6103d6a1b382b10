"""Integrated loudness (ITU-R BS.1770-4) and loudness range (EBU Tech 3342) from energies of 100 ms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.core.facts import Loudness
from ingest.readers.audio.pcm import FULL_SCALE, HISTORY, Floats
from ingest.readers.audio.weighting import KWeighting, Weighted

_OFFSET = -0.691
_ABSOLUTE = -70.0
_STEPS = range(24, 41)
_SURROUND = {5: (1.0, 1.0, 1.0, 1.41, 1.41), 6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}


class LoudnessMeter:
    """Fed planes chunk by chunk; `loudness()` gates at the end."""

    def __init__(self, rate: int, channels: int) -> None:
        self._step = step_of(rate)
        self._weighting = KWeighting(rate, self._step, channels)
        self._weights = np.array(_SURROUND.get(channels, (1.0,) * channels))
        self._length = max(round(rate / 10 / self._step), 1)
        self._rows = 0
        self._energies: list[float] = []

    def feed(self, planes: Floats, frames: int, start: int) -> None:
        """`planes` is channels × PLANE, whose `frames` new samples begin at sample `start` of the file."""
        rows = (start + frames) // self._step - self._rows
        if not rows:
            return
        first = HISTORY + self._rows * self._step - start
        weighted = self._weighting.feed(planes[:, first : first + rows * self._step].reshape(len(planes), rows, -1))
        head = min(-self._rows % self._length, rows)
        whole = (rows - head) // self._length
        tail = head + whole * self._length
        if head:
            self._energies[-1] += self._energy(weighted, 0, head, 1)[0]
        if whole:
            self._energies += self._energy(weighted, head, tail, whole)
        if tail < rows:
            self._energies += self._energy(weighted, tail, rows, 1)
        self._rows += rows

    def _energy(self, weighted: Weighted, start: int, stop: int, count: int) -> list[float]:
        """Weighted energies of `count` equal pieces of the rows from `start` to `stop`."""
        energies: list[float] = (self._weights @ weighted.energy(start, stop, count)).tolist()
        return energies

    def loudness(self) -> Loudness:
        whole = self._rows // self._length
        energies = np.array(self._energies[:whole]) / (self._length * self._step * FULL_SCALE**2)
        return Loudness(_integrated(_windows(energies, 4)), _range(_windows(energies, 30)))


def step_of(rate: int) -> int:
    """Samples of a row of the weighting: about 32, so that rows make 100 ms, or as nearly as may be."""
    return min(_STEPS, key=lambda step: (abs(rate - 10 * step * round(rate / 10 / step)), abs(step - 32)))


def _windows(energies: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Mean energies of windows of `length` times 100 ms, one every 100 ms."""
    if len(energies) < length:
        return np.empty(0)
    sums = np.concatenate(([0.0], np.cumsum(energies)))
    return np.asarray(np.maximum(sums[length:] - sums[:-length], 0.0) / length)


def _level(energy: float) -> float:
    return _OFFSET + 10 * float(np.log10(energy))


def _energy_of(level: float) -> float:
    return float(10 ** ((level - _OFFSET) / 10))


def _integrated(blocks: NDArray[np.float64]) -> float | None:
    loud = blocks[blocks > _energy_of(_ABSOLUTE)]
    if not len(loud):
        return None
    kept = loud[loud > float(loud.mean()) / 10]
    return _level(float(kept.mean()))


def _range(blocks: NDArray[np.float64]) -> float | None:
    """Spread between the 10th and the 95th percentile of short-term loudness, gated 20 LU under its mean."""
    loud = blocks[blocks > _energy_of(_ABSOLUTE)]
    if not len(loud):
        return None
    levels = np.sort(loud[loud > float(loud.mean()) / 100])
    low, high = (float(levels[round((len(levels) - 1) * share)]) for share in (0.10, 0.95))
    return _level(high) - _level(low)
