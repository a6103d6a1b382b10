"""The process of one SFTP worker: `python -m ingest.inbound.sftp.sftp_worker_process FD`.

`sftp_worker` starts it; FD is its end of the socket between the two.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ingest.config import Sftp
from ingest.host.garbage import give_back
from ingest.host.open_files import raise_limit
from ingest.host.private import UMASK
from ingest.inbound.sftp.ipc import MESSAGE, IpcChannel
from ingest.inbound.sftp.limits import ConnectionLimits
from ingest.inbound.sftp.local_server import LocalServer
from ingest.inbound.sftp.sftp_worker import WorkerParts

STATE_SECONDS: Final = 0.2
TEND_SECONDS: Final = 10.0


class RemoteLimits(ConnectionLimits):
    """The limits in the accepting process, asked over the socket between the two."""

    def __init__(self, ipc: IpcChannel) -> None:
        self._ipc = ipc
        self._questions: dict[int, asyncio.Future[bool]] = {}
        self._asked = 0

    async def failed(self, address: str, label: int | None) -> bool:
        return await self._ask("failed", address, label)

    async def is_banned(self, address: str) -> bool:
        return await self._ask("banned", address)

    async def is_guarded(self, label: int) -> bool:
        return await self._ask("guarded", label)

    def succeeded(self, address: str, label: int) -> None:
        self._ipc.send("succeeded", address, label)

    async def enter(self, label: int) -> bool:
        return await self._ask("enter", label)

    def leave(self, label: int) -> None:
        self._ipc.send("left", label)

    def answer(self, question: int, answer: bool) -> None:
        """The accepting process answers a question that was asked before."""
        self._questions.pop(question).set_result(answer)

    async def _ask(self, *words: object) -> bool:
        self._asked += 1
        question: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._questions[self._asked] = question
        self._ipc.send("ask", self._asked, *words)
        return await question


class WorkerProcess:
    """Serves the connections that it is handed until it is told to end; all its parts run in one event loop.

    When the accepting process is gone, this one exits at once.
    """

    def __init__(self, end: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._ipc = IpcChannel(end, self._heard, lambda: os._exit(1))
        self._limits = RemoteLimits(self._ipc)
        self._server: LocalServer
        self._serving: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.ended = asyncio.Event()

    def open_server(self, opened: WorkerParts, config: Sftp, host_keys: Sequence[Path]) -> None:
        """Make the server, and begin to report its numbers of sessions and uploads, and to call `tend`."""
        self._server = LocalServer(opened.backend, config, host_keys, opened.log, opened.read_only, self._limits)
        self._later(self._tell_state())
        self._later(self._tend(opened))

    def notice(self, label: int, folder: str) -> None:
        """Report a change in a release folder to intake. Safe from any thread."""
        self._loop.call_soon_threadsafe(self._ipc.send, "noticed", label, folder)

    def alarm(self, what: str, detail: str) -> None:
        """Have ops told. Safe from any thread."""
        self._loop.call_soon_threadsafe(self._ipc.send, "alarm", what, detail)

    def _heard(self, message: list[Any], carried: socket.socket | None) -> None:
        match message:
            case ["serve", int(token), str(address)]:
                assert carried is not None
                self._serving[token] = self._later(self._serve(token, carried, address))
            case ["drop", int(token)]:
                if token in self._serving:
                    self._serving[token].cancel()
            case ["answer", int(question), bool(answer)]:
                self._limits.answer(question, answer)
            case ["drain", int(seconds) | float(seconds)]:
                self._later(self._drain(seconds))
            case _:
                raise AssertionError(message)

    async def _serve(self, token: int, accepted: socket.socket, address: str) -> None:
        accepted.setblocking(False)
        await self._server.serve(accepted, address, lambda: self._ipc.send("logged in", token))
        del self._serving[token]
        self._ipc.send("ended", token)

    async def _drain(self, seconds: float) -> None:
        await self._server.drain(seconds)
        self.ended.set()

    async def _tell_state(self) -> None:
        told = (0, 0)
        while True:
            await asyncio.sleep(STATE_SECONDS)
            if (state := (self._server.sessions, self._server.uploads)) != told:
                self._ipc.send("state", *state)
                told = state

    async def _tend(self, opened: WorkerParts) -> None:
        while True:
            await asyncio.sleep(TEND_SECONDS)
            try:
                await asyncio.to_thread(opened.tend)
                await asyncio.to_thread(give_back)
            except Exception as error:  # noqa: BLE001  a supervisor: the next turn tries again
                opened.log.warning("journal not tended", fault=f"{type(error).__name__}: {error}")

    def _later(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _run(end: socket.socket) -> None:
    """The first message says how to open the worker's parts; whatever fails there ends the process."""
    opening, number, config, host_keys = pickle.loads(end.recv(MESSAGE))
    inside = WorkerProcess(end)
    with opening(number, inside.notice, inside.alarm) as opened:
        inside.open_server(opened, config, host_keys)
        await inside.ended.wait()


def main() -> None:
    """Run the worker.

    SIGTERM and SIGINT are ignored: the accepting process says when to stop, after uploads had time to end.
    """
    os.umask(UMASK)
    raise_limit()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
    asyncio.run(_run(socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":
    main()
