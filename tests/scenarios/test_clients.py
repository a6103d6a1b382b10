"""Real SFTP clients against the whole daemon: complete uploads, interrupted ones, and their resumption."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paramiko
import pytest

from tests import sftp_clients as clients
from tests.daemons import PASSWORD, Daemon, Look, running, wait_for
from tests.packages import Good, write_good

pytestmark = [pytest.mark.slow, pytest.mark.clients, pytest.mark.timeout(300)]

Command = tuple[list[str], str]
PATIENT = "settle_seconds = 1.5\nmarker_seconds = 1\nincomplete_seconds = 20\nrescan_seconds = 2"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, Look]]:
    with running(tmp_path_factory.mktemp("clients"), intake=PATIENT) as both:
        yield both


def whole_by_psftp(daemon: Daemon, folder: Path) -> Command:
    return clients.psftp_command(daemon), f"cd incoming\nput -r {folder}\nquit\n"


def whole_by_sftp(daemon: Daemon, folder: Path) -> Command:
    return clients.sftp_command(daemon), f"cd incoming\nput -r {folder}\n"


def whole_by_lftp(daemon: Daemon, folder: Path) -> Command:
    return clients.lftp_command(daemon, f"mirror -R --parallel=4 {folder} /incoming/{folder.name}"), ""


def whole_by_rclone(daemon: Daemon, folder: Path) -> Command:
    return clients.rclone_command(daemon, "copy", str(folder), f"REMOTE/incoming/{folder.name}"), ""


@pytest.mark.parametrize("upload", [whole_by_psftp, whole_by_sftp, whole_by_lftp, whole_by_rclone])
def test_a_release_uploaded_by_a_real_client_reaches_needs_qc(
    served: tuple[Daemon, Look], tmp_path: Path, upload: Callable[[Daemon, Path], Command]
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.EP)
    folder = folder.rename(tmp_path / f"Whole_{upload.__name__}")
    command, script = upload(daemon, folder)
    clients.run(command, script)
    package = look.wait_for_status(folder.name, ["Needs QC", "Invalid"])
    assert (package.status, look.codes(package.id)) == ("Needs QC", [])


@pytest.mark.parametrize("kind", [Good.ALBUM, Good.ERN])
def test_an_album_and_a_genuine_ern_release_with_resources_below_it_reach_needs_qc_without_an_error(
    served: tuple[Daemon, Look], tmp_path: Path, kind: Good
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, kind)
    command, script = whole_by_sftp(daemon, folder)
    clients.run(command, script)
    package = look.wait_for_status(folder.name, ["Needs QC", "Invalid"])
    assert (package.status, look.codes(package.id)) == ("Needs QC", [])


def cut_sftp(daemon: Daemon, path: Path, remote: str) -> Command:
    return [*clients.sftp_command(daemon)[:-1], "-l", "8000", "anna@127.0.0.1"], f"put {path} {remote}\n"


def resume_sftp(daemon: Daemon, path: Path, remote: str) -> Command:
    return clients.sftp_command(daemon), f"reput {path} {remote}\n"


def cut_lftp(daemon: Daemon, path: Path, remote: str) -> Command:
    script = f"set net:limit-rate 0:1000000; set net:limit-max 1000000; put {path} -o /{remote}"
    return clients.lftp_command(daemon, script), ""


def resume_lftp(daemon: Daemon, path: Path, remote: str) -> Command:
    return clients.lftp_command(daemon, f"put -c {path} -o /{remote}"), ""


@pytest.mark.parametrize(
    ("how", "cut", "resume"),
    [
        (signal.SIGKILL, cut_sftp, resume_sftp),
        (signal.SIGINT, cut_sftp, resume_sftp),
        (signal.SIGKILL, cut_lftp, resume_lftp),
    ],
)
def test_an_upload_cut_off_midway_is_never_sealed_truncated_and_is_taken_once_resumed(
    served: tuple[Daemon, Look],
    tmp_path: Path,
    how: signal.Signals,
    cut: Callable[[Daemon, Path, str], Command],
    resume: Callable[[Daemon, Path, str], Command],
) -> None:
    daemon, look = served
    name = f"Cut_{cut.__name__}_{how.name}"
    folder = write_good(tmp_path, Good.SINGLE).rename(tmp_path / name)
    audio = folder / "01_Sunrise.wav"
    script = f"cd incoming\nmkdir {name}\ncd {name}\nput {folder}/metadata.xml\nput {folder}/artwork.jpg\n"
    clients.run(clients.sftp_command(daemon), script)
    remote = f"incoming/{name}/{audio.name}"
    kill_midway(*cut(daemon, audio, remote), daemon.incoming / name / audio.name, how)
    assert 0 < (daemon.incoming / name / audio.name).stat().st_size < audio.stat().st_size
    time.sleep(6)
    assert name not in look.statuses(), "four times the settle time passed on a truncated file"
    clients.run(*resume(daemon, audio, remote))
    package = look.wait_for_status(name, ["Needs QC", "Invalid"])
    assert (package.status, look.codes(package.id)) == ("Needs QC", [])
    (sealed,) = (daemon.config.paths.spool_dir / "anna").glob(f"*/{name}/{audio.name}")
    assert sealed.read_bytes() == audio.read_bytes()


def kill_midway(command: list[str], script: str, arriving: Path, how: signal.Signals) -> None:
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write(script.encode())
        process.stdin.close()
        wait_for(lambda: arriving.exists() and arriving.stat().st_size > 1_000_000, 20, "the first megabyte")
        os.killpg(process.pid, how)
        process.wait(20)


def test_an_upload_ended_by_a_tcp_reset_is_never_sealed_truncated_and_is_taken_once_resumed(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.SINGLE)
    data = (folder / "01_Sunrise.wav").read_bytes()
    connection = socket.create_connection(("127.0.0.1", daemon.port))
    transport = paramiko.Transport(connection)
    transport.connect(username="anna", password=PASSWORD)
    sftp = paramiko.SFTPClient.from_transport(transport)
    assert sftp is not None
    sftp.mkdir("/incoming/Reset")
    for file in ("metadata.xml", "artwork.jpg"):
        sftp.put(str(folder / file), f"/incoming/Reset/{file}")
    handle = sftp.open("/incoming/Reset/01_Sunrise.wav", "wb")
    handle.write(data[:3_000_000])
    handle.flush()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.packetizer.close()
    connection.close()
    transport.join(10)
    time.sleep(6)
    assert "Reset" not in look.statuses()
    clients.run(clients.sftp_command(daemon), f"reput {folder}/01_Sunrise.wav incoming/Reset/01_Sunrise.wav\n")
    package = look.wait_for_status("Reset", ["Needs QC", "Invalid"])
    assert (package.status, look.codes(package.id)) == ("Needs QC", [])


def test_an_upload_cut_off_and_never_resumed_is_invalid_and_says_how_much_arrived(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.SINGLE)
    script = f"cd incoming\nmkdir Torn\ncd Torn\nput {folder}/metadata.xml\nput {folder}/artwork.jpg\n"
    clients.run(clients.sftp_command(daemon), script)
    audio = folder / "01_Sunrise.wav"
    remote = f"incoming/Torn/{audio.name}"
    kill_midway(*cut_sftp(daemon, audio, remote), daemon.incoming / "Torn" / audio.name, signal.SIGKILL)
    package = look.wait_for_status("Torn", ["Needs QC", "Invalid"])
    assert (package.status, look.codes(package.id)) == ("Invalid", ["PKG-008"])
