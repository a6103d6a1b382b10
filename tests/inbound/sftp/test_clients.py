"""Real clients upload release folders, resume them, and read the refusals."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import sftp_clients as clients
from tests.sftp_clients import Running, digests, release_folder, run

pytestmark = pytest.mark.clients

NAME = "Artist_Album_5034567890123_20260401"


def with_sftp(running: Running, folder: Path) -> None:
    run(clients.sftp_command(running), f"cd incoming\nput -r -p {folder}\n")


def with_psftp(running: Running, folder: Path) -> None:
    run(clients.psftp_command(running), f"cd incoming\nput -r {folder} {folder.name}\n")


def with_lftp(running: Running, folder: Path) -> None:
    run(clients.lftp_command(running, f"mirror -R --parallel=4 {folder} /incoming/{folder.name}"))


def with_rclone(running: Running, folder: Path) -> None:
    run(clients.rclone_command(running, "copy", str(folder), f"REMOTE/incoming/{folder.name}"))


def with_curl(running: Running, folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            target = f"incoming/{folder.name}/{path.relative_to(folder)}".replace(" ", "%20")
            run(clients.curl_command(running, path, target, "--ftp-create-dirs"))


def with_paramiko(running: Running, folder: Path) -> None:
    with running.paramiko() as client:
        client.mkdir(f"/incoming/{folder.name}")
        for path in sorted(folder.rglob("*")):
            target = f"/incoming/{folder.name}/{path.relative_to(folder)}"
            if path.is_dir():
                client.mkdir(target)
            else:
                client.put(str(path), target)


Upload = Callable[[Running, Path], None]
UPLOADS = [with_sftp, with_psftp, with_lftp, with_rclone, with_curl, with_paramiko]


@pytest.mark.parametrize("upload", UPLOADS)
def test_a_release_folder_arrives_byte_identical(running: Running, tmp_path: Path, upload: Upload) -> None:
    folder = release_folder(tmp_path / "source")
    upload(running, folder)
    assert digests(running.incoming / NAME) == digests(folder)
    sizes = {str(path.relative_to(folder.parent)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    running.until(lambda: not running.backend.connections)
    assert {end.path: end.size for end in running.backend.ended} == sizes
    assert {end.path: end.received for end in running.backend.ended} == sizes
    assert [end for end in running.backend.ended if end.interrupted or end.holes] == []
    assert running.backend.late == []


def killed_midway(running: Running, command: list[str], script: str, path: Path, how: signal.Signals) -> None:
    """Start a client that uploads `path` slowly enough, stop it by a signal once part of it has arrived."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write(script.encode())
        process.stdin.close()
        arrived = running.incoming / path.name
        running.until(lambda: arrived.exists() and arrived.stat().st_size > 1_000_000)
        os.killpg(process.pid, how)
        process.wait(20)
    running.until(lambda: not running.backend.connections)


PARAMIKO = f"""
import pathlib, sys, time, paramiko
port, path, resumes = int(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3] == "1"
transport = paramiko.Transport(("127.0.0.1", port))
transport.connect(username="anna", password={clients.PASSWORD!r})
client = paramiko.SFTPClient.from_transport(transport)
with client.open(f"/incoming/{{path.name}}", "r+" if resumes else "w") as file, path.open("rb") as source:
    file.set_pipelined(True)
    begin = file.stat().st_size if resumes else 0
    file.seek(begin)
    source.seek(begin)
    while data := source.read(32768):
        file.write(data)
        time.sleep(0 if resumes else 0.005)
transport.close()
"""

Cut = Callable[[Running, Path], tuple[list[str], str]]


def cut_sftp(running: Running, path: Path) -> tuple[list[str], str]:
    return [*clients.sftp_command(running)[:-1], "-l", "40000", "anna@127.0.0.1"], f"put {path} incoming/\n"


def cut_psftp(running: Running, path: Path) -> tuple[list[str], str]:
    return clients.psftp_command(running), f"cd incoming\nput {path}\n"


