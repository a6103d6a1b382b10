"""The server over several processes: one port, one set of caps and bans, and none takes another down."""

from __future__ import annotations

import asyncio
import functools
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
import pytest

from ingest.config import Sftp
from ingest.inbound.sftp import SftpServer, make_host_keys, serve
from ingest.inbound.sftp.local_server import no_read_only_folders
from ingest.inbound.sftp.sftp_worker import Alarm, Noticed, SftpWorkers, WorkerParts
from ingest.inbound.sftp.throttle import BAN_AFTER
from tests.inbound.sftp.memory_backend import MemoryBackend
from tests.inbound.sftp.stored import open_files
from tests.sftp_clients import PASSWORD, RecordingLog, add_label, host_keys

pytestmark = pytest.mark.slow

CONFIG = Sftp(host="127.0.0.1", port=0, min_free_bytes=0, processes=2, max_connections_per_label=6)


class TellingDoor(MemoryBackend):
    """Tells intake of every upload that begins, as the journal does."""

    noticed: Noticed

    def opened(self, account: object, connection: int, path: str, fresh: bool) -> int:
        self.noticed(1, path)
        return super().opened(account, connection, path, fresh)  # type: ignore[arg-type]


@contextmanager
def open_rooms(root: Path, number: int, noticed: Noticed, alarm: Alarm) -> Iterator[WorkerParts]:
    """What each process of the test opens; it writes down its number, so that a test can find it."""
    backend = TellingDoor()
    backend.noticed = noticed
    add_label(backend, root / f"process-{number}" / str(os.getpid()), "anna", root / "key")
    fresh = root / f"process-{number}.new"
    fresh.write_text(str(os.getpid()))
    fresh.rename(root / f"process-{number}.pid")
    yield WorkerParts(backend, RecordingLog(), no_read_only_folders, lambda: None)


@dataclass
class Several:
    server: SftpServer
    root: Path
    loop: asyncio.AbstractEventLoop
    noticed: list[tuple[int, str]] = field(default_factory=list)
    alarms: list[tuple[str, str]] = field(default_factory=list)
    is_deaf: bool = False
    """While True, ops cannot be told: the database is away."""

    def alarm(self, what: str, detail: str) -> None:
        if self.is_deaf:
            raise ConnectionError("the database is away")
        self.alarms.append((what, detail))

    def pid(self, number: int) -> int:
        return int((self.root / f"process-{number}.pid").read_text())

    def incoming(self, number: int) -> Path:
        """Where the running process stores; one that was started again stores elsewhere."""
        return self.root / f"process-{number}" / str(self.pid(number)) / "labels" / "anna" / "incoming"

    def connect(self, password: str = PASSWORD, user: str = "anna") -> paramiko.Transport:
        transport = paramiko.Transport(("127.0.0.1", self.server.port))
        transport.connect(username=user, password=password)
        return transport


