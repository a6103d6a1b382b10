"""The children of all packages: as many files at one time as there are workers, by the turns of their labels."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Sequence
from functools import cache
from typing import Final

from ingest.readers.answers import MOST_SIZE
from ingest.readers.batches import MOST_OF_PACKAGE, Accept, Batch, Progress, Run, is_short, kept_of, room_for
from ingest.readers.fork_client import CHILD, Answer, Failure, ForkClient, Hashes, Limits, Request
from ingest.readers.turns import COST, NOBODY, Share, Turns

PACE: Final = 20_000_000.0
"""Bytes of sound that a child reads in a second, at least, on a machine that is not overloaded."""
PATIENCE: Final = 3.0
"""A file that takes this many times as long as it costs is charged for the time: its size says little about it."""
EXTRA: Final = 1
"""Children beyond the workers: for what is short, or for a label that has none while another keeps all for long."""
LONG_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 5.0
MOST_AT_ONCE: Final = 4 * MOST_OF_PACKAGE
"""Bytes that all calls together may come to keep. Further ones wait, so that none fails because of another."""
GRACE_SECONDS: Final = 30.0
"""The fork server ends a child that is late; one that is this much later means that the fork server itself hangs."""


class PoolClosed(BaseException):
    """The program is being stopped while a package is read. No failure of the reading: nothing may take it for one."""


class Pool:
    """Reads files in children, `workers` at one time (0: one per core). It starts with its first reading."""

    def __init__(self, workers: int = 0, module: str = CHILD) -> None:
        self.have(workers)
        self._module = module
        self._lock = threading.RLock()
        self._client: ForkClient | None = None
        self._batches: list[Batch] = []
        self._turns = Turns()
        self._running: dict[int, Run] = {}
        self._room = MOST_AT_ONCE
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
        self,
        requests: Sequence[Request],
        limits: Limits,
        progress: Progress = lambda done, total, name: None,
        accept: Accept = lambda index, facts, hashes: facts,
        share: Share = NOBODY,
    ) -> list[Answer]:
        """What `accept` made of the answers, in the order of the requests. Raises PoolClosed.

        An answer is accepted as it is heard, one at a time over all packages, and dropped; `accept` must not wait.
        """
        room, costs = room_for(requests), [COST + cost for cost in share.costs or [0.0] * len(requests)]
        answers: list[Answer] = [Failure("not read")] * len(requests)
        with self._lock:
            turn = self._turns.enter(share.label, sum(costs))
            batch = Batch(requests, limits, accept, room, share.label, costs, turn, deque(range(len(requests))))
            self._batches.append(batch)
            self._dispatch()
        try:
            for done in range(1, len(requests) + 1):
                index, answers[index] = self._next_of(batch)
                progress(done, len(requests), requests[index]["name"])
        finally:
            with self._lock:
                self._batches.remove(batch)
                self._turns.leave(share.label)
                self._room += room if batch.is_admitted else 0
                self._dispatch()
        return answers

    def close(self) -> None:
        """End all children; whoever waits for one gets PoolClosed."""
        with self._lock:
            self._is_closed = True
            client = self._client
        if client is not None:
            client.end()
            client.wait()

    def _next_of(self, batch: Batch) -> tuple[int, Answer]:
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
            if any(run.late < now for run in self._running.values()) and self._client is not None:
                self._client.end()
            self._dispatch()

    # From here on the lock is held

    def _server(self) -> ForkClient:
        if self._client is None:
            self._client = ForkClient(self._hear, self._lose, self._module)
        return self._client

    def _dispatch(self) -> None:
        """Give free children work."""
        while (chosen := self._chosen()) is not None:
            self._send(*chosen)

    def _chosen(self) -> tuple[Batch, int, bool] | None:
        """The next file, and whether it is to be read alone; None while there is none, or no child is free.

        A suspect goes first and alone, so that it is plain whose doing it is when the fork server ends again.
        """
        free = self.workers + EXTRA - len(self._running)
        if free <= 0 or self._is_closed or any(run.is_alone for run in self._running.values()):
            return None
        suspected = next((batch for batch in self._batches if batch.suspects), None)
        if suspected is not None:
            return None if self._running else (suspected, suspected.suspects.popleft(), True)
        is_wanted = self._may_be_extra if free <= EXTRA else self._admits
        waiting = [batch for batch in self._batches if batch.waiting and is_wanted(batch)]
        if not waiting:
            return None
        batch = min(waiting, key=lambda batch: batch.turn)
        if not batch.is_admitted:
            batch.is_admitted = True
            self._room -= batch.room
        return batch, batch.waiting.popleft(), False

    def _may_be_extra(self, batch: Batch) -> bool:
        return (is_short(batch) or self._is_kept_waiting(batch)) and self._admits(batch)

    def _is_kept_waiting(self, batch: Batch) -> bool:
        """Whether every worker has had a file of one other label for long."""
        labels = {run.batch.label for run in self._running.values()}
        since = max(run.began for run in self._running.values())
        return len(labels) == 1 and batch.label not in labels and time.monotonic() - since >= LONG_SECONDS

    def _admits(self, batch: Batch) -> bool:
        """Whether there is room for what will be kept of its answers, beside that of the packages begun before it.

        Media leave as much as a message may need, so that the messages of other labels do not wait for them.
        """
        return batch.is_admitted or batch.room <= self._room - (0 if is_short(batch) else MOST_SIZE)

    def _send(self, batch: Batch, index: int, is_alone: bool) -> None:
        self._key += 1
        try:
            client = self._server()
        except (OSError, RuntimeError) as error:
            batch.answered.put((index, Failure(f"no reading process could be started: {error}")))
            return
        self._turns.served(batch.costs[index])
        now = time.monotonic()
        late = now + batch.limits.wall_seconds + GRACE_SECONDS
        self._running[self._key] = Run(batch, index, now, late, is_alone)
        client.send(self._key, batch.requests[index], batch.limits)

    def _hear(self, key: int, answer: Answer, hashes: Hashes) -> None:
        """An answer came. A request whose child was ended from outside, or had no memory, is sent once more."""
        with self._lock:
            run = self._running[key]
        answer = kept_of(run, answer, hashes)
        with self._lock:
            del self._running[key]
            self._charge(run)
            if not self._is_read_again(run, answer, run.batch.waiting):
                run.batch.answered.put((run.index, answer))
            self._dispatch()

    def _charge(self, run: Run) -> None:
        """Let its label wait for what a file took beyond its cost, if that was much."""
        taken, cost = (time.monotonic() - run.began) * PACE, run.batch.costs[run.index]
        if taken > PATIENCE * cost:
            self._turns.took_more(run.batch.label, taken - cost)
            for batch in self._batches:
                if batch.label == run.batch.label:
                    batch.turn += taken - cost

    def _is_read_again(self, run: Run, answer: Answer, line: deque[int]) -> bool:
        """Put a file back into `line` after its first failure that another reading may mend; False after others."""
        is_first = run.index not in run.batch.again
        if not isinstance(answer, Failure) or answer.is_final or not is_first:
            return False
        run.batch.again.add(run.index)
        line.appendleft(run.index)
        return True

    def _lose(self, reason: str) -> None:
        """The fork server ended, and with it every child; the next request starts another.

        The one file that was being read did it, perhaps; of several nobody knows, and none is counted as failed.
        """
        with self._lock:
            self._client = None
            if self._is_closed:
                return
            lost, self._running = list(self._running.values()), {}
            for run in lost:
                if len(lost) > 1:
                    run.batch.suspects.append(run.index)
                elif not self._is_read_again(run, Failure(reason), run.batch.suspects):
                    run.batch.answered.put((run.index, Failure(reason)))
            self._dispatch()


@cache
def shared() -> Pool:
    """The pool of whoever has none of its own, one for the whole process."""
    return Pool()
