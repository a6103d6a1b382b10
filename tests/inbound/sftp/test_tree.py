"""What a label sees and may do, through a real server and paramiko's client."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import paramiko
import pytest

from ingest.config import Sftp
from ingest.inbound.sftp.protocol import EXTENSIONS, Code, Kind, OpenFlag
from ingest.inbound.sftp.usage import Usage
from tests.inbound.sftp.memory_backend import Ended
from tests.inbound.sftp.raw import Raw, long, number, raw, string, transport, write
from tests.sftp_clients import Running, digests, release_folder, running_server

SIZE_OWNER_MODE_AND_TIMES = 0x0F
SUBMITTED = "This release is already submitted (package 123). To correct it, upload a new folder, for example Album_v2."


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(OSError) as raised:
        call()
    return str(raised.value.args[-1])


def seal(running: Running, name: str = "Album") -> Path:
    folder = release_folder(running.incoming, name, size=1000)
    spool = running.root / "spool"
    spool.mkdir(exist_ok=True)
    return running.backend.seal(running.account, folder.name, spool)


def test_the_top_holds_incoming_and_the_shelves_that_exist(tmp_path: Path) -> None:
    folder = tmp_path / "acks"
    folder.mkdir()
    (folder / "ack.xml").write_text("<ack/>")
    read_only = {"acknowledgements": folder, "reports": tmp_path / "missing"}
    with running_server(tmp_path, read_only=lambda account: read_only) as running, running.paramiko() as client:
        assert client.listdir("/") == ["acknowledgements", "incoming"]
        assert client.listdir("/acknowledgements") == ["ack.xml"]
        assert client.open("/acknowledgements/ack.xml").read() == b"<ack/>"
        sentence = "/acknowledgements can only be read. Upload into /incoming."
        assert refusal(lambda: client.remove("/acknowledgements/ack.xml")) == sentence
        assert refusal(lambda: client.open("/acknowledgements/new", "w")) == sentence
        assert refusal(lambda: client.mkdir("/elsewhere")).startswith("Upload into /incoming")
        assert refusal(lambda: client.rmdir("/incoming")) == "/incoming itself stays as it is."
        assert refusal(lambda: client.rename("/incoming", "/other")) == "/incoming itself stays as it is."
        with pytest.raises(FileNotFoundError):
            client.listdir("/reports")


def test_a_sealed_folder_stays_visible_and_says_how_to_correct_it(running: Running) -> None:
    sealed = seal(running)
    with running.paramiko() as client:
        assert client.listdir("/incoming") == ["Album"]
        assert stat.S_IMODE(client.stat("/incoming/Album").st_mode or 0) == 0o555
        assert client.open("/incoming/Album/metadata.xml").read() == (sealed / "metadata.xml").read_bytes()
        client.chmod("/incoming/Album", 0o777)
        before = digests(sealed)
        for call in (
            lambda: client.mkdir("/incoming/Album"),
            lambda: client.mkdir("/incoming/Album/more"),
            lambda: client.open("/incoming/Album/metadata.xml", "r+"),
            lambda: client.open("/incoming/Album/new.wav", "w"),
            lambda: client.remove("/incoming/Album/metadata.xml"),
            lambda: client.utime("/incoming/Album/metadata.xml", (1, 1)),
            lambda: client.truncate("/incoming/Album/metadata.xml", 1),
            lambda: client.rmdir("/incoming/Album"),
            lambda: client.rename("/incoming/Album", "/incoming/Other"),
            lambda: client.posix_rename("/incoming/Album/metadata.xml", "/incoming/x.xml"),
        ):
            assert refusal(call) == SUBMITTED
        client.open("/incoming/x.xml", "w").close()
        assert refusal(lambda: client.rename("/incoming/x.xml", "/incoming/Album/x.xml")) == SUBMITTED
        assert refusal(lambda: client.rename("/incoming/x.xml", "/incoming/Album")) == SUBMITTED
    assert digests(sealed) == before


def test_a_live_folder_wins_over_a_sealed_one_of_the_same_name(running: Running) -> None:
    seal(running)
    (running.incoming / "Album").mkdir()
    with running.paramiko() as client:
        assert client.listdir("/incoming/Album") == []
        client.open("/incoming/Album/new.wav", "w").close()
    assert (running.incoming / "Album" / "new.wav").exists()


def test_what_the_door_refuses_is_told_in_its_words(running: Running) -> None:
    running.backend.refused_folders["Album"] = "Sealed this very moment."
    with running.paramiko() as client:
        assert refusal(lambda: client.mkdir("/incoming/Album")) == "Sealed this very moment."
        assert refusal(lambda: client.open("/incoming/Album/a", "w")) == "Sealed this very moment."
    assert running.backend.calls == []
    assert not (running.incoming / "Album").exists()


@pytest.mark.parametrize("verb", ["changing", "opened", "touched", "renamed", "sealed"])
def test_a_crash_of_the_door_is_told_as_ours_and_harms_no_one_else(running: Running, verb: str) -> None:
    running.add_label("bert")
    (running.incoming / "old").write_bytes(b"x")
    running.backend.crashing.add(verb)

    def everything(client: paramiko.SFTPClient) -> None:
        client.rename("/incoming/old", "/incoming/new")
        client.mkdir("/incoming/Album")
        client.open("/incoming/Album/a.wav", "w").close()
        client.listdir("/incoming")

    with running.paramiko("bert") as other, running.paramiko() as client:
        text = refusal(lambda: everything(client))
        assert text.startswith("Our system had a problem") and "secret" not in text
        running.backend.crashing.clear()
        client.open("/incoming/b.wav", "w").close()
        other.mkdir("/incoming/Fine")
    assert "backend failed" in running.log.events()


def test_a_close_that_the_journal_fails_is_not_answered_as_done_and_can_be_sent_again(running: Running) -> None:
    with raw(running) as client:
        handle = client.open("/incoming/a.wav", OpenFlag.WRITE | OpenFlag.CREATE)
        running.backend.crashing.add("closed")
        code, text = client.ask(Kind.CLOSE, string(handle)).status
        assert code is Code.FAILURE and text.startswith("Our system had a problem")
        running.backend.crashing.clear()
        assert client.ask(Kind.CLOSE, string(handle)).status == (Code.OK, "")
    assert running.backend.ended == [Ended("a.wav", received=0, size=0, holes=False, interrupted=False)]


def test_changes_are_told_to_the_door_in_order(running: Running) -> None:
    with running.paramiko() as client:
        client.mkdir("/incoming/Album")
        with client.open("/incoming/Album/a.filepart", "w") as file:
            file.write(b"12345")
        client.rename("/incoming/Album/a.filepart", "/incoming/Album/a.wav")
        with client.open("/incoming/Album/a.wav", "r+") as file:
            file.seek(5)
            file.write(b"678")
        client.remove("/incoming/Album/a.wav")
        client.rmdir("/incoming/Album")
    assert running.backend.calls == [
        ("touched", "anna", "Album"),
        ("opened", "anna", "Album/a.filepart", True),
        ("renamed", "anna", "Album/a.filepart", "Album/a.wav"),
        ("opened", "anna", "Album/a.wav", False),
        ("touched", "anna", "Album/a.wav"),
        ("touched", "anna", "Album"),
    ]
    assert running.backend.ended == [
        Ended("Album/a.filepart", received=5, size=5, holes=False, interrupted=False),
        Ended("Album/a.wav", received=3, size=8, holes=False, interrupted=False),
    ]


def test_rename_never_replaces_but_posix_rename_does(running: Running) -> None:
    for name in ("a", "b"):
        (running.incoming / name).write_text(name)
    with running.paramiko() as client:
        text = refusal(lambda: client.rename("/incoming/a", "/incoming/b"))
        assert text == "A file or folder of this name is already there."
        client.posix_rename("/incoming/a", "/incoming/b")
    assert [path.read_text() for path in running.incoming.iterdir()] == ["a"]


def test_what_a_rename_replaces_is_given_back_as_what_it_was(running: Running) -> None:
    with running.paramiko() as client:
        for name in ("a", "b"):
            client.mkdir(f"/incoming/{name}")
            with client.open(f"/incoming/{name}.wav", "w") as file:
                file.write(b"12345")
        client.posix_rename("/incoming/a", "/incoming/b")
        assert counts(running) == (10, 2, 1)
        client.posix_rename("/incoming/a.wav", "/incoming/b.wav")
        assert counts(running) == (5, 1, 1)


def counts(running: Running) -> tuple[int, int, int]:
    """Bytes, files and folders that count against the label's quota."""
    usage = Usage(running.account.home / ".tally")
    with usage:
        found = usage.bytes, usage.files, usage.folders
    usage.close()
    return found