@pytest.fixture
def several(tmp_path: Path) -> Iterator[Several]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    noticed: list[tuple[int, str]] = []
    running: list[Several] = []
    (tmp_path / "key.pub").write_text((host_keys() / "ssh_host_ed25519_key.pub").read_text())
    keys = make_host_keys(host_keys())
    sftp_workers = SftpWorkers(
        functools.partial(open_rooms, tmp_path),
        tuple(keys),
        lambda label, folder: noticed.append((label, folder)),
        lambda what, detail: running[0].alarm(what, detail),
    )
    starting = serve(MemoryBackend(), CONFIG, keys, log=RecordingLog(), sftp_workers=sftp_workers)
    server = asyncio.run_coroutine_threadsafe(starting, loop).result(20)
    running.append(Several(server, tmp_path, loop, noticed))
    try:
        until(lambda: all((tmp_path / f"process-{number}.pid").exists() for number in (1, 2)))
        yield running[0]
    finally:
        asyncio.run_coroutine_threadsafe(server.drain(0), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "did not come about in time"
        time.sleep(0.02)


def client_of(transport: paramiko.Transport) -> paramiko.SFTPClient:
    client = paramiko.SFTPClient.from_transport(transport)
    assert client is not None
    return client


def put(client: paramiko.SFTPClient, name: str, body: bytes) -> None:
    with client.open(f"/incoming/{name}", "wb") as file:
        file.set_pipelined(True)
        file.write(body)


def stored(several: Several) -> dict[str, bytes]:
    folders = [several.incoming(number) for number in (1, 2)]
    return {path.name: path.read_bytes() for folder in folders for path in folder.iterdir()}


def test_connections_are_spread_over_the_processes_and_all_they_send_arrives(several: Several) -> None:
    bodies = {f"{number}.wav": random.Random(number).randbytes(1_000_000) for number in range(4)}

    with ExitStack() as open_now, ThreadPoolExecutor(4) as threads:
        transports = [open_now.enter_context(several.connect()) for _ in bodies]
        clients = [client_of(transport) for transport in transports]
        list(threads.map(put, clients, bodies, bodies.values()))
        until(lambda: several.server.sessions == 4)
    assert stored(several) == bodies
    assert [len(list(several.incoming(number).iterdir())) for number in (1, 2)] == [2, 2]
    assert sorted(several.noticed) == [(1, name) for name in sorted(bodies)]
    until(lambda: several.server.sessions == 0)


def test_the_cap_of_a_label_counts_its_connections_in_all_processes(several: Several) -> None:
    with ExitStack() as open_now:
        for _ in range(CONFIG.max_connections_per_label):
            client_of(open_now.enter_context(several.connect())).listdir("/incoming")
        with pytest.raises((paramiko.SSHException, EOFError)), several.connect() as one_more:
            client_of(one_more).listdir("/incoming")
    until(lambda: several.server.sessions == 0)
    with several.connect() as again:
        assert client_of(again).listdir("/incoming") == []


def test_wrong_passwords_in_any_process_bring_one_ban(several: Several) -> None:
    for _ in range(BAN_AFTER):
        with pytest.raises(paramiko.SSHException):
            several.connect("wrong")
    with pytest.raises((paramiko.SSHException, EOFError, ConnectionError)):
        several.connect()


def test_logins_to_an_own_account_in_between_do_not_put_the_ban_off_in_any_process(several: Several) -> None:
    for _ in range(BAN_AFTER):
        with pytest.raises(paramiko.SSHException):
            several.connect("wrong", "bert")
        with suppress(paramiko.SSHException, EOFError, ConnectionError), several.connect() as own:
            client_of(own).listdir("/incoming")
    with pytest.raises((paramiko.SSHException, EOFError, ConnectionError)):
        several.connect()


def test_a_process_that_falls_takes_only_its_own_connections_and_is_started_again(several: Several) -> None:
    with several.connect() as first, several.connect() as second:
        clients = [client_of(first), client_of(second)]
        for client in clients:
            put(client, f"{id(client)}.wav", b"x")
        old = several.pid(1)
        os.kill(old, signal.SIGKILL)
        until(lambda: several.pid(1) != old)
        alive = [transport for transport in (first, second) if is_alive(transport)]
        assert len(alive) == 1
        assert [what for what, _ in several.alarms] == ["process 1 of the SFTP server fell"]
    bodies = {f"after-{number}.wav": b"y" * 1000 for number in range(2)}
    with several.connect() as first, several.connect() as second:
        put(client_of(first), "after-0.wav", bodies["after-0.wav"])
        put(client_of(second), "after-1.wav", bodies["after-1.wav"])
    assert {name: body for name, body in stored(several).items() if name in bodies} == bodies


def test_a_process_is_started_again_though_ops_cannot_be_told(several: Several) -> None:
    several.is_deaf = True
    old = several.pid(1)
    os.kill(old, signal.SIGKILL)
    until(lambda: several.pid(1) != old)


def test_each_process_lets_go_of_removed_files_within_half_a_minute(several: Several) -> None:
    with several.connect() as first, several.connect() as second:
        clients = [client_of(first), client_of(second)]
        for client in clients:
            put(client, "a.wav", b"sound")
        files = [client.open("/incoming/a.wav", "rb") for client in clients]
        places = [(several.incoming(number), several.pid(number)) for number in (1, 2)]
        for place, pid in places:
            assert open_files(place, pid) != []
            (place / "a.wav").unlink()
        until(lambda: not any(open_files(place, pid) for place, pid in places), 30)
        for file in files:
            with pytest.raises(FileNotFoundError):
                file.read(1)


def is_alive(transport: paramiko.Transport) -> bool:
    try:
        client_of(transport).listdir("/incoming")
    except (paramiko.SSHException, EOFError, OSError):
        return False
    return True


def test_draining_waits_for_the_uploads_of_every_process(several: Several) -> None:
    body = random.Random(9).randbytes(300_000)
    with several.connect() as first, several.connect() as second:
        files = [
            client_of(transport).open(f"/incoming/{name}.wav", "wb") for transport, name in ((first, 1), (second, 2))
        ]
        until(lambda: several.server.uploads == 2)
        draining = asyncio.run_coroutine_threadsafe(several.server.drain(20), several.loop)
        for file in files:
            file.write(body)
            file.close()
        draining.result(20)
    assert stored(several) == {"1.wav": body, "2.wav": body}
