"""Per address: how many connections it has, how often it failed to log in, and whether it is banned for that."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

BAN_AFTER: Final = 20
BAN_SECONDS: Final = 600.0
MOST_ADDRESSES: Final = 10_000


class Throttle:
    """Failed logins of the last ten minutes; twenty of them ban an address, one that succeeds clears it.

    `connections` counts the open connections of each address; who accepts one adds it, `leave` takes it off.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, list[float]] = {}
        self.connections: Counter[str] = Counter()

    def failed(self, address: str) -> bool:
        """Record a failed login; True when it is the one that bans the address."""
        if len(self._failures) >= MOST_ADDRESSES and address not in self._failures:
            self._failures = {old: times for old, times in self._failures.items() if self._recent(times)}
        times = [*self._recent(self._failures.get(address, [])), self._clock()][-BAN_AFTER:]
        self._failures[address] = times
        return len(times) == BAN_AFTER

    def succeeded(self, address: str) -> None:
        """Forget the failed logins of this address."""
        self._failures.pop(address, None)

    def is_banned(self, address: str) -> bool:
        """Whether twenty logins from this address failed within the last ten minutes."""
        return len(self._recent(self._failures.get(address, []))) >= BAN_AFTER

    def leave(self, address: str) -> None:
        """Count one connection of this address less."""
        self.connections[address] -= 1
        if self.connections[address] <= 0:
            del self.connections[address]

    def _recent(self, times: list[float]) -> list[float]:
        since = self._clock() - BAN_SECONDS
        return [at for at in times if at > since]
