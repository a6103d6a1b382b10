"""Annexes: further processes of the server, which serve the connections that this one accepts.

Caps, bans and what intake is told stay with the accepting process; journal, files and cryptography are the annex's own.
An annex ends when the wire to it is cut, and one that fell is started again; what was open in it is torn.
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
from ingest.inbound.door import Door
from ingest.inbound.sftp.desk import Desk
from ingest.inbound.sftp.hall import Shelves
from ingest.inbound.sftp.label_door import Log
from ingest.inbound.sftp.wire import Wire, pair

RESTART_SECONDS: Final = 1.0
RESTART_MOST: Final = 60.0
"""The pause before a fallen process is started again doubles up to this while each falls within it."""
END_SECONDS: Final = 15.0

Noticed = Callable[[int, str], None]
Alarm = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Rooms:
    """What an annex opened for itself: a door, a log, shelves; `tend` is called every few seconds, in a thread."""

    door: Door
    log: Log
    shelves: Shelves
    tend: Callable[[], None]


Opening = Callable[[int, Noticed, Alarm], AbstractContextManager[Rooms]]


@dataclass(frozen=True, slots=True)
class Annexes:
    """How annexes are opened. `opening` (given the annex's number and whom to tell) and `host_keys` are pickled.

    `noticed` is called here for every change that an annex journals; `alarm`, in a thread, with what ops should know.
    """

    opening: Opening
    host_keys: tuple[Path, ...]
    noticed: Noticed
    alarm: Alarm


@dataclass(slots=True)
class Served:
    """One connection that an annex serves."""

    logged_in: Callable[[], object]
    ended: asyncio.Future[None]


class Annex:
    """One annex, as the accepting process sees it. A `Place` of the server."""

    def __init__(self, number: int, annexes: Annexes, config: Sftp, desk: Desk, log: Log) -> None:
        self._number = number
        self._annexes = annexes
        self._config = config
        self._desk = desk
        self._log = log
        self._served: dict[int, Served] = {}
        self._labels: Counter[int] = Counter()
        self._token = 0
        self.sessions = self.uploads = 0
        self._is_draining = False
        self._pause = RESTART_SECONDS / 2
        self._tasks: set[asyncio.Task[None]] = set()
        self._start()

    @property
    def load(self) -> float:
        return len(self._served) if self._wire.is_open else math.inf

    async def serve(self, accepted: socket.socket, address: str, logged_in: Callable[[], object]) -> None:
        if not self._wire.is_open:
            accepted.close()
            return
        self._token += 1
        token = self._token
        served = self._served[token] = Served(logged_in, asyncio.get_running_loop().create_future())
        self._wire.send("serve", token, address, carry=accepted)
        try:
            await asyncio.shield(served.ended)
        except asyncio.CancelledError:
            self._wire.send("drop", token)
            await asyncio.wait([served.ended])
        finally:
            self._served.pop(token, None)

    async def drain(self, seconds: float) -> None:
        self._is_draining = True
        self._wire.send("drain", seconds)
        ending = asyncio.to_thread(self._process.wait, seconds + END_SECONDS)
        try:
            await ending
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        self._wire.close()
        self._let_go()

    def _start(self) -> None:
        """Start the process and tell it how to open its rooms."""
        ours, theirs = pair()
        command = [sys.executable, "-m", "ingest.inbound.sftp.annex_process", str(theirs.fileno())]
        ours.send(pickle.dumps((self._annexes.opening, self._number, self._config, self._annexes.host_keys)))
        with theirs, ExitStack() as unless_started:
            unless_started.callback(ours.close)
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
            unless_started.pop_all()
        self._wire = Wire(ours, self._heard, self._lost)
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
            case ["succeeded", str(address)]:
                self._desk.succeeded(address)
            case ["left", int(label)]:
                self._labels[label] -= 1
                self._desk.leave(label)
            case ["noticed", int(label), str(folder)]:
                self._annexes.noticed(label, folder)
            case ["alarm", str(what), str(detail)]:
                self._later(self._tell_ops(what, detail))
            case ["state", int(sessions), int(uploads)]:
                self.sessions, self.uploads = sessions, uploads
            case _:
                raise AssertionError(message)

    async def _answer(self, question: int, words: list[Any]) -> None:
        match words:
            case ["failed", str(address)]:
                answer = await self._desk.failed(address)
            case ["enter", int(label)]:
                answer = await self._desk.enter(label)
                self._labels[label] += answer
            case _:
                raise AssertionError(words)
        self._wire.send("answer", question, answer)

    def _lost(self) -> None:
        """The annex is gone: so are its connections. Start it again, unless the server is ending."""
        self._let_go()
        if not self._is_draining:
            self._later(self._restart())

    def _let_go(self) -> None:
        for label in self._labels.elements():
            self._desk.leave(label)
        self._labels.clear()
        self.sessions = self.uploads = 0
        for served in self._served.values():
            if not served.ended.done():
                served.ended.set_result(None)

    async def _restart(self) -> None:
        ended = await asyncio.to_thread(self._process.wait)
        self._log.warning("annex fell", annex=self._number, status=ended)
        words = f"It ended with status {ended} and is started again; its connections were cut, clients resume."
        await self._tell_ops(f"process {self._number} of the SFTP server fell", words)
        has_lived = asyncio.get_running_loop().time() - self._started_at > RESTART_MOST
        self._pause = RESTART_SECONDS if has_lived else min(2 * self._pause, RESTART_MOST)
        await asyncio.sleep(self._pause)
        while not self._is_draining:
            try:
                self._start()
                return
            except OSError as fault:
                self._log.warning("annex not started", annex=self._number, fault=str(fault))
                await asyncio.sleep(RESTART_MOST)

    async def _tell_ops(self, what: str, detail: str) -> None:
        """Tell ops; where that fails, as while the database is away, the log has to do."""
        try:
            await asyncio.to_thread(self._annexes.alarm, what, detail)
        except Exception as crash:  # noqa: BLE001  another room: its crash must not keep the annex from its restart
            self._log.warning("ops not told", what=what, detail=detail, fault=f"{type(crash).__name__}: {crash}")

    def _later(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
