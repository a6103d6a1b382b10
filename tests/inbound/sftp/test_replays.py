"""WinSCP and Cyberduck, packet by packet as their source sends them: programs that cannot be run here."""

from __future__ import annotations

import random

import paramiko
import pytest

from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from tests.inbound.sftp.memory_backend import Ended
from tests.inbound.sftp.raw import Raw, number, raw, string, transport, write
from tests.sftp_clients import Running, release_folder

OK = (Code.OK, "")
MAKE = OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE
TIMES, PERMISSIONS = 0x08, 0x04
BODY = random.Random(3).randbytes(200_001)
WINSCP_BLOCK = 32_736


def attributes(flags: int, *values: int) -> bytes:
    return number(flags) + b"".join(map(number, values))


def upload(client: Raw, handle: bytes, body: bytes, at: int = 0) -> None:
    """Pipelined writes, then their answers."""
    blocks = range(0, len(body), WINSCP_BLOCK)
    client.send(b"".join(write(1000 + i, handle, at + i, body[i : i + WINSCP_BLOCK]) for i in blocks))
    for i in blocks:
        reply = client.read()
        assert (reply.id, reply.status) == (1000 + i, OK)


def make_like_winscp(client: Raw, path: bytes) -> None:
    """A new folder: it looks first, makes it, and sets the permissions it would like."""
    assert client.ask(Kind.LSTAT, string(path)).status[0] is Code.NO_SUCH_FILE
    assert client.ask(Kind.MKDIR, string(path), attributes(PERMISSIONS, 0o755)).status == OK
    assert client.ask(Kind.SETSTAT, string(path), attributes(PERMISSIONS, 0o755)).status == OK
    assert client.ask(Kind.LSTAT, string(path)).kind is Kind.ATTRS


def finish_like_winscp(client: Raw, handle: bytes, path: bytes) -> None:
    """CLOSE, the temporary name renamed by RENAME of version 3, then the time by path, which must succeed."""
    assert client.ask(Kind.CLOSE, string(handle)).status == OK
    assert client.ask(Kind.RENAME, string(path + b".filepart"), string(path)).status == OK
    assert client.ask(Kind.SETSTAT, string(path), attributes(TIMES, 1_700_000_000, 1_600_000_000)).status == OK
    assert client.ask(Kind.LSTAT, string(path)).kind is Kind.ATTRS


def test_winscp_uploads_a_large_file_under_a_temporary_name(running: Running) -> None:
    with raw(running) as client:
        assert client.ask(Kind.REALPATH, string(b".")).kind is Kind.NAME
        make_like_winscp(client, b"/incoming/Album")
        path = b"/incoming/Album/01_Track.wav"
        for name in (path, path + b".filepart"):
            assert client.ask(Kind.LSTAT, string(name)).status[0] is Code.NO_SUCH_FILE
        handle = client.open("/incoming/Album/01_Track.wav.filepart", MAKE)
        upload(client, handle, BODY)
        finish_like_winscp(client, handle, path)
    assert [file.name for file in (running.incoming / "Album").iterdir()] == ["01_Track.wav"]
    arrived = running.incoming / "Album" / "01_Track.wav"
    assert arrived.read_bytes() == BODY
    assert arrived.stat().st_mtime == 1_600_000_000
    assert running.backend.calls == [
        ("touched", "anna", "Album"),
        ("opened", "anna", "Album/01_Track.wav.filepart", True),
        ("renamed", "anna", "Album/01_Track.wav.filepart", "Album/01_Track.wav"),
        ("touched", "anna", "Album/01_Track.wav"),
    ]
    size = len(BODY)
    assert running.backend.ended == [Ended("Album/01_Track.wav.filepart", size, size, holes=False, interrupted=False)]


def test_winscp_uploads_a_small_file_under_its_own_name(running: Running) -> None:
    with raw(running) as client:
        handle = client.open("/incoming/metadata.xml", MAKE)
        upload(client, handle, b"<xml/>")
        assert client.ask(Kind.CLOSE, string(handle)).status == OK
        times = attributes(TIMES, 1_700_000_000, 1_600_000_000)
        assert client.ask(Kind.SETSTAT, string(b"/incoming/metadata.xml"), times).status == OK
    assert (running.incoming / "metadata.xml").read_bytes() == b"<xml/>"


def test_winscp_replaces_a_file_by_removing_it_first(running: Running) -> None:
    path = b"/incoming/01_Track.wav"
    (running.incoming / "01_Track.wav").write_bytes(b"old")
    with raw(running) as client:
        assert client.ask(Kind.LSTAT, string(path)).kind is Kind.ATTRS
        handle = client.open("/incoming/01_Track.wav.filepart", MAKE)
        upload(client, handle, BODY)
        assert client.ask(Kind.CLOSE, string(handle)).status == OK
        over = client.ask(Kind.RENAME, string(path + b".filepart"), string(path)).status
        assert over == (Code.FAILURE, "A file or folder of this name is already there.")
        assert client.ask(Kind.REMOVE, string(path)).status == OK
        assert client.ask(Kind.RENAME, string(path + b".filepart"), string(path)).status == OK
        assert client.ask(Kind.SETSTAT, string(path), attributes(TIMES, 1, 1)).status == OK
    assert (running.incoming / "01_Track.wav").read_bytes() == BODY
    assert len(list(running.incoming.iterdir())) == 1


