"""The spectrogram and the outline of a track, gathered in one pass over its samples in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Levels = NDArray[np.float32]

COLUMNS: Final = 1600
ROWS: Final = 400
WINDOW: Final = 2048
FLOOR: Final = -110.0
"""dBFS; a full-scale sine is 0."""
_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class Spectrogram:
    """`levels` are ROWS × COLUMNS in dBFS, the highest frequency first; `outline` is channels × 2 × COLUMNS.

    The outline holds least and greatest sample of each column, full scale being 1.
    """

    levels: Levels
    outline: Samples


class Gatherer:
    """Takes a track of `frames` frames chunk by chunk; each column is the mean power of the Hann windows in it."""

    def __init__(self, frames: int, channels: int) -> None:
        self._frames, self._channels = max(frames, 1), channels
        self._hop = max(1, min(WINDOW, self._frames // COLUMNS))
        self._window = np.hanning(WINDOW).astype(np.float32)
        self._powers = np.zeros((COLUMNS, WINDOW // 2 + 1), np.float64)
        self._counts = np.zeros(COLUMNS, np.int64)
        self._outline = np.zeros((channels, 2, COLUMNS), np.float32)
        self._left = np.zeros((0, channels), np.float32)
        self._start = self._seen = 0

    def feed(self, samples: Samples) -> None:
        """The next frames (frames × channels), as many as there are at hand."""
        self._trace(samples)
        self._seen += len(samples)
        self._analyse(np.concatenate((self._left, samples)))

    def finish(self) -> Spectrogram:
        """Close the track. One that is shorter than a window gets silence behind it."""
        if not self._counts.any():
            self._analyse(np.concatenate((self._left, np.zeros((WINDOW, self._channels), np.float32)))[:WINDOW])
        powers = self._powers / np.maximum(self._counts, 1)[:, None]
        filled = np.maximum.accumulate(np.where(self._counts > 0, np.arange(COLUMNS), 0))
        full_scale = (self._window.sum() / 2) ** 2
        levels = 10 * np.log10(powers[filled] / full_scale + 10 ** (FLOOR / 10))
        edges = np.arange(ROWS) * (WINDOW // 2 + 1) // ROWS
        rows = np.maximum.reduceat(levels, edges, axis=1).T[::-1]
        return Spectrogram(rows.astype(np.float32), self._outline)

    def _column(self, frames: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum(frames * COLUMNS // self._frames, COLUMNS - 1)

    def _trace(self, samples: Samples) -> None:
        if not len(samples):
            return
        columns = self._column(np.arange(self._seen, self._seen + len(samples)))
        starts = np.flatnonzero(np.diff(columns, prepend=-1))
        at = columns[starts]
        for channel in range(self._channels):
            least, greatest = self._outline[channel]
            least[at] = np.minimum(least[at], np.minimum.reduceat(samples[:, channel], starts))
            greatest[at] = np.maximum(greatest[at], np.maximum.reduceat(samples[:, channel], starts))

    def _analyse(self, samples: Samples) -> None:
        count = max(0, (len(samples) - WINDOW) // self._hop + 1)
        for first in range(0, count, _BATCH):
            places = np.arange(first, min(first + _BATCH, count))
            columns = self._column(self._start + places * self._hop)
            starts = np.flatnonzero(np.diff(columns, prepend=-1))
            np.add.at(self._counts, columns, 1)
            for channel in range(self._channels):
                windows = samples[:, channel][places[:, None] * self._hop + np.arange(WINDOW)] * self._window
                spectra = np.fft.rfft(windows)
                powers = (spectra.real**2 + spectra.imag**2) / self._channels
                self._powers[columns[starts]] += np.add.reduceat(powers, starts, axis=0)
        self._start += count * self._hop
        self._left = samples[count * self._hop :]
