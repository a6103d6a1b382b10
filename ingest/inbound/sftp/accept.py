"""Listening: own accept loops with caps before any cryptography, then asyncssh on each accepted socket."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import asyncssh

from ingest.config import Sftp
from ingest.inbound.door import Account, Door
from ingest.inbound.sftp.accounts import Passwords
from ingest.inbound.sftp.beneath import check_available
from ingest.inbound.sftp.connection import Connection, House
from ingest.inbound.sftp.express import is_available
from ingest.inbound.sftp.label_door import Log
from ingest.inbound.sftp.steering import CTR, GCM, HOST_KEY, KEX, MAC, peek_version, speaks_gcm
from ingest.inbound.sftp.throttle import Throttle

BACKLOG: Final = 256
THREADS: Final = 32
KEEPALIVES: Final = 3
DRAIN_STEP: Final = 0.05
CLOSE_SECONDS: Final = 10.0

Shelves = Callable[[Account], Mapping[str, Path]]


def no_shelves(account: Account) -> Mapping[str, Path]:  # noqa: ARG001
    """No read-only folders beside /incoming."""
    return {}


async def serve(
    door: Door,
    config: Sftp,
    host_keys: Sequence[asyncssh.SSHKey | Path],
    *,
    sockets: Sequence[socket.socket] | None = None,
    log: Log,
    shelves: Shelves = no_shelves,
) -> SftpServer:
    """Start serving, on `sockets` that listen already or on the config's host and port.

    `shelves` names, for a label, further read-only folders at the top of its tree; one that does not exist is not
    shown. Raises OSError when the port cannot be had or the kernel lacks openat2 (Linux before 5.6).
    """
    check_available(Path("/"))
    listening = list(sockets) if sockets is not None else [_listen(config.host, config.port)]
    server = SftpServer(door, config, host_keys, listening, log, shelves)
    server.start()
    return server


class SftpServer:
    """The running server. `port` is that of its first socket."""

    def __init__(
        self,
        door: Door,
        config: Sftp,
        host_keys: Sequence[asyncssh.SSHKey | Path],
        listening: list[socket.socket],
        log: Log,
        shelves: Shelves,
    ) -> None:
        asyncssh.set_log_level(logging.WARNING)
        self._config = config
        self._log = log
        self._listening = listening
        self._house = House(
            door=door,
            config=config,
            log=log,
            passwords=Passwords(),
            throttle=Throttle(),
            threads=ThreadPoolExecutor(THREADS, thread_name_prefix="sftp"),
            shelves=shelves,
            is_accelerated=config.accelerator and self._can_accelerate(),
        )
        keys = [_pair(key) for key in host_keys]
        self._narrow = _options(config, keys, GCM)
        self._wide = _options(config, keys, GCM + CTR)
        self._logging_in: dict[asyncio.Task[None], str] = {}
        self._accepting: list[asyncio.Task[None]] = []
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._total = 0
        self.port = int(listening[0].getsockname()[1])

    @property
    def sessions(self) -> int:
        """How many SFTP sessions are open."""
        return sum(connection.sessions for connection in self._connections.values())

    @property
    def uploads(self) -> int:
        """How many files are open for writing."""
        return sum(connection.uploads for connection in self._connections.values())

    def start(self) -> None:
        for listener in self._listening:
            listener.setblocking(False)
            self._accepting.append(asyncio.create_task(self._accept(listener)))

    def _can_accelerate(self) -> bool:
        """Whether the receive accelerator fits this asyncssh; told once in the log where it does not."""
        if is_available():
            return True
        self._log.warning("receive accelerator off: not tested with this asyncssh", version=asyncssh.__version__)
        return False

    async def drain(self, seconds: float) -> None:
        """Stop accepting, let running uploads end for at most `seconds`, then close; what is still open is torn."""
        self._house.is_draining = True
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        for listener in self._listening:
            listener.close()
        end = asyncio.get_running_loop().time() + seconds
        while self.uploads and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(DRAIN_STEP)
        await self._close()

    async def _close(self) -> None:
        for task in list(self._connections):
            self._drop(task)
        if self._connections:
            await asyncio.wait(list(self._connections), timeout=CLOSE_SECONDS)
        self._house.passwords.close()
        self._house.threads.shutdown(wait=False, cancel_futures=True)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, peer = await loop.sock_accept(listener)
            except OSError as fault:
                self._log.warning("cannot accept", fault=str(fault))
                await asyncio.sleep(0.1)
                continue
            await asyncio.sleep(0)  # an accept that need not wait does not let others run
            address = str(peer[0]).removeprefix("::ffff:")
            if refusal := self._full(address):
                self._log.warning("connection refused", address=address, why=refusal)
                accepted.close()
                continue
            self._admit(accepted, address)

    def _full(self, address: str) -> str:
        """Why this connection cannot be taken, or empty."""
        if self._house.throttle.is_banned(address):
            return "banned"
        if self._house.throttle.connections[address] >= self._config.max_connections_per_address:
            return "too many of this address"
        return "too many" if self._total >= self._config.max_connections else ""

    def _admit(self, accepted: socket.socket, address: str) -> None:
        if len(self._logging_in) >= self._config.max_logins_pending:
            self._give_way()
        self._total += 1
        self._house.throttle.connections[address] += 1

        def gone(task: asyncio.Task[None]) -> None:
            self._logging_in.pop(task, None)
            self._total -= 1
            self._house.throttle.leave(address)
            del self._connections[task]

        connection = Connection(self._house, address, lambda: self._logging_in.pop(task, None))
        task = asyncio.create_task(self._run(accepted, connection, address))
        self._connections[task] = connection
        self._logging_in[task] = address
        task.add_done_callback(gone)

    def _give_way(self) -> None:
        """Drop the oldest login of the address that has most of them under way: who only waits keeps nobody out."""
        ((address, _),) = Counter(self._logging_in.values()).most_common(1)
        oldest = next(task for task, other in self._logging_in.items() if other == address)
        del self._logging_in[oldest]
        self._log.warning("connection dropped", address=address, why="too many logging in")
        self._drop(oldest)

    def _drop(self, task: asyncio.Task[None]) -> None:
        connection = self._connections[task]
        if connection.is_made:
            connection.close()
        else:
            task.cancel()

    async def _run(self, accepted: socket.socket, connection: Connection, address: str) -> None:
        """One connection from its first byte until all its uploads are ended in the journal."""
        try:
            options = self._narrow if speaks_gcm(await peek_version(accepted)) else self._wide
            running = await asyncssh.run_server(accepted, options=options, server_factory=lambda: connection)
            await running.wait_closed()
        except (OSError, asyncssh.Error) as fault:
            self._log.info("connection ended before login", address=address, why=str(fault)[:200])
        except Exception as crash:  # noqa: BLE001  the supervisor of one connection
            self._log.warning("connection crashed", address=address, fault=f"{type(crash).__name__}: {crash}")
        finally:
            accepted.close()
            await connection.finished()


def _pair(key: asyncssh.SSHKey | Path) -> asyncssh.SSHKeyPair:
    """A host key, signing by nothing that rests on SHA-1."""
    (pair,) = asyncssh.load_keypairs(str(key) if isinstance(key, Path) else key)
    pair.host_key_algorithms = [name for name in pair.host_key_algorithms if name in HOST_KEY]
    return pair


def _options(
    config: Sftp, host_keys: Sequence[asyncssh.SSHKeyPair], ciphers: Sequence[str]
) -> asyncssh.SSHServerConnectionOptions:
    return asyncssh.SSHServerConnectionOptions(
        server_host_keys=list(host_keys),
        server_version="ingest",
        kex_algs=KEX,
        encryption_algs=ciphers,
        mac_algs=MAC,
        compression_algs=["none"],
        host_based_auth=False,
        gss_host=None,
        allow_pty=False,
        allow_scp=False,
        agent_forwarding=False,
        x11_forwarding=False,
        line_editor=False,
        encoding=None,
        login_timeout=config.login_seconds,
        keepalive_interval=config.keepalive_seconds,
        keepalive_count_max=KEEPALIVES,
    )


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket; without a host on every address, IPv6 and IPv4 alike where the machine has both."""
    if host:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG)
    return socket.create_server(("", port), backlog=BACKLOG)
