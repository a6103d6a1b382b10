"""Child processes with limits that read labels' files for us, each request in a process that may die of it.

A child that crashes, hangs or runs out of memory costs the one file it was reading: the caller gets a `Failure` for
it, a fresh child goes on with the next. A child that raises is reported with its traceback. Neither is a finding.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

ANSWER_MAX_BYTES: Final = 64_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use: bytes of address space, seconds of CPU and of wall time for each file."""

    memory_bytes: int = 1_500_000_000
    cpu_seconds: int = 300
    wall_seconds: float = 600.0


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that gave no facts, through a fault of ours or a limit that was reached."""

    reason: str


Request = dict[str, Any]
Answer = Any | Failure


class Child:
    """One child process; it is started by the first request and again after it died."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: Request) -> Answer:
        """Send one request and wait for its facts; a child that does not answer is ended."""
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            line = self._line(process)
        except (BrokenPipeError, TimeoutError) as fault:
            return Failure(self._post_mortem(fault))
        if not line.endswith(b"\n"):
            return Failure(self._post_mortem(None))
        answer = json.loads(line)
        return Failure(answer["crash"]) if "crash" in answer else answer["facts"]

    def close(self) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = [sys.executable, "-m", "ingest.readers.child", str(os.getpid()), json.dumps(asdict(self._limits))]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=_environment(),
            )
        return self._process

    def _line(self, process: subprocess.Popen[bytes]) -> bytes:
        """One line of the child's stdout, within the wall time; without its newline when the child ended."""
        assert process.stdout is not None
        deadline = time.monotonic() + self._limits.wall_seconds
        number = process.stdout.fileno()
        waiting = select.poll()
        waiting.register(number, select.POLLIN | select.POLLHUP)
        taken = bytearray()
        while not taken.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not waiting.poll(left * 1000):
                raise TimeoutError(f"no answer within {self._limits.wall_seconds:g} seconds")
            piece = os.read(number, 1 << 20)
            if not piece or len(taken) > ANSWER_MAX_BYTES:
                return b""
            taken += piece
        return bytes(taken)

    def _post_mortem(self, fault: BaseException | None) -> str:
        process = self._process
        assert process is not None
        if isinstance(fault, TimeoutError):
            self.close()
            return str(fault)
        try:
            code = process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            code = None
        self.close()
        if code is not None and code < 0:
            return f"the reading process was ended by {signal.Signals(-code).name}"
        return f"the reading process ended with status {code}"


def _environment() -> dict[str, str]:
    """What a child needs of our environment, and none of our secrets."""
    kept = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"OPENBLAS_NUM_THREADS": "1"}


def read_all(
    requests: Sequence[Request],
    limits: Limits,
    workers: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Answer]:
    """Answers in the order of the requests, read by up to `workers` children side by side."""
    answers: list[Answer] = [Failure("not read")] * len(requests)
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in range(len(requests)):
        waiting.put(index)
    done = 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal done
        child = Child(limits)
        try:
            while True:
                index = waiting.get_nowait()
                answers[index] = child.ask(requests[index])
                if isinstance(answers[index], Failure):
                    # What the child read before may have used up its memory: a fresh one gets the last word.
                    child.close()
                    answers[index] = child.ask(requests[index])
                with lock:
                    done += 1
                    progress(done, len(requests))
        except queue.Empty:
            return
        finally:
            child.close()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(requests)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
