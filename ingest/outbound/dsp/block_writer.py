"""Writing a file in blocks of which some are under way together, so that an interrupted one can be continued."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import BinaryIO

from ingest.outbound.dsp.pace import Pace

WriteBlock = Callable[[bytes, int], Awaitable[object]]
"""Writes a block at an offset; returns when the receiver has it."""


@dataclass(frozen=True, slots=True)
class BlockWriter:
    """Blocks of `block` bytes; from the oldest one not answered to the end of the newest are at most `window` bytes.

    A receiver may store what is under way in any order. Where it broke off, all that lies more than `window` bytes
    before the end of its file is whole.
    """

    block: int
    window: int
    pace: Pace

    async def write(self, source: BinaryIO, begin: int, write: WriteBlock) -> None:
        """Write from `begin` to the end. What `write` raises is raised in an ExceptionGroup."""
        under_way: deque[tuple[int, asyncio.Task[object]]] = deque()
        source.seek(begin)
        offset = begin
        async with asyncio.TaskGroup() as group:
            while data := source.read(self.block):
                while under_way and offset + len(data) - under_way[0][0] > self.window:
                    await under_way.popleft()[1]
                await self.pace.wait(len(data))
                under_way.append((offset, group.create_task(_carried(write, data, offset))))
                offset += len(data)


async def _carried(write: WriteBlock, data: bytes, offset: int) -> object:
    return await write(data, offset)
