"""The client of the fork server (`fork_server`): sends requests, hears answers, and tells when the server ended.

A child that crashes, hangs or runs out of memory costs the one file it was reading: its request is answered with a
`Failure`. A reader that raises gives one too, with its traceback. Neither is a finding.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO, Final, cast

from ingest.core.defaults import CHILD_CPU_SECONDS, CHILD_MEMORY_BYTES, CHILD_WALL_SECONDS
from ingest.readers.answers import CRASH_CHARACTERS, WrongAnswer, parsed

CHILD: Final = "ingest.readers.fork_server"

SETTINGS: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(128 << 20),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
"""One core for each child; memory in large pages, and kept for the next chunk instead of given back and asked again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use: bytes of memory, seconds of CPU and of wall time for each file."""

    memory_bytes: int = CHILD_MEMORY_BYTES
    cpu_seconds: int = CHILD_CPU_SECONDS
    wall_seconds: float = CHILD_WALL_SECONDS


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that gave no facts, because of an error of ours or a limit that was reached.

    `is_final`: reading once more would end the same way.
    """

    reason: str
    is_final: bool = field(default=False, compare=False)


Request = dict[str, Any]
Answer = Any | Failure
Hashes = dict[str, str]
"""By kind, in hexadecimal digits."""
Hear = Callable[[int, Answer, Hashes], None]


class ForkClient:
    """One fork server; raises OSError or RuntimeError where none can be started.

    `hear(key, answer, hashes)` and, once it has ended, `lost(reason)` are called from a thread of their own. The hashes
    were told before the file was parsed; an answer is as little to be trusted as the file.
    """

    def __init__(self, hear: Hear, lost: Callable[[str], None], module: str = CHILD) -> None:
        self._hear, self._lost = hear, lost
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=_environment(),
        )
        try:
            threading.Thread(target=self._listen, name="readings", daemon=True).start()
        except RuntimeError:
            self.end()
            self.wait()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, key: int, request: Request, limits: Limits) -> None:
        """Have one file read; `hear` gets the answer under this key. Where the fork server is gone, `lost` tells."""
        order = json.dumps({"limits": asdict(limits), "request": request}).encode()
        head = {"key": key, "read": request["read"], "hashes": bool(request.get("hashes")), "bytes": len(order)}
        head |= {"seconds": limits.wall_seconds}
        with contextlib.suppress(OSError, ValueError):
            pipe = cast(BinaryIO, self._process.stdin)
            pipe.write(json.dumps(head).encode() + b"\n" + order)
            pipe.flush()

    def end(self) -> None:
        """End the fork server and its children, now; `lost` tells when they are gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def wait(self) -> None:
        """Wait until the fork server, which was told to end, is gone."""
        self._process.wait()

    def _listen(self) -> None:
        """Hear answers until the fork server ends; whatever ends this thread, those who wait are told."""
        code: int | None = None
        try:
            with cast(BinaryIO, self._process.stdout) as said:
                while head := _head(said):
                    words = said.read(head["bytes"])
                    self._hear(head["key"], _answer(head, words), head["hashes"])
        finally:
            try:
                self.end()
                code = self._process.wait()
                with contextlib.suppress(BrokenPipeError):
                    cast(BinaryIO, self._process.stdin).close()
            finally:
                self._lost(f"the process that keeps the readers ended with status {code}")


def _head(said: BinaryIO) -> dict[str, Any]:
    """What the fork server says of the next answer; empty when it ended, even in the middle of a line."""
    line = said.readline()
    return dict(json.loads(line)) if line.endswith(b"\n") else {}


def _answer(head: dict[str, Any], said: bytes) -> Answer:
    """The child's words are as little to be trusted as the file that it read: whatever they do costs that file."""
    if head["fault"]:
        return Failure(head["fault"], head["is_final"])
    try:
        answer = parsed(said)
        return answer["facts"] if "facts" in answer else Failure(_crash(answer["crash"]), is_final=True)
    except (WrongAnswer, LookupError, TypeError, RecursionError, MemoryError):
        return Failure(str(WrongAnswer()), is_final=True)
    except Exception as error:  # noqa: BLE001 - a supervisor: other files of other labels are being read as well
        return Failure(f"{WrongAnswer()}: {type(error).__name__}", is_final=True)


def _crash(told: object) -> str:
    """The end of the child's words on its crash, fit for the store and the log whatever it says."""
    return str(told)[-CRASH_CHARACTERS:].encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


def _environment() -> dict[str, str]:
    """What a child needs of our environment, and none of our secrets."""
    python = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "VIRTUAL_ENV")
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", *python)
    return {name: os.environ[name] for name in kept if name in os.environ} | SETTINGS