def cut_lftp(running: Running, path: Path) -> tuple[list[str], str]:
    return clients.lftp_command(running, f"set net:limit-rate 0:5000000; put -O /incoming {path}"), ""


def cut_rclone(running: Running, path: Path) -> tuple[list[str], str]:
    words = ["copyto", "--bwlimit", "5M", str(path), f"REMOTE/incoming/{path.name}"]
    return clients.rclone_command(running, *words), ""


def cut_paramiko(running: Running, path: Path) -> tuple[list[str], str]:
    return [sys.executable, "-c", PARAMIKO, str(running.port), str(path), "0"], ""


def cut_curl(running: Running, path: Path) -> tuple[list[str], str]:
    return clients.curl_command(running, path, f"incoming/{path.name}", "--limit-rate", "5M"), ""


def resume_sftp(running: Running, path: Path) -> tuple[list[str], str]:
    return clients.sftp_command(running), f"reput {path} incoming/{path.name}\n"


def resume_psftp(running: Running, path: Path) -> tuple[list[str], str]:
    return clients.psftp_command(running), f"cd incoming\nreput {path}\n"


def resume_lftp(running: Running, path: Path) -> tuple[list[str], str]:
    return clients.lftp_command(running, f"put -c -O /incoming {path}"), ""


def resume_rclone(running: Running, path: Path) -> tuple[list[str], str]:
    """rclone begins again from the start: it never resumes."""
    return clients.rclone_command(running, "copyto", str(path), f"REMOTE/incoming/{path.name}"), ""


def resume_paramiko(running: Running, path: Path) -> tuple[list[str], str]:
    return [sys.executable, "-c", PARAMIKO, str(running.port), str(path), "1"], ""


def resume_curl(running: Running, path: Path) -> tuple[list[str], str]:
    return clients.curl_command(running, path, f"incoming/{path.name}", "-C", "-"), ""


