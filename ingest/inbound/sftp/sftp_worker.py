"""SFTP workers: further processes of the server, which serve the connections that this process accepts.

Limits, bans and notices to intake stay with the accepting process; journal, files and cryptography belong to the
worker. A worker ends when the socket between the two is closed. One that ends by itself is started again, and the
uploads that it had open are recorded as interrupted.
"""

from __future__ import annotations

import asyncio
import math
import pickle
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ingest.config import Sftp
from ingest.inbound.backend import SftpBackend
from ingest.inbound.sftp.connection_backend import Log
from ingest.inbound.sftp.ipc import IpcChannel, pair
from ingest.inbound.sftp.limits import ConnectionLimits
from ingest.inbound.sftp.local_server import ConnectionHost, ReadOnlyFolders

RESTART_SECONDS: Final = 1.0
RESTART_MOST: Final = 60.0
"""The longest pause before a worker is started again: it doubles while each one ends within this time."""
END_SECONDS: Final = 15.0
"""How long a worker may take to end after its uploads had their time, before it is killed."""

Noticed = Callable[[int, str], None]
Alarm = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """What a worker opens for itself: a backend, a log, and the read-only folders of labels.

    `tend` is called every ten seconds, in a thread.
    """

    backend: SftpBackend
    log: Log
    read_only: ReadOnlyFolders
    tend: Callable[[], None]


Opening = Callable[[int, Noticed, Alarm], AbstractContextManager[WorkerParts]]


@dataclass(frozen=True, slots=True)
class SftpWorkers:
    """How workers are opened. `opening` (given the worker's number and whom to tell) and `host_keys` are pickled.

    In this process `noticed` is called for every change that a worker records, and `alarm`, in a thread, to tell ops.
    """

    opening: Opening
    host_keys: tuple[Path, ...]
    noticed: Noticed
    alarm: Alarm


@dataclass(slots=True)
class Served:
    """One connection that an SFTP worker serves."""

    logged_in: Callable[[], object]
    ended: asyncio.Future[None]


class SftpWorker(ConnectionHost):
    """One SFTP worker, as the accepting process sees it."""

    sessions = 0
    uploads = 0

    def __init__(
        self, number: int, sftp_workers: SftpWorkers, config: Sftp, limits: ConnectionLimits, log: Log
    ) -> None:
        self._number = number
        self._workers = sftp_workers
        self._config = config
        self._limits = limits
        self._log = log
        self._served: dict[int, Served] = {}
        self._labels: Counter[int] = Counter()
        self._token = 0
        self._is_draining = False
        self._pause = RESTART_SECONDS / 2
        self._tasks: set[asyncio.Task[None]] = set()
        self._start()

    @property
    def load(self) -> float:
        return len(self._served) if self._ipc.is_open else math.inf

    async def serve(self, accepted: socket.socket, address: str, logged_in: Callable[[], object]) -> None:
        if not self._ipc.is_open:
            accepted.close()
            return
        self._token += 1
        token = self._token
        served = self._served[token] = Served(logged_in, asyncio.get_running_loop().create_future())
        self._ipc.send("serve", token, address, carry=accepted)
        try:
            await asyncio.shield(served.ended)
        except asyncio.CancelledError:
            self._ipc.send("drop", token)
            await asyncio.wait([served.ended])
        finally:
            self._served.pop(token, None)

    async def drain(self, seconds: float) -> None:
        self._is_draining = True
        self._ipc.send("drain", seconds)
        ending = asyncio.to_thread(self._process.wait, seconds + END_SECONDS)
        try:
            await ending
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        self._ipc.close()
        self._let_go()

    def _start(self) -> None:
        """Start the process and send it what it needs to open its parts."""
        ours, theirs = pair()
        command = [sys.executable, "-m", "ingest.inbound.sftp.sftp_worker_process", str(theirs.fileno())]
        ours.send(pickle.dumps((self._workers.opening, self._number, self._config, self._workers.host_keys)))
        with theirs, ExitStack() as unless_started:
            unless_started.callback(ours.close)
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
            unless_started.pop_all()
        self._ipc = IpcChannel(ours, self._heard, self._lost)
        self._started_at = asyncio.get_running_loop().time()

    def _heard(self, message: list[Any], carried: socket.socket | None) -> None:
        assert carried is None
        match message:
            case ["logged in", int(token)]:
                self._served[token].logged_in()
            case ["ended", int(token)]:
                self._served[token].ended.set_result(None)
            case ["ask", int(question), *words]:
                self._later(self._answer(question, words))
            case ["succeeded", str(address), int(label)]:
                self._limits.succeeded(address, label)
            case ["left", int(label)]:
                self._labels[label] -= 1
                self._limits.leave(label)
            case ["noticed", int(label), str(folder)]:
                self._workers.noticed(label, folder)
            case ["alarm", str(what), str(detail)]:
                self._later(self._tell_ops(what, detail))
            case ["state", int(sessions), int(uploads)]:
                self.sessions, self.uploads = sessions, uploads
            case _:
                raise AssertionError(message)

    async def _answer(self, question: int, words: list[Any]) -> None:
        match words:
            case ["failed", str(address), int() | None as label]:
                answer = await self._limits.failed(address, label)
            case ["banned", str(address)]:
                answer = await self._limits.is_banned(address)
            case ["guarded", int(label)]:
                answer = await self._limits.is_guarded(label)
            case ["enter", int(label)]:
                answer = await self._limits.enter(label)
                self._labels[label] += answer
            case _:
                raise AssertionError(words)
        self._ipc.send("answer", question, answer)

    def _lost(self) -> None:
        """The worker is gone, and its connections with it: start it again, unless the server is ending."""
        self._let_go()
        if not self._is_draining:
            self._later(self._restart())

    def _let_go(self) -> None:
        for label in self._labels.elements():
            self._limits.leave(label)
        self._labels.clear()
        self.sessions = self.uploads = 0
        for served in self._served.values():
            if not served.ended.done():
                served.ended.set_result(None)

    async def _restart(self) -> None:
        ended = await asyncio.to_thread(self._process.wait)
        self._log.warning("sftp worker ended", sftp_worker=self._number, status=ended)
        words = f"It ended with status {ended} and is started again; its connections were cut, clients resume."
        await self._tell_ops(f"process {self._number} of the SFTP server fell", words)
        has_lived = asyncio.get_running_loop().time() - self._started_at > RESTART_MOST
        self._pause = RESTART_SECONDS if has_lived else min(2 * self._pause, RESTART_MOST)
        await asyncio.sleep(self._pause)
        while not self._is_draining:
            try:
                self._start()
                return
            except OSError as error:
                self._log.warning("sftp worker not started", sftp_worker=self._number, fault=str(error))
                await asyncio.sleep(RESTART_MOST)

    async def _tell_ops(self, what: str, detail: str) -> None:
        """Owe ops an email; log it where that fails, as while the database cannot be reached."""
        try:
            await asyncio.to_thread(self._workers.alarm, what, detail)
        except Exception as crash:  # noqa: BLE001  whatever it raises must not keep the SFTP worker from its restart
            self._log.warning("ops not told", what=what, detail=detail, fault=f"{type(crash).__name__}: {crash}")

    def _later(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
