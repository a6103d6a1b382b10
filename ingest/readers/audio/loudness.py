"""Integrated loudness (ITU-R BS.1770-4) and loudness range (EBU Tech 3342) from energies of 100 ms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.core.facts import Loudness
from ingest.readers.audio.pcm import FULL_SCALE, Floats
from ingest.readers.audio.weighting import KWeighting

_OFFSET = -0.691
_ABSOLUTE = -70.0
_SURROUND = {5: (1.0, 1.0, 1.0, 1.41, 1.41), 6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}


class LoudnessMeter:
    """Fed planes chunk by chunk; `loudness()` gates at the end."""

    def __init__(self, rate: int, channels: int) -> None:
        self._weighting = KWeighting(rate, channels)
        self._weights = _SURROUND.get(channels, (1.0,) * channels)
        self._length = max(rate // 10, 1)
        self._energies: list[float] = []
        self._open = 0.0
        self._filled = 0

    def feed(self, samples: Floats, frames: int) -> None:
        """`samples` is channels × CHUNK, of which `frames` belong to the file."""
        weighted = self._weighting.feed(samples)
        start = self._part(weighted, 0, min(self._length - self._filled, frames))
        whole = (frames - start) // self._length
        stop = start + whole * self._length
        if whole:
            self._energies += self._energy(weighted, start, stop, whole).tolist()
        self._part(weighted, stop, frames)

    def _part(self, weighted: Floats, start: int, stop: int) -> int:
        """Frames that do not fill 100 ms of their own; returns where they end."""
        if stop > start:
            self._open += float(self._energy(weighted, start, stop, 1)[0])
            self._filled += stop - start
        if self._filled == self._length:
            self._energies.append(self._open)
            self._open, self._filled = 0.0, 0
        return stop

    def _energy(self, weighted: Floats, start: int, stop: int, count: int) -> NDArray[np.float64]:
        """Weighted energies of `count` equal pieces."""
        total = np.zeros(count)
        for weight, channel in zip(self._weights, weighted, strict=True):
            rows = channel[start:stop].reshape(count, -1)
            total += weight * np.matmul(rows[:, None, :], rows[:, :, None])[:, 0, 0]
        return total

    def loudness(self) -> Loudness:
        energies = np.array(self._energies) / (self._length * FULL_SCALE**2)
        return Loudness(_integrated(_windows(energies, 4)), _range(_windows(energies, 30)))


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
