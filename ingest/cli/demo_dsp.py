"""The DSP of a demo that takes batches: an SFTP server on this machine, whose folder anybody may look into."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import asyncssh

from ingest.config import Config
from ingest.host import private

NAME: Final = "stream"
START_SECONDS: Final = 10


def make_keys(folder: Path) -> str:
    """The server's key and the one that the demo logs in with, unless they are there; the server's public half."""
    for name in (host_key(folder), login_key(folder)):
        if not name.exists():
            key = asyncssh.generate_private_key("ssh-ed25519")
            private.write(name, key.export_private_key())
            private.write(Path(f"{name}.pub"), key.export_public_key())
    kind, blob = Path(f"{host_key(folder)}.pub").read_text("utf-8").split()[:2]
    return f"{kind} {blob}"


def host_key(folder: Path) -> Path:
    """The key by which the server is known."""
    return folder / "dsp_host_key"


def login_key(folder: Path) -> Path:
    """The key with which the demo logs in."""
    return folder / "dsp_key"


@contextmanager
def running(folder: Path, config: Config) -> Iterator[None]:
    """Serve the DSP's folder while the block runs, if the configuration still has this DSP. Raises OSError."""
    dsp = config.dsp.get(NAME)
    if dsp is None or dsp.sftp is None or not host_key(folder).exists():
        yield
        return
    ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    serving = threading.Thread(target=asyncio.run, args=(_serve(folder, dsp.sftp.port, ready),), daemon=True)
    serving.start()
    loop, ended = ready.result(START_SECONDS)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(ended.set)
        serving.join(START_SECONDS)


async def _serve(folder: Path, port: int, ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
    root = folder / "dsp" / NAME
    private.make_folder(root)
    ended = asyncio.Event()
    try:
        server = await asyncssh.listen(
            "127.0.0.1",
            port,
            server_host_keys=[str(host_key(folder))],
            authorized_client_keys=f"{login_key(folder)}.pub",
            password_auth=False,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
        )
    except OSError as error:
        ready.set_exception(error)
        return
    ready.set_result((asyncio.get_running_loop(), ended))
    await ended.wait()
    server.close()
