"""Silence at both ends and inside, by level and by exact zeros, from the maxima of hops."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.core.facts import Span
from ingest.readers.audio.pcm import FULL_SCALE, HOP, Floats

_INNER = 1.0
_MOST_SPANS = 100


class Edges:
    """First and last frame in which any channel lies over `level`, exact to the sample."""

    def __init__(self, level: float) -> None:
        self._level = level
        self.first: int | None = None
        self._last_hop: tuple[int, Floats] | None = None

    def feed(self, samples: Floats, loud: NDArray[np.bool_], start: int) -> None:
        """`samples` is channels × frames, of which `loud` tells the hops that go over the level."""
        last = len(loud) - 1 if loud[-1] else len(loud) - 1 - int(loud[::-1].argmax())
        if not loud[last]:
            return
        if self.first is None:
            hop = int(loud.argmax())
            self.first = start + hop * HOP + int(self._over(_hop(samples, hop))[0])
        # Looked into at the end only: nearly every chunk brings a later one.
        self._last_hop = start + last * HOP, _hop(samples, last).copy()

    @property
    def last(self) -> int | None:
        if self._last_hop is None:
            return None
        start, samples = self._last_hop
        return start + int(self._over(samples)[-1])

    def _over(self, samples: Floats) -> NDArray[np.intp]:
        return np.flatnonzero((np.abs(samples) > self._level).any(axis=0))

    def lead(self, frames: int, rate: int) -> float:
        """Seconds before the first such frame, the whole length without any."""
        return (frames if self.first is None else self.first) / rate

    def trail(self, frames: int, rate: int) -> float:
        last = self.last
        return (frames if last is None else frames - 1 - last) / rate


def _hop(samples: Floats, hop: int) -> Floats:
    return samples[:, hop * HOP : (hop + 1) * HOP]


class Silence:
    """All silences of one file at `level` dBFS."""

    def __init__(self, level: float, rate: int) -> None:
        self._level = 10 ** (level / 20) * FULL_SCALE
        self._rate = rate
        self._last_loud: int | None = None
        self.edges = Edges(self._level)
        self.digital = Edges(0.0)
        self.inner: list[Span] = []

    def feed(self, samples: Floats, greatest: Floats, start: int) -> None:
        """`samples` is channels × frames, `greatest` the maxima of its hops over all channels."""
        loud = greatest > self._level
        self.edges.feed(samples, loud, start)
        self.digital.feed(samples, greatest > 0.0, start)
        if loud.all() and self._last_loud == start // HOP - 1:
            self._last_loud += len(loud)
        elif loud.any():
            self._gaps(np.flatnonzero(loud) + start // HOP)

    def _gaps(self, loud: NDArray[np.intp]) -> None:
        """Silences between the last loud hop so far and these."""
        if self._last_loud is not None:
            loud = np.concatenate(([self._last_loud], loud))
        self._last_loud = int(loud[-1])
        gaps = np.flatnonzero((np.diff(loud) - 1) * HOP >= _INNER * self._rate)
        for gap in gaps[: _MOST_SPANS - len(self.inner)]:
            span = Span((int(loud[gap]) + 1) * HOP / self._rate, int(loud[gap + 1]) * HOP / self._rate)
            self.inner.append(span)
