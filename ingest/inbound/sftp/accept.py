"""Listening: accept loops of our own, with limits that hold before any cryptography.

Connections are then served in this process, or in an SFTP worker.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import asyncssh

from ingest.config import Sftp
from ingest.core.source import source_of
from ingest.host.listen import listen
from ingest.host.openat import check_available
from ingest.inbound.backend import SftpBackend
from ingest.inbound.sftp.connection_backend import Log
from ingest.inbound.sftp.limits import LocalLimits
from ingest.inbound.sftp.local_server import ConnectionHost, LocalServer, ReadOnlyFolders, no_read_only_folders
from ingest.inbound.sftp.sftp_worker import SftpWorker, SftpWorkers
from ingest.inbound.sftp.throttle import Throttle


async def serve(
    backend: SftpBackend,
    config: Sftp,
    host_keys: Sequence[asyncssh.SSHKey | Path],
    *,
    sockets: Sequence[socket.socket] | None = None,
    log: Log,
    read_only: ReadOnlyFolders = no_read_only_folders,
    sftp_workers: SftpWorkers | None = None,
) -> SftpServer:
    """Start serving, on `sockets` that listen already or on the config's host and port.

    `read_only` names, for a label, further read-only folders at the top of its tree; one that does not exist is not
    shown. With `processes` above 1 connections are served in as many further processes, each of which opens its own
    backend as `sftp_workers` says. Raises OSError when the port is taken, or the kernel lacks openat2 (before Linux
    5.6).
    """
    check_available(Path("/"))
    listening = list(sockets) if sockets is not None else [listen(config.host, config.port)]
    throttle = Throttle()
    limits = LocalLimits(throttle, config.max_connections_per_label)
    places: list[ConnectionHost]
    if sftp_workers is None or config.processes == 1:
        places = [LocalServer(backend, config, host_keys, log, read_only, limits)]
    else:
        places = [SftpWorker(number, sftp_workers, config, limits, log) for number in range(1, config.processes + 1)]
    server = SftpServer(config, listening, log, throttle, places)
    server.start()
    return server


class SftpServer:
    """The running server. `port` is that of its first socket."""

    def __init__(
        self,
        config: Sftp,
        listening: list[socket.socket],
        log: Log,
        throttle: Throttle,
        places: Sequence[ConnectionHost],
    ) -> None:
        self._config = config
        self._log = log
        self._listening = listening
        self._throttle = throttle
        self._places = places
        self._logging_in: dict[asyncio.Task[None], str] = {}
        self._accepting: list[asyncio.Task[None]] = []
        self._connections: set[asyncio.Task[None]] = set()
        self.port = int(listening[0].getsockname()[1])

    @property
    def sessions(self) -> int:
        """How many SFTP sessions are open."""
        return sum(place.sessions for place in self._places)

    @property
    def uploads(self) -> int:
        """How many files are open for writing."""
        return sum(place.uploads for place in self._places)

    def start(self) -> None:
        """Begin to accept connections on every socket; called once, in the event loop that serves them."""
        for listener in self._listening:
            listener.setblocking(False)
            self._accepting.append(asyncio.create_task(self._accept(listener)))

    async def drain(self, seconds: float) -> None:
        """Stop accepting, let running uploads end for at most `seconds`, then interrupt the others and close."""
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        for listener in self._listening:
            listener.close()
        await asyncio.gather(*(place.drain(seconds) for place in self._places))

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, peer = await loop.sock_accept(listener)
            except OSError as error:
                self._log.warning("cannot accept", fault=str(error))
                await asyncio.sleep(0.1)
                continue
            await asyncio.sleep(0)  # an accept that finds a connection waiting does not yield to other tasks
            address = str(peer[0]).removeprefix("::ffff:")
            if refusal := self._full(address):
                self._log.warning("connection refused", address=address, why=refusal)
                accepted.close()
                continue
            self._admit(accepted, address)

    def _full(self, address: str) -> str:
        """Why this connection is refused; empty where it can be served."""
        if self._throttle.is_banned(address):
            return "banned"
        if self._throttle.connections(address) >= self._config.max_connections_per_address:
            return "too many of this address"
        return "too many" if len(self._connections) >= self._config.max_connections else ""

    def _admit(self, accepted: socket.socket, address: str) -> None:
        """Serve the connection in the process that has the fewest.

        Where too many logins are pending, one of them is dropped first.
        """
        if len(self._logging_in) >= self._config.max_logins_pending:
            self._give_way()
        self._throttle.enter(address)

        def gone(task: asyncio.Task[None]) -> None:
            self._logging_in.pop(task, None)
            self._throttle.leave(address)
            self._connections.remove(task)

        place = min(self._places, key=lambda place: place.load)
        serving = place.serve(accepted, address, lambda: self._logging_in.pop(task, None))
        task = asyncio.create_task(serving)
        self._connections.add(task)
        self._logging_in[task] = address
        task.add_done_callback(gone)

    def _give_way(self) -> None:
        """Drop the oldest pending login of the source with the most of them, so that one source keeps nobody out."""
        ((source, _),) = Counter(map(source_of, self._logging_in.values())).most_common(1)
        oldest = next(task for task, address in self._logging_in.items() if source_of(address) == source)
        address = self._logging_in.pop(oldest)
        self._log.warning("connection dropped", address=address, why="too many logging in")
        oldest.cancel()
