"""Whose password is checked next: addresses take turns, so that many logins from one delay only that one."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

LATELY_SECONDS: Final = 3600.0
MOST_ADDRESSES: Final = 10_000
IN_A_ROW: Final = 3
"""How many turns in a row go to addresses that logged in lately while others wait: these get every fourth at least."""

Waiting = dict[str, deque[asyncio.Future[None]]]


class LoginTurns:
    """At most `most` checks run at a time. For one event loop.

    Of those that wait, an address that logged in within the last hour comes first; among such addresses, and among all
    others, each has one turn before any has its second. The order depends on addresses alone: it tells nobody which
    user names there are.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = most
        self._clock = clock
        self._lately: dict[str, float] = {}
        self._known: Waiting = {}
        self._strangers: Waiting = {}
        self._in_a_row = 0

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """Wait for a turn of this address, and hold it during the block."""
        await self._begin(address)
        try:
            yield
        finally:
            self._end()

    def succeeded(self, address: str) -> None:
        """Note that somebody logged in from this address."""
        now = self._clock()
        if len(self._lately) >= MOST_ADDRESSES:
            self._lately = {old: at for old, at in self._lately.items() if now - at < LATELY_SECONDS}
        if len(self._lately) < MOST_ADDRESSES:
            self._lately[address] = now

    async def _begin(self, address: str) -> None:
        if self._free:
            self._free -= 1
            return
        is_known = self._clock() - self._lately.get(address, -LATELY_SECONDS) < LATELY_SECONDS
        waiting: Waiting = self._known if is_known else self._strangers
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.setdefault(address, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._end()  # it was this one's turn already: the next one has it
            raise

    def _end(self) -> None:
        """Give the turn to the next one that still waits; without any it is free."""
        while turn := self._next():
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _next(self) -> asyncio.Future[None] | None:
        is_known = bool(self._known) and (self._in_a_row < IN_A_ROW or not self._strangers)
        self._in_a_row = self._in_a_row + 1 if is_known else 0
        waiting = self._known if is_known else self._strangers
        if not waiting:
            return None
        address = next(iter(waiting))
        turns = waiting.pop(address)
        turn = turns.popleft()
        if turns:
            waiting[address] = turns  # at the end: all other addresses come before its next
        return turn
