"""Holes in the sound: exact zeros in all channels, between samples that are loud up to their very edge.

Music stops at once too, on a beat or when a note has died away, and starts again with the next one. A hole that nobody
meant is short, and the sound around it goes on as loud after it as it was before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.core.facts import Span
from ingest.readers.audio.pcm import FULL_SCALE, HISTORY, HOP, Floats

_LOUD = np.float32(0.1 * FULL_SCALE)
_NEAR = 0.001
_SHORTEST = 0.01
_LONGEST = 0.08
"""Seconds; a sixteenth note of the fastest dance music is longer. Buffers that were not filled are of 2 to 50 ms."""
_AROUND = 4
_STEADY = 2.0
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


def in_steady_sound(spans: list[Span], peaks: Floats, seconds: float) -> list[Span]:
    """Those of up to 80 ms, whose neighbourhood is within 6 dB of the same level on both sides.

    `peaks` are the greatest magnitudes of all stretches of so many `seconds`; four on each side are looked at.
    """
    return [span for span in spans if span.end - span.start <= _LONGEST and _is_steady(span, peaks, seconds)]


def _is_steady(span: Span, peaks: Floats, seconds: float) -> bool:
    first, last = int(span.start / seconds), int(np.ceil(span.end / seconds))
    around = np.concatenate((peaks[max(first - _AROUND, 0) : first], peaks[last : last + _AROUND]))
    return len(around) == 2 * _AROUND and bool(around.max() <= _STEADY * around.min())
