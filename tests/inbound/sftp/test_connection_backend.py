"""The backend as one connection uses it: what is logged, what is told apart, and how a revoked label is found out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.inbound.backend import Account, Refused, Revoked
from ingest.inbound.sftp import connection_backend
from ingest.inbound.sftp.connection_backend import ConnectionBackend, Trouble
from tests.inbound.sftp.memory_backend import WHY, Ended, MemoryBackend
from tests.sftp_clients import RecordingLog

PATH = (b"Album", b"caf\xe9.wav")
SHOWN = "Album/caf\\xe9.wav"


@pytest.fixture
def journal(tmp_path: Path) -> MemoryBackend:
    account = Account(1, "anna", tmp_path, None, (), enabled=True)
    return MemoryBackend({"anna": account})


@pytest.fixture
def log() -> RecordingLog:
    return RecordingLog()


@pytest.fixture
def revoked() -> list[str]:
    """Grows by one each time the connection is told that its label may not go on."""
    return []


@pytest.fixture
def bound(journal: MemoryBackend, log: RecordingLog, revoked: list[str]) -> ConnectionBackend:
    account = journal.accounts["anna"]
    return ConnectionBackend(journal, account, 7, "192.0.2.1", log, lambda: revoked.append("revoked"))


def close_account(journal: MemoryBackend) -> None:
    journal.accounts["anna"] = replace(journal.accounts["anna"], enabled=False)


def test_every_change_is_journaled_and_logged_with_who_did_it_and_from_where(
    journal: MemoryBackend, bound: ConnectionBackend, log: RecordingLog
) -> None:
    with bound.changing(PATH):
        upload = bound.opened(PATH, True)
    bound.closed(PATH, upload, 5, 9, holes=True, interrupted=False)
    bound.renamed(PATH, (b"Album", b"b.wav"))
    bound.touched((b"Album",), "folder made")
    bound.note("logged in", client="x")
    bound.warn("disk fault", fault="y")
    assert journal.calls == [
        ("opened", "anna", SHOWN, True),
        ("renamed", "anna", SHOWN, "Album/b.wav"),
        ("touched", "anna", "Album"),
    ]
    assert journal.ended == [Ended(SHOWN, 5, 9, holes=True, interrupted=False)]
    who = {"label": "anna", "address": "192.0.2.1", "connection": 7}
    assert log.lines == [
        ("info", "upload begun", who | {"path": SHOWN, "upload": upload, "fresh": True}),
        ("info", "upload ended", who | {"path": SHOWN, "upload": upload, "received": 5, "size": 9, "holes": True}),
        ("info", "renamed", who | {"path": SHOWN, "to": "Album/b.wav"}),
        ("info", "folder made", who | {"path": "Album"}),
        ("info", "logged in", who | {"client": "x"}),
        ("warning", "disk fault", who | {"fault": "y"}),
    ]


def test_of_sealed_folders_of_one_name_the_newest_is_seen(journal: MemoryBackend, bound: ConnectionBackend) -> None:
    for name in ("Album", "Single", "Album"):
        (bound.account.home / "incoming" / name).mkdir(parents=True)
        journal.seal(bound.account, name, bound.account.home, len(journal.sealed_folders.get(1, ())))
    assert [(folder.name, folder.package) for folder in bound.sealed()] == [("Album", 2), ("Single", 1)]


@pytest.mark.parametrize("verb", ["changing", "opened", "closed", "renamed", "touched", "sealed", "check_standing"])
def test_a_crash_of_the_journal_is_trouble_of_ours_and_no_refusal(
    journal: MemoryBackend, bound: ConnectionBackend, verb: str
) -> None:
    calls = {
        "changing": lambda: bound.changing(PATH).__enter__(),
        "opened": lambda: bound.opened(PATH, True),
        "closed": lambda: bound.closed(PATH, 1, 0, 0, holes=False, interrupted=False),
        "renamed": lambda: bound.renamed(PATH, PATH),
        "touched": lambda: bound.touched(PATH, "file removed"),
        "sealed": bound.sealed,
        "check_standing": bound.ask_standing,
    }
    journal.crashing.add(verb)
    with pytest.raises(Trouble, match=f"^RuntimeError: {verb} crashed with a secret$"):
        calls[verb]()


def test_a_refusal_of_the_journal_keeps_its_words(journal: MemoryBackend, bound: ConnectionBackend) -> None:
    journal.refused_folders["Album"] = "Sealed this very moment."
    with pytest.raises(Refused, match=r"^Sealed this very moment\.$"), bound.changing(PATH):
        pass
    with bound.changing((b"Other",)):
        pass


def test_once_it_is_known_that_a_label_may_not_go_on_every_question_is_answered_with_the_reason(
    journal: MemoryBackend, bound: ConnectionBackend, log: RecordingLog, revoked: list[str]
) -> None:
    bound.ask_standing()
    close_account(journal)
    for ask in (bound.ask_standing, bound.ask_standing, bound.check_standing):
        with pytest.raises(Revoked, match=WHY):
            ask()
    with pytest.raises(Revoked, match=WHY), bound.changing(PATH):
        pass
    assert revoked == ["revoked"]
    assert log.events() == ["sessions of this label end"]


def test_the_journal_is_asked_again_when_its_answer_is_old(
    journal: MemoryBackend, bound: ConnectionBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound.check_standing()
    close_account(journal)
    bound.check_standing()
    monkeypatch.setattr(connection_backend, "STANDS_SECONDS", 0.0)
    with pytest.raises(Revoked, match=WHY):
        bound.check_standing()


def test_while_the_journal_cannot_be_asked_a_label_goes_on(
    journal: MemoryBackend, bound: ConnectionBackend, revoked: list[str]
) -> None:
    journal.crashing.add("check_standing")
    bound.check_standing()
    with pytest.raises(Trouble):
        bound.ask_standing()
    assert revoked == []


def test_a_close_that_comes_too_late_is_logged_as_an_interruption(
    journal: MemoryBackend, bound: ConnectionBackend, log: RecordingLog, revoked: list[str]
) -> None:
    upload = bound.opened(PATH, True)
    close_account(journal)
    bound.closed(PATH, upload, 5, 5, holes=False, interrupted=False)
    assert journal.ended == [Ended(SHOWN, 5, 5, holes=False, interrupted=True)]
    assert log.events() == ["upload begun", "sessions of this label end", "upload interrupted"]
    assert revoked == ["revoked"]
