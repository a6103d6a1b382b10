"""One session on a channel: every request answered in order, whatever the client does with its end."""

from __future__ import annotations

from ingest.inbound.sftp.protocol import OpenFlag
from tests.inbound.sftp.memory_backend import Ended
from tests.inbound.sftp.raw import number, string, transport, write
from tests.sftp_clients import Running


def test_a_close_sent_just_before_the_connection_drops_still_counts(running: Running) -> None:
    with transport(running) as opened:
        channel = opened.open_session()
        channel.invoke_subsystem("sftp")
        init = b"\0\0\0\x05\x01\0\0\0\x03"
        handle = (1).to_bytes(4, "big")
        head = packet_open(b"/incoming/a.wav", OpenFlag.WRITE | OpenFlag.CREATE)
        body = write(2, handle, 0, b"x" * 30_000)
        closing = b"\0\0\0\x0d\x04\0\0\0\x03" + string(handle)
        channel.sendall(init + head + body + closing)
        opened.close()
    running.until(lambda: bool(running.backend.ended))
    assert running.backend.ended == [Ended("a.wav", received=30_000, size=30_000, holes=False, interrupted=False)]


def packet_open(path: bytes, flags: int) -> bytes:
    body = number(1) + string(path) + number(flags) + number(0)
    return number(len(body) + 1) + b"\x03" + body
