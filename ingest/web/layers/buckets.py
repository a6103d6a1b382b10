"""Token buckets: how often something may happen for each of many names, with bounded memory."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MOST_NAMES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Level:
    """What is left in a bucket: whole tokens, and in how many seconds it is full, and has the next one at all."""

    remaining: int
    full_in: int
    next_in: int


class Buckets:
    """A bucket of `most` tokens for each name, which fills in `seconds`.

    Beyond `names`, the one that was used least recently is forgotten, and so full again. For one thread.
    """

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic, names: int = MOST_NAMES
    ) -> None:
        self.most = most
        self.seconds = seconds
        self._clock = clock
        self._names = names
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> bool:
        """Take a token of this name; False where there is none, and then nothing is taken."""
        left = self._now(name)
        is_there = left >= 1
        self._left[name] = (left - 1 if is_there else left, self._clock())
        self._left.move_to_end(name)
        if len(self._left) > self._names:
            self._left.popitem(last=False)
        return is_there

    def level(self, name: str) -> Level:
        """What is left of this name."""
        left = self._now(name)
        rate = self.most / self.seconds
        full_in, next_in = math.ceil((self.most - left) / rate), math.ceil(max(0.0, 1 - left) / rate)
        return Level(int(left), full_in, next_in)

    def _now(self, name: str) -> float:
        left, since = self._left.get(name, (float(self.most), 0.0))
        return min(self.most, left + (self._clock() - since) * self.most / self.seconds)
