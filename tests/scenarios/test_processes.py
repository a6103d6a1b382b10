"""The SFTP server in several processes of one daemon: the journal holds together across them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from tests import sftp_clients as clients
from tests.daemons import PASSWORD, Daemon, Look, running, wait_for
from tests.packages import Good, write_good

pytestmark = [pytest.mark.slow, pytest.mark.clients, pytest.mark.timeout(240)]

PATIENT = "settle_seconds = 1.5\nmarker_seconds = 1\nincomplete_seconds = 20\nrescan_seconds = 2"
PROCESSES = 2


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, Look]]:
    with running(tmp_path_factory.mktemp("processes"), intake=PATIENT, sftp=f"processes = {PROCESSES}") as both:
        yield both


def sftp_workers(daemon: Daemon) -> list[int]:
    assert daemon.process is not None
    children = Path(f"/proc/{daemon.process.pid}/task/{daemon.process.pid}/children").read_text().split()
    return [int(child) for child in children if b"sftp_worker_process" in command_of(child)]


def command_of(process: str) -> bytes:
    """The command line of a process; nothing once it is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def client_of(transport: paramiko.Transport) -> paramiko.SFTPClient:
    transport.connect(username="anna", password=PASSWORD)
    client = paramiko.SFTPClient.from_transport(transport)
    assert client is not None
    return client


def test_a_release_uploaded_over_several_processes_is_one_package(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    assert len(sftp_workers(daemon)) == PROCESSES
    folder = write_good(tmp_path, Good.EP).rename(tmp_path / "Over_Two")
    clients.run(clients.lftp_command(daemon, f"mirror -R --parallel=4 {folder} /incoming/{folder.name}"))
    package = look.wait_for_status(folder.name, ["Needs QC", "Invalid"])
    assert (package.status, look.codes(package.id)) == ("Needs QC", [])
    assert [row.folder for row in look.packages()] == ["Over_Two"]


def test_a_folder_taken_through_one_process_is_closed_in_the_other(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.EP).rename(tmp_path / "Closed")
    with (
        paramiko.Transport(("127.0.0.1", daemon.port)) as first,
        paramiko.Transport(("127.0.0.1", daemon.port)) as second,
    ):
        one, other = client_of(first), client_of(second)
        one.mkdir("/incoming/Closed")
        for path in sorted(folder.iterdir()):
            one.put(str(path), f"/incoming/Closed/{path.name}")
        look.wait_for_status("Closed", ["Needs QC"])
        for client in (one, other):
            with pytest.raises(OSError, match="This release is already submitted"):
                client.open("/incoming/Closed/late.wav", "wb")


def test_what_a_killed_process_had_open_is_torn_and_resumed_through_another(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.EP).rename(tmp_path / "Killed")
    *others, last = sorted(folder.iterdir(), key=lambda path: path.stat().st_size)
    before = sftp_workers(daemon)
    with paramiko.Transport(("127.0.0.1", daemon.port)) as transport:
        client = client_of(transport)
        client.mkdir("/incoming/Killed")
        for path in others:
            client.put(str(path), f"/incoming/Killed/{path.name}")
        file = client.open(f"/incoming/Killed/{last.name}", "wb")
        file.write(last.read_bytes()[:500_000])
        time.sleep(0.5)
        for process in before:
            os.kill(process, signal.SIGKILL)
        wait_for(lambda: len(set(sftp_workers(daemon)) - set(before)) == PROCESSES, 60, "new processes")
    assert "Killed" not in look.statuses()
    wait_for(lambda: resumed(daemon, last), 60, "a process that serves again")
    package = look.wait_for_status("Killed", ["Needs QC", "Invalid"])
    assert (package.status, look.codes(package.id)) == ("Needs QC", [])
    wait_for(lambda: len(look.emails_of("alarm")) >= 1, 30, "an alarm to ops")


def resumed(daemon: Daemon, last: Path) -> bool:
    try:
        clients.run(clients.sftp_command(daemon), f"cd incoming/Killed\nreput {last}\n")
    except AssertionError:
        return False
    return True


def test_the_processes_end_with_the_daemon_however_it_ends(served: tuple[Daemon, Look]) -> None:
    daemon, _ = served
    first = sftp_workers(daemon)
    assert daemon.stop() == 0
    assert [process for process in first if Path(f"/proc/{process}").exists()] == []
    daemon.start()
    daemon.wait_until_ready()
    wait_for(lambda: len(sftp_workers(daemon)) == PROCESSES, 30, "the processes")
    second = sftp_workers(daemon)
    daemon.kill()
    wait_for(lambda: not any(Path(f"/proc/{process}").exists() for process in second), 60, "their end")