def test_modes_and_owners_that_clients_ask_for_are_ignored(running: Running) -> None:
    with running.paramiko() as client:
        client.mkdir("/incoming/Album", 0o7777)
        with client.open("/incoming/Album/a", "w") as file:
            file.write(b"12345")
            file.chmod(0o6777)
        client.chown("/incoming/Album/a", 33, 33)
        with pytest.raises(FileNotFoundError):
            client.chmod("/incoming/missing", 0o644)
    assert (running.incoming / "Album" / "a").read_bytes() == b"12345"
    assert stat.S_IMODE((running.incoming / "Album").stat().st_mode) == 0o750
    assert stat.S_IMODE((running.incoming / "Album" / "a").stat().st_mode) == 0o640


def test_a_missing_folder_fails_at_opendir_already(running: Running) -> None:
    with raw(running) as client:
        reply = client.ask(Kind.OPENDIR, string(b"/incoming/New"))
        assert reply.status == (Code.NO_SUCH_FILE, "No such file or folder.")


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


def test_exclusive_creation_directories_and_bad_handles_are_refused(running: Running) -> None:
    (running.incoming / "old").write_bytes(b"x")
    (running.incoming / "folder").mkdir()
    making = OpenFlag.WRITE | OpenFlag.CREATE
    with raw(running) as client:

        def opening(path: bytes, flags: int) -> tuple[Code, str]:
            return client.ask(Kind.OPEN, string(path), number(flags), number(0)).status

        there = "A file or folder of this name is already there."
        assert opening(b"/incoming/old", making | OpenFlag.EXCLUSIVE) == (Code.FAILURE, there)
        assert opening(b"/incoming/folder", making) == (Code.FAILURE, "This is a folder, not a file.")
        assert opening(b"/incoming/folder", OpenFlag.READ) == (Code.FAILURE, "This is a folder, not a file.")
        assert opening(b"/incoming/no/a", making) == (Code.NO_SUCH_FILE, "No such file or folder.")
        assert opening(b"/incoming/missing", OpenFlag.WRITE)[0] is Code.NO_SUCH_FILE
        assert client.ask(Kind.CLOSE, string(b"none")).status == (Code.FAILURE, "This file is not open.")
        handle = client.open("/incoming/old", OpenFlag.READ)
        assert client.ask(Kind.READ, string(handle), long(1 << 63), number(9)).status[0] is Code.EOF
        client.send(write(50, handle, 0, b"y"))
        assert client.read().status == (Code.FAILURE, "This file is not open.")
    assert running.backend.ended == []


