"""A keeper of children whose readers behave as a hostile file might make them: `python -m tests.readers.hostile`."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import FileIO
from pathlib import Path
from typing import Any

from ingest.readers.contents_reader import read_contents
from ingest.readers.fork_server import main
from ingest.readers.reads import READS, Request
from ingest.readers.sealed import Stamp, open_sealed


def note(request: Request) -> str:
    """Says which child read the file."""
    return f"{os.getpid()}"


def rest(request: Request) -> str:
    time.sleep(request["seconds"])
    return str(request["name"])


def peek(request: Request) -> list[str]:
    """The files that stand beside the schema, as a schema that includes them reads them."""
    return sorted(one.read_text() for one in Path(request["schema"]).parent.iterdir())


def hog(request: Request) -> None:
    while True:
        pass


def swell(request: Request) -> int:
    return len(bytearray(1 << 40))


def gorge(request: Request) -> int:
    """Takes memory bit by bit until there is no more, and says how much it was."""
    kept: list[bytes] = []
    try:
        while True:
            kept.append(bytes(1 << 22))
    except MemoryError:
        return len(kept) << 22


def crash(request: Request) -> None:
    ctypes.string_at(0)


def mute(request: Request) -> None:
    """Closes its end of the pipe and goes on for ever."""
    os.closerange(3, 64)
    hog(request)


def chatter(request: Request) -> None:
    while True:
        os.write(answer_pipe(), b"x" * (1 << 16))


def lie(request: Request) -> None:
    os.write(answer_pipe(), b"[" * 100_000 + b"\n")
    os._exit(0)


def boast(request: Request) -> str:
    return "x" * int(request["length"])


def ramble(request: Request) -> None:
    """Fails with all that the file says, at great length, in place of describing a picture."""
    raise ValueError("\U0001f3b5" * 100_000 + "the end")


def forge(request: Request) -> int:
    """Tells hashes of its own on every pipe but the one for the answer, and says how many those were."""
    pipes = [number for number in range(3, 64) if is_pipe(number)]
    for number in pipes:
        if number != answer_pipe():
            os.write(number, b'{"sha256": "forged"}')
    return len(pipes) - 1


def is_pipe(number: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(number).st_mode)
    except OSError:
        return False


def answer_pipe() -> int:
    return next(number for number in range(3, 64) if Path(f"/proc/self/fd/{number}").exists())


def restless(request: Request) -> object:
    """Reads a folder whose message another stamp is known of than it has."""
    return read_contents(Path(request["path"]), "Album", request["max_bytes"], opener=_open_another)


def _open_another(path: Path, name: str, seen: Stamp | None) -> AbstractContextManager[FileIO]:
    return open_sealed(path, name, (0, 0, 0, 0, 0))


def attempts(request: Request) -> dict[str, str]:
    """What a decoder that was taken over would try first, and how each ended."""
    tries: dict[str, Callable[[], object]] = {
        "network": lambda: socket.create_connection(("127.0.0.1", 9), 1),
        "program": lambda: subprocess.run(["/bin/true"], check=True),
        "another process": os.fork,
        "the keeper": lambda: os.kill(request["keeper"], signal.SIGKILL),
        "writing": lambda: Path(request["path"]).write_bytes(b"owned"),
        "a new file": lambda: Path(request["path"]).with_name("new").touch(),
        "a neighbour": lambda: Path(request["path"]).with_name("secret").read_bytes(),
        "a password": lambda: Path("/etc/passwd").read_bytes(),
        "a thread": lambda: threading.Thread(target=int).start(),
        "its own file": lambda: Path(request["path"]).read_bytes(),
    }
    return {name: _outcome(attempt) for name, attempt in tries.items()}


def _outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except (OSError, RuntimeError) as fault:
        return type(fault).__name__
    return "done"


HOSTILE: dict[str, Callable[[Request], Any]] = {
    one.__name__: one
    for one in (note, rest, peek, hog, swell, gorge, crash, mute, chatter, boast, forge, lie, restless, attempts)
}

if __name__ == "__main__":
    main(READS | HOSTILE | {"artwork": ramble})
