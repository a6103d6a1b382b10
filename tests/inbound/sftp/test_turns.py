"""A label that asks for more than the server can answer keeps nobody else waiting, and gets every answer in order."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest

from ingest.inbound.sftp import turns as turns_module
from ingest.inbound.sftp.protocol import Kind, OpenFlag
from ingest.inbound.sftp.turns import Slots, Turns
from tests.inbound.sftp.floods import SlowLocks, renames
from tests.inbound.sftp.raw import Raw, raw, session, string, transport
from tests.sftp_clients import Running

CONNECTIONS = 16
FLOOD = 200
SOON = 5.0
"""Seconds; idle, a login and an answer take a tenth of one, and behind the flood they would take minutes."""


@contextmanager
def flooded(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Raw]]:
    """All sessions that anna may have, each with hundreds of renames that wait for one lock."""
    slow = SlowLocks(0.05)
    with ExitStack() as stack:
        opened = [stack.enter_context(transport(running)) for _ in range(CONNECTIONS)]
        sessions = [session(connection) for connection in opened for _ in range(2)]
        handle = sessions[-1].open("/incoming/late.wav", OpenFlag.WRITE | OpenFlag.CREATE)
        assert handle
        monkeypatch.setattr(running.backend, "changing", slow.changing)
        stack.callback(slow.released.set)
        for flooding in sessions[:-1]:
            flooding.send(renames(FLOOD))
        yield sessions


@pytest.mark.timed
def test_another_label_logs_in_and_is_answered_while_one_floods(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.add_label("bob")
    with flooded(running, monkeypatch):
        for _ in range(3):
            begun = time.monotonic()
            with raw(running, "bob") as bob:
                assert bob.ask(Kind.STAT, string(b"/incoming")).kind is Kind.ATTRS
            assert time.monotonic() - begun < SOON


@pytest.mark.timed
def test_an_upload_is_ended_while_its_label_floods(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with flooded(running, monkeypatch) as sessions:
        sessions[-1].channel.close()
        running.until(lambda: [ended.path for ended in running.backend.ended] == ["late.wav"], SOON)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


async def started(count: int, seen: Callable[[], int]) -> None:
    async with asyncio.timeout(20):
        while seen() < count:
            await asyncio.sleep(0.01)


async def test_a_label_holds_no_more_threads_than_its_turns(threads: ThreadPoolExecutor) -> None:
    turns, release, running_now = Turns(threads, 2), threading.Event(), [0]
    most: list[int] = []
    lock = threading.Lock()

    def call() -> None:
        with lock:
            running_now[0] += 1
            most.append(running_now[0])
        release.wait(20)
        with lock:
            running_now[0] -= 1

    calls = [asyncio.create_task(turns.run(call)) for _ in range(6)]
    await started(2, lambda: len(most))
    assert await Turns(threads, 2).run(lambda: "another label") == "another label"
    release.set()
    await asyncio.gather(*calls)
    assert len(most) == 6
    assert max(most) == 2


async def test_an_end_goes_through_when_no_turn_comes(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns_module, "LAST_SECONDS", 0.05)
    turns, release = Turns(threads, 1), threading.Event()
    stuck = asyncio.create_task(turns.run(lambda: release.wait(20)))
    await asyncio.sleep(0)
    assert await turns.run_last(lambda: "ended") == "ended"
    assert not stuck.done()
    release.set()
    assert await stuck
    assert await turns.run_last(lambda: "in turn") == "in turn"
    assert await turns.run(lambda: "again") == "again"


async def test_a_call_that_fails_gives_its_turn_back(threads: ThreadPoolExecutor) -> None:
    turns = Turns(threads, 1)

    def fail() -> None:
        raise OSError("full")

    for run in (turns.run, turns.run_write, turns.run_last):
        with pytest.raises(OSError, match="full"):
            await run(fail)
    assert await turns.run(lambda: 1) == 1
    assert await turns.run_write(lambda: 2) == 2


async def test_writes_of_a_label_follow_one_another_while_its_other_calls_go_on(threads: ThreadPoolExecutor) -> None:
    turns, release = Turns(threads, 2), threading.Event()
    begun: list[int] = []

    def write(number: int) -> int:
        begun.append(number)
        release.wait(20)
        return number

    writes = [asyncio.create_task(turns.run_write(partial(write, number))) for number in range(4)]
    await started(1, lambda: len(begun))
    assert await turns.run(lambda: "a listing") == "a listing"
    assert begun == [0]
    release.set()
    assert await asyncio.gather(*writes) == [0, 1, 2, 3]
    assert begun == [0, 1, 2, 3]


async def test_a_call_begins_without_a_coroutine_where_it_is_its_turn_at_once_and_not_otherwise(
    threads: ThreadPoolExecutor,
) -> None:
    turns, release = Turns(threads, 2), threading.Event()
    ended: asyncio.Queue[Future[str]] = asyncio.Queue()

    def write() -> str:
        release.wait(20)
        return "written"

    assert turns.begin(write, ended.put_nowait, writes=True)
    assert not turns.begin(lambda: "a second write", ended.put_nowait, writes=True)
    assert turns.begin(lambda: "listed", ended.put_nowait, writes=False)
    assert not turns.begin(lambda: "a third call", ended.put_nowait, writes=False)
    assert (await ended.get()).result() == "listed"
    later = asyncio.create_task(turns.run_write(lambda: "in its turn"))
    release.set()
    assert (await ended.get()).result() == "written"
    assert await later == "in its turn"
    assert turns.begin(lambda: "again", ended.put_nowait, writes=True)
    assert (await ended.get()).result() == "again"


async def test_what_fails_after_it_was_begun_says_so_and_gives_its_turn_back(threads: ThreadPoolExecutor) -> None:
    turns = Turns(threads, 1)
    ended: asyncio.Queue[Future[None]] = asyncio.Queue()

    def fail() -> None:
        raise OSError("full")

    for writes in (True, False, True):
        assert turns.begin(fail, ended.put_nowait, writes=writes)
        assert isinstance((await ended.get()).exception(), OSError)


async def test_who_stops_waiting_for_a_slot_keeps_none() -> None:
    slots = Slots(1)
    assert slots.take_now()
    waiting = [asyncio.create_task(slots.take()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    slots.give()
    waiting[1].cancel()  # a slot was just given to it
    await asyncio.sleep(0)
    await asyncio.wait_for(waiting[2], 5)
    assert not slots.take_now()
    slots.give()
    assert slots.take_now()
