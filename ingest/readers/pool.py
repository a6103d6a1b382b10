"""The children of all packages, shared fairly: as many files at one time as there are workers, each package in turn."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from ingest.readers.fork_client import CHILD, Answer, Failure, ForkClient, Limits, Request

Progress = Callable[[int, int, str], None]
"""Gets files done, files in all, and the name of the one that was done last."""

LOOK_SECONDS: Final = 5.0
GRACE_SECONDS: Final = 30.0
"""The fork server ends a child that is late; one that is this much later means that the fork server itself hangs."""


class PoolClosed(BaseException):
    """The program is being stopped while a package is read. No failure of the reading: nothing may take it for one."""


@dataclass(eq=False, slots=True)
class _Batch:
    """The files of one package: those that wait, and the answers of those that were read."""

    requests: Sequence[Request]
    limits: Limits
    waiting: deque[int]
    answered: queue.SimpleQueue[tuple[int, Answer]] = field(default_factory=queue.SimpleQueue)
    again: set[int] = field(default_factory=set)
    running: int = 0
    turn: int = 0


class Pool:
    """Reads files in children, `workers` at one time (0: one per core). It starts with its first reading."""

    def __init__(self, workers: int = 0, module: str = CHILD) -> None:
        self.have(workers)
        self._module = module
        self._lock = threading.RLock()
        self._client: ForkClient | None = None
        self._batches: list[_Batch] = []
        self._running: dict[int, tuple[_Batch, int, float]] = {}
        self._key = 0
        self._is_closed = False

    def have(self, workers: int) -> None:
        """From the next file on, read this many at one time."""
        self.workers = workers or len(os.sched_getaffinity(0))

    def start(self) -> None:
        """Have the readers imported already when the first file comes."""
        with self._lock:
            self._server()

    def read(
        self, requests: Sequence[Request], limits: Limits, progress: Progress = lambda done, total, name: None
    ) -> list[Answer]:
        """Answers in the order of the requests. Raises PoolClosed."""
        batch = _Batch(requests, limits, deque(range(len(requests))))
        answers: list[Answer] = [Failure("not read")] * len(requests)
        with self._lock:
            self._batches.append(batch)
            self._dispatch()
        try:
            for done in range(1, len(requests) + 1):
                index, answers[index] = self._next_of(batch)
                progress(done, len(requests), requests[index]["name"])
        finally:
            with self._lock:
                self._batches.remove(batch)
        return answers

    def close(self) -> None:
        """End all children; whoever waits for one gets PoolClosed."""
        with self._lock:
            self._is_closed = True
            client = self._client
        if client is not None:
            client.end()
            client.wait()

    def _next_of(self, batch: _Batch) -> tuple[int, Answer]:
        while True:
            try:
                return batch.answered.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                self._look_after_server()
            if self._is_closed:
                raise PoolClosed

    def _look_after_server(self) -> None:
        with self._lock:
            now = time.monotonic()
            if any(late < now for _, _, late in self._running.values()) and self._client is not None:
                self._client.end()

    # From here on the lock is held

    def _server(self) -> ForkClient:
        if self._client is None:
            self._client = ForkClient(self._hear, self._lose, self._module)
        return self._client

    def _dispatch(self) -> None:
        """Give free children work: the package with the fewest of them first, then the one served longest ago."""
        while len(self._running) < self.workers and not self._is_closed:
            waiting = [batch for batch in self._batches if batch.waiting]
            if not waiting:
                return
            self._send(min(waiting, key=lambda batch: (batch.running, batch.turn)))

    def _send(self, batch: _Batch) -> None:
        index = batch.waiting.popleft()
        self._key += 1
        try:
            client = self._server()
        except OSError as fault:
            batch.answered.put((index, Failure(f"no reading process could be started: {fault}")))
            return
        batch.running += 1
        batch.turn = self._key
        late = time.monotonic() + batch.limits.wall_seconds + GRACE_SECONDS
        self._running[self._key] = (batch, index, late)
        client.send(self._key, batch.requests[index], batch.limits)

    def _hear(self, key: int, answer: Answer) -> None:
        """An answer came. A child that was ended from outside, or for want of memory, may be luckier once more."""
        with self._lock:
            batch, index, _ = self._running.pop(key)
            batch.running -= 1
            if isinstance(answer, Failure) and not answer.is_final and index not in batch.again:
                batch.again.add(index)
                batch.waiting.appendleft(index)
            else:
                batch.answered.put((index, answer))
            self._dispatch()

    def _lose(self, reason: str) -> None:
        """The fork server ended, and with it every child; the next request starts another."""
        with self._lock:
            self._client = None
            for key in list(self._running):
                if not self._is_closed:
                    self._hear(key, Failure(reason))


@cache
def shared() -> Pool:
    """The pool of whoever has none of its own, one for the whole process."""
    return Pool()
