"""Connections served in this process: what is offered to them, and how they are drained."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import pytest

from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from tests.inbound.sftp.raw import raw, string, write
from tests.sftp_clients import Running, running_server


def algorithms_offered(port: int) -> dict[str, list[str]]:
    """The name lists of the server's KEXINIT (RFC 4253, section 7.1), read without any client's help."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection, connection.makefile("rb") as stream:
        connection.sendall(b"SSH-2.0-test\r\n")
        assert stream.readline().rstrip() == b"SSH-2.0-ingest"
        length, padding = struct.unpack(">IB", stream.read(5))
        payload = stream.read(length - 1)[: length - 1 - padding]
    assert payload[0] == 20
    lists, at = [], 17
    for _ in range(8):
        (size,) = struct.unpack_from(">I", payload, at)
        lists.append(payload[at + 4 : at + 4 + size].decode().split(","))
        at += 4 + size
    names = ("kex", "host key", "cipher in", "cipher out", "mac in", "mac out", "zip in", "zip out")
    return dict(zip(names, lists, strict=True))


def test_only_algorithms_worth_having_are_offered(running: Running) -> None:
    offered = algorithms_offered(running.port)
    ciphers = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"]
    assert sorted(offered["cipher in"]) == sorted(offered["cipher out"]) == sorted(ciphers)
    for name in [*offered["kex"], *offered["mac in"], *offered["mac out"]]:
        assert not [bad for bad in ("sha1", "md5", "@ssh.com", "group1-", "group16", "rsa2048") if bad in name]
        assert name != "hmac-sha1"
    assert "kex-strict-s-v00@openssh.com" in offered["kex"]
    assert set(offered["host key"]) == {"ssh-ed25519", "rsa-sha2-256", "rsa-sha2-512", "ecdsa-sha2-nistp256"}
    assert offered["zip in"] == offered["zip out"] == ["none"]


@pytest.mark.slow
def test_draining_lets_uploads_end_and_tears_the_others(tmp_path: Path) -> None:
    with running_server(tmp_path) as running:
        with raw(running) as first, raw(running) as second:
            making = OpenFlag.WRITE | OpenFlag.CREATE
            one, two = first.open("/incoming/one", making), second.open("/incoming/two", making)
            draining = running.drain(8)
            running.until(lambda: not listens(running.port))
            with pytest.raises(OSError):
                socket.create_connection(("127.0.0.1", running.port), timeout=60)
            first.send(write(1, one, 0, b"abc"))
            assert first.read().status[0] is Code.OK
            assert first.ask(Kind.CLOSE, string(one)).status[0] is Code.OK
            second.send(write(1, two, 0, b"abc"))
            draining.result(60)
        assert [(end.path, end.interrupted, end.size) for end in running.backend.ended] == [
            ("one", False, 3),
            ("two", True, 3),
        ]
        assert running.backend.late == []


def listens(port: int) -> bool:
    """Whether somebody listens on the port, without a connection to try it."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)
