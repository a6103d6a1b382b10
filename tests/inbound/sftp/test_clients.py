"""Real clients upload release folders, resume them, and read the refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import sftp_clients as clients
from tests.sftp_clients import Running, digests, release_folder, run, running_server

pytestmark = pytest.mark.clients

NAME = "Artist_Album_5034567890123_20260401"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with running_server(tmp_path) as server:
        yield server


def with_sftp(running: Running, folder: Path) -> None:
    run(clients.sftp_command(running), f"cd incoming\nmkdir {NAME}\nput -r -p {folder}\n")


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
    running.until(lambda: not running.door.connections)
    assert {end.path: end.size for end in running.door.ended} == sizes
    assert {end.path: end.received for end in running.door.ended} == sizes
    assert [end for end in running.door.ended if end.torn or end.holes] == []
    assert running.door.late == []
