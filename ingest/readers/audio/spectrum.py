"""Where the spectrum ends: the steep edge that lossy coding or upsampling leaves, measured over a minute of music."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.pcm import FULL_SCALE, Floats

Levels = NDArray[np.float64]
SIZE = 4096
_EVERY = 2 * SIZE
_SECONDS = 60
_LOWEST = 9000


class Spectrum:
    """Power spectra of the mono mix of the minute in the middle of the file: 4096 samples of every 8192."""

    def __init__(self, rate: int, frames: int) -> None:
        self._rate = rate
        length = _SECONDS * rate
        self._first = max((frames - length) // 2, 0)
        self._last = self._first + length
        self._window = (np.hanning(SIZE) / FULL_SCALE).astype(np.float32)
        self._low = min(int(_LOWEST * SIZE / rate), SIZE // 2)
        self._powers: list[Floats] = []
        self._energies: list[Floats] = []

    def feed(self, samples: Floats, frames: int, start: int) -> None:
        """`samples` is channels × CHUNK; frames of a chunk that do not fill a window are left out."""
        if start + frames <= self._first or start >= self._last:
            return
        windows = samples[:, : frames // SIZE * SIZE].reshape(len(samples), -1, SIZE)[:, :: _EVERY // SIZE]
        if not windows.shape[1]:
            return
        mono = windows.sum(axis=0) if len(windows) != 2 else windows[0] + windows[1]
        mono *= self._window
        self._energies.append(np.matmul(mono[:, None, :], mono[:, :, None])[:, 0, 0])
        # No lossy edge lies lower than 10 kHz: only what the search for it looks at is kept.
        spectra = np.fft.rfft(mono)[:, self._low :]
        self._powers.append((spectra.real**2 + spectra.imag**2).astype(np.float32, copy=False))

    def cutoff(self) -> float | None:
        """The edge in Hz, None where the spectrum has none: 18 dB down within 700 Hz and nothing beyond."""
        if not self._powers:
            return None
        powers, energies = np.concatenate(self._powers), np.concatenate(self._energies)
        kept = powers[energies > np.percentile(energies, 30)]
        if len(kept) < 8:
            return None
        rank = min(int(len(kept) * 0.9), len(kept) - 1)
        level = 10 * np.log10(np.partition(kept, rank, axis=0)[rank].astype(np.float64) + 1e-14)
        return self._edge(self._smooth(level))

    def _smooth(self, level: Levels) -> Levels:
        width = max(round(200 * SIZE / self._rate), 1)
        return np.convolve(level, np.ones(width) / width, "same")

    def _edge(self, level: Levels) -> float | None:
        per_bin = self._rate / SIZE
        span = max(round(700 / per_bin), 1)
        low, high = (int(hertz / per_bin) - self._low for hertz in (10000, min(self._rate / 2 - 300, 22000)))
        if high - span <= low:
            return None
        falls = level[low : high - span] - level[low + span : high]
        steepest = int(falls.argmax()) + low
        edge = (steepest + self._low + span / 2) * per_bin
        gap = np.median(level[max(steepest - span, 0) : steepest + 1]) - np.median(level[steepest + span : high])
        is_edge = level[steepest] - level[steepest + span] >= 18 and gap >= 15 and 13000 <= edge < 20600
        return round(edge) if is_edge else None
