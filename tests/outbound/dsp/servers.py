"""DSPs on this machine: OpenSSH's sshd and asyncssh's server, with keys of their own."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import queue
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from ingest.config import SftpTarget


@dataclass(frozen=True)
class Server:
    """A running server: `target` is the configuration that reaches its folder `root`, `kill` ends its sessions."""

    target: SftpTarget
    root: Path
    kill: Callable[[], None]


def make_keys(folder: Path) -> None:
    """The server's key and ours."""
    for name in ("host", "client"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(folder / name))
        (folder / name).chmod(0o600)
        key.write_public_key(str(folder / f"{name}.pub"))


def target_of(folder: Path, port: int, **changes: Any) -> SftpTarget:
    """How the server with the keys in `folder` is reached."""
    kind, blob = (folder / "host.pub").read_text().split()[:2]
    table = {
        "host": "127.0.0.1",
        "port": port,
        "user": getpass.getuser(),
        "key_file": str(folder / "client"),
        "host_keys": [f"{kind} {blob}"],
        "folder": str(folder / "root"),
    }
    return SftpTarget.model_validate({**table, **changes})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        direct = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return [*direct, *(one for child in direct for one in _children(child))]
    return []


@contextlib.contextmanager
def openssh(folder: Path, port: int | None = None) -> Iterator[Server]:
    """OpenSSH's server; `kill` kills the processes of its sessions."""
    port = port or free_port()
    if not (folder / "host").exists():
        make_keys(folder)
    (folder / "root").mkdir(exist_ok=True)
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "client.pub",
        "StrictModes": "no",
        "UsePAM": "no",
        "PidFile": "none",
        "PermitRootLogin": "yes",
        "MaxStartups": "100",
        "Subsystem": "sftp internal-sftp",
    }
    config = folder / "sshd_config"
    config.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    Path("/run/sshd").mkdir(exist_ok=True)
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/bin") or "sshd"
    with subprocess.Popen([sshd, "-D", "-f", str(config)], stderr=subprocess.DEVNULL) as process:

        def kill() -> None:
            for one in _children(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one, 9)

        try:
            wait_for(port)
            yield Server(target_of(folder, port), folder / "root", kill)
        finally:
            kill()
            process.terminate()


@contextlib.contextmanager
def asyncssh_server(
    folder: Path, factory: Any = asyncssh.SFTPServer, server: Any = asyncssh.SSHServer
) -> Iterator[Server]:
    """asyncssh's server in a thread; `kill` drops its connections."""
    if not (folder / "host").exists():
        make_keys(folder)
    (folder / "root").mkdir(exist_ok=True)
    connections, ready, ended = list[asyncssh.SSHServerConnection](), queue.Queue[tuple[Any, int]](), asyncio.Event()

    class Accepting(server):  # type: ignore[misc]
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            connections.append(conn)

    async def serve() -> None:
        acceptor = await asyncssh.create_server(
            Accepting,
            "127.0.0.1",
            0,
            server_host_keys=[str(folder / "host")],
            authorized_client_keys=str(folder / "client.pub"),
            sftp_factory=factory,
        )
        ready.put((asyncio.get_running_loop(), acceptor.get_port()))
        await ended.wait()
        acceptor.close()
        await acceptor.wait_closed()
        for one in connections:
            one.abort()
            await one.wait_closed()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    loop, port = ready.get(timeout=10)

    def kill() -> None:
        for one in connections:
            loop.call_soon_threadsafe(one.abort)

    try:
        yield Server(target_of(folder, port), folder / "root", kill)
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
