"""Counts per address: how many connections it has, how often it failed to log in, and whether it is banned for that."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

BAN_AFTER: Final = 20
BAN_SECONDS: Final = 600.0
MOST_ADDRESSES: Final = 10_000


class Throttle:
    """Failures of the last ten minutes; a good login wipes an address clean."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, list[float]] = {}
        self.connections: Counter[str] = Counter()

    def failed(self, address: str) -> bool:
        """Record a failed login; True when this one brought the ban."""
        if len(self._failures) >= MOST_ADDRESSES and address not in self._failures:
            self._failures = {old: times for old, times in self._failures.items() if self._recent(times)}
        times = [*self._recent(self._failures.get(address, [])), self._clock()][-BAN_AFTER:]
        self._failures[address] = times
        return len(times) == BAN_AFTER

    def succeeded(self, address: str) -> None:
        self._failures.pop(address, None)

    def is_banned(self, address: str) -> bool:
        return len(self._recent(self._failures.get(address, []))) >= BAN_AFTER

    def leave(self, address: str) -> None:
        """One connection of this address ended."""
        self.connections[address] -= 1
        if self.connections[address] <= 0:
            del self.connections[address]

    def _recent(self, times: list[float]) -> list[float]:
        since = self._clock() - BAN_SECONDS
        return [at for at in times if at > since]