def test_folders_and_handles_have_their_limits(tmp_path: Path) -> None:
    config = Sftp(host="127.0.0.1", port=0, min_free_bytes=0, max_open_files=3, max_files_per_folder=2)
    with running_server(tmp_path, config) as running, raw(running) as client:
        handles = [client.open(f"/incoming/{name}", OpenFlag.WRITE | OpenFlag.CREATE) for name in "ab"]
        full = client.ask(Kind.OPEN, string(b"/incoming/c"), number(0x0A), number(0)).status
        assert full == (Code.PERMISSION_DENIED, "This folder is full: 2 files and folders are the most we take in one.")
        assert client.ask(Kind.MKDIR, string(b"/incoming/c"), number(0)).status[1].startswith("This folder is full")
        client.open("/incoming/a", OpenFlag.READ)
        many = client.ask(Kind.OPEN, string(b"/incoming/b"), number(1), number(0)).status
        assert many == (Code.PERMISSION_DENIED, "Too many files are open: close some of the 3 first.")
        assert client.ask(Kind.CLOSE, string(handles[0])).status[0] is Code.OK


def test_a_folder_cannot_be_moved_to_lie_too_deep(running: Running) -> None:
    (running.incoming / "a/b/c/d").mkdir(parents=True)
    (running.incoming / "1/2/3/4").mkdir(parents=True)
    with running.paramiko() as client:
        assert "8 deep" in refusal(lambda: client.rename("/incoming/a", "/incoming/1/2/3/4/a"))
        client.rename("/incoming/a", "/incoming/1/2/3/a")
        client.mkdir("/incoming/p")
        text = refusal(lambda: client.rename("/incoming/p", "/incoming/p/x"))
        assert text == "This cannot be done with this file or folder."


