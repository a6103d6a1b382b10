"""Limits that count over all connections, whichever process serves them."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from ingest.inbound.sftp.throttle import Throttle


class ConnectionLimits(Protocol):
    """What a connection asks and reports at login and at its end."""

    async def failed(self, address: str) -> bool:
        """Record a wrong password from this address; True when it is the one that bans the address."""

    def succeeded(self, address: str) -> None:
        """Record a login from this address: its failures are forgotten."""

    async def enter(self, label: int) -> bool:
        """Count one more connection of this label; False, and not counted, when it has as many as it may."""

    def leave(self, label: int) -> None:
        """Count one connection less; called once for each `enter` that was True."""


class LocalLimits(ConnectionLimits):
    """The limits themselves, in the process that accepts connections; a label may have `most` connections."""

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
