"""Changes of a label's tree: what the disk and the journal get of them, and what is refused."""

from __future__ import annotations

import stat

import pytest

from ingest.inbound.sftp.disk_floor import DiskFloor
from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from ingest.inbound.sftp.usage import Usage
from tests.inbound.sftp.memory_backend import Ended
from tests.inbound.sftp.raw import long, number, raw, string, write
from tests.inbound.sftp.refusing import refusal
from tests.sftp_clients import Running


def test_what_the_door_refuses_is_told_in_its_words(running: Running) -> None:
    running.backend.refused_folders["Album"] = "Sealed this very moment."
    with running.paramiko() as client:
        assert refusal(lambda: client.mkdir("/incoming/Album")) == "Sealed this very moment."
        assert not (running.incoming / "Album").exists()
        (running.incoming / "Album").mkdir()
        assert refusal(lambda: client.open("/incoming/Album/a", "w")) == "Sealed this very moment."
    assert running.backend.calls == []
    assert list((running.incoming / "Album").iterdir()) == []


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
    assert stat.S_IMODE((running.incoming / "Album").stat().st_mode) == 0o700
    assert stat.S_IMODE((running.incoming / "Album" / "a").stat().st_mode) == 0o600


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


def test_a_folder_cannot_be_moved_to_lie_too_deep(running: Running) -> None:
    (running.incoming / "a/b/c/d").mkdir(parents=True)
    (running.incoming / "1/2/3/4").mkdir(parents=True)
    with running.paramiko() as client:
        assert "8 deep" in refusal(lambda: client.rename("/incoming/a", "/incoming/1/2/3/4/a"))
        client.rename("/incoming/a", "/incoming/1/2/3/a")
        client.mkdir("/incoming/p")
        text = refusal(lambda: client.rename("/incoming/p", "/incoming/p/x"))
        assert text == "This cannot be done with this file or folder."


def test_below_the_floor_of_free_disk_names_change_but_nothing_moves_to_another_folder(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder grows with the names in it, and does not shrink again."""
    with running.paramiko() as client:
        for name in ("A", "B"):
            client.mkdir(f"/incoming/{name}")
        client.open("/incoming/A/a.part", "w").close()
        monkeypatch.setattr(DiskFloor, "free", lambda self: -1)
        client.rename("/incoming/A/a.part", "/incoming/A/a")
        text = refusal(lambda: client.rename("/incoming/A/a", "/incoming/B/a"))
        assert text == "Our disk is full at the moment. We have been told; try again later."
    assert [path.name for path in (running.incoming / "A").iterdir()] == ["a"]
