"""A server on loopback in a thread of its own, and the real clients that labels use."""

from __future__ import annotations

import asyncio
import atexit
import functools
import hashlib
import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import asyncssh
import paramiko
import pytest

from ingest.config import Sftp
from ingest.inbound.backend import Account
from ingest.inbound.sftp import SftpServer, hash_password, make_host_keys, serve
from ingest.inbound.sftp.local_server import ReadOnlyFolders, no_read_only_folders
from tests.inbound.sftp.memory_backend import MemoryBackend

T = TypeVar("T")

PASSWORD = "correct horse"
_HASH = hash_password(PASSWORD)


@dataclass
class RecordingLog:
    """A structlog-like logger that keeps what it is told."""

    lines: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)

    def info(self, event: str, **values: object) -> None:
        self.lines.append(("info", event, values))

    def warning(self, event: str, **values: object) -> None:
        self.lines.append(("warning", event, values))

    def error(self, event: str, **values: object) -> None:
        self.lines.append(("error", event, values))

    def events(self) -> list[str]:
        return [event for _, event, _ in self.lines]


@dataclass
class Running:
    """A running server with the label `anna`, whose password is PASSWORD and whose key is `key_file`."""

    server: SftpServer
    backend: MemoryBackend
    log: RecordingLog
    loop: asyncio.AbstractEventLoop
    root: Path
    key_file: Path

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def host_key_file(self) -> Path:
        return self.root / "keys" / "ssh_host_ed25519_key.pub"

    @property
    def account(self) -> Account:
        return self.backend.accounts["anna"]

    @property
    def incoming(self) -> Path:
        return self.account.home / "incoming"

    def add_label(self, name: str, **changes: Any) -> Account:
        return add_label(self.backend, self.root, name, self.key_file, **changes)

    def drain(self, seconds: float) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(self.server.drain(seconds), self.loop)

    def until(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        """Wait for something that the server does on its own time."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "did not come about in time"
            time.sleep(0.02)

    @contextmanager
    def paramiko(self, user: str = "anna", password: str = PASSWORD) -> Iterator[paramiko.SFTPClient]:
        """A logged-in paramiko client."""
        with paramiko.Transport(("127.0.0.1", self.port)) as transport:
            transport.connect(username=user, password=password)
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            try:
                yield client
            finally:
                with suppress(EOFError, OSError):  # where the server ended the connection there is nothing to close
                    client.close()


class Reachable(Protocol):
    """A server with the label `anna`, as the client commands need it."""

    @property
    def port(self) -> int: ...

    @property
    def key_file(self) -> Path: ...

    @property
    def host_key_file(self) -> Path: ...


@functools.cache
def host_keys() -> Path:
    """A folder of host keys, made once for all tests: an RSA key takes a second."""
    folder = Path(tempfile.mkdtemp(prefix="host-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make_host_keys(folder)
    return folder


def add_label(backend: MemoryBackend, root: Path, name: str, key_file: Path, **changes: Any) -> Account:
    home = root / "labels" / name
    (home / "incoming").mkdir(parents=True)
    public = key_file.with_suffix(".pub").read_text().strip()
    values: dict[str, Any] = {
        "id": len(backend.accounts) + 1,
        "name": name,
        "home": home,
        "password_hash": _HASH,
        "public_keys": (public,),
        "enabled": True,
    }
    account = Account(**(values | changes))
    backend.accounts[name] = account
    return account


@contextmanager
def running_server(
    root: Path, config: Sftp | None = None, read_only: ReadOnlyFolders = no_read_only_folders
) -> Iterator[Running]:
    """Serve on a free loopback port from `root` until the block ends."""
    key_file = root / "label_key"
    key = asyncssh.generate_private_key("ssh-ed25519")
    key_file.write_bytes(key.export_private_key())
    key_file.chmod(0o600)
    key_file.with_suffix(".pub").write_bytes(key.export_public_key())
    backend, log = MemoryBackend(), RecordingLog()
    add_label(backend, root, "anna", key_file)
    shutil.copytree(host_keys(), root / "keys")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    config = config or Sftp(host="127.0.0.1", port=0, min_free_bytes=0)
    try:
        starting = serve(backend, config, make_host_keys(root / "keys"), log=log, read_only=read_only)
        server = asyncio.run_coroutine_threadsafe(starting, loop).result(20)
        running = Running(server, backend, log, loop, root, key_file)
        yield running
        running.drain(0).result(20)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def need(tool: str) -> str:
    """The path of a client; without it the test is skipped, but fails in continuous integration."""
    if found := shutil.which(tool):
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"{tool} is not installed")
    pytest.skip(f"{tool} is not installed")


def release_folder(where: Path, name: str = "Artist_Album_5034567890123_20260401", size: int = 3_000_000) -> Path:
    """A folder like a release: text, some binary files of odd sizes, and one nested file."""
    folder = where / name
    (folder / "resources").mkdir(parents=True)
    chance = random.Random(name)
    (folder / "metadata.xml").write_text("<NewReleaseMessage/>\n" * 500)
    (folder / "01_Ouvertüre & Lied.wav").write_bytes(chance.randbytes(size + 1))
    (folder / "02_Track.wav").write_bytes(chance.randbytes(size // 3 + 7))
    (folder / "resources" / "artwork.jpg").write_bytes(chance.randbytes(size // 5))
    (folder / "empty.txt").write_bytes(b"")
    return folder


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file below a folder, by its path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def ssh_options(running: Reachable) -> list[str]:
    return [
        *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"),
        *("-o", f"IdentityFile={running.key_file}", "-o", "IdentitiesOnly=yes", "-o", f"Port={running.port}"),
    ]


def sftp_command(running: Reachable) -> list[str]:
    return [need("sftp"), *ssh_options(running), "-b", "-", "anna@127.0.0.1"]


def scp_command(running: Reachable, source: Path, target: str) -> list[str]:
    return [need("scp"), *ssh_options(running), str(source), f"anna@127.0.0.1:{target}"]


def psftp_command(running: Reachable) -> list[str]:
    key = running.host_key_file.read_text()
    fingerprint = asyncssh.import_public_key(key).get_fingerprint()
    command = [need("psftp"), "-batch", "-P", str(running.port), "-pw", PASSWORD, "-hostkey", fingerprint]
    return [*command, "-b", "/dev/stdin", "-be", "anna@127.0.0.1"]


def lftp_command(running: Reachable, script: str) -> list[str]:
    connect = f"ssh -a -x {' '.join(ssh_options(running))}"
    settings = f'set sftp:connect-program "{connect}"; set net:max-retries 1; set cmd:fail-exit true; '
    return [need("lftp"), "-c", f"{settings} open sftp://anna:{PASSWORD.replace(' ', '%20')}@127.0.0.1; {script}"]


def rclone_command(running: Reachable, *words: str) -> list[str]:
    remote = f"sftp,host=127.0.0.1,port={running.port},user=anna,key_file={running.key_file},shell_type=none:"
    config = running.key_file.with_name("rclone.conf")
    config.touch()
    return [need("rclone"), "--config", str(config), *(word.replace("REMOTE", f":{remote}") for word in words)]


def curl_command(running: Reachable, source: Path, target: str, *more: str) -> list[str]:
    url = f"sftp://127.0.0.1:{running.port}/{target}"
    key = ["--key", str(running.key_file), "--pubkey", str(running.key_file.with_suffix(".pub"))]
    return [need("curl"), "-sS", "-k", "-u", f"anna:{PASSWORD}", *key, *more, "-T", str(source), url]


def run(command: list[str], script: str = "", *, fails: bool = False, timeout: float = 60, **environment: str) -> str:
    """Run a client with a script on its input; returns what it printed. Fails unless it succeeds (or fails)."""
    done = subprocess.run(
        command,
        input=script,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        env=os.environ | {"HOME": "/nonexistent", "LC_ALL": "C.UTF-8"} | environment,
    )
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout
