"""The process below the daemon that forks one child for every file that is read, and tells how each ended.

Run as `python -m ingest.readers.fork_server`: it imports the readers once, then takes requests on stdin, one a line,
and tells answers on stdout. The fork that reads a file is new, confined (`sandbox`) and ends with it: what a hostile
file does to it reaches no other file. This process reads no byte of a label itself, and ends when its stdin does.

No child finds in its memory what was asked of others or told by them: orders and answers pass through memory that is
not forked (`unshared`), and a child reads its own order after the fork, from a file in memory.

Hashes are told first, through a pipe of their own that the child closes before it parses a byte: a file that takes
control of the child finds no way left to change what was told of its hashes.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from ingest.readers.answers import CRASH_CHARACTERS, MOST_BYTES, MOST_OF_MEDIA, to_text
from ingest.readers.descriptors import keep_only
from ingest.readers.output import open_output
from ingest.readers.reads import READS, Read, hash_first
from ingest.readers.sandbox import confine
from ingest.readers.sealed import ChangedWhileRead
from ingest.readers.unshared import Unshared

ANSWERS_MAX_BYTES: Final = {
    "hash": 16_000,
    "readiness": 1_000_000,
    "audio": MOST_OF_MEDIA,
    "artwork": MOST_OF_MEDIA,
    "picture": 16_000_000,
    "thumbnail": 4_000_000,
    "flac": MOST_OF_MEDIA,
    "cover": MOST_OF_MEDIA,
    "flac-proof": MOST_OF_MEDIA,
}
"""By what is read; each has room for a traceback. All others have `MOST_BYTES`."""
PIECE: Final = 1 << 16
MOST_OF_HASHES: Final = 4096
"""Bytes; a pipe holds as many, so that nobody waits for their being read."""


@dataclass(slots=True)
class Job:
    """One file being read: the child, when it must have answered, and what it has said so far.

    `hashes` is the pipe for them, where they were asked for.
    """

    key: int
    pid: int
    seconds: float
    deadline: float
    hashes: int | None = None
    most: int = MOST_BYTES
    said: Unshared = field(default_factory=Unshared)
    fault: str = ""


class ForkServer:
    """Turns requests from the descriptor `asked` into children, and what they say into answers to `told`."""

    def __init__(self, asked: int, told: int, reads: Mapping[str, Read]) -> None:
        self._asked, self._told, self._reads = asked, told, reads
        self._line = Unshared()
        self._head: dict[str, Any] | None = None
        self._jobs: dict[int, Job] = {}
        self._poll = select.poll()
        self._poll.register(asked, select.POLLIN)

    def run(self) -> None:
        """Serve until the descriptor of the requests ends; children that still read then are ended."""
        while True:
            for number, _ in self._poll.poll(self._patience()):
                if number != self._asked:
                    self._hear(number, self._jobs[number])
                elif not self._take():
                    self._end(list(self._jobs.values()), "")
                    return
            now = time.monotonic()
            late = [job for job in self._jobs.values() if job.deadline <= now and not job.fault]
            for job in late:
                self._end([job], f"no answer within {job.seconds:g} seconds")

    def _patience(self) -> float | None:
        """Milliseconds until the next child is late; None waits for ever."""
        deadlines = [job.deadline for job in self._jobs.values() if not job.fault]
        return max(0.0, min(deadlines) - time.monotonic()) * 1000 + 1 if deadlines else None

    def _take(self) -> bool:
        count = self._line.read_from(self._asked, PIECE)
        while self._has_head() and self._head is not None and len(self._line) >= self._head["bytes"]:
            head, self._head = self._head, None
            self._start(head)
        return count > 0

    def _has_head(self) -> bool:
        """Whether the head of the next order has come: a line that says nothing of any file or label."""
        if self._head is None and (end := self._line.find(b"\n")) >= 0:
            self._head = json.loads(self._line.take(end + 1))
        return self._head is not None

    def _start(self, head: dict[str, Any]) -> None:
        """Fork a child for the order whose head this is, and which begins the buffer."""
        order = os.memfd_create("order")
        self._line.write_to(order, head["bytes"])
        self._line.drop(head["bytes"])
        ours, theirs = os.pipe()
        hashes, told = os.pipe() if head["hashes"] else (None, None)
        pid = os.fork()
        if pid == 0:
            _read(order, self._reads, theirs, told)
        os.close(order)
        os.close(theirs)
        if told is not None:
            os.close(told)
        seconds = head["seconds"]
        most = ANSWERS_MAX_BYTES.get(head["read"], MOST_BYTES)
        self._jobs[ours] = Job(head["key"], pid, seconds, time.monotonic() + seconds, hashes, most)
        self._poll.register(ours, select.POLLIN)

    def _hear(self, number: int, job: Job) -> None:
        count = job.said.read_from(number, PIECE)
        if len(job.said) > job.most:
            self._end([job], "its answer has no end")
        if count and not job.fault:
            return
        self._poll.unregister(number)
        os.close(number)
        del self._jobs[number]
        # A child that closed its pipe and goes on is ended; for one that ended by itself this comes too late.
        self._end([job], job.fault)
        _, status = os.waitpid(job.pid, 0)
        self._tell(job, status, {} if job.hashes is None else _hashes(job.hashes))

    def _end(self, jobs: list[Job], fault: str) -> None:
        for job in jobs:
            job.fault = fault
            with contextlib.suppress(ProcessLookupError):
                os.kill(job.pid, signal.SIGKILL)

    def _tell(self, job: Job, status: int, hashes: dict[str, str]) -> None:
        """A line of JSON, then as many bytes as it says: the child's own words, which nobody has looked at yet."""
        is_whole = job.said.ends_with(b"\n") and not job.fault
        code = os.waitstatus_to_exitcode(status)
        fault = "" if is_whole else job.fault or _ending(code)
        size = len(job.said) if is_whole else 0
        is_final = bool(job.fault) or code == -signal.SIGXCPU
        head = {"key": job.key, "bytes": size, "fault": fault, "is_final": is_final, "hashes": hashes}
        rest = memoryview(json.dumps(head).encode() + b"\n")
        while rest:
            rest = rest[os.write(self._told, rest) :]
        job.said.write_to(self._told, size)
        job.said.close()


