"""A whole daemon in a process of its own, on loopback, with the label `anna`; killed and started again at will."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, TypeVar

import asyncssh
import paramiko

from ingest.app.application import open_app
from ingest.config import Config, load
from ingest.inbound.sftp import hash_password
from ingest.store import labels, packages
from ingest.store.models import Package
from tests.ports import free_port

T = TypeVar("T")

PASSWORD = "correct horse"
HASH = hash_password(PASSWORD)
LABEL_EMAIL = "anna@label.example"

CONFIG = """
[operator]
name = "Test Distribution"
public_host = "localhost"
public_port = {port}
support_email = "support@test.example"
qc_emails = ["qc@test.example"]
ops_emails = ["ops@test.example"]
[paths]
data = "data"
[database]
url = "{database}"
[sftp]
host = "127.0.0.1"
port = {port}
min_free_bytes = 1000000
{sftp}
[email]
transport = "maildir"
sender = "delivery@test.example"
maildir = "maildir"
[intake]
{intake}
[validation]
workers = 1
max_starts = {max_starts}
[dsp.alpha]
path = "dsp/alpha"
[dsp.beta]
path = "dsp/beta"
[log]
format = "json"
"""

FAST = "settle_seconds = 1.5\nmarker_seconds = 1\nincomplete_seconds = 6\nstray_seconds = 3\nrescan_seconds = 2"


@dataclass
class Daemon:
    """One daemon of a home directory; `worker` tells several on one home apart."""

    home: Path
    port: int
    worker: str = "w1"
    process: subprocess.Popen[bytes] | None = None
    umask: int = -1
    """That of the daemon and of the commands; -1 for that of the test."""

    @property
    def config_path(self) -> Path:
        return self.home / f"config-{self.worker}.toml"

    @property
    def config(self) -> Config:
        return load(self.config_path)

    @property
    def key(self) -> Path:
        return self.home / "key"

    @property
    def key_file(self) -> Path:
        return self.key

    @property
    def host_key_file(self) -> Path:
        return self.config.paths.state_dir / "host-keys" / "ssh_host_ed25519_key.pub"

    def start(self) -> None:
        with (self.home / f"log-{self.worker}").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ingest", "--config", str(self.config_path), "serve", "--worker", self.worker],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
                umask=self.umask,
            )

    def wait_until_ready(self, seconds: float = 60) -> None:
        def answers() -> bool:
            assert self.process is not None and self.process.poll() is None, self.log()
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                    return connection.recv(4) == b"SSH-"
            except OSError:
                return False

        wait_for(answers, seconds, "the daemon to answer")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """SIGTERM, as systemd does, or another signal; returns the exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def log_size(self) -> int:
        return (self.home / f"log-{self.worker}").stat().st_size

    def log_since(self, start: int) -> list[str]:
        """The whole lines of the log from a place on that `log_size` told."""
        with (self.home / f"log-{self.worker}").open("rb") as log:
            log.seek(start)
            whole, _, _ = log.read().rpartition(b"\n")
        return whole.decode("utf-8").splitlines()

    def events_since(self, start: int) -> list[dict[str, Any]]:
        """The log's events from a place on; every line is one."""
        lines = self.log_since(start)
        assert [line for line in lines if not line.startswith("{")] == []
        return [json.loads(line) for line in lines]

    def log(self) -> str:
        return (self.home / f"log-{self.worker}").read_text("utf-8")[-8000:]

    @property
    def incoming(self) -> Path:
        return self.config.paths.incoming("anna")

    def ingest(self, *arguments: str, check: bool = True, given: str = "") -> subprocess.CompletedProcess[str]:
        """The command line beside the running daemon; `given` is its standard input."""
        command = [sys.executable, "-m", "ingest", "--config", str(self.config_path), *arguments]
        return subprocess.run(
            command, input=given, capture_output=True, text=True, check=check, timeout=120, umask=self.umask
        )


