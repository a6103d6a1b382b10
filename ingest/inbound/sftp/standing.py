"""Whether the label of a connection may go on: asked again and again while it is connected."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from ingest.inbound.backend import Revoked
from ingest.inbound.sftp.connection_backend import ConnectionBackend, Trouble

ASK_SECONDS: Final = 15.0
GRACE_SECONDS: Final = 3.0
"""A client that is sending at this moment reads the reason in the status of its request before the connection ends."""


class Standing:
    """Asks for the standing of one connection's label every 15 seconds, and at once after `revoked`.

    `tend` is called before each of these, in a thread, for what else must be looked after as often.
    """

    def __init__(self, in_thread: Callable[[Callable[[], None]], Awaitable[None]], tend: Callable[[], None]) -> None:
        self._in_thread = in_thread
        self._tend = tend
        self._loop = asyncio.get_running_loop()
        self._is_revoked = asyncio.Event()

    def revoked(self) -> None:
        """A request found out that the label may not go on; safe from any thread."""
        with suppress(RuntimeError):  # the loop has ended, and all connections with it
            self._loop.call_soon_threadsafe(self._is_revoked.set)

    async def ending(self, backend: ConnectionBackend) -> str:
        """Wait until the label may not go on; returns why, once its clients had the time to read it themselves."""
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
