"""A limit on how fast bytes leave."""

from __future__ import annotations

import asyncio
import time


class Pace:
    """Lets `bytes_per_second` through, over all who wait; 0: no limit."""

    def __init__(self, bytes_per_second: int) -> None:
        self._rate = bytes_per_second
        self._next = 0.0

    async def wait(self, size: int) -> None:
        """Return when `size` more bytes may leave."""
        if not self._rate:
            return
        now = time.monotonic()
        begin = max(now, self._next)
        self._next = begin + size / self._rate
        await asyncio.sleep(begin - now)
