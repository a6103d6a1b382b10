"""Where accepted connections are served. One is served until its last upload has ended, not just until it is closed."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol

import asyncssh

from ingest.config import Sftp
from ingest.inbound.backend import Account, SftpBackend
from ingest.inbound.sftp.accounts import Passwords
from ingest.inbound.sftp.algorithms import HOST_KEY, KEX, MAC, OFFERS, peek_version
from ingest.inbound.sftp.connection import Connection
from ingest.inbound.sftp.connection_backend import Log
from ingest.inbound.sftp.context import ServerContext
from ingest.inbound.sftp.fast_receive import is_available
from ingest.inbound.sftp.limits import ConnectionLimits
from ingest.inbound.sftp.negotiation import Offers, host_key_algorithms

THREADS: Final = 32
ACCOUNT_THREADS: Final = 4
KEEPALIVES: Final = 3
DRAIN_STEP: Final = 0.05
CLOSE_SECONDS: Final = 10.0

ReadOnlyFolders = Callable[[Account], Mapping[str, Path]]
"""The further read-only folders at the top of a label's tree, by name."""


def no_read_only_folders(account: Account) -> Mapping[str, Path]:  # noqa: ARG001
    """No read-only folders beside /incoming."""
    return {}


class ConnectionHost(Protocol):
    """Somewhere that connections can be served: this process, or another one."""

    @property
    def load(self) -> float:
        """How many connections are served here; infinite while none can be."""

    @property
    def sessions(self) -> int:
        """How many SFTP sessions are open here."""

    @property
    def uploads(self) -> int:
        """How many files are open here for writing."""

    async def serve(self, accepted: socket.socket, address: str, logged_in: Callable[[], object]) -> None:
        """Serve one connection; returns after it has ended. `logged_in` is called once its client has logged in.

        When the call is cancelled, the connection is dropped.
        """

    async def drain(self, seconds: float) -> None:
        """Let running uploads end for at most `seconds`, then close; uploads still open are recorded as interrupted."""


class LocalServer(ConnectionHost):
    """Serves connections in this process, with asyncssh."""

    def __init__(
        self,
        backend: SftpBackend,
        config: Sftp,
        host_keys: Sequence[asyncssh.SSHKey | Path],
        log: Log,
        read_only: ReadOnlyFolders,
        limits: ConnectionLimits,
    ) -> None:
        asyncssh.set_log_level(logging.WARNING)
        self._log = log
        self._context = ServerContext(
            backend=backend,
            config=config,
            log=log,
            passwords=Passwords(),
            limits=limits,
            threads=ThreadPoolExecutor(THREADS, thread_name_prefix="sftp"),
            account_threads=ThreadPoolExecutor(ACCOUNT_THREADS, thread_name_prefix="sftp-accounts"),
            read_only=read_only,
            is_accelerated=config.accelerator and self._can_accelerate(),
        )
        keys = [_pair(key) for key in host_keys]
        self._host_keys = host_key_algorithms(keys)
        self._options = {ciphers: _options(config, keys, ciphers) for ciphers in OFFERS}
        self._offers = Offers()
        self._served: dict[asyncio.Task[None], Connection] = {}

    @property
    def load(self) -> float:
        return len(self._served)

    @property
    def sessions(self) -> int:
        return sum(connection.sessions for connection in self._served.values())

    @property
    def uploads(self) -> int:
        return sum(connection.uploads for connection in self._served.values())

    async def serve(self, accepted: socket.socket, address: str, logged_in: Callable[[], object]) -> None:
        connection = Connection(self._context, address, logged_in)
        task = asyncio.create_task(self._run(accepted, connection, address))
        self._served[task] = connection
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            self._drop(task)
            await asyncio.wait([task])
        finally:
            del self._served[task]

    def _drop(self, task: asyncio.Task[None]) -> None:
        connection = self._served[task]
        if connection.is_made:
            connection.close()
        else:
            task.cancel()

    async def drain(self, seconds: float) -> None:
        self._context.is_draining = True
        end = asyncio.get_running_loop().time() + seconds
        while self.uploads and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(DRAIN_STEP)
        for task in list(self._served):
            self._drop(task)
        if self._served:
            await asyncio.wait(list(self._served), timeout=CLOSE_SECONDS)
        self._context.passwords.close()
        for threads in (self._context.threads, self._context.account_threads):
            threads.shutdown(wait=False, cancel_futures=True)
        while self._context.quotas:
            self._context.quotas.popitem()[1].close()

    def _can_accelerate(self) -> bool:
        """Whether the receive accelerator works with this asyncssh; logged where it does not."""
        if is_available():
            return True
        self._log.warning("receive accelerator off: not tested with this asyncssh", version=asyncssh.__version__)
        return False

    async def _run(self, accepted: socket.socket, connection: Connection, address: str) -> None:
        """One connection from its first byte until the journal has the end of its last upload."""
        try:
            await self._run_ssh(accepted, connection, address)
        except Exception as crash:  # noqa: BLE001  the supervisor of one connection
            self._log.warning("connection crashed", address=address, fault=f"{type(crash).__name__}: {crash}")
        finally:
            accepted.close()
            await connection.finished()

    async def _run_ssh(self, accepted: socket.socket, connection: Connection, address: str) -> None:
        """The SSH connection from the first byte to its end. Logs why one ended before login."""
        version = (await peek_version(accepted)).partition(b"\n")[0].rstrip()
        ciphers = self._offers.ciphers(address, version)
        try:
            options = self._options[ciphers]
            running = await asyncssh.run_server(accepted, options=options, server_factory=lambda: connection)
            await running.wait_closed()
        except (OSError, asyncssh.Error) as error:
            self._log.info("connection ended before login", address=address, why=str(error)[:200])
            why = connection.disagreement(self._host_keys, ciphers) if version and connection.is_made else {}
            if why and self._offers.note_failed(address, version):
                client = version.decode("ascii", "replace")
                self._log.warning("no agreement in key exchange", address=address, client=client, **why)


def _pair(key: asyncssh.SSHKey | Path) -> asyncssh.SSHKeyPair:
    """A host key without the signature algorithms that use SHA-1."""
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
