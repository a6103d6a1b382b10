"""One SSH connection: who logs in, what it may open, and its end."""

from __future__ import annotations

import gc
import time
from pathlib import Path

import asyncssh
import paramiko
import pytest

from ingest.config import Sftp
from ingest.inbound.sftp.connection import Connection
from ingest.inbound.sftp.protocol import Kind
from tests.inbound.sftp.raw import DROPPED, raw, string, transport
from tests.sftp_clients import Running, running_server


@pytest.mark.slow
def test_an_idle_session_is_closed(tmp_path: Path) -> None:
    config = Sftp(host="127.0.0.1", port=0, min_free_bytes=0, idle_seconds=4)
    with running_server(tmp_path, config) as running, raw(running) as client:
        for _ in range(3):
            time.sleep(1.5)
            client.ask(Kind.STAT, string(b"/"))
        with pytest.raises((EOFError, OSError)):
            client.read()
        running.until(lambda: not running.backend.connections)


def test_channels_shells_and_forwarding_are_refused(running: Running) -> None:
    with transport(running) as opened:
        first = opened.open_session()
        with pytest.raises(paramiko.SSHException):
            first.exec_command("md5sum /etc/passwd")
        second = opened.open_session()
        with pytest.raises(paramiko.SSHException):
            second.invoke_shell()
        with pytest.raises(paramiko.SSHException):
            opened.open_channel("direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1))
        with pytest.raises(paramiko.SSHException):
            opened.request_port_forward("127.0.0.1", 0)
        channels = []
        with pytest.raises(paramiko.ChannelException):
            for _ in range(4):
                channels.append(opened.open_session())


def test_a_disabled_label_and_an_unknown_one_cannot_log_in(running: Running) -> None:
    running.add_label("carl", enabled=False)
    for user in ("carl", "nobody"):
        with pytest.raises(paramiko.AuthenticationException), running.paramiko(user):
            pass
        key = paramiko.Ed25519Key.from_private_key_file(str(running.key_file))
        with paramiko.Transport(("127.0.0.1", running.port)) as opened, pytest.raises(paramiko.AuthenticationException):
            opened.connect(username=user, pkey=key)


@pytest.mark.parametrize("verb", ["account", "connected"])
def test_a_crash_of_the_door_at_login_refuses_that_login_only(running: Running, verb: str) -> None:
    with running.paramiko() as other:
        running.backend.crashing.add(verb)
        with pytest.raises(DROPPED), running.paramiko() as client:
            client.listdir("/")
        running.backend.crashing.clear()
        assert other.listdir("/") == ["incoming"]
        with running.paramiko() as client:
            assert client.listdir("/") == ["incoming"]
    assert "backend failed" in running.log.events()


def test_nothing_is_kept_of_a_connection_that_ended(running: Running) -> None:
    def kept() -> int:
        gc.collect()
        return sum(type(one) in (Connection, asyncssh.SSHServerConnection) for one in gc.get_objects())

    with running.paramiko() as client:
        client.listdir("/incoming")
        assert kept() == 2
    running.until(lambda: kept() == 0, 20)