def _hashes(pipe: int) -> dict[str, str]:
    """What a child that has ended told of hashes before it parsed anything; empty where it ended before that."""
    said = os.read(pipe, MOST_OF_HASHES)
    os.close(pipe)
    return dict(json.loads(said)) if said else {}


def _ending(code: int) -> str:
    if code == -signal.SIGBUS:
        return "the reading process was ended by SIGBUS: the disk failed, or the file became shorter"
    if code < 0:
        return f"the reading process was ended by {signal.Signals(-code).name}"
    return f"the reading process ended with status {code}"


def _read(order: int, reads: Mapping[str, Read], out: int, hashes: int | None) -> NoReturn:
    """In the child: hold ourselves to the limits, read, say it, and end. The file in memory `order` is read first."""
    status = 1
    try:
        asked = json.loads(os.pread(order, os.fstat(order).st_size, 0))
        keep_only(*(pipe for pipe in (out, hashes) if pipe is not None))
        with os.fdopen(out, "w", encoding="utf-8") as answer:
            answer.write(_answer(asked, reads, hashes) + "\n")
        status = 0
    finally:
        os._exit(status)


def _answer(order: dict[str, Any], reads: Mapping[str, Read], hashes: int | None) -> str:
    """The facts asked for, or our own crash in words for ops."""
    request = order["request"]
    try:
        request = open_output(request)
        confine(order["limits"], request)
        if hashes is not None:
            os.write(hashes, json.dumps(hash_first(request)).encode())
            os.close(hashes)
        return to_text({"facts": reads[request["read"]](request)})
    except ChangedWhileRead as change:
        return json.dumps({"crash": str(change)})
    except Exception:  # noqa: BLE001 - the supervisor of this process: whatever a reader did not foresee is ours
        return json.dumps({"crash": traceback.format_exc(limit=-6)[-CRASH_CHARACTERS:]})


def main(reads: Mapping[str, Read] = READS) -> None:
    """Keep children for whoever holds our stdin. What a decoder prints reaches neither the answers nor any log."""
    keep_only(2)
    asked, told = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    gc.freeze()
    ForkServer(asked, told, reads).run()


if __name__ == "__main__":
    main()
