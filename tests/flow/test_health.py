"""Health: what the database and the disk say of the daemon."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from ingest.config import Config, load
from ingest.core.notice import Audience, NoticeKind
from ingest.core.status import Status
from ingest.flow.health import FULL, FULL_BYTES, SILENT, Oldest, health_of, look
from ingest.store import packages
from ingest.store.database import Store
from ingest.store.models import SEALED, Notice, Package, ReleaseFolder
from ingest.store.notices import owe_notice
from ingest.store.workers import note_heartbeat, sign_off
from tests.store.rows import new_label

NOW = datetime(2026, 3, 23, 10, tzinfo=UTC)
CONFIG = '[paths]\ndata = "."\n[sftp]\nmin_free_bytes = 1\n'


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.toml").write_text(CONFIG)
    return load(tmp_path / "config.toml")


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    store = Store(config.database_url)
    store.migrate()
    yield store
    store.close()


def hear(store: Store, name: str, at: datetime) -> None:
    with store.transaction() as tx:
        note_heartbeat(tx, name, at)


def receive(store: Store, status: Status, minutes: int) -> int:
    """A package received so many minutes before NOW; returns its number."""
    at = NOW - timedelta(minutes=minutes)
    with store.transaction() as tx:
        label = new_label(tx, f"label-{minutes}")
        folder = ReleaseFolder(label_id=label.id, name="release", state=SEALED, seen_at=at, touched_at=at, sealed_at=at)
        tx.add(folder)
        tx.flush()
        number = packages.add_package(tx, folder, "", at)
        assert number is not None
        tx.get_one(Package, number).status = status.value
        return number


def test_a_daemon_heard_of_within_half_a_minute_is_healthy(config: Config, store: Store) -> None:
    hear(store, "one", NOW - timedelta(seconds=30))
    hear(store, "two", NOW - timedelta(hours=3))

    health = look(config, NOW)
    assert health.failures == ()
    assert health.workers == {"one": NOW - timedelta(seconds=30), "two": NOW - timedelta(hours=3)}


def test_a_daemon_not_heard_of_for_longer_is_not(config: Config, store: Store) -> None:
    hear(store, "one", NOW - timedelta(seconds=31))

    assert look(config, NOW).failures == ("no worker was heard of within 30 seconds: the daemon does not run",)


def test_packages_are_counted_by_status_and_the_longest_wait_is_named(config: Config, store: Store) -> None:
    receive(store, Status.INCOMING, 5)
    oldest = receive(store, Status.INCOMING, 30)
    waiting = receive(store, Status.INCOMING, 2)
    receive(store, Status.INVALID, 60)
    with store.transaction() as tx:
        packages.put_on_hold(tx, waiting, NOW)

    health = look(config, NOW)
    counts = {status: count for status, count in health.packages.items() if count}
    assert list(health.packages) == list(Status)
    assert counts == {Status.INCOMING: 3, Status.INVALID: 1}
    assert health.oldest_incoming == Oldest(oldest, NOW - timedelta(minutes=30))
    assert health.on_hold == 1


def test_emails_that_did_not_leave_are_counted(config: Config, store: Store) -> None:
    with store.transaction() as tx:
        for number, minutes in enumerate((3, 9, 20)):
            at = NOW - timedelta(minutes=minutes)
            owe_notice(
                tx,
                key=f"alarm:{number}",
                kind=NoticeKind.ALARM,
                audience=Audience.OPS,
                recipients=["ops@label.example"],
                domain="label.example",
                now=at,
            )
        tx.query(Notice).where(Notice.key == "alarm:2").update({"sent_at": NOW})

    health = look(config, NOW)
    assert (health.unsent, health.oldest_unsent, health.unsent_fault) == (2, NOW - timedelta(minutes=9), None)


DOWN = "mail.example:587 cannot be reached: Connection refused"


@pytest.mark.parametrize(
    ("minutes", "values", "is_stuck"),
    [
        (59, {"fault": DOWN}, False),
        (61, {"fault": DOWN}, True),
        (61, {}, False),
        (61, {"fault": DOWN, "reached": ["one@label.example"]}, False),
        (61, {"fault": "mail.example:587 refused one@label.example: 450 4.2.1 full"}, False),
        (61, {"fault": DOWN, "given_up_at": NOW}, False),
    ],
)
def test_a_mail_server_that_takes_nothing_is_not_healthy(
    config: Config, store: Store, minutes: int, values: dict[str, Any], is_stuck: bool
) -> None:
    hear(store, "one", NOW)
    owe(store, "stray:0", 300, Audience.LABEL, sent_at=NOW - timedelta(minutes=90))
    owe(store, "stray:1", minutes, Audience.LABEL, **values)
    owe(store, "review:1", 5, Audience.QC, fault=DOWN)

    since = f"{NOW - timedelta(minutes=minutes):%Y-%m-%d %H:%M} UTC"
    told = f"no email leaves: 1 email waits, the oldest since {since}: {DOWN}"
    assert look(config, NOW).failures == ((told,) if is_stuck else ())


def test_while_some_emails_leave_the_mail_server_is_well(config: Config, store: Store) -> None:
    hear(store, "one", NOW)
    for number in (1, 2):
        owe(store, f"stray:{number}", 600, Audience.LABEL, fault=DOWN)
    assert look(config, NOW).failures[0].startswith("no email leaves: 2 emails wait")
    owe(store, "stray:3", 90, Audience.LABEL, sent_at=NOW - timedelta(minutes=59))
    health = look(config, NOW)
    assert (health.failures, health.unsent_fault) == ((), DOWN)


def owe(store: Store, key: str, minutes: int, audience: Audience = Audience.OPS, **values: Any) -> None:
    """An email that is owed since so many minutes, with these values of its row."""
    with store.transaction() as tx:
        row = owe_notice(
            tx,
            key=key,
            kind=NoticeKind.ALARM if audience is Audience.OPS else NoticeKind.STRAY_FILES,
            audience=audience,
            recipients=["one@label.example"],
            domain="label.example",
            now=NOW - timedelta(minutes=minutes),
        )
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)


def test_emails_that_were_given_up_are_counted_until_they_are_sent_or_dropped(config: Config, store: Store) -> None:
    hear(store, "one", NOW)
    for number, ended in enumerate(({}, {}, {"sent_at": NOW}, {"dropped_at": NOW})):
        given_up = {"given_up_at": NOW + timedelta(seconds=number), "fault": f"fault {number}", **ended}
        owe(store, f"stray:{number}", 9, Audience.LABEL, **given_up)

    health = look(config, NOW)
    assert (health.given_up, health.given_up_fault, health.unsent, health.failures) == (2, "fault 1", 0, ())


@pytest.mark.parametrize(
    ("minutes", "values", "is_heard"),
    [
        (59, {"fault": "553 not owned"}, True),
        (61, {"fault": "553 not owned"}, False),
        (61, {}, True),
        (61, {"fault": "553 not owned", "reached": ["two@label.example"]}, True),
        (61, {"fault": "553 not owned", "sent_at": NOW}, True),
        (1, {"fault": "553 not owned", "given_up_at": NOW}, False),
        (1, {"fault": "553 not owned", "given_up_at": NOW, "dropped_at": NOW}, True),
    ],
)
def test_an_alarm_that_does_not_reach_ops_is_not_healthy(
    config: Config, store: Store, minutes: int, values: dict[str, Any], is_heard: bool
) -> None:
    hear(store, "one", NOW)
    owe(store, "alarm:1", minutes, **values)
    owe(store, "stray:1", 600, Audience.LABEL, fault="mail.example:587 refused one@label.example: 451 later")

    assert look(config, NOW).failures == (() if is_heard else ("ops do not get email 1: 553 not owned",))


def test_on_a_full_disk_a_missing_heartbeat_does_not_say_that_the_daemon_ended(
    config: Config, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, failure in ((0, FULL), (FULL_BYTES, SILENT)):
        monkeypatch.setattr(shutil, "disk_usage", Mock(return_value=SimpleNamespace(free=free)))
        assert health_of(config, store, NOW).failures[0] == failure


def test_a_full_disk_is_not_healthy(config: Config, store: Store) -> None:
    hear(store, "one", NOW)
    full = config.model_copy(update={"sftp": config.sftp.model_copy(update={"min_free_bytes": 1 << 60})})

    (fault,) = look(full, NOW).failures
    assert fault.endswith(f"free at {config.paths.data}: uploads are refused")


def test_where_the_daemon_never_ran_nothing_is_made(config: Config) -> None:
    health = look(config, NOW)

    assert health.failures == (
        f"there is no database {config.paths.state_dir / 'ingest.db'}: the daemon never ran here",
    )
    assert not config.paths.state_dir.exists()


def test_a_broken_database_is_not_healthy(config: Config) -> None:
    config.paths.state_dir.mkdir()
    (config.paths.state_dir / "ingest.db").write_bytes(b"this is no database" * 1000)

    assert look(config, NOW).failures == ("the database cannot be used: file is not a database",)


def test_tables_of_another_version_are_not_healthy(config: Config, store: Store) -> None:
    store.migrate("base")

    assert look(config, NOW).failures == ("the database cannot be used: no such table: workers",)


@pytest.mark.postgres
def test_a_postgresql_database_is_asked_the_same(config: Config, fresh_postgres: str) -> None:
    there = config.model_copy(update={"database": config.database.model_copy(update={"url": fresh_postgres})})
    store = Store(fresh_postgres)
    store.migrate()
    hear(store, "one", NOW)
    number = receive(store, Status.INCOMING, 5)
    store.close()

    health = look(there, NOW)
    assert health.failures == ()
    assert health.oldest_incoming == Oldest(number, NOW - timedelta(minutes=5))


def test_a_process_that_has_the_database_open_sees_the_same(config: Config, store: Store) -> None:
    hear(store, "one", NOW)
    receive(store, Status.NEEDS_QC, 5)

    assert replace(health_of(config, store, NOW), free_bytes=1) == replace(look(config, NOW), free_bytes=1)


def test_a_worker_that_signed_off_is_not_alive(config: Config, store: Store) -> None:
    hear(store, "one", NOW)
    with store.transaction() as tx:
        sign_off(tx, "one", NOW)

    health = look(config, NOW)
    assert (health.stopped, health.is_alive("one")) == ({"one": NOW}, False)
