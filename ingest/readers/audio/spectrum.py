"""Where the spectrum ends: the steep edge that lossy coding or upsampling leaves, measured over a minute of music.

An edge is told only where nothing but a cut explains it. Music ends by itself in other ways: partials end over a floor
that goes on, filters of instruments and of mixes fall slowly or far under the music, converters cut from 20 kHz on.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.pcm import FULL_SCALE, Floats

Levels = NDArray[np.float64]
SIZE = 4096
_EVERY = 2 * SIZE
_SECONDS = 60
_LEAST_RATE: Final = 44_100
"""Hz; at lower rates the end of what a file can hold looks like the edge of a codec."""
_KEPT_FROM: Final = 6_000
_SEARCHED: Final = (9_300, 22_000)
_HIGHEST: Final = 19_900
"""Hz, from which on the filters of converters cut, and codecs of high bit rates too: nobody can tell these apart."""
_LOSSY_FROM: Final = 13_000
"""Hz; edges below lie where a rate of 22.05 or 24 kHz ends, and are held to more."""
_FALL: Final = 700
_BELOW: Final = 2_500
_DENSE: Final = 6.0
_UNEVEN: Final = 15.0
_DARKEST: Final = 35.0
_BRIGHTEST: Final = 15.0
_SAME: Final = 10.0


class Spectrum:
    """Power spectra of the mono mix of the minute in the middle of the file: 4096 samples of every 8192."""

    def __init__(self, rate: int, frames: int) -> None:
        self._rate = rate
        length = _SECONDS * rate
        self._first = max((frames - length) // 2, 0)
        self._last = self._first + length
        self._window = (np.hanning(SIZE) / FULL_SCALE).astype(np.float32)
        self._low = min(int(_KEPT_FROM * SIZE / rate), SIZE // 2)
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
        # Only what the search for an edge looks at is kept.
        spectra = np.fft.rfft(mono)[:, self._low :]
        self._powers.append((spectra.real**2 + spectra.imag**2).astype(np.float32, copy=False))

    def cutoff(self) -> float | None:
        """The edge in Hz, None where there is none or where it may be the music's own."""
        if not self._powers or self._rate < _LEAST_RATE:
            return None
        powers, energies = np.concatenate(self._powers), np.concatenate(self._energies)
        kept = powers[energies > np.percentile(energies, 30)]
        if len(kept) < 8:
            return None
        rank = min(int(len(kept) * 0.9), len(kept) - 1)
        return self._edge(10 * np.log10(np.partition(kept, rank, axis=0)[rank].astype(np.float64) + 1e-14))

    def _edge(self, level: Levels) -> float | None:
        """The middle of the steepest fall over 700 Hz, where all else speaks for a cut as well."""
        low, high = (self._bins(hertz) - self._low for hertz in (_SEARCHED[0], min(self._rate / 2 - 300, _SEARCHED[1])))
        span, width = self._bins(_FALL), max(self._bins(200), 1)
        smooth = np.convolve(level, np.ones(width) / width, "same")
        falls = smooth[low : high - span] - smooth[low + span : high]
        start = int(falls.argmax()) + low
        edge = (start + self._low + span / 2) * self._rate / SIZE
        if edge >= _HIGHEST or not self._is_cut(level, smooth, start, high, edge < _LOSSY_FROM):
            return None
        return round(edge)

    def _is_cut(self, level: Levels, smooth: Levels, start: int, high: int, is_low: bool) -> bool:
        """Whether there is sound up to bin `start`, of a kind that does not end by itself, and soon after it none."""
        below, stop = slice(max(start - self._bins(_BELOW), 0), start + 1), start + self._bins(_FALL)
        music, beyond = float(np.median(smooth[below])), smooth[stop:high]
        loudest, usual = float(beyond.max()), float(np.median(beyond))
        fall, gap, most = (30.0, 33.0, 25.0) if is_low else (18.0, 15.0, 12.0)
        thin, thick = np.percentile(level[below], (20, 80))
        reference = float(np.median(smooth[: self._bins(1_500)] if is_low else smooth[self._from(9_000, 10_500)]))
        return bool(
            smooth[start] - smooth[stop] >= fall
            and music - usual >= gap
            and music - loudest >= most
            and -_BRIGHTEST <= reference - music <= _DARKEST
            # The floor between partials does not end where they do, and a row of them is no codec's noise.
            and thin - loudest >= _DENSE
            and thick - thin <= _UNEVEN
            # After a change of the rate there is nothing but the dither, which is the same everywhere.
            and not (is_low and float(smooth[stop + 2 * self._bins(_FALL) : high].max()) - usual > _SAME)
        )

    def _from(self, first: float, last: float) -> slice:
        return slice(self._bins(first) - self._low, self._bins(last) - self._low)

    def _bins(self, hertz: float) -> int:
        return round(hertz * SIZE / self._rate)
