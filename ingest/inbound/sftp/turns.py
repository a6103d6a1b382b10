"""One label's turns in the threads that all sessions share, so that a label with many requests delays only itself."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Final, TypeVar

T = TypeVar("T")

MOST: Final = 8
LAST_SECONDS: Final = 2.0
"""How long the end of a session waits for a turn: its uploads must be ended, however much its label has queued."""


class Slots:
    """So many things may go on at a time; who waits for a slot gets it in the order of coming. For one event loop."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take_now(self) -> bool:
        """Take a slot if one is free; False, and nothing done, if not."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def take(self) -> None:
        """Take a slot, when it is one's turn."""
        if self.take_now():
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give()
            raise

    def give(self) -> None:
        """Give a slot back."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class Turns:
    """At most `most` calls of one label run in threads at a time; the others follow in the order in which they came."""

    def __init__(self, threads: Executor, most: int = MOST) -> None:
        self._threads = threads
        self._free = Slots(most)
        self._writing = Slots(1)

    async def run(self, call: Callable[[], T]) -> T:
        """Run `call` in a thread when it is its turn; returns what it returns, raises what it raises."""
        await self._free.take()
        try:
            return await self._in_thread(call)
        finally:
            self._free.give()

    async def run_write(self, call: Callable[[], T]) -> T:
        """As `run`, for calls that mostly write to files: one of them at a time.

        A write holds the counts of its label until it is done (`LabelQuota.write`). Side by side they would only wait
        for each other in their threads, which costs more CPU than to wait here.
        """
        await self._writing.take()
        try:
            return await self.run(call)
        finally:
            self._writing.give()

    def begin(self, call: Callable[[], T], done: Callable[[Future[T]], object], *, writes: bool) -> bool:
        """As `run` or, if it `writes`, as `run_write`, without a coroutine: `done` is called in the event loop.

        False, and nothing done, when it is not its turn at once. For a client that asks one thing after the other, the
        ways through the event loop are much of what an answer costs.
        """
        if not self._free.take_now():
            return False
        if writes and not self._writing.take_now():
            self._free.give()
            return False
        loop = asyncio.get_running_loop()

        def end(ended: Future[T]) -> None:
            self._free.give()
            if writes:
                self._writing.give()
            done(ended)

        def tell(ended: Future[T]) -> None:
            with suppress(RuntimeError):  # the event loop is closed: nobody waits any more
                loop.call_soon_threadsafe(end, ended)

        self._threads.submit(call).add_done_callback(tell)
        return True

    async def run_last(self, call: Callable[[], T]) -> T:
        """As `run`, for what must not wait: without a turn when none is free within LAST_SECONDS."""
        try:
            async with asyncio.timeout(LAST_SECONDS):
                await self._free.take()
        except TimeoutError:
            return await self._in_thread(call)
        try:
            return await self._in_thread(call)
        finally:
            self._free.give()

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)
