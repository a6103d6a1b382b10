"""What a session has open: uploads, files being read, and listings."""

from __future__ import annotations

from pathlib import Path

from ingest.config import Sftp
from ingest.inbound.sftp.protocol import Code, Kind, OpenFlag
from tests.inbound.sftp.raw import number, raw, string
from tests.sftp_clients import Running, running_server


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


def test_listings_that_are_left_open_give_their_descriptors_back(running: Running) -> None:
    (running.incoming / "Album").mkdir()
    with raw(running) as client:
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(3):
            handles = [client.ask(Kind.OPENDIR, string(b"/incoming/Album")).handle for _ in range(8)]
            assert client.ask(Kind.READDIR, string(handles[0])).kind is Kind.NAME
            assert [client.ask(Kind.CLOSE, string(handle)).status[0] for handle in handles] == [Code.OK] * 8
        assert len(list(Path("/proc/self/fd").iterdir())) == before
        for _ in range(8):
            client.ask(Kind.OPENDIR, string(b"/incoming/Album"))
    running.until(lambda: len(list(Path("/proc/self/fd").iterdir())) < before)
