"""Messages between two processes: in order, none lost, sockets along with them, and the end told once."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.inbound.sftp.ipc import MESSAGE, IpcChannel, pair


@dataclass
class End:
    """One end, with all that it heard."""

    channel: IpcChannel
    heard: list[list[Any]] = field(default_factory=list)
    carried: list[socket.socket] = field(default_factory=list)
    lost: int = 0


def end_of(end: socket.socket) -> End:
    made: list[End] = []

    def heard(message: list[Any], carried: socket.socket | None) -> None:
        made[0].heard.append(message)
        if carried is not None:
            made[0].carried.append(carried)

    def lost() -> None:
        made[0].lost += 1

    made.append(End(IpcChannel(end, heard, lost)))
    return made[0]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.001)


@pytest.fixture
async def ends() -> AsyncIterator[tuple[End, End]]:
    ours, theirs = (end_of(end) for end in pair())
    yield ours, theirs
    ours.channel.close()
    theirs.channel.close()


async def test_messages_arrive_in_order_both_ways_also_more_than_the_kernel_holds(ends: tuple[End, End]) -> None:
    ours, theirs = ends
    for number in range(2000):
        ours.channel.send("noticed", number, "x" * 1000)
        theirs.channel.send("answer", number, True, None, 1.5)
    await until(lambda: len(theirs.heard) == len(ours.heard) == 2000)
    assert theirs.heard == [["noticed", number, "x" * 1000] for number in range(2000)]
    assert ours.heard == [["answer", number, True, None, 1.5] for number in range(2000)]


WORDS = st.lists(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20), max_size=5)


@settings(max_examples=30, deadline=None)
@given(messages=st.lists(WORDS, max_size=8))
def test_any_plain_words_come_out_as_they_went_in(messages: list[list[Any]]) -> None:
    async def carry() -> list[list[Any]]:
        ours, theirs = (end_of(end) for end in pair())
        for words in messages:
            ours.channel.send(*words)
        await until(lambda: len(theirs.heard) == len(messages))
        ours.channel.close()
        theirs.channel.close()
        return theirs.heard

    assert asyncio.run(carry()) == messages


async def test_a_socket_travels_with_its_message_and_belongs_to_the_other_end(ends: tuple[End, End]) -> None:
    ours, theirs = ends
    near, far = socket.socketpair()
    ours.channel.send("serve", 1, carry=far)
    ours.channel.send("serve", 2)
    await until(lambda: len(theirs.heard) == 2)
    assert (theirs.heard, far.fileno(), len(theirs.carried)) == ([["serve", 1], ["serve", 2]], -1, 1)
    (arrived,) = theirs.carried
    arrived.sendall(b"hello")
    arrived.close()
    with near:
        assert (near.recv(9), near.recv(9)) == (b"hello", b"")


async def test_the_end_of_the_other_side_is_told_once_and_what_is_sent_then_is_in_vain(ends: tuple[End, End]) -> None:
    ours, theirs = ends
    theirs.channel.close()
    await until(lambda: ours.lost == 1)
    near, far = socket.socketpair()
    ours.channel.send("serve", 1, carry=far)
    ours.channel.send("serve", 2)
    ours.channel.close()
    assert (ours.lost, theirs.lost, ours.channel.is_open, far.fileno()) == (1, 0, False, -1)
    with near:
        assert near.recv(9) == b""


async def test_who_closes_its_own_end_lets_go_of_sockets_that_were_not_sent_yet() -> None:
    ours, theirs = pair()
    end = end_of(ours)
    near, far = socket.socketpair()
    while not end.channel._waiting:
        end.channel.send("x" * (MESSAGE // 2))
    end.channel.send("serve", 1, carry=far)
    end.channel.close()
    assert (end.lost, far.fileno()) == (0, -1)
    near.close()
    theirs.close()
