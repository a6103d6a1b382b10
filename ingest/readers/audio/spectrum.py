"""Where the spectrum ends: the steep edge that lossy coding or upsampling leaves, measured over a minute of music."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.pcm import FULL_SCALE, Floats

Levels = NDArray[np.float64]
SIZE = 4096
_SECONDS = 60


class Spectrum:
    """Power spectra of the mono mix of the minute in the middle of the file."""

    def __init__(self, rate: int, frames: int) -> None:
        self._rate = rate
        length = _SECONDS * rate
        self._first = max((frames - length) // 2, 0)
        self._last = self._first + length
        self._window = np.hanning(SIZE).astype(np.float32)
        self._powers: list[Floats] = []

    def feed(self, samples: Floats, frames: int, start: int) -> None:
        """`samples` is channels × frames; frames of a chunk that do not fill a window are left out."""
        if start + frames <= self._first or start >= self._last:
            return
        whole = frames // SIZE * SIZE
        if not whole:
            return
        mono = samples[:, :whole].sum(axis=0) if len(samples) != 2 else samples[0, :whole] + samples[1, :whole]
        mono *= np.float32(1 / FULL_SCALE)
        spectra = np.fft.rfft(mono.reshape(-1, SIZE) * self._window)
        self._powers.append((spectra.real**2 + spectra.imag**2).astype(np.float32))

    def cutoff(self) -> float | None:
        """The edge in Hz, None where the spectrum has none: 18 dB down within 700 Hz and nothing beyond."""
        if not self._powers:
            return None
        powers = np.concatenate(self._powers)
        energies = powers.sum(axis=1)
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
        low, high = int(10000 / per_bin), int(min(self._rate / 2 - 300, 22000) / per_bin)
        if high - span <= low:
            return None
        falls = level[low : high - span] - level[low + span : high]
        steepest = int(falls.argmax()) + low
        edge = (steepest + span / 2) * per_bin
        gap = np.median(level[max(steepest - span, 0) : steepest + 1]) - np.median(level[steepest + span : high])
        is_edge = level[steepest] - level[steepest + span] >= 18 and gap >= 15 and 13000 <= edge < 20600
        return round(edge) if is_edge else None
