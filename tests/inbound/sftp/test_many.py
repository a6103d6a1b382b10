"""Many honest clients at one time: nobody is taken for an attacker."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import sftp_clients as clients
from tests.sftp_clients import run, running_server

CLIENTS = 8


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
