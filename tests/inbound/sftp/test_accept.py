"""Accepting connections: the caps before any cryptography."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.config import Sftp
from tests.inbound.sftp.raw import DROPPED
from tests.sftp_clients import running_server


@pytest.mark.slow
def test_idle_connections_before_login_make_way_for_newcomers_and_time_out(tmp_path: Path) -> None:
    config = Sftp(host="127.0.0.1", port=0, min_free_bytes=0, max_logins_pending=5, login_seconds=6)
    with running_server(tmp_path, config) as running:
        source = ("127.0.0.2", 0)
        idle = [socket.create_connection(("127.0.0.1", running.port), 60, source_address=source) for _ in range(12)]
        running.until(lambda: running.log.events().count("connection dropped") == 7)
        with running.paramiko() as client:
            assert client.listdir("/") == ["incoming"]
        assert [running_out(one) for one in idle] == [True] * 12
        assert running.log.events().count("connection dropped") == 8
        for one in idle:
            one.close()


def running_out(connection: socket.socket) -> bool:
    """True once the server has ended the connection, which it must within a few seconds."""
    connection.settimeout(60)
    with suppress(ConnectionResetError):
        while connection.recv(4096):
            continue
    return True


def test_a_label_and_an_address_have_a_most_of_connections(tmp_path: Path) -> None:
    config = Sftp(
        host="127.0.0.1", port=0, min_free_bytes=0, max_connections_per_label=2, max_connections_per_address=4
    )
    with running_server(tmp_path, config) as running:
        running.add_label("bert")
        with running.paramiko(), running.paramiko():
            with pytest.raises(DROPPED), running.paramiko() as third:
                third.listdir("/")
            running.until(lambda: "too many connections of one label" in running.log.events())
            with running.paramiko("bert"), running.paramiko("bert"), pytest.raises(DROPPED), running.paramiko("bert"):
                pass
        running.until(lambda: not running.backend.connections)
        with running.paramiko() as client:
            client.listdir("/")
