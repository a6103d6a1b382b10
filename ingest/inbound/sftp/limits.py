"""The front limits: what is counted over all connections, in whichever process they are served."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from ingest.inbound.sftp.throttle import Throttle


class ConnectionLimits(Protocol):
    """What a connection reports and asks while its client logs in, and when it ends."""

    async def failed(self, address: str) -> bool:
        """A wrong password came from this address; True when it brought the ban."""

    def succeeded(self, address: str) -> None:
        """Somebody logged in from this address."""

    async def enter(self, label: int) -> bool:
        """One more connection of this label, or False when it has as many as it may."""

    def leave(self, label: int) -> None:
        """A connection that was let in ended."""


class LocalLimits:
    """The limits itself, in the process that accepts connections."""

    def __init__(self, throttle: Throttle, most: int) -> None:
        self._throttle = throttle
        self._most = most
        self._labels: Counter[int] = Counter()

    async def failed(self, address: str) -> bool:
        return self._throttle.failed(address)

    def succeeded(self, address: str) -> None:
        self._throttle.succeeded(address)

    async def enter(self, label: int) -> bool:
        if self._labels[label] >= self._most:
            return False
        self._labels[label] += 1
        return True

    def leave(self, label: int) -> None:
        self._labels[label] -= 1
        if self._labels[label] <= 0:
            del self._labels[label]
