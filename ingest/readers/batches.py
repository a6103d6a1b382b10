"""What is asked of the children for one package: the files that wait, those being read, and what is kept of answers."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.readers.answers import MOST_SIZE, MOST_SIZE_OF_MEDIA, WrongAnswer, size_of
from ingest.readers.fork_client import Answer, Failure, Hashes, Limits, Request

Progress = Callable[[int, int, str], None]
"""Gets files done, files in all, and the name of the one that was done last."""
Accept = Callable[[int, Any, Hashes], Any]
"""Gets the index of a request, the facts that a child told, which may be lies, and the hashes that were told before it
parsed the file. Returns what is kept of them, or raises WrongAnswer.
"""
SHORT: Final = frozenset({"folder", "readiness", "hash"})
"""What is read of a message or not parsed at all: it need not wait for a long track."""
MOST_OF_PACKAGE: Final = MOST_SIZE
"""Bytes of our memory for what is kept of the answers to one call: a folder full of tracks takes half of it."""
ROOM: Final = {"folder": MOST_SIZE, "readiness": 16_000_000, "picture": 32_000_000}
"""Bytes by what is read; all else is about one media file."""


@dataclass(eq=False, slots=True)
class Batch:
    """The files of one package: those that wait, and the answers of those that were read.

    `costs` are those of the requests, and `turn` is the finish number of them all (`turns`): the least is served first.
    `suspects` were being read when the fork server ended; `again` are those that cost one child already. `room` is
    how many bytes may still be kept of their answers; it `is_admitted` once there is as much beside other packages.
    """

    requests: Sequence[Request]
    limits: Limits
    accept: Accept
    room: int
    label: str
    costs: Sequence[float]
    turn: float
    waiting: deque[int]
    is_admitted: bool = False
    suspects: deque[int] = field(default_factory=deque)
    answered: queue.SimpleQueue[tuple[int, Answer]] = field(default_factory=queue.SimpleQueue)
    again: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Run:
    """One file being read, and when the fork server must have answered; `is_alone`: with no other beside it."""

    batch: Batch
    index: int
    began: float
    late: float
    is_alone: bool


def is_short(batch: Batch) -> bool:
    return all(request["read"] in SHORT for request in batch.requests)


def room_for(requests: Sequence[Request]) -> int:
    """Bytes of our memory that the answers to these requests may take at most."""
    return min(sum(ROOM.get(one["read"], MOST_SIZE_OF_MEDIA) for one in requests), MOST_OF_PACKAGE)


def kept_of(run: Run, answer: Answer, hashes: Hashes) -> Answer:
    """What is kept of an answer, which may be a lie. Only the thread that hears answers comes here."""
    batch = run.batch
    try:
        if not isinstance(answer, Failure):
            answer = batch.accept(run.index, answer, hashes)
        batch.room -= size_of(answer)
    except WrongAnswer as wrong:
        return Failure(str(wrong), is_final=True)
    except Exception as error:  # noqa: BLE001 - a supervisor: other files of other labels are being read as well
        return Failure(f"{WrongAnswer()}: {type(error).__name__}", is_final=True)
    return answer if batch.room >= 0 else Failure("the files of its package gave more facts than are kept", True)
