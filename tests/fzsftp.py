"""FileZilla's protocol engine `fzsftp`, driven as FileZilla drives it: commands in, events out, files in shared memory.

An event is one line: a letter counted from `0`, then its text (`src/engine/sftp/event.h` of FileZilla, protocol 11).
A command is one line; the answer to a question of the engine is a line that starts with `-`.
"""

from __future__ import annotations

import mmap
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO, Final

from tests.sftp_clients import PASSWORD, need

BUFFER: Final = 256 << 10
SAVE_HOST_KEY: Final = "y"


def environment(home: Path) -> dict[str, str]:
    """The engine looks for its host keys where these say, whatever HOME is."""
    keys = {"PUTTYDIR": str(home / ".putty"), "PUTTYSSHHOSTKEYS": str(home / "hostkeys")}
    return {"HOME": str(home), "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], **keys}


class Event(IntEnum):
    """The events that are answered or that end a command, and those that carry more or fewer than one line."""

    REPLY = 0
    DONE = 1
    ERROR = 2
    LIST_ENTRY = 8
    ASK_HOST_KEY = 9
    ASK_HOST_KEY_CHANGED = 10
    ASK_BETTER_KEY = 11
    ASK_PASSWORD = 12
    QUOTA_RECEIVED = 16
    QUOTA_SENT = 17
    IO_SIZE = 26
    IO_OPEN = 27
    IO_NEXT = 28
    IO_FINALIZE = 29


LINES: Final[dict[int, int]] = {
    Event.QUOTA_RECEIVED: 0,
    Event.QUOTA_SENT: 0,
    Event.IO_SIZE: 0,
    Event.ASK_HOST_KEY: 2,
    Event.ASK_HOST_KEY_CHANGED: 2,
    Event.ASK_BETTER_KEY: 2,
    Event.LIST_ENTRY: 3,
}


class Failed(Exception):
    """A command that the engine reports as failed; the text is what it said."""


class FzSftp:
    """One connection. Host keys are remembered in `home`, as FileZilla's own are."""

    def __init__(self, process: subprocess.Popen[bytes], memory: int) -> None:
        assert process.stdin is not None and process.stdout is not None
        self.process = process
        self._stdin, self._stdout = process.stdin, process.stdout
        self._memory = memory
        self._view = mmap.mmap(memory, BUFFER)
        self._file: BinaryIO | None = None

    def open(self, port: int, user: str = "anna", key: Path | None = None) -> None:
        self._stdout.readline()
        if key is not None:
            self.command(f'keyfile "{key}"')
        self.command(f'open "{user}@127.0.0.1" {port}')

    def put(self, source: Path, target: str, *, resume: bool = False) -> None:
        """`put` or `reput`: the engine asks for the bytes from where it wants them."""
        with source.open("rb") as self._file:
            self.command(f'{"reput" if resume else "put"} "{source}" "{target}"')

    def command(self, line: str) -> str:
        """Send a command and answer what the engine asks until it is done; returns what it said. Raises Failed."""
        self._say(line)
        said: list[str] = []
        while True:
            event, text = self._event()
            if event == Event.DONE:
                if text != "1":
                    raise Failed("\n".join(said))
                return "\n".join(said)
            if event in (Event.REPLY, Event.ERROR):
                said.append(text)
                if event == Event.REPLY:
                    return "\n".join(said)
            elif (answer := self._answer(event, text)) is not None:
                self._say(answer)

    def _answer(self, event: int, text: str) -> str | None:
        match event:
            case Event.ASK_HOST_KEY:
                return SAVE_HOST_KEY
            case Event.ASK_HOST_KEY_CHANGED | Event.ASK_BETTER_KEY:
                raise Failed("the host key changed")
            case Event.ASK_PASSWORD:
                return PASSWORD
            case Event.QUOTA_RECEIVED:
                return "-0-"
            case Event.QUOTA_SENT:
                return "-1-"
            case Event.IO_OPEN:
                assert self._file is not None
                self._file.seek(int(text))
                return f"-{self._memory} {BUFFER}"
            case Event.IO_NEXT:
                assert self._file is not None
                count = self._file.readinto(self._view)  # type: ignore[attr-defined]
                return f"-0 {count}" if count else "-"
            case _:
                return None

    def _event(self) -> tuple[int, str]:
        letter = self._stdout.read(1)
        if not letter:
            raise EOFError("fzsftp ended")
        event = letter[0] - ord("0")
        lines = [self._stdout.readline() for _ in range(LINES.get(event, 1))]
        return event, b"".join(lines).decode().strip()

    def _say(self, line: str) -> None:
        self._stdin.write(line.encode() + b"\n")
        self._stdin.flush()


@contextmanager
def fzsftp(home: Path) -> Iterator[FzSftp]:
    """The engine as a process; it is killed at the end if it still runs, which is how FileZilla cancels."""
    memory = os.memfd_create("fzsftp")
    os.ftruncate(memory, BUFFER)
    try:
        with subprocess.Popen(
            [need("fzsftp"), "-v"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(memory,),
            env=environment(home),
        ) as process:
            try:
                yield FzSftp(process, memory)
            finally:
                process.kill()
                _close(process)
    finally:
        os.close(memory)


def _close(process: subprocess.Popen[bytes]) -> None:
    """Closing writes what is left of a command, which an engine that was killed reads no more."""
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.close()
