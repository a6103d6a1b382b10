"""Watches, while a connection is open, whether its label's account was disabled or changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from ingest.inbound.backend import Revoked
from ingest.inbound.sftp.connection_backend import ConnectionBackend, Trouble

ASK_SECONDS: Final = 15.0
GRACE_SECONDS: Final = 3.0
"""The time before the connection ends, in which a client that sends reads the reason in the status of its request."""


class Standing:
    """Asks for the standing of one connection's account every 15 seconds, and at once after `revoked`.

    `tend` is called before each question, in a thread, for other work that is due as often.
    """

    def __init__(self, in_thread: Callable[[Callable[[], None]], Awaitable[None]], tend: Callable[[], None]) -> None:
        self._in_thread = in_thread
        self._tend = tend
        self._loop = asyncio.get_running_loop()
        self._is_revoked = asyncio.Event()

    def revoked(self) -> None:
        """Wake up at once: a request found out that the account was disabled or changed. Safe from any thread."""
        with suppress(RuntimeError):  # the loop has ended, and all connections with it
            self._loop.call_soon_threadsafe(self._is_revoked.set)

    async def ending(self, backend: ConnectionBackend) -> str:
        """Wait until the account is disabled or changed, and GRACE_SECONDS more; returns the reason."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_revoked.wait(), ASK_SECONDS)
            try:
                await self._in_thread(self._tend)
                await self._in_thread(backend.ask_standing)
            except Revoked as why:
                await asyncio.sleep(GRACE_SECONDS)
                return str(why)
            except Trouble as trouble:
                backend.warn("standing not known", fault=str(trouble))
            except Exception as crash:  # noqa: BLE001  a supervisor: without it nobody would ask any more
                backend.warn("standing not known", fault=f"{type(crash).__name__}: {crash}")
