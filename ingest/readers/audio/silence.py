"""Silence at both ends and inside, by level and by exact zeros, from block maxima."""

from __future__ import annotations

import numpy as np

from ingest.core.facts import Span
from ingest.readers.audio.pcm import BLOCK, FULL_SCALE, Floats

_INNER = 1.0
_MOST_SPANS = 100


class Edges:
    """First and last frame in which any channel lies over `level`, exact to the sample."""

    def __init__(self, level: float) -> None:
        self._level = level
        self.first: int | None = None
        self.last: int | None = None

    def feed(self, magnitudes: Floats, greatest: Floats, start: int) -> None:
        """`magnitudes` is channels × frames, `greatest` the maxima over channels of blocks of 64."""
        loud = np.flatnonzero(greatest > self._level)
        if not len(loud):
            return
        if self.first is None:
            self.first = start + self._within(magnitudes, int(loud[0]))[0]
        self.last = start + self._within(magnitudes, int(loud[-1]))[-1]

    def _within(self, magnitudes: Floats, block: int) -> list[int]:
        piece = magnitudes[:, block * BLOCK : (block + 1) * BLOCK]
        places = np.flatnonzero((piece > self._level).any(axis=0)) + block * BLOCK
        return [int(place) for place in places]

    def lead(self, frames: int, rate: int) -> float:
        """Seconds before the first such frame, the whole length without any."""
        return (frames if self.first is None else self.first) / rate

    def trail(self, frames: int, rate: int) -> float:
        return (frames if self.last is None else frames - 1 - self.last) / rate


class Silence:
    """All silences of one file at `level` dBFS."""

    def __init__(self, level: float, rate: int) -> None:
        self._level = 10 ** (level / 20) * FULL_SCALE
        self._rate = rate
        self._last_loud: int | None = None
        self.edges = Edges(self._level)
        self.digital = Edges(0.0)
        self.inner: list[Span] = []

    def feed(self, magnitudes: Floats, greatest: Floats, start: int) -> None:
        self.edges.feed(magnitudes, greatest, start)
        self.digital.feed(magnitudes, greatest, start)
        loud = np.flatnonzero(greatest > self._level) + start // BLOCK
        if not len(loud):
            return
        if self._last_loud is not None:
            loud = np.concatenate(([self._last_loud], loud))
        self._last_loud = int(loud[-1])
        gaps = np.flatnonzero((np.diff(loud) - 1) * BLOCK >= _INNER * self._rate)
        for gap in gaps[: _MOST_SPANS - len(self.inner)]:
            span = Span((int(loud[gap]) + 1) * BLOCK / self._rate, int(loud[gap + 1]) * BLOCK / self._rate)
            self.inner.append(span)
