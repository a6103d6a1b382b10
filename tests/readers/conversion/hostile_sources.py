"""A fork server whose children do, when they make a FLAC, what the name of its source says.

`python -m tests.readers.conversion.hostile_sources`
"""

from __future__ import annotations

import ctypes
import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.readers.conversion.answers import Made
from ingest.readers.fork_server import main
from ingest.readers.reads import READS, Request


def make(request: Request) -> Any:
    harm = HARMS.get(request["name"])
    return READS["flac"](request) if harm is None else harm(request)


def crash(request: Request) -> None:
    os.write(request["descriptor"], b"half")
    ctypes.string_at(0)


def hog(request: Request) -> None:
    while True:
        pass


def rest(request: Request) -> None:
    time.sleep(60)


def lie(request: Request) -> Made:
    """Writes a whole FLAC, and says that its samples are others."""
    made: Made = READS["flac"](request)
    return Made(samples="0" * 32, frames=made.frames)


def junk(request: Request) -> Made:
    os.write(request["descriptor"], b"fLaC and more")
    return Made(samples="0" * 32, frames=5000)


def chatter(request: Request) -> Any:
    return {"samples": 5}


def escape(request: Request) -> Made:
    """Tries all that would change a file by its path; what came of it is the refusal."""
    os.write(request["descriptor"], b"written")
    beside = request["out"] + ".more"
    tried: dict[str, Callable[[], object]] = {
        "open": lambda: os.open(beside, os.O_WRONLY | os.O_CREAT),
        "source": lambda: os.open(request["path"], os.O_WRONLY),
        "truncate": lambda: os.ftruncate(request["descriptor"], 0),
        "chmod": lambda: os.fchmod(request["descriptor"], 0o777),
        "unlink": lambda: Path(request["path"]).unlink(),
    }
    return Made(refused=", ".join(f"{name}: {_came_of(call)}" for name, call in tried.items()))


def _came_of(call: Callable[[], object]) -> str:
    try:
        call()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


HARMS: dict[str, Callable[[Request], Any]] = {
    "crash": crash,
    "hog": hog,
    "rest": rest,
    "lie": lie,
    "junk": junk,
    "chatter": chatter,
    "escape": escape,
}

if __name__ == "__main__":
    main({**READS, "flac": make})