def test_winscp_resumes_its_temporary_file_after_the_connection_broke(running: Running) -> None:
    """It finds the .filepart by LSTAT, opens it for writing without truncating, and goes on behind its size."""
    path = b"/incoming/01_Track.wav"
    with transport(running) as opened:
        channel = opened.open_session()
        channel.invoke_subsystem("sftp")
        client = Raw(channel)
        client.greet()
        handle = client.open("/incoming/01_Track.wav.filepart", MAKE)
        upload(client, handle, BODY[:100_000])
        opened.close()
    running.until(lambda: not running.backend.connections)
    assert running.backend.ended[-1].interrupted
    with raw(running) as client:
        assert client.ask(Kind.LSTAT, string(path)).status[0] is Code.NO_SUCH_FILE
        found = client.ask(Kind.LSTAT, string(path + b".filepart"))
        size = int.from_bytes(found.body[4:12], "big")
        assert size == 100_000
        handle = client.open("/incoming/01_Track.wav.filepart", OpenFlag.WRITE | OpenFlag.CREATE)
        upload(client, handle, BODY[size:], at=size)
        finish_like_winscp(client, handle, path)
    assert (running.incoming / "01_Track.wav").read_bytes() == BODY
    left = len(BODY) - 100_000
    assert running.backend.ended[-1] == Ended("01_Track.wav.filepart", left, len(BODY), holes=False, interrupted=False)


def test_the_permissions_that_winscp_sets_after_the_folder_was_sealed_are_answered_as_done(running: Running) -> None:
    folder = release_folder(running.incoming, "Album", size=1000)
    spool = running.root / "spool"
    spool.mkdir()
    sealed = running.backend.seal(running.account, folder.name, spool)
    before = (sealed / "metadata.xml").stat()
    with raw(running) as client:
        for path in (b"/incoming/Album/metadata.xml", b"/incoming/Album"):
            assert client.ask(Kind.SETSTAT, string(path), attributes(PERMISSIONS, 0o755)).status == OK
            times = client.ask(Kind.SETSTAT, string(path), attributes(TIMES, 1, 1)).status
            assert times[1].startswith("This release is already submitted")
    assert (sealed / "metadata.xml").stat() == before


def test_cyberduck_finds_that_disk_usage_by_exec_is_refused_and_uploads_all_the_same(running: Running) -> None:
    """It asks `df` for the quota on a channel of its own beside the SFTP one."""
    with transport(running) as opened:
        channel = opened.open_session()
        channel.invoke_subsystem("sftp")
        client = Raw(channel)
        client.greet()
        asking = opened.open_session()
        with pytest.raises(paramiko.SSHException):
            asking.exec_command("df -Pk /incoming | awk '{print $3, $4}'")
        asking.close()
        assert client.ask(Kind.REALPATH, string(b".")).kind is Kind.NAME
        assert client.ask(Kind.MKDIR, string(b"/incoming/Album"), number(0)).status == OK
        handle = client.open("/incoming/Album/01_Track.wav", MAKE)
        upload(client, handle, BODY)
        assert client.ask(Kind.CLOSE, string(handle)).status == OK
    assert (running.incoming / "Album" / "01_Track.wav").read_bytes() == BODY


def test_cyberduck_uploads_under_a_temporary_name_and_renames(running: Running) -> None:
    """The option `Upload with temporary filename`: the name with a UUID behind it."""
    final = "/incoming/Album/01_Track.wav"
    temporary = f"{final}-3a1f9f6c-8f0e-4a53-9d1e-0f4b7a7f0c11"
    with raw(running) as client:
        assert client.ask(Kind.MKDIR, string(b"/incoming/Album"), number(0)).status == OK
        handle = client.open(temporary, MAKE)
        upload(client, handle, BODY)
        assert client.ask(Kind.CLOSE, string(handle)).status == OK
        assert client.ask(Kind.STAT, string(final.encode())).status[0] is Code.NO_SUCH_FILE
        assert client.ask(Kind.RENAME, string(temporary.encode()), string(final.encode())).status == OK
    assert {path.name: path.read_bytes() for path in (running.incoming / "Album").iterdir()} == {"01_Track.wav": BODY}


@pytest.mark.parametrize(
    ("there", "flags", "start", "fresh"),
    [(b"old and longer" * 30_000, OpenFlag.WRITE | OpenFlag.TRUNCATE, 0, True), (BODY[:77_777], 2, 77_777, False)],
)
def test_cyberduck_overwrites_and_resumes_what_is_there(
    running: Running, there: bytes, flags: int, start: int, fresh: bool
) -> None:
    (running.incoming / "01_Track.wav").write_bytes(there)
    with raw(running) as client:
        assert client.ask(Kind.STAT, string(b"/incoming/01_Track.wav")).kind is Kind.ATTRS
        handle = client.open("/incoming/01_Track.wav", flags)
        upload(client, handle, BODY[start:], at=start)
        assert client.ask(Kind.CLOSE, string(handle)).status == OK
    assert (running.incoming / "01_Track.wav").read_bytes() == BODY
    assert running.backend.calls == [("opened", "anna", "01_Track.wav", fresh)]


def test_several_connections_of_cyberduck_upload_side_by_side(running: Running) -> None:
    with raw(running) as browser, raw(running) as one, raw(running) as two:
        assert browser.ask(Kind.MKDIR, string(b"/incoming/Album"), number(0)).status == OK
        handles = [client.open(f"/incoming/Album/{index}.wav", MAKE) for index, client in enumerate((one, two))]
        for client, handle in zip((one, two), handles, strict=True):
            upload(client, handle, BODY)
        listing = browser.ask(Kind.OPENDIR, string(b"/incoming/Album")).handle
        assert browser.ask(Kind.READDIR, string(listing)).body.startswith(number(4))
        for client, handle in zip((one, two), handles, strict=True):
            assert client.ask(Kind.CLOSE, string(handle)).status == OK
    assert {path.read_bytes() for path in (running.incoming / "Album").iterdir()} == {BODY}
