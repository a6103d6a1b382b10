"""Files that lose their name while a session reads them: their room on the disk is free again within half a minute."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from ingest.inbound.sftp import standing
from ingest.inbound.sftp.handles import REMOVED
from tests.inbound.sftp.stored import open_files
from tests.sftp_clients import Running, running_server

SOUND = bytes(range(256)) * 400


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A server with a file under /incoming, one in a sealed folder, and a report; it looks after them all the time."""
    monkeypatch.setattr(standing, "ASK_SECONDS", 0.1)
    reports = tmp_path / "reports"
    with running_server(tmp_path, read_only=lambda account: {"reports": reports}) as running:
        for folder in (reports, running.incoming / "Live", running.incoming / "Sealed"):
            folder.mkdir()
            (folder / "a.wav").write_bytes(SOUND)
        running.backend.seal(running.account, "Sealed", tmp_path)
        yield running


def check_gone(client: paramiko.SFTPClient, file: paramiko.SFTPFile) -> None:
    for ask in (lambda: file.read(10), file.stat):
        with pytest.raises(FileNotFoundError, match=REMOVED):
            ask()
    file.close()
    assert client.listdir("/")


def test_a_sealed_file_that_was_kept_long_enough_is_let_go_under_its_reader(running: Running) -> None:
    with running.paramiko() as client, client.open("/incoming/Sealed/a.wav", "rb") as file:
        assert file.read(10) == SOUND[:10]
        (sealed,) = running.backend.sealed(running.account)
        assert open_files(sealed.path) != []
        shutil.rmtree(sealed.path)
        running.until(lambda: not open_files(sealed.path), 5)
        check_gone(client, file)


def test_a_report_that_was_replaced_is_let_go_and_opened_anew(running: Running) -> None:
    report = running.root / "reports" / "a.wav"
    with running.paramiko() as client, client.open("/reports/a.wav", "rb") as file:
        assert file.read(10) == SOUND[:10]
        newer = report.with_name("newer")
        newer.write_bytes(b"newer")
        newer.rename(report)
        running.until(lambda: not open_files(report.parent), 5)
        check_gone(client, file)
        with client.open("/reports/a.wav", "rb") as again:
            assert again.read() == b"newer"


def test_a_file_under_incoming_that_was_sealed_and_removed_is_let_go(running: Running) -> None:
    with running.paramiko() as client, client.open("/incoming/Live/a.wav", "rb") as file:
        sealed = running.backend.seal(running.account, "Live", running.root)
        assert file.read(10) == SOUND[:10]
        shutil.rmtree(sealed)
        running.until(lambda: not open_files(sealed) and not open_files(running.incoming), 5)
        check_gone(client, file)


@pytest.mark.parametrize("path", ["/incoming/Live/a.wav", "/incoming/Sealed/a.wav", "/reports/a.wav"])
def test_what_still_has_its_name_is_read_to_its_end(running: Running, path: str) -> None:
    with running.paramiko() as client, client.open(path, "rb") as file:
        assert file.read(10) == SOUND[:10]
        time.sleep(0.5)
        assert file.read() == SOUND[10:]


def test_what_a_label_removes_under_its_own_reader_is_read_to_its_end(running: Running) -> None:
    with running.paramiko() as client, client.open("/incoming/Live/a.wav", "rb") as file:
        client.remove("/incoming/Live/a.wav")
        time.sleep(0.5)
        assert file.read() == SOUND
    assert list((running.account.home / ".removed").iterdir()) == []