def test_room_is_told_as_the_quota_sees_it(running: Running) -> None:
    running.add_label("bert", max_bytes=4096 * 10, max_files=3)
    with raw(running, "bert") as client:
        handle = client.open("/incoming/a", OpenFlag.WRITE | OpenFlag.CREATE)
        client.send(write(9, handle, 0, bytes(4096 * 3)))
        client.read()
        reply = client.ask(Kind.EXTENDED, string(b"statvfs@openssh.com"), string(b"/incoming"))
        blocks = [int.from_bytes(reply.body[at : at + 8], "big") for at in range(0, 64, 8)]
        assert blocks == [4096, 4096, 10, 7, 7, 3, 2, 2]


def test_only_what_is_offered_is_offered(running: Running) -> None:
    with raw(running, greeted=False) as client:
        greeting = client.greet()
        assert (greeting.kind, greeting.id) == (Kind.VERSION, 3)
        assert greeting.body == b"".join(map(string, [word for offer in EXTENSIONS for word in offer]))
        assert [name for name, _ in EXTENSIONS] == [
            b"posix-rename@openssh.com",
            b"statvfs@openssh.com",
            b"fsync@openssh.com",
            b"limits@openssh.com",
        ]
        for kind in (Kind.READLINK, Kind.SYMLINK, 99):
            assert client.ask(kind, string(b"/incoming/a"), string(b"/etc")).status[0] is Code.OP_UNSUPPORTED
        for name in (b"hardlink@openssh.com", b"copy-data", b"lsetstat@openssh.com"):
            assert client.ask(Kind.EXTENDED, string(name), string(b"x")).status[0] is Code.OP_UNSUPPORTED


def test_links_put_there_by_other_means_lead_nowhere(running: Running) -> None:
    secret = running.root / "secret"
    secret.mkdir()
    (secret / "canary").write_text("canary")
    (running.incoming / "link").symlink_to(secret)
    (running.incoming / "file").symlink_to(secret / "canary")
    with running.paramiko() as client:
        assert client.listdir("/incoming") == []
        for path in ("/incoming/link/canary", "/incoming/file", "/incoming/link/../file"):
            for mode in ("r", "w", "r+"):
                with pytest.raises(OSError) as raised:
                    client.open(path, mode)
                assert raised.value.errno in (None, errno.EACCES, errno.ENOENT)
        with pytest.raises(OSError):
            client.listdir("/incoming/link")
        with pytest.raises(OSError):
            client.mkdir("/incoming/link/x")
        assert (
            refusal(lambda: client.rename("/incoming/link", "/incoming/l")) == "Only files and folders can be renamed."
        )
    assert digests(secret) == {"canary": digests(secret)["canary"]}
    assert (secret / "canary").read_text() == "canary"


def test_a_folder_and_the_one_above_it_bear_their_own_times(running: Running) -> None:
    (running.incoming / "Album").mkdir()
    os.utime(running.incoming / "Album", (2_000_000, 2_000_000))
    os.utime(running.incoming, (1_000_000, 1_000_000))
    with raw(running) as client:
        shown = {place: times(client, place) for place in ("/", "/incoming", "/incoming/Album")}
    assert shown == {
        "/": {".": 1_000_000, "..": 1_000_000, "incoming": 1_000_000},
        "/incoming": {".": 1_000_000, "..": 1_000_000, "Album": 2_000_000},
        "/incoming/Album": {".": 2_000_000, "..": 1_000_000},
    }


def times(client: Raw, place: str) -> dict[str, int]:
    """When each entry of a folder was changed, as READDIR tells it."""
    handle = client.ask(Kind.OPENDIR, string(place.encode())).handle
    reply = client.ask(Kind.READDIR, string(handle))
    assert reply.kind is Kind.NAME
    page = paramiko.Message(reply.body)
    found: dict[str, int] = {}
    for _ in range(page.get_int()):
        name, _long = page.get_text(), page.get_text()
        flags, _size = page.get_int(), page.get_int64()
        assert flags == SIZE_OWNER_MODE_AND_TIMES
        _owner, _group, _mode, _accessed = (page.get_int() for _ in range(4))
        found[name] = page.get_int()
    return found
