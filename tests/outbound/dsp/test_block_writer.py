"""Blocks under way together: whatever order they are answered in, a break leaves no hole before the window."""

from __future__ import annotations

import asyncio
from io import BytesIO
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.outbound.dsp.block_writer import BlockWriter
from ingest.outbound.dsp.pace import Pace

BLOCK, WINDOW = 10, 40


class Broken(Exception):
    """The connection is lost."""


class Receiver:
    """Answers blocks in any order, and breaks off after `most` of them."""

    def __init__(self, seed: int, most: int, size: int) -> None:
        self._source, self._left = Random(seed), most
        self.stored = bytearray(size)
        self.written = bytearray(size)
        self.end = 0

    async def write(self, data: bytes, offset: int) -> None:
        for _ in range(self._source.randint(0, 20)):
            await asyncio.sleep(0)
        if self._left == 0:
            raise Broken
        self._left -= 1
        self.stored[offset : offset + len(data)] = data
        self.written[offset : offset + len(data)] = b"\1" * len(data)
        self.end = max(self.end, offset + len(data))


def sent(receiver: Receiver, data: bytes, begin: int = 0) -> bool:
    """Whether all was written."""
    try:
        asyncio.run(BlockWriter(BLOCK, WINDOW, Pace(0)).write(BytesIO(data), begin, receiver.write))
    except ExceptionGroup:
        return False
    return True


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(0, 2**16), st.integers(0, 50))
def test_a_break_leaves_no_hole_before_the_window_and_a_resume_completes_it(data: bytes, seed: int, most: int) -> None:
    receiver = Receiver(seed, most, len(data))
    begin = 0
    if not sent(receiver, data):
        begin = max(0, receiver.end - WINDOW)
        assert all(receiver.written[:begin])
    rest = Receiver(seed, 10**6, len(data))
    rest.stored[:] = receiver.stored
    assert sent(rest, data, begin)
    assert bytes(rest.stored) == data


def test_a_block_that_is_answered_last_holds_those_behind_it_back() -> None:
    asked, answer = list[int](), asyncio.Event()

    async def write(data: bytes, offset: int) -> None:
        asked.append(offset)
        if offset == 0:
            await answer.wait()

    async def run() -> None:
        writer = asyncio.create_task(BlockWriter(BLOCK, WINDOW, Pace(0)).write(BytesIO(bytes(100)), 0, write))
        for _ in range(50):
            await asyncio.sleep(0)
        assert asked == [0, 10, 20, 30]
        answer.set()
        await writer
        assert asked == list(range(0, 100, 10))

    asyncio.run(run())


def test_what_goes_wrong_is_raised_once_nothing_is_under_way() -> None:
    async def write(data: bytes, offset: int) -> None:
        raise Broken

    with pytest.raises(ExceptionGroup):
        asyncio.run(BlockWriter(BLOCK, WINDOW, Pace(0)).write(BytesIO(b"1"), 0, write))
