"""Labels that are disabled, or get another password or other keys, while they are connected: their sessions end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import paramiko
import pytest
from paramiko.sftp import CMD_CLOSE

from ingest.inbound.backend import Account
from ingest.inbound.sftp import connection_backend, standing
from tests.inbound.sftp.memory_backend import WHY, Ended
from tests.sftp_clients import PASSWORD, Running

GRACE = 0.5
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


def test_a_close_that_comes_at_once_ends_the_upload_as_interrupted_and_is_told_why(running: Running) -> None:
    with running.paramiko() as client:
        file = client.open("/incoming/a.wav", "wb")
        file.write(b"sound")
        client.stat("/incoming/a.wav")
        change(running, enabled=False)
        with pytest.raises(OSError, match=WHY):
            # `close` does this too, but keeps the answer to itself.
            client._request(CMD_CLOSE, file.handle)  # type: ignore[attr-defined]
        assert running.backend.ended == [Ended("a.wav", 5, 5, holes=False, interrupted=True)]
        running.until(lambda: not running.backend.connections, GRACE + 5)
    assert len(running.backend.ended) == 1
    assert "upload ended" not in running.log.events()


@pytest.mark.parametrize("asks", ["write", "read", "stat"])
def test_a_second_after_the_change_no_request_is_carried_out(
    running: Running, monkeypatch: pytest.MonkeyPatch, asks: str
) -> None:
    monkeypatch.setattr(connection_backend, "STANDS_SECONDS", 0.2)
    with running.paramiko() as client, client.open("/incoming/a.wav", "wb") as file:
        file.write(b"sound")
        reading = client.open("/incoming/a.wav", "rb")
        change(running, enabled=False)
        time.sleep(0.3)
        with pytest.raises(OSError, match=WHY):
            match asks:
                case "write":
                    file.write(b"more")
                case "read":
                    reading.read(1)
                case _:
                    client.stat("/incoming/a.wav")
        running.until(lambda: not running.backend.connections, GRACE + 5)
    assert (running.incoming / "a.wav").read_bytes() == b"sound"


def test_a_question_that_crashes_is_asked_again(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "ASK_SECONDS", 0.1)
    crashes = [RuntimeError("closed"), LookupError("gone")]
    ask_standing = connection_backend.ConnectionBackend.ask_standing

    def crash_first(backend: connection_backend.ConnectionBackend) -> None:
        if crashes:
            raise crashes.pop()
        ask_standing(backend)

    with running.paramiko() as client:
        client.stat("/incoming")
        monkeypatch.setattr(connection_backend.ConnectionBackend, "ask_standing", crash_first)
        running.until(lambda: running.log.events().count("standing not known") == 2)
        change(running, enabled=False)
        running.until(lambda: not running.backend.connections, GRACE + 5)


def test_the_journal_is_asked_once_a_second_however_much_is_written(running: Running) -> None:
    asked: list[float] = []
    check_standing = running.backend.check_standing

    def check(account: Account) -> None:
        asked.append(time.monotonic())
        check_standing(account)

    with running.paramiko() as client, client.open("/incoming/a.wav", "wb") as file:
        running.backend.check_standing = check  # type: ignore[method-assign]
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            file.write(b"sound")
    assert 2 <= len(asked) <= 4
    assert all(later - earlier > 0.9 for earlier, later in pairwise(asked[:3]))


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
    monkeypatch.setattr(connection_backend, "STANDS_SECONDS", 0.05)
    with running.paramiko() as client:
        with client.open("/incoming/a", "wb") as file:
            running.backend.crashing.add("check_standing")
            time.sleep(0.5)
            file.write(b"sound")
            running.backend.crashing.clear()
        assert client.stat("/incoming/a").st_size == 5
    assert "standing not known" in running.log.events()
