"""Labels that are disabled, or get another password or other keys, while they are connected: their sessions end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import paramiko
import pytest

from ingest.inbound.sftp import standing
from tests.inbound.sftp.memory_backend import Ended
from tests.sftp_clients import PASSWORD, Running

GRACE = 0.5
WHY = "This account was changed."
CHANGES: dict[str, dict[str, Any]] = {
    "disabled": {"enabled": False},
    "password": {"password_hash": "another"},
    "keys": {"public_keys": ()},
}


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "GRACE_SECONDS", GRACE)


def change(running: Running, **changes: Any) -> None:
    running.backend.accounts["anna"] = replace(running.account, **changes)


@pytest.mark.parametrize("what", CHANGES)
def test_an_upload_that_only_writes_is_answered_with_the_reason_and_ends_as_interrupted(
    running: Running, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(standing, "ASK_SECONDS", 0.2)
    with running.paramiko() as client:
        client.mkdir("/incoming/R")
        file = client.open("/incoming/R/a.wav", "wb")
        file.write(b"sound")
        change(running, **CHANGES[what])
        with pytest.raises(OSError, match=WHY):
            for _ in range(500):
                file.write(b"more")
                time.sleep(0.01)
        with pytest.raises(OSError, match=WHY):
            client.stat("/incoming")
        running.until(lambda: not running.backend.connections)
    assert [(end.path, end.interrupted) for end in running.backend.ended] == [("R/a.wav", True)]
    (said,) = [values for _, event, values in running.log.lines if event == "sessions of this label end"]
    assert (said["label"], said["address"], said["why"]) == ("anna", "127.0.0.1", WHY)


def listing(client: paramiko.SFTPClient) -> None:
    client.listdir("/incoming")


REQUESTS: dict[str, Callable[[paramiko.SFTPClient], object]] = {
    "open for reading": lambda client: client.open("/incoming/R/a.wav", "rb"),
    "open for writing": lambda client: client.open("/incoming/R/b.wav", "wb"),
    "list": listing,
    "make a folder": lambda client: client.mkdir("/incoming/S"),
    "rename": lambda client: client.rename("/incoming/R", "/incoming/S"),
    "replace": lambda client: client.posix_rename("/incoming/R/a.wav", "/incoming/R/c.wav"),
    "remove a file": lambda client: client.remove("/incoming/R/a.wav"),
    "remove a folder": lambda client: client.rmdir("/incoming/E"),
}


@pytest.mark.parametrize("request_", REQUESTS)
def test_every_request_that_opens_or_changes_something_asks_anew_and_is_the_last_one(
    running: Running, request_: str
) -> None:
    with running.paramiko() as client:
        client.mkdir("/incoming/R")
        client.mkdir("/incoming/E")
        with client.open("/incoming/R/a.wav", "wb") as file:
            file.write(b"sound")
        change(running, enabled=False)
        before = {path: path.stat().st_mtime_ns for path in running.incoming.rglob("*")}
        with pytest.raises(OSError, match=WHY):
            REQUESTS[request_](client)
        assert {path: path.stat().st_mtime_ns for path in running.incoming.rglob("*")} == before
        running.until(lambda: not running.backend.connections, GRACE + 5)
    assert running.backend.ended == [Ended("R/a.wav", 5, 5, holes=False, interrupted=False)]


def test_a_new_channel_of_an_old_connection_is_refused_with_the_reason(running: Running) -> None:
    with paramiko.Transport(("127.0.0.1", running.port)) as transport:
        transport.connect(username="anna", password=PASSWORD)
        change(running, enabled=False)
        with pytest.raises(paramiko.ChannelException, match=r"Administratively prohibited"):
            transport.open_session()
        running.until(lambda: not transport.is_active(), GRACE + 5)


def test_a_connection_without_any_request_ends_too(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "ASK_SECONDS", 0.2)
    with paramiko.Transport(("127.0.0.1", running.port)) as transport:
        transport.connect(username="anna", password=PASSWORD)
        change(running, enabled=False)
        running.until(lambda: not transport.is_active(), GRACE + 5)


def test_another_label_and_another_quota_change_nothing(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "ASK_SECONDS", 0.05)
    running.add_label("bert")
    with running.paramiko() as client:
        client.mkdir("/incoming/R")
        running.backend.accounts["bert"] = replace(running.backend.accounts["bert"], enabled=False)
        time.sleep(0.5)
        client.mkdir("/incoming/S")
    running.until(lambda: not running.backend.connections)


def test_a_database_that_is_away_ends_no_session(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "ASK_SECONDS", 0.05)
    with running.paramiko() as client:
        with client.open("/incoming/a", "wb") as file:
            running.backend.crashing.add("check_standing")
            time.sleep(0.5)
            file.write(b"sound")
            running.backend.crashing.clear()
        assert client.stat("/incoming/a").st_size == 5
    assert "standing not known" in running.log.events()
