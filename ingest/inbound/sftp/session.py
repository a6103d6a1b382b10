"""One SFTP session on an SSH channel: bytes become requests in the event loop, requests become replies in a thread.

While one batch of requests is answered in the thread, the next one gathers; its replies go out in one channel write.
Reading pauses while too much is queued, answering pauses while the client does not read.
"""

from __future__ import annotations

import asyncio
import select
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Final

import asyncssh

from ingest.inbound.sftp.answers import Answers
from ingest.inbound.sftp.framing import Framing
from ingest.inbound.sftp.protocol import OnPath, Open, ProtocolError, Rename, Request, SetPath, Statvfs, Write
from ingest.inbound.sftp.turns import Turns

QUEUE_HIGH: Final = 4 << 20
QUEUE_LOW: Final = 1 << 20
REQUEST_COST: Final = 512
WRITE_BUFFER: Final = 256 << 10
BLOCKED_PAUSE: Final = 0.02
BLOCKED_SECONDS: Final = 120.0
LOOK_SECONDS: Final = 0.05
HELD_MOST: Final = 8 << 20
"""Bytes of requests that all sessions may hold together.

Above it, a session is dropped whose client goes on writing and reads none of the replies.
"""


class Session(asyncssh.SSHServerSession[bytes]):
    """The SFTP subsystem (RFC 4254, section 6.5) of one channel.

    `make_answers` is called in a thread, in one of the label's `turns`; `abort` drops the whole connection, `warn`
    logs. `held_by_all` is how many bytes of requests all sessions hold.
    """

    def __init__(
        self,
        make_answers: Callable[[], Answers],
        turns: Turns,
        abort: Callable[[], object],
        warn: Callable[..., object],
        held_by_all: Callable[[], int],
    ) -> None:
        self._make_answers = make_answers
        self._held_by_all = held_by_all
        self._turns = turns
        self._abort = abort
        self._warn = warn
        self._answers: Answers | None = None
        self._framing = Framing(self._take)
        self._queue: deque[Request] = deque()
        self._costs: deque[int] = deque()
        self._queued = 0
        self._in_hand = 0
        self._reading_paused = False
        self._wake = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._is_lost = False
        self._is_ending = False
        self._is_busy = False
        self._failure: BaseException | None = None
        self._last = asyncio.get_running_loop().time()

    @property
    def uploads(self) -> int:
        """How many files the session has open for writing."""
        return self._answers.uploads if self._answers else 0

    @property
    def held(self) -> int:
        """Bytes of requests that wait here or are being answered."""
        return self._queued + self._in_hand

    @property
    def last_active(self) -> float:
        """When the client last asked or was answered something, in the event loop's time."""
        return self._last

    def close_removed(self) -> None:
        """Close files being read that have no name any more. Safe from any thread."""
        if self._answers:
            self._answers.close_removed()

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._chan = chan
        chan.set_write_buffer_limits(high=WRITE_BUFFER)
        self._poll = select.poll()
        self._poll.register(chan.get_extra_info("socket"), select.POLLOUT)

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp"

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if self._is_ending:
            return
        try:
            self._framing.feed(data)
        except ProtocolError as error:
            self._give_up(error)
        if self.held > QUEUE_HIGH and not self._reading_paused:
            self._reading_paused = True
            self._chan.pause_reading()
        self._last = asyncio.get_running_loop().time()
        self._go_on()

    def eof_received(self) -> bool:
        self._is_ending = True
        self._wake.set()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = self._is_ending = True
        self._wake.set()
        self._writable.set()

    def pause_writing(self) -> None:
        if not self._is_lost:
            self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    async def run(self) -> None:
        """Answer requests until the client is gone and all that it sent is answered, then end the uploads left open."""
        try:
            self._answers = await self._turns.run(self._make_answers)
            await self._answer_all(self._answers)
        except ProtocolError as error:
            self._give_up(error)
        except TimeoutError:
            self._warn("client does not read", held=self.held)
            self._is_ending = True
            self._queue.clear()
            self._queued = 0
            self._abort()
        except Exception as crash:  # noqa: BLE001  the supervisor of one session
            self._warn("session crashed", fault=f"{type(crash).__name__}: {crash}")
            self._abort()
        finally:
            if self._answers:
                await self._turns.run_last(self._answers.end)
            if not self._is_lost:
                self._chan.exit(0)

    async def _answer_all(self, answers: Answers) -> None:
        while self._queue or self._is_busy or not self._is_ending:
            self._wake.clear()
            if self._queue and not self._is_busy:
                await self._answer_batch(answers)
            else:
                await self._wake.wait()
            if self._failure:
                raise self._failure

    async def _answer_batch(self, answers: Answers) -> None:
        """Answer what waits when it may be answered."""
        self._is_busy = True
        await self._until_writable()
        batch = self._take_batch()
        count = len(batch)
        run = self._turns.run_write if isinstance(batch[0], Write) else self._turns.run
        replies = await run(lambda: answers.answer(batch))
        self._is_busy = False
        self._answered(batch, count, replies)

    def _go_on(self) -> None:
        """Answer what waits: from here if that may be done at once, else `run` does it."""
        if not self._is_busy and (self._queue or self._is_ending) and not self._begin_batch():
            self._wake.set()

    def _begin_batch(self) -> bool:
        """Hand what waits to a thread; False, and nothing done, where that must wait, or the session begins or ends."""
        answers = self._answers
        if answers is None or self._is_ending or not self._may_write():
            return False
        batch = self._take_batch()
        count = len(batch)

        def done(ended: Future[bytes]) -> None:
            self._is_busy = False
            self._failure = ended.exception()
            if self._failure:
                self._wake.set()
                return
            self._answered(batch, count, ended.result())
            self._go_on()

        self._is_busy = self._turns.begin(lambda: answers.answer(batch), done, writes=isinstance(batch[0], Write))
        if not self._is_busy:
            self._put_back(batch)
        return self._is_busy

    def _take_batch(self) -> deque[Request]:
        batch, self._queue = self._queue, deque()
        self._in_hand, self._queued = self._queued, 0
        return batch

    def _put_back(self, batch: deque[Request]) -> None:
        """What was not answered waits again, before what came meanwhile."""
        batch.extend(self._queue)
        self._queue = batch
        self._in_hand, self._queued = 0, self._queued + self._in_hand

    def _answered(self, batch: deque[Request], count: int, replies: bytes) -> None:
        """Send the replies to the requests that are gone from this batch of `count`."""
        self._in_hand -= sum(self._costs.popleft() for _ in range(count - len(batch)))
        self._put_back(batch)
        self._last = asyncio.get_running_loop().time()
        if not self._is_lost and not self._chan.is_closing():
            self._chan.write(replies)
        if self._reading_paused and self._queued < QUEUE_LOW and not self._is_lost:
            self._reading_paused = False
            self._chan.resume_reading()

    def _may_write(self) -> bool:
        return self._is_lost or (self._writable.is_set() and bool(self._poll.poll(0)))

    async def _until_writable(self) -> None:
        """Wait while the channel's window or the socket is full, so that unread replies do not pile up here.

        Raises TimeoutError after BLOCKED_SECONDS, or when other sessions need the memory that this client's requests
        hold.
        """
        if self._may_write():
            return
        async with asyncio.timeout(BLOCKED_SECONDS):
            while not self._may_write():
                if self._held_by_all() > HELD_MOST and self._writes_on():
                    raise TimeoutError
                if self._writable.is_set():
                    await asyncio.sleep(BLOCKED_PAUSE)
                    continue
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._writable.wait(), LOOK_SECONDS)

    def _writes_on(self) -> bool:
        """True when the queue holds much data to write, and not only requests to read."""
        return sum(request.length for request in self._queue if isinstance(request, Write)) > WRITE_BUFFER

    def _take(self, request: Request) -> None:
        cost = _cost(request)
        self._queue.append(request)
        self._costs.append(cost)
        self._queued += cost

    def _give_up(self, error: ProtocolError) -> None:
        self._warn("session ended: no SFTP", fault=str(error))
        self._is_ending = True
        self._queue.clear()


def _cost(request: Request) -> int:
    """About how many bytes of memory a queued request holds."""
    match request:
        case Write():
            return REQUEST_COST + request.length
        case OnPath() | Open() | SetPath() | Statvfs():
            return REQUEST_COST + len(request.path)
        case Rename():
            return REQUEST_COST + len(request.old) + len(request.new)
        case _:
            return REQUEST_COST
