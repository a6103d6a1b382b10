"""The journal: what is remembered over faults, renames and restarts, and whom its gate keeps out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.inbound.backend import Revoked
from ingest.inbound.journal import label_lock
from ingest.store import folders, uploads
from ingest.store.models import ReleaseFolder, Upload
from tests.inbound.journaling import ending, folder_of, journal_of, sealer_of, upload
from tests.stage import Stage


@contextmanager
def unwritable(monkeypatch: pytest.MonkeyPatch, what: str) -> Iterator[None]:
    """The database is locked for what `uploads.WHAT` would write, and whoever asks for it hears so."""

    def fail(*arguments: Any) -> None:
        raise sa.exc.OperationalError("", {}, Exception("locked"))

    with monkeypatch.context() as patch, pytest.raises(sa.exc.OperationalError):
        patch.setattr(uploads, what, fail)
        yield


def test_a_label_is_known_where_it_logged_in_within_thirty_days_by_network_and_others_are_not(on: Stage) -> None:
    journal, account = journal_of(on)
    another = replace(account, id=account.id + 1)
    for address in ("192.0.2.1", "2001:db8:1:2::1"):
        journal.connected(account, address)
    asked = ("192.0.2.1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1", "192.0.2.2")
    assert [journal.logged_in_lately(account, address) for address in asked] == [True, True, False, False]
    assert not any(journal.logged_in_lately(another, address) for address in asked)
    on.clock.advance(days=30, seconds=1)
    assert not any(journal.logged_in_lately(account, address) for address in asked)


def test_an_upload_whose_end_could_not_be_written_is_torn_at_the_next_beat(on: Stage) -> None:
    journal, account = journal_of(on)
    number = upload(on, journal, account, "Album/a.wav")
    journal.interrupt_lost()
    assert ending(on, number) == "open"
    journal._uploads.clear()
    journal._connections.clear()
    journal.interrupt_lost()
    assert ending(on, number) == "torn"


def test_a_close_that_is_being_written_while_the_lost_are_torn_holds(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, account = journal_of(on)
    number = upload(on, journal, account, "Album/a.wav")
    has_read = threading.Event()
    end_upload, open_rows = uploads.end_upload, uploads.open_rows
    beat = threading.Thread(target=journal.interrupt_lost)

    def read(tx: Session, worker: str) -> tuple[set[int], set[int]]:
        rows = open_rows(tx, worker)
        has_read.set()
        return rows

    def end_while_the_lost_are_torn(rows: sa.Connection, *arguments: Any) -> uploads.Place | None:
        beat.start()
        assert has_read.wait(10)
        time.sleep(0.05)
        return end_upload(rows, *arguments)

    monkeypatch.setattr(uploads, "open_rows", read)
    monkeypatch.setattr(uploads, "end_upload", end_while_the_lost_are_torn)
    journal.closed(number, received=1, size=1, holes=False, interrupted=False)
    beat.join(20)
    assert ending(on, number) == "closed"


def test_what_the_session_saw_holds_over_what_was_guessed_and_not_the_other_way_round(on: Stage) -> None:
    journal, account = journal_of(on)
    number = upload(on, journal, account, "Album/a.wav")
    with on.app.store.transaction() as tx:
        assert uploads.interrupt_upload(tx.connection(), on.clock(), number)
    assert ending(on, number) == "torn"
    journal.closed(number, received=1, size=1, holes=False, interrupted=False)
    assert ending(on, number) == "closed"
    with on.app.store.transaction() as tx:
        assert not uploads.interrupt_upload(tx.connection(), on.clock(), number)
    assert ending(on, number) == "closed"


def test_an_upload_whose_close_could_not_be_written_is_not_torn_while_its_session_may_close_it_again(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, account = journal_of(on)
    number = upload(on, journal, account, "Album/a.wav")

    with unwritable(monkeypatch, "end_upload"):
        journal.closed(number, received=1, size=1, holes=False, interrupted=False)
    journal.interrupt_lost()
    assert ending(on, number) == "open"
    with unwritable(monkeypatch, "end_upload"):
        journal.closed(number, received=1, size=1, holes=False, interrupted=True)
    journal.interrupt_lost()
    assert ending(on, number) == "torn"


def test_a_connection_whose_end_could_not_be_written_is_ended_at_the_next_beat(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, account = journal_of(on)
    connection = journal.connected(account, "127.0.0.1")
    with unwritable(monkeypatch, "end_connection"):
        journal.disconnected(connection)
    with on.app.store.reading() as tx:
        assert uploads.open_rows(tx, "w1") == (set(), {connection})
    journal.interrupt_lost()
    with on.app.store.reading() as tx:
        assert uploads.open_rows(tx, "w1") == (set(), set())


def test_a_folder_renamed_over_an_empty_one_keeps_its_open_upload_and_is_not_sealed_under_it(on: Stage) -> None:
    journal, account = journal_of(on)
    number = upload(on, journal, account, "A/a.wav")
    (account.home / "incoming" / "B").mkdir()
    connection = journal.connected(account, "127.0.0.1")
    journal.touched(account, connection, "B")
    (account.home / "incoming" / "A").rename(account.home / "incoming" / "B")
    journal.renamed(account, connection, "A", "B")
    row = folder_of(on, "B")
    assert row is not None and row.state in ("open", "gone")
    label = on.label()
    with on.app.store.reading() as tx:
        live = folders.open_folder(tx, label.id, "B")
    assert live is not None
    assert not sealer_of(on).seal(label, live, lambda: True)
    journal.closed(number, received=1, size=1, holes=False, interrupted=False)
    assert sealer_of(on).seal(label, live, lambda: True)


def test_names_that_differ_only_for_a_linguist_are_different_folders(on: Stage) -> None:
    journal, account = journal_of(on)
    numbers = {name: upload(on, journal, account, f"{name}/a.wav") for name in ("Album", "album", "Älbum", "Album2")}
    connection = journal.connected(account, "127.0.0.1")
    (account.home / "incoming" / "Album").rename(account.home / "incoming" / "Neu")
    journal.renamed(account, connection, "Album", "Neu")
    with on.app.store.reading() as tx:
        paths = {name: tx.get_one(Upload, number).path for name, number in numbers.items()}
    assert paths == {"Album": "Neu/a.wav", "album": "album/a.wav", "Älbum": "Älbum/a.wav", "Album2": "Album2/a.wav"}


def test_a_sealed_folder_shows_under_its_name_with_its_package(on: Stage) -> None:
    journal, account = journal_of(on)
    number = upload(on, journal, account, "Album/a.wav")
    journal.closed(number, received=1, size=1, holes=False, interrupted=False)
    row = folder_of(on, "Album")
    assert row is not None
    assert sealer_of(on).seal(on.label(), row, lambda: True)
    (shown,) = journal.sealed(account)
    assert (shown.name, shown.package) == ("Album", 1)
    assert (shown.path / "a.wav").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("enabled", False, "This account is closed. Please contact support."),
        ("password_hash", "new", "The password or the keys of this account were changed. Log in again."),
        ("public_keys", ["ssh-ed25519 AAAA"], "The password or the keys of this account were changed. Log in again."),
        ("max_bytes", 5, None),
        ("emails", ["new@label.example"], None),
        ("dsps", ["beta"], None),
    ],
)
def test_an_account_stands_until_it_is_closed_or_logs_in_with_something_else(
    on: Stage, field: str, value: object, why: str | None
) -> None:
    journal, account = journal_of(on)
    with on.app.store.transaction() as tx:
        setattr(tx.merge(on.label()), field, value)
    if why is None:
        journal.check_standing(account)
        with journal.changing(account, "Album"):
            return
    with pytest.raises(Revoked, match=why):
        journal.check_standing(account)
    with pytest.raises(Revoked, match=why), journal.changing(account, "Album"):
        pass


@pytest.mark.parametrize(
    "change", [{"enabled": False}, {"password_hash": "new"}, {"public_keys": ["ssh-ed25519 AAAA"]}]
)
def test_an_upload_whose_close_comes_after_the_account_was_changed_is_torn(on: Stage, change: dict[str, Any]) -> None:
    journal, account = journal_of(on)
    numbers = [upload(on, journal, account, f"Album/{name}.wav") for name in "ab"]
    journal.closed(numbers[0], received=1, size=1, holes=False, interrupted=False)
    with on.app.store.transaction() as tx:
        label = tx.merge(on.label())
        for name, value in change.items():
            setattr(label, name, value)
    with pytest.raises(Revoked):
        journal.closed(numbers[1], received=1, size=1, holes=False, interrupted=False)
    assert [ending(on, number) for number in numbers] == ["closed", "torn"]


def test_a_rename_waits_until_nothing_else_of_the_label_changes(on: Stage) -> None:
    journal, account = journal_of(on)
    order: list[str] = []

    def rename() -> None:
        with journal.changing(account, "A", "B", exclusive=True):
            order.append("renamed")

    renaming = threading.Thread(target=rename)
    with journal.changing(account, "A/a.wav"), journal.changing(account, "C/c.wav"):
        renaming.start()
        time.sleep(0.2)
        order.append("opened")
    renaming.join()
    assert order == ["opened", "renamed"]


def test_changes_that_follow_each_other_never_keep_a_sealing_out(on: Stage) -> None:
    state, stop = on.app.config.paths.state_dir, threading.Event()

    def change() -> None:
        while not stop.is_set():
            with label_lock(state, "anna", exclusive=False):
                time.sleep(0.002)

    changing = [threading.Thread(target=change) for _ in range(8)]
    for thread in changing:
        thread.start()
    had = 0
    end = time.monotonic() + 60
    while had < 20 and time.monotonic() < end:
        with label_lock(state, "anna", exclusive=True):
            had += 1
    stop.set()
    for thread in changing:
        thread.join()
    assert had == 20


def test_an_open_upload_follows_its_folder_even_when_the_folder_counted_as_gone(on: Stage) -> None:
    journal, account = journal_of(on)
    number = upload(on, journal, account, "A/a.wav")
    connection = journal.connected(account, "127.0.0.1")
    with on.app.store.transaction() as tx:
        folders.rename_folder(tx, account.id, "A", "A", on.clock())
        tx.execute(sa.update(ReleaseFolder).values(state="gone"))
    journal.touched(account, connection, "A/b.wav")
    (account.home / "incoming" / "A").rename(account.home / "incoming" / "B")
    journal.renamed(account, connection, "A", "B")
    with on.app.store.reading() as tx:
        assert tx.get_one(Upload, number).path == "B/a.wav"
    row = folder_of(on, "B")
    assert row is not None and not sealer_of(on).seal(on.label(), row, lambda: True)
