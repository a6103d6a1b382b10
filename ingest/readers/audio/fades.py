"""How much of what is under the silence level belongs to the music: fades, notes that ring on, very soft beginnings.

Silence is what stays as it is: zeros, or a floor of noise. Where sound goes under the level bit by bit, it counts as
music as long as it goes on falling, and at the least down to -72 dBFS.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.readers.audio.pcm import FULL_SCALE, Floats

_NEAR: Final = 0.2
_ABRUPT: Final = 4.0
"""Times that sound is greater within 0.2 seconds of the level than 0.1 seconds behind it, where it stops or starts."""
_SOFTEST: Final = 10 ** (-72 / 20) * FULL_SCALE
_INAUDIBLE: Final = 10 ** (-100 / 20) * FULL_SCALE
"""What is under it, less than a step of 16 bits, counts as silence whether it falls or not."""
_STEADY: Final = 10 ** (-2 / 20)
"""What is left after a second of the slowest fade."""


def faded(peaks: Floats, edge: int, per_second: float) -> int:
    """How many of the `peaks` from index `edge` on, where the sound went under the level, still belong to it.

    `peaks` are the greatest magnitudes of equal stretches of time, `per_second` so many; those from `edge` on go up to
    the end of the file. For its beginning they are given backwards.
    """
    near, second = max(round(_NEAR * per_second), 1), max(round(per_second), 1)
    outside = peaks[edge:]
    if len(outside) <= near:
        return 0
    left = np.maximum.accumulate(outside[::-1])[::-1]
    if peaks[max(edge - near, 0) : edge].max(initial=0.0) >= _ABRUPT * left[near // 2]:
        return 0
    later = left[second:]
    is_steady = (later > _STEADY * left[: len(later)]) & (left[: len(later)] <= _SOFTEST)
    is_silent = left <= _INAUDIBLE
    is_silent[: len(later)] |= is_steady
    return int(is_silent.argmax()) if is_silent.any() else len(outside)
