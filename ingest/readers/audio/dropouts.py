"""Holes in the sound: exact zeros in all channels, between samples that are loud up to their very edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.core.facts import Span
from ingest.readers.audio.pcm import FULL_SCALE, HISTORY, HOP, Floats

_LOUD = np.float32(0.1 * FULL_SCALE)
_NEAR = 0.001
_SHORTEST = 0.01
_MOST_SPANS = 100


class Dropouts:
    """Holes of 10 ms and more with a sample over -20 dBFS within a millisecond of both edges, exact to the sample."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._near = min(int(_NEAR * rate), HISTORY)
        self._was_silent = True
        self._begin = 0
        self._before: Floats | None = None
        self.spans: list[Span] = []

    def feed(self, planes: Floats, sounds: NDArray[np.bool_], start: int) -> None:
        """`planes` have HISTORY earlier samples; `sounds` tells which hops after these sound, from frame `start` on."""
        if sounds.all() and not self._was_silent:
            return
        silent = np.concatenate(([self._was_silent], ~sounds))
        self._was_silent = bool(silent[-1])
        for hop in np.flatnonzero(silent[1:] != silent[:-1]).tolist():
            at = HISTORY + hop * HOP
            if silent[hop + 1]:
                self._begin, self._before = start + hop * HOP, planes[:, at - HISTORY : at].copy()
            elif self._before is not None and self._may_count(end := start + hop * HOP):
                self._close(self._before, planes[:, at : at + HISTORY], end)

    def _may_count(self, end: int) -> bool:
        """Up to a hop of silence more may lie on either side of the silent hops that end here."""
        return end - self._begin + 2 * HOP > _SHORTEST * self._rate and len(self.spans) < _MOST_SPANS

    def _close(self, before: Floats, after: Floats, end: int) -> None:
        """A silence lies between the samples `before` its first silent hop and those `after` its last."""
        left, right = _from_sound_on(before[:, ::-1]), _from_sound_on(after)
        begin = self._begin - (before.shape[1] - left.shape[1])
        end += after.shape[1] - right.shape[1]
        is_abrupt = all((edge[:, : self._near] > _LOUD).any() for edge in (left, right))
        if is_abrupt and end - begin >= _SHORTEST * self._rate:
            self.spans.append(Span(begin / self._rate, end / self._rate))


def _from_sound_on(samples: Floats) -> Floats:
    """Magnitudes from the first frame on that is not zero in all channels."""
    magnitudes = np.abs(samples)
    return magnitudes[:, int(magnitudes.any(axis=0).argmax()) :]
