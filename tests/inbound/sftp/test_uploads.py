"""Files open for writing: what was received, what is there, and how each ended."""

from __future__ import annotations

from pathlib import Path

import paramiko

from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from tests.inbound.sftp.memory_backend import Ended
from tests.inbound.sftp.raw import raw, string, transport, write
from tests.sftp_clients import Running, running_server


def test_writes_out_of_order_overlapping_appending_and_with_tails_arrive_exactly(running: Running) -> None:
    with raw(running) as client:
        flags = OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.APPEND
        handle = client.open("/incoming/a.wav", flags)
        client.send(write(1, handle, 6, b"ghi", tail=b"trailing") + write(2, handle, 0, b"abc"))
        client.send(write(3, handle, 3, b"dEf") + write(4, handle, 4, b"e") + write(5, handle, 9, b""))
        assert [client.read().id for _ in range(5)] == [1, 2, 3, 4, 5]
        assert client.ask(Kind.EXTENDED, string(b"fsync@openssh.com"), string(handle)).status[0] is Code.OK
        assert client.ask(Kind.CLOSE, string(handle)).status == (Code.OK, "")
    assert (running.incoming / "a.wav").read_bytes() == b"abcdefghi"
    assert running.backend.ended == [Ended("a.wav", received=10, size=9, holes=False, interrupted=False)]


def test_a_gap_is_reported_as_a_hole(running: Running) -> None:
    with raw(running) as client:
        handle = client.open("/incoming/a.wav", OpenFlag.WRITE | OpenFlag.CREATE)
        client.send(write(1, handle, 5 << 30, b"x"))
        assert client.read().status[0] is Code.OK
        client.ask(Kind.CLOSE, string(handle))
    assert running.backend.ended == [Ended("a.wav", received=1, size=(5 << 30) + 1, holes=True, interrupted=False)]


def test_a_failed_write_answers_every_request_and_the_close(tmp_path: Path) -> None:
    with running_server(tmp_path) as running:
        running.add_label("bert", max_bytes=1000)
        with raw(running, "bert") as client:
            handle = client.open("/incoming/a.wav", OpenFlag.WRITE | OpenFlag.CREATE)
            client.send(write(1, handle, 0, bytes(600)) + write(2, handle, 600, bytes(600)))
            answers = [client.read() for _ in range(2)]
            assert [answer.id for answer in answers] == [1, 2]
            assert answers[1].status[0] is Code.FAILURE
            assert answers[1].status[1].startswith("Your space here is full")
            assert client.ask(Kind.CLOSE, string(handle)).status[0] is Code.FAILURE
        running.until(lambda: bool(running.backend.ended))
        assert running.backend.ended[0].interrupted


def test_an_upload_cut_off_is_torn_and_resumes_byte_exact(running: Running) -> None:
    with transport(running) as opened:
        client = paramiko.SFTPClient.from_transport(opened)
        assert client is not None
        file = client.open("/incoming/a.wav", "w")
        file.write(b"0123456789")
        file.flush()
        opened.close()
    running.until(lambda: not running.backend.connections)
    assert running.backend.ended == [Ended("a.wav", received=10, size=10, holes=False, interrupted=True)]
    with running.paramiko() as again, again.open("/incoming/a.wav", "r+") as file:
        file.seek(7)
        file.write(b"789abc")
    assert (running.incoming / "a.wav").read_bytes() == b"0123456789abc"
    assert running.backend.ended[1] == Ended("a.wav", received=6, size=13, holes=False, interrupted=False)
    assert running.backend.late == []
