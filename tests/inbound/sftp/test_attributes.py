"""SETSTAT and FSETSTAT: sizes and times that clients set are there afterwards, or they are told that they are not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.config import Sftp
from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from tests import sftp_clients as clients
from tests.inbound.sftp.memory_backend import Ended
from tests.inbound.sftp.raw import Raw, number, raw, string, wanted, write
from tests.sftp_clients import Running, release_folder, run, running_server

OK = (Code.OK, "")
MAKE = OpenFlag.WRITE | OpenFlag.CREATE
THEN = 1_600_000_000
SUBMITTED = "This release is already submitted (package 123). To correct it, upload a new folder, for example Album_v2."
READ_ONLY = "Nothing can be changed through this handle: it is open for reading only."


@pytest.fixture
def client(running: Running) -> Iterator[Raw]:
    (running.incoming / "Album").mkdir()
    (running.incoming / "Album/a.wav").write_bytes(b"0123456789")
    with raw(running) as opened:
        yield opened


def set_path(client: Raw, path: str, size: int | None = None, modified: int | None = None) -> tuple[Code, str]:
    return client.ask(Kind.SETSTAT, string(f"/incoming/{path}".encode()), wanted(size, modified)).status


def set_handle(client: Raw, handle: bytes, size: int | None = None, modified: int | None = None) -> tuple[Code, str]:
    return client.ask(Kind.FSETSTAT, string(handle), wanted(size, modified)).status


def put(client: Raw, handle: bytes, offset: int, body: bytes) -> None:
    client.send(write(99, handle, offset, body))
    assert client.read().status == OK


def modified(client: Raw, path: str) -> int:
    """The time of modification as STAT tells it."""
    reply = client.ask(Kind.STAT, string(f"/incoming/{path}".encode()))
    assert reply.kind is Kind.ATTRS
    return int.from_bytes(reply.body[28:32], "big")


def seal(running: Running) -> Path:
    spool = running.root / "spool"
    spool.mkdir()
    return running.backend.seal(running.account, "Album", spool)


@pytest.mark.parametrize(
    ("size", "there", "holes"),
    [(9, b"012345678", False), (0, b"", False), (11, b"0123456789\0", True)],
)
def test_a_size_set_by_path_is_an_upload_of_no_bytes_that_knows_its_gap(
    running: Running, client: Raw, size: int, there: bytes, holes: bool
) -> None:
    assert set_path(client, "Album/a.wav", size) == OK
    assert (running.incoming / "Album/a.wav").read_bytes() == there
    assert running.backend.calls == [("opened", "anna", "Album/a.wav", False)]
    assert running.backend.ended == [Ended("Album/a.wav", 0, size, holes, interrupted=False)]


def test_the_size_that_a_file_has_already_changes_nothing(running: Running, client: Raw) -> None:
    assert set_path(client, "Album/a.wav", 10) == OK
    assert set_path(client, "Album/a.wav") == OK
    assert running.backend.calls == []


def test_an_open_upload_knows_what_was_cut_off_and_what_was_never_written(running: Running, client: Raw) -> None:
    """(size set, bytes written afterwards, gap at the end): the file was written from 0 to 20."""
    cases = [(20, None, False), (19, None, False), (21, None, True), (5, 5, False), (5, 6, True), (30, 20, False)]
    for number_, (size, offset, holes) in enumerate(cases):
        handle = client.open(f"/incoming/Album/{number_}.wav", MAKE)
        put(client, handle, 0, b"x" * 20)
        assert set_handle(client, handle, size) == OK
        if offset is not None:
            put(client, handle, offset, b"y" * 10)
        assert client.ask(Kind.CLOSE, string(handle)).status == OK
        assert running.backend.ended[-1].holes is holes, cases[number_]


def test_what_another_handle_cut_off_is_missing_until_it_is_written_again(running: Running, client: Raw) -> None:
    one, other = (client.open("/incoming/Album/b.wav", MAKE) for _ in range(2))
    put(client, one, 0, b"x" * 20)
    assert set_handle(client, other, 5) == OK
    put(client, one, 10, b"y" * 10)
    client.ask(Kind.CLOSE, string(one))
    assert running.backend.ended[-1].holes
    assert (running.incoming / "Album/b.wav").read_bytes() == b"xxxxx" + bytes(5) + b"y" * 10


def test_a_size_that_cannot_be_set_is_refused(running: Running, client: Raw) -> None:
    reading = client.open("/incoming/Album/a.wav", OpenFlag.READ)
    assert set_handle(client, reading, 9) == (Code.PERMISSION_DENIED, READ_ONLY)
    assert set_path(client, "Album/a.wav", 1 << 47) == (
        Code.PERMISSION_DENIED,
        "This file is larger than anything we take.",
    )
    assert set_path(client, "Album", 0)[0] is Code.FAILURE
    assert set_path(client, "Album/b.wav", 0)[0] is Code.NO_SUCH_FILE
    sealed = seal(running)
    assert set_path(client, "Album/a.wav", 10) == OK
    assert set_path(client, "Album/a.wav", 9) == (Code.PERMISSION_DENIED, SUBMITTED)
    assert set_path(client, "Album/a.wav", 11) == (Code.PERMISSION_DENIED, SUBMITTED)
    assert (sealed / "a.wav").read_bytes() == b"0123456789"


def test_an_upload_whose_size_could_not_be_set_is_told_so_at_its_close(running: Running) -> None:
    running.add_label("bert", max_bytes=100)
    with raw(running, "bert") as client:
        handle = client.open("/incoming/a", MAKE)
        assert set_handle(client, handle, 101)[0] is Code.FAILURE
        assert set_handle(client, handle, 100) == OK
        assert client.ask(Kind.CLOSE, string(handle)).status[0] is Code.FAILURE
    assert running.backend.ended[-1].interrupted


def test_times_are_those_that_were_set(running: Running, client: Raw) -> None:
    handle = client.open("/incoming/Album/b.wav", MAKE)
    put(client, handle, 0, b"x")
    assert set_handle(client, handle, modified=THEN) == OK
    assert client.ask(Kind.CLOSE, string(handle)).status == OK
    assert set_path(client, "Album/a.wav", modified=THEN + 1) == OK
    assert set_path(client, "Album", modified=THEN + 2) == OK
    shown = [modified(client, path) for path in ("Album/b.wav", "Album/a.wav", "Album")]
    assert shown == [THEN, THEN + 1, THEN + 2]
    found = (running.incoming / "Album/a.wav").stat()
    assert (found.st_atime, found.st_mode & 0o7777, found.st_uid) == (1, 0o644, os.getuid())
    assert running.backend.calls[1:] == [("touched", "anna", "Album/a.wav"), ("touched", "anna", "Album")]


def test_a_size_and_times_are_set_by_one_request(running: Running, client: Raw) -> None:
    assert set_path(client, "Album/a.wav", 4, THEN) == OK
    assert (running.incoming / "Album/a.wav").read_bytes() == b"0123"
    assert modified(client, "Album/a.wav") == THEN


def test_the_time_that_a_file_has_already_is_no_change(running: Running, client: Raw) -> None:
    """Else a program that sets it again and again would keep its folder from being sealed: intake looks at ctimes."""
    path = running.incoming / "Album/a.wav"
    os.utime(path, (THEN, THEN + 0.5))
    before = path.stat()
    assert set_path(client, "Album/a.wav", modified=THEN) == OK
    assert path.stat() == before
    assert running.backend.calls == []
    assert set_path(client, "Album/a.wav", modified=THEN + 1) == OK
    assert path.stat().st_ctime_ns > before.st_ctime_ns
    assert running.backend.calls == [("touched", "anna", "Album/a.wav")]


def test_a_sealed_file_keeps_its_time_and_only_another_one_is_refused(running: Running, client: Raw) -> None:
    assert set_path(client, "Album/a.wav", modified=THEN) == OK
    sealed = seal(running)
    for before, after in ((THEN - 1, SUBMITTED), (THEN, ""), (THEN + 1, SUBMITTED)):
        assert set_path(client, "Album/a.wav", modified=before)[1] == after
    reading = client.open("/incoming/Album/a.wav", OpenFlag.READ)
    assert set_handle(client, reading, modified=THEN) == OK
    assert set_handle(client, reading, modified=THEN + 1) == (Code.PERMISSION_DENIED, READ_ONLY)
    assert (sealed / "a.wav").stat().st_mtime == THEN


def test_no_time_is_set_of_what_belongs_to_no_release(client: Raw) -> None:
    for path, words in ((b"/incoming", "/incoming itself stays as it is."), (b"/", "Upload into /incoming")):
        code, text = client.ask(Kind.SETSTAT, string(path), wanted(modified=THEN)).status
        assert code is Code.PERMISSION_DENIED
        assert text.startswith(words)
        assert client.ask(Kind.SETSTAT, string(path), wanted()).status == OK
    listing = client.ask(Kind.OPENDIR, string(b"/incoming")).handle
    assert set_handle(client, listing) == OK
    assert set_handle(client, listing, modified=THEN)[0] is Code.PERMISSION_DENIED
    assert client.ask(Kind.SETSTAT, string(b"/incoming/Album")).status[0] is Code.BAD_MESSAGE
    assert client.ask(Kind.FSETSTAT, string(listing), number(1)).status[0] is Code.BAD_MESSAGE


@pytest.mark.clients
@pytest.mark.parametrize("length", [999, 1000, 1001])
def test_scp_over_a_file_leaves_nothing_of_the_old_one(running: Running, tmp_path: Path, length: int) -> None:
    (running.incoming / "a.wav").write_bytes(b"o" * 1000)
    source = tmp_path / "a.wav"
    source.write_bytes(b"n" * length)
    run(clients.scp_command(running, source, "incoming/a.wav"))
    assert (running.incoming / "a.wav").read_bytes() == source.read_bytes()


def with_lftp(running: Running, folder: Path) -> str:
    return run(clients.lftp_command(running, f"mirror -R --verbose {folder} /incoming/{folder.name}"))


def with_rclone(running: Running, folder: Path) -> str:
    return run(clients.rclone_command(running, "copy", "-v", str(folder), f"REMOTE/incoming/{folder.name}"))


@pytest.mark.clients
@pytest.mark.parametrize("mirror", [with_lftp, with_rclone])
def test_a_program_that_synchronises_uploads_nothing_twice(
    running: Running, tmp_path: Path, mirror: Callable[[Running, Path], str]
) -> None:
    folder = release_folder(tmp_path / "source", "Album", size=1000)
    count = sum(path.is_file() for path in folder.rglob("*"))
    for path in folder.rglob("*"):
        os.utime(path, (THEN, THEN))
    mirror(running, folder)
    running.until(lambda: len(running.backend.ended) == count)
    mirror(running, folder)
    seal(running)
    mirror(running, folder)
    assert len(running.backend.ended) == count


def test_below_the_floor_of_free_disk_nothing_is_recorded_of_a_size_that_is_refused(tmp_path: Path) -> None:
    config = Sftp(host="127.0.0.1", port=0, min_free_bytes=10**15)
    with running_server(tmp_path, config) as running:
        (running.incoming / "Album").mkdir(parents=True)
        (running.incoming / "Album/a.wav").write_bytes(b"0123456789")
        with raw(running) as client:
            assert set_path(client, "Album/a.wav", size=11)[0] is Code.FAILURE
            assert running.backend.ended == []
            assert set_path(client, "Album/a.wav", size=3) == OK
        assert (running.incoming / "Album/a.wav").read_bytes() == b"012"
        assert [end.size for end in running.backend.ended] == [3]
