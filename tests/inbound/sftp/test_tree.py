"""A label's tree as its clients see it, through a real server and paramiko's client."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import paramiko
import pytest

from ingest.inbound.sftp.protocol import Code, Kind
from tests.inbound.sftp.raw import Raw, raw, string
from tests.inbound.sftp.refusing import SUBMITTED, refusal, seal
from tests.sftp_clients import Running, digests, running_server

SIZE_OWNER_MODE_AND_TIMES = 0x0F


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


def test_a_missing_folder_fails_at_opendir_already(running: Running) -> None:
    with raw(running) as client:
        reply = client.ask(Kind.OPENDIR, string(b"/incoming/New"))
        assert reply.status == (Code.NO_SUCH_FILE, "No such file or folder.")


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
