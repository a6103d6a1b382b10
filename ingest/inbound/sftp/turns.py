"""One label's turns in the threads that all sessions share, so that a label with many requests delays only itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Final, TypeVar

T = TypeVar("T")

MOST: Final = 8
LAST_SECONDS: Final = 2.0
"""How long the end of a session waits for a turn: its uploads must be ended, however much its label has queued."""


class Turns:
    """At most `most` calls of one label run in threads at a time; the others follow in the order in which they came."""

    def __init__(self, threads: Executor, most: int = MOST) -> None:
        self._threads = threads
        self._free = asyncio.Semaphore(most)
        self._writing = asyncio.Lock()

    async def run(self, call: Callable[[], T]) -> T:
        """Run `call` in a thread when it is its turn; returns what it returns, raises what it raises."""
        async with self._free:
            return await self._in_thread(call)

    async def run_write(self, call: Callable[[], T]) -> T:
        """As `run`, for calls that mostly write to files: one of them at a time.

        A write holds the counts of its label until it is done (`LabelQuota.write`). Side by side they would only wait
        for each other in their threads, which costs more CPU than to wait here.
        """
        async with self._writing:
            return await self.run(call)

    async def run_last(self, call: Callable[[], T]) -> T:
        """As `run`, for what must not wait: without a turn when none is free within LAST_SECONDS."""
        try:
            async with asyncio.timeout(LAST_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            return await self._in_thread(call)
        try:
            return await self._in_thread(call)
        finally:
            self._free.release()

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)
