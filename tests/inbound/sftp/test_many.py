"""Many honest clients at one time, and one after another: nobody is taken for an attacker, and nothing stays."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import sftp_clients as clients
from tests.sftp_clients import run, running_server

CLIENTS = 8
LABELS = 40


@pytest.mark.clients
def test_eight_openssh_clients_upload_at_once_and_all_arrives(tmp_path: Path) -> None:
    bodies = [random.Random(number).randbytes(20_000_000) for number in range(CLIENTS)]
    sources = [tmp_path / f"{number}.wav" for number in range(CLIENTS)]
    for source, body in zip(sources, bodies, strict=True):
        source.write_bytes(body)

    root = tmp_path / "server"
    root.mkdir()
    with running_server(root) as running, ThreadPoolExecutor(CLIENTS) as threads:
        command = clients.sftp_command(running)
        list(threads.map(lambda source: run(command, f"put {source} incoming/{source.name}\n"), sources))
        assert [(running.incoming / source.name).read_bytes() for source in sources] == bodies
        assert running.log.events().count("upload ended") == CLIENTS
        assert "client does not read" not in running.log.events()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_labels_that_came_and_went_leave_no_descriptor_open(tmp_path: Path) -> None:
    with running_server(tmp_path) as running:
        names = [running.add_label(f"label{number}").name for number in range(LABELS)]

        def upload(name: str) -> None:
            with running.paramiko(name) as client, client.open("/incoming/a.wav", "w") as file:
                file.write(b"x")
            running.until(lambda: running.server.sessions == 0)

        upload(names[0])
        open_after_the_first = descriptors()
        for name in names[1:]:
            upload(name)
        running.until(lambda: descriptors() <= open_after_the_first, seconds=10)
