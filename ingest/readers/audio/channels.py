"""What the channels are to each other: DC, correlation, dual mono, inverted polarity, silent channels, their ends."""

from __future__ import annotations

import numpy as np

from ingest.readers.audio.pcm import FULL_SCALE, HOP, Floats

_ALIKE = 1e-6
"""Energy of the difference (or sum) under -60 dB of the whole counts as none: dither makes one too."""


class Channels:
    """Sums over all samples; the sum and difference of a stereo pair are followed until they have clearly shown up."""

    def __init__(self, channels: int, frames: int) -> None:
        self._left = frames
        self._seen = 0
        self._sums = np.zeros(channels)
        self._energies = np.zeros(channels)
        self._cross = 0.0
        self._apart = dict.fromkeys((-1, 1), 0.0) if channels == 2 else {}
        self._ends = [0] * channels

    def feed(self, samples: Floats, tops: Floats, frames: int) -> None:
        """`frames` of `samples`, and the greatest magnitudes of the hops of each channel."""
        for channel, sounds in enumerate(tops > 0.0):
            if sounds.any():
                self._ends[channel] = self._seen + (len(sounds) - int(sounds[::-1].argmax())) * HOP
        self._seen += frames
        self._left -= frames
        for channel, plane in enumerate(samples[:, :frames]):
            self._sums[channel] += float(plane.sum())
            self._energies[channel] += float(np.dot(plane, plane))
        if len(samples) < 2:
            return
        left, right = samples[0, :frames], samples[1, :frames]
        self._cross += float(np.dot(left, right))
        most = float(self._energies.sum()) + 2 * max(self._left, 0) * FULL_SCALE**2
        for sign, energy in self._apart.items():
            if energy <= _ALIKE * most:
                other = left + right if sign > 0 else left - right
                self._apart[sign] = energy + float(np.dot(other, other))

    def dc_offset(self) -> tuple[float, ...]:
        """Mean per channel, as a share of full scale."""
        return tuple(round(float(total) / max(self._seen, 1) / FULL_SCALE, 9) for total in self._sums)

    def ends(self, rate: int) -> tuple[float, ...]:
        """Seconds after which each channel holds zeros only, up to 128 samples late."""
        return tuple(min(end, self._seen) / rate for end in self._ends)

    def correlation(self) -> float | None:
        """Between -1 and 1; None for mono and where a channel is silent."""
        if len(self._energies) < 2 or not (self._energies[0] and self._energies[1]):
            return None
        value = self._cross / float(np.sqrt(self._energies[0] * self._energies[1]))
        return round(min(max(value, -1.0), 1.0), 4)

    def is_dual_mono(self) -> bool:
        return self._is_none(-1)

    def is_inverted(self) -> bool:
        return self._is_none(1)

    def _is_none(self, sign: int) -> bool:
        energy = float(self._energies.sum())
        return sign in self._apart and energy > 0 and self._apart[sign] < _ALIKE * energy
