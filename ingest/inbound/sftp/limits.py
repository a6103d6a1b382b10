"""Limits that count over all connections, whichever process serves them."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from ingest.inbound.sftp.throttle import Throttle


class ConnectionLimits(Protocol):
    """What a connection asks and reports at login and at its end."""

    async def failed(self, address: str, label: int | None) -> bool:
        """Record a wrong password from this address, as this label if it is one; True when the address is banned."""

    async def is_banned(self, address: str) -> bool:
        """Whether no password from this address is believed now."""

    async def is_guarded(self, label: int) -> bool:
        """Whether a password of this label is believed only from where it logged in lately: others guess at it."""

    def succeeded(self, address: str, label: int) -> None:
        """Record a login of this label from this address: the label's failures there are forgotten, and no others."""

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

    async def failed(self, address: str, label: int | None) -> bool:
        return self._throttle.failed(address, label)

    async def is_banned(self, address: str) -> bool:
        return self._throttle.is_banned(address)

    async def is_guarded(self, label: int) -> bool:
        return self._throttle.is_guarded(label)

    def succeeded(self, address: str, label: int) -> None:
        self._throttle.succeeded(address, label)

    async def enter(self, label: int) -> bool:
        if self._labels[label] >= self._most:
            return False
        self._labels[label] += 1
        return True

    def leave(self, label: int) -> None:
        self._labels[label] -= 1
        if self._labels[label] <= 0:
            del self._labels[label]