@dataclass
class Look:
    """The rows as they are now, read beside the daemon."""

    daemon: Daemon

    def packages(self) -> list[Package]:
        app = open_app(self.daemon.config)
        try:
            with app.store.reading() as tx:
                return list(reversed(packages.list_packages(tx, limit=1000)))
        finally:
            app.close()

    def codes(self, package: int, severity: str = "error") -> list[str]:
        app = open_app(self.daemon.config)
        try:
            with app.store.reading() as tx:
                return sorted({one.code for one in packages.findings_of(tx, package) if one.severity.value == severity})
        finally:
            app.close()

    def statuses(self) -> dict[str, str]:
        return {row.folder: row.status for row in self.packages()}

    def emails(self) -> list[EmailMessage]:
        """Every email that was sent, in the order of sending."""
        files = sorted((self.daemon.home / "maildir" / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return [BytesParser(policy=policy.default).parsebytes(path.read_bytes()) for path in files]

    def emails_of(self, kind: str) -> list[EmailMessage]:
        return [message for message in self.emails() if message["X-Ingest-Kind"] == kind]

    def wait_for_status(self, folder: str, statuses: Sequence[str], seconds: float = 60) -> Package:
        def found() -> Package | None:
            return next((row for row in self.packages() if row.folder == folder and row.status in statuses), None)

        row = wait_for(found, seconds, f"{folder} to be {' or '.join(statuses)}: {self.statuses()}")
        assert row is not None
        return row


def wait_for(answer: Callable[[], T], seconds: float, what: str) -> T:
    """Ask again and again until the answer is true."""
    deadline = time.monotonic() + seconds
    while True:
        if found := answer():
            return found
        assert time.monotonic() < deadline, f"waited {seconds} seconds for {what}"
        time.sleep(0.2)


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def prepare(
    home: Path, worker: str = "w1", database: str = "", intake: str = FAST, max_starts: int = 3, sftp: str = ""
) -> Daemon:
    """Configuration, label and DSP folders; the daemon is not started."""
    daemon = Daemon(home, free_port(), worker)
    daemon.config_path.write_text(
        CONFIG.format(port=daemon.port, database=database, intake=intake, max_starts=max_starts, sftp=sftp), "utf-8"
    )
    for dsp in ("alpha", "beta"):
        (home / "dsp" / dsp).mkdir(parents=True, exist_ok=True)
    if not daemon.key.exists():
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(daemon.key))
        key.write_public_key(f"{daemon.key}.pub")
        daemon.key.chmod(0o600)
    app = open_app(daemon.config)
    try:
        app.migrate()
        with app.store.transaction() as tx:
            if labels.find_label(tx, "anna") is None:
                labels.add_label(
                    tx,
                    name="anna",
                    title="Anna's Label",
                    emails=[LABEL_EMAIL],
                    password_hash=HASH,
                    public_keys=[Path(f"{daemon.key}.pub").read_text("utf-8").strip()],
                    dsps=["alpha", "beta"],
                    max_bytes=None,
                    now=app.clock(),
                )
        app.config.paths.incoming("anna").mkdir(parents=True, exist_ok=True)
    finally:
        app.close()
    return daemon


@contextmanager
def running(
    home: Path, database: str = "", intake: str = FAST, sftp: str = "", max_starts: int = 3
) -> Iterator[tuple[Daemon, Look]]:
    """A daemon that serves; stopped at the end, and its log shown when the test failed."""
    daemon = prepare(home, database=database, intake=intake, sftp=sftp, max_starts=max_starts)
    daemon.start()
    try:
        daemon.wait_until_ready()
        yield daemon, Look(daemon)
    except BaseException:
        print(daemon.log())
        raise
    finally:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.kill()


@contextmanager
def client(daemon: Daemon, password: str = PASSWORD) -> Iterator[paramiko.SFTPClient]:
    transport = paramiko.Transport(("127.0.0.1", daemon.port))
    transport.connect(username="anna", password=password)
    session = paramiko.SFTPClient.from_transport(transport)
    assert session is not None
    try:
        yield session
    finally:
        transport.close()


def put(sftp: paramiko.SFTPClient, folder: Path, name: str, files: list[str] | None = None) -> None:
    """Upload files of a flat release folder, in this order."""
    with_suffix = [path.name for path in sorted(folder.iterdir())] if files is None else files
    if name not in sftp.listdir("/incoming"):
        sftp.mkdir(f"/incoming/{name}")
    for file in with_suffix:
        sftp.put(str(folder / file), f"/incoming/{name}/{file}")
