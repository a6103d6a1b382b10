"""Answers: what each request of a session is answered, and what is told when something of ours fails."""

from __future__ import annotations

from collections import deque

import paramiko
import pytest

from ingest.inbound.sftp.answers import Answers
from ingest.inbound.sftp.protocol import EXTENSIONS, Code, Kind, OpenFlag, Request
from tests.inbound.sftp.floods import SlowLocks, renames
from tests.inbound.sftp.memory_backend import Ended
from tests.inbound.sftp.raw import number, raw, string, write
from tests.inbound.sftp.refusing import refusal
from tests.sftp_clients import Running


def test_thousands_of_requests_are_answered_in_several_batches_in_order(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: list[int] = []
    answer = Answers.answer

    def counted(self: Answers, requests: deque[Request]) -> bytes:
        before = len(requests)
        replies = answer(self, requests)
        answered.append(before - len(requests))
        return replies

    monkeypatch.setattr(running.backend, "changing", SlowLocks(0.0005).changing)
    monkeypatch.setattr(Answers, "answer", counted)
    with raw(running) as asking:
        asking.send(renames(3000))
        assert [asking.read().id for _ in range(3000)] == list(range(3000))
        assert asking.ask(Kind.MKDIR, string(b"/incoming/F"), number(0)).status[0] == 0
    assert len(answered) > 10
    running.until(lambda: running.server.sessions == 0)


def test_one_long_request_is_answered_alone(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.inbound.sftp.answers.MAX_SECONDS", 0.0)
    with raw(running) as asking:
        asking.send(renames(20))
        assert [asking.read().id for _ in range(20)] == list(range(20))


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


def test_refusals_without_end_are_counted_in_the_log_and_not_written_one_by_one(running: Running) -> None:
    with raw(running) as client:
        for _ in range(300):
            client.ask(Kind.REMOVE, string(b"/elsewhere"))
    running.until(lambda: not running.backend.connections)
    assert running.log.events().count("refused") == 100
    (last,) = [values for _, event, values in running.log.lines if event == "refused again and again"]
    assert (last["times"], last["label"], last["address"]) == (300, "anna", "127.0.0.1")