@pytest.mark.parametrize(
    ("cut", "resume", "size"),
    [
        (cut_sftp, resume_sftp, 20_000_000),
        (cut_psftp, resume_psftp, 150_000_000),
        (cut_lftp, resume_lftp, 20_000_000),
        (cut_rclone, resume_rclone, 20_000_000),
        (cut_curl, resume_curl, 20_000_000),
        (cut_paramiko, resume_paramiko, 20_000_000),
    ],
)
def test_a_client_killed_midway_is_torn_and_resumes_byte_identical(
    running: Running, tmp_path: Path, cut: Cut, resume: Cut, size: int
) -> None:
    path = tmp_path / "01_Track.wav"
    path.write_bytes(random.Random(1).randbytes(1_000_003) * (size // 1_000_000))
    killed_midway(running, *cut(running, path), path, signal.SIGKILL)
    arrived = running.incoming / path.name
    partial = arrived.stat().st_size
    (first,) = running.backend.ended
    assert first.interrupted
    assert first.size == partial < path.stat().st_size
    command, script = resume(running, path)
    run(command, script)
    assert arrived.read_bytes() == path.read_bytes()
    running.until(lambda: not running.backend.connections)
    last = running.backend.ended[-1]
    assert (last.interrupted, last.holes, last.size) == (False, False, path.stat().st_size)
    assert last.received <= path.stat().st_size - (0 if cut is cut_rclone else partial) + 1
    assert running.backend.late == []


def again_sftp(running: Running, folder: Path) -> tuple[list[str], str]:
    """Its reput -r stops at files that are not there yet, so a whole folder is put again."""
    return clients.sftp_command(running), f"cd incoming\nput -r -p {folder}\n"


def again_psftp(running: Running, folder: Path) -> tuple[list[str], str]:
    """It goes on behind the last file, by name, that it finds there."""
    return clients.psftp_command(running), f"cd incoming\nreput -r {folder} {folder.name}\n"


def again_lftp(running: Running, folder: Path) -> tuple[list[str], str]:
    return clients.lftp_command(running, f"mirror -R -c --parallel=4 {folder} /incoming/{folder.name}"), ""


def again_rclone(running: Running, folder: Path) -> tuple[list[str], str]:
    return clients.rclone_command(running, "copy", str(folder), f"REMOTE/incoming/{folder.name}"), ""


@pytest.mark.parametrize("again", [again_sftp, again_psftp, again_lftp, again_rclone])
def test_a_folder_cut_off_in_a_file_is_completed_by_uploading_it_again(
    running: Running, tmp_path: Path, again: Cut
) -> None:
    """What a label does after its program died: the same upload once more; what is there already may stay."""
    folder = release_folder(tmp_path / "source")
    there, first = running.incoming / NAME, "01_Ouvertüre & Lied.wav"
    with running.paramiko() as client:
        client.mkdir(f"/incoming/{NAME}")
        client.put(str(folder / first), f"/incoming/{NAME}/{first}")
        with client.open(f"/incoming/{NAME}/02_Track.wav", "w") as file:
            file.write((folder / "02_Track.wav").read_bytes()[:300_001])
            client.get_channel().get_transport().close()  # type: ignore[union-attr]
    running.until(lambda: not running.backend.connections)
    assert (there / "02_Track.wav").stat().st_size == 300_001
    command, script = again(running, folder)
    run(command, script)
    assert digests(there) == digests(folder)
    running.until(lambda: not running.backend.connections)
    assert [end.path for end in running.backend.ended if end.interrupted] == [f"{NAME}/02_Track.wav"]
    assert running.backend.late == []


def test_an_upload_interrupted_with_control_c_is_closed_short_by_openssh(running: Running, tmp_path: Path) -> None:
    """A clean CLOSE is no proof of completeness: the journal gets the short size."""
    path = tmp_path / "01_Track.wav"
    path.write_bytes(bytes(20_000_000))
    command, script = cut_sftp(running, path)
    killed_midway(running, command, script, path, signal.SIGINT)
    (end,) = running.backend.ended
    assert end.size < path.stat().st_size


def test_clients_show_the_label_why_it_was_refused_as_far_as_they_can(running: Running, tmp_path: Path) -> None:
    """lftp shows the server's sentence; OpenSSH and psftp show only their own words for the code."""
    folder = release_folder(running.incoming, NAME, size=1000)
    (tmp_path / "spool").mkdir()
    running.backend.seal(running.account, folder.name, tmp_path / "spool")
    source = tmp_path / "01_Track.wav"
    source.write_bytes(b"x")
    printed = run(clients.lftp_command(running, f"mkdir /incoming/{NAME}"), fails=True)
    sentence = "This release is already submitted (package 123). To correct it, upload a new folder, for example"
    assert f"{sentence} {NAME}_v2." in printed
    printed = run(clients.sftp_command(running), f"put {source} incoming/{NAME}/\n", fails=True)
    assert "Permission denied" in printed
    assert "permission denied" in run(clients.psftp_command(running), f"mkdir incoming/{NAME}\n")


def test_openssh_logs_in_with_a_password(running: Running, tmp_path: Path) -> None:
    asks = tmp_path / "askpass"
    asks.write_text(f"#!/bin/sh\necho '{clients.PASSWORD}'\n")
    asks.chmod(0o755)
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "PubkeyAuthentication=no"]
    words = [word for option in options for word in ("-o", option)]
    command = [clients.need("sftp"), *words, "-P", str(running.port), "anna@127.0.0.1"]
    printed = run(command, "ls /\n", SSH_ASKPASS=str(asks), SSH_ASKPASS_REQUIRE="force")
    assert "/incoming" in printed


def test_rekeying_every_few_megabytes_changes_no_byte(running: Running, tmp_path: Path) -> None:
    path = tmp_path / "01_Track.wav"
    path.write_bytes(random.Random(2).randbytes(1_000_003) * 20)
    command = clients.sftp_command(running)
    run([*command[:-1], "-o", "RekeyLimit=3M", command[-1]], f"put {path} incoming/\n")
    assert (running.incoming / path.name).read_bytes() == path.read_bytes()
