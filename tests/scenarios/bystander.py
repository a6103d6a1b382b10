"""A label that only works on while another one attacks: a process of its own, so that its clock is its own.

    python -m tests.scenarios.bystander PORT USER

Says `ready`, asks for the attributes of /incoming again and again until its input ends, and prints each answer's
seconds as a JSON list.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Final

from ingest.inbound.sftp.protocol import Kind
from tests.inbound.sftp.raw import Listening, raw, string

PAUSE: Final = 0.002
SAMPLE_SECONDS: Final = 0.02
MEGABYTE: Final = 1 << 20


@dataclass
class Seen:
    """What an attack did to the server: seconds that each stat of the bystander took, and bytes of resident memory."""

    idle: int
    peak: int
    seconds: list[float] = field(default_factory=list)

    @property
    def p99(self) -> float:
        """99 of 100 stats took at most this many seconds."""
        return sorted(self.seconds)[math.ceil(len(self.seconds) * 0.99) - 1]

    @property
    def grown(self) -> float:
        """Megabytes above idle at the worst moment."""
        return (self.peak - self.idle) / MEGABYTE

    def __str__(self) -> str:
        times = f"p99 {self.p99 * 1000:.0f} ms, worst {max(self.seconds) * 1000:.0f} ms of {len(self.seconds)} stats"
        return f"{times}; memory {self.idle / MEGABYTE:.0f} MB, at most {self.grown:+.1f} MB"


def resident(pid: int) -> int:
    """Bytes of resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


@contextmanager
def bystander(server: Listening, pid: int, user: str, least: int = 300) -> Iterator[Seen]:
    """Watch the server of process `pid` during the block, until at least `least` stats were answered."""
    command = [sys.executable, "-m", "tests.scenarios.bystander", str(server.port), user]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None and asking.stdin is not None
        assert asking.stdout.readline() == "ready\n"
        seen = Seen(resident(pid), 0)
        over = threading.Event()
        watching = threading.Thread(target=watch, args=(pid, seen, over))
        watching.start()
        begun = time.monotonic()
        try:
            yield seen
            time.sleep(max(0.0, least * 0.005 - (time.monotonic() - begun)))
        finally:
            over.set()
            watching.join()
            asking.stdin.close()
            seen.seconds += json.loads(asking.stdout.read())
    assert len(seen.seconds) >= least // 3, "the bystander was hardly answered at all"


def watch(pid: int, seen: Seen, over: threading.Event) -> None:
    while not over.wait(SAMPLE_SECONDS):
        seen.peak = max(seen.peak, resident(pid))


def ask(port: int, user: str) -> None:
    seconds: list[float] = []
    over = threading.Event()
    with raw(SimpleNamespace(port=port), user) as client:
        print("ready", flush=True)
        threading.Thread(target=wait_for_end, args=(over,)).start()
        while not over.wait(PAUSE):
            begun = time.perf_counter()
            client.ask(Kind.STAT, string(b"/incoming"))
            seconds.append(time.perf_counter() - begun)
    print(json.dumps(seconds), flush=True)


def wait_for_end(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


if __name__ == "__main__":
    ask(int(sys.argv[1]), sys.argv[2])
