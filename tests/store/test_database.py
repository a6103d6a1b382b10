"""Migrations and what the columns keep, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from alembic import command

from ingest.store import deliveries, notices, packages
from ingest.store.database import Store, _alembic, is_full, is_passing
from ingest.store.models import Base, Label, Package
from tests.store.full import error_of_a_full_database
from tests.store.rows import NOW, add_label


def test_a_database_that_is_full_is_told_from_one_that_fails() -> None:
    assert is_full(error_of_a_full_database())
    for state, told in (("53100", True), ("53200", False), ("08006", False)):
        assert is_full(sa.exc.OperationalError("", {}, PostgresError(state))) == told
    for code, told in (
        (sqlite3.SQLITE_IOERR_WRITE, True),
        (sqlite3.SQLITE_BUSY, False),
        (sqlite3.SQLITE_CORRUPT, False),
    ):
        error = sqlite3.OperationalError("")
        error.sqlite_errorcode = code
        assert is_full(sa.exc.OperationalError("", {}, error)) == told
    assert not is_full(sa.exc.InvalidRequestError(""))


def test_what_passes_by_itself_is_told_from_what_the_database_would_refuse_again() -> None:
    assert is_passing(error_of_a_full_database())
    assert is_passing(sa.exc.TimeoutError("no connection is free"))
    for state in ("08006", "25P03", "40001", "40P01", "53100", "53300", "57P01", "57P03"):
        assert is_passing(sa.exc.OperationalError("", {}, PostgresError(state))), state
    for state in ("22003", "22021", "23505", "40002", "42P01", "57014"):
        assert not is_passing(sa.exc.DBAPIError("", {}, PostgresError(state))), state
    broken = sa.exc.OperationalError("", {}, Exception("gone"), connection_invalidated=True)
    assert is_passing(broken) and not is_passing(sa.exc.OperationalError("", {}, Exception("gone")))
    assert is_passing(sa.exc.OperationalError("", {}, Exception("connection failed: no such socket")))
    for code, told in (
        (sqlite3.SQLITE_BUSY, True),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, True),
        (sqlite3.SQLITE_LOCKED, True),
        (sqlite3.SQLITE_CORRUPT, False),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, False),
    ):
        error = sqlite3.OperationalError("")
        error.sqlite_errorcode = code
        assert is_passing(sa.exc.OperationalError("", {}, error)) == told
    assert not is_passing(sa.exc.InvalidRequestError(""))


@pytest.mark.postgres
def test_on_postgresql_of_two_that_each_rest_on_what_the_other_changes_one_is_refused(on_postgres: Store) -> None:
    count = sa.select(sa.func.count()).select_from(Label).where(Label.enabled)
    with pytest.raises(sa.exc.OperationalError) as refused, on_postgres.serializable() as one:
        assert one.scalar(count) == 2
        with on_postgres.serializable() as other:
            assert other.scalar(count) == 2
            other.execute(sa.update(Label).where(Label.name == "ben").values(enabled=False))
        one.execute(sa.update(Label).where(Label.name == "anna").values(enabled=False))
    assert is_passing(refused.value)
    with on_postgres.reading() as tx:
        assert tx.scalar(count) == 1


def test_a_dossier_of_an_earlier_version_stays_readable_and_a_new_one_goes_back_with_the_tables(url: str) -> None:
    store = Store(url)
    store.migrate("0014")
    moment = NOW.replace(tzinfo=None)
    label = {"id": 1, "name": "a", "title": "A", "emails": "[]", "public_keys": "[]", "dsps": "[]", "enabled": True}
    folder = {"id": 1, "label_id": 1, "name": "A", "state": "sealed", "seen_at": moment, "touched_at": moment}
    package = {"label_id": 1, "folder_id": 1, "folder": "A", "status": "Invalid", "received_at": moment}
    old, new = {"format": 0, "of": "a"}, {"format": 1, "of": "\0\ud800é"}
    with store.transaction() as tx:
        for table, row in (
            ("labels", label | {"created_at": moment}),
            ("folders", folder),
            ("packages", package | {"id": 1, "path": "", "starts": 1, "runs": 1, "dossier": json.dumps(old)}),
            ("packages", package | {"id": 2, "path": "b", "starts": 1, "runs": 1}),
        ):
            tx.execute(sa.table(table, *map(sa.column, row)).insert().values(**row))
    store.migrate()
    with store.transaction() as tx:
        assert (packages.get_dossier(tx, 1), packages.get_dossier(tx, 2)) == (old, None)
        tx.execute(sa.update(Package).where(Package.id == 2).values(dossier=new))
    with store.reading() as tx:
        assert (packages.get_dossier(tx, 1), packages.get_dossier(tx, 2)) == (old, new)
    store.migrate("0014")
    with store.reading() as tx:
        kept = tx.execute(sa.select(sa.table("packages", sa.column("id"), sa.column("dossier", sa.JSON())))).all()
    assert dict(kept) == {1: old, 2: new}
    store.close()


class PostgresError(Exception):
    """An error as psycopg raises it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__()
        self.sqlstate = sqlstate


def test_migrations_go_up_down_and_up_again_and_match_the_models(url: str) -> None:
    store = Store(url)
    assert store.revision() is None
    store.migrate()
    assert store.revision() == store.head()
    with store.engine.connect() as connection:
        config = _alembic(store.url)
        config.attributes["connection"] = connection
        command.check(config)
    store.migrate("base")
    assert set(sa.inspect(store.engine).get_table_names()) & set(Base.metadata.tables) == set()
    store.migrate()
    assert set(Base.metadata.tables) <= set(sa.inspect(store.engine).get_table_names())
    store.close()


def test_times_come_back_aware_and_in_utc_and_hostile_text_is_kept_without_what_no_database_stores(url: str) -> None:
    store = Store(url)
    store.migrate()
    local = datetime(2026, 3, 23, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    number = add_label(store, title="a\0b\udc80c 'x' 😀", now=local)
    with store.reading() as tx:
        label = tx.get_one(Label, number)
        assert (label.created_at, label.title, label.max_bytes) == (NOW, "a\ufffdb\ufffdc 'x' 😀", 10**12)
    with pytest.raises(sa.exc.StatementError, match="time zone"):
        add_label(store, name="naive", now=datetime(2026, 3, 23))
    store.close()


def test_a_delivery_that_was_overtaken_before_there_was_a_word_for_it_is_superseded(url: str) -> None:
    store = Store(url)
    store.migrate("0008")
    overtaken = "nothing was sent: the DSP has a newer message of this release, that of package 2"
    moment = NOW.replace(tzinfo=None)
    label = {
        "id": 1,
        "name": "a",
        "title": "A",
        "emails": "[]",
        "public_keys": "[]",
        "dsps": "[]",
        "enabled": True,
        "created_at": moment,
    }
    folder = {"id": 1, "label_id": 1, "name": "Album", "state": "sealed", "seen_at": moment, "touched_at": moment}
    package = {
        "label_id": 1,
        "folder_id": 1,
        "folder": "Album",
        "status": "Delivered to DSPs",
        "received_at": moment,
        "starts": 1,
        "runs": 1,
    }
    delivery = {
        "package_id": 1,
        "state": "delivered",
        "attempts": 1,
        "runs": 1,
        "owed_at": moment,
        "delivered_at": moment,
    }
    with store.transaction() as tx:
        for table, row in (
            ("labels", label),
            ("folders", folder),
            ("packages", package | {"id": 1, "path": ""}),
            ("packages", package | {"id": 2, "path": "b"}),
            ("deliveries", delivery | {"id": 1, "dsp": "alpha", "fault": overtaken}),
            ("deliveries", delivery | {"id": 2, "dsp": "beta", "fault": None}),
        ):
            tx.execute(sa.table(table, *map(sa.column, row)).insert().values(**row))
    store.migrate()
    with store.reading() as tx:
        ended = [(one.state, one.superseded_by, one.fault) for one in deliveries.deliveries_of(tx, 1)]
    assert ended == [("superseded", 2, None), ("delivered", None, None)]
    store.migrate("0008")
    with store.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT state, fault FROM deliveries ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [("delivered", overtaken), ("delivered", None)]
    store.close()


def test_an_email_that_was_owed_before_its_recipients_were_told_apart_is_owed_to_all(url: str) -> None:
    store = Store(url)
    store.migrate("0012")
    row = {
        "id": 1,
        "key": "alarm:1",
        "kind": "alarm",
        "audience": "ops",
        "recipients": '["a@b.example", "c@d.example"]',
        "details": "{}",
        "created_at": NOW.replace(tzinfo=None),
        "message_id": "<1@b.example>",
        "attempts": 3,
        "runs": 1,
    }
    with store.transaction() as tx:
        tx.execute(sa.table("notices", *map(sa.column, row)).insert().values(**row))
    store.migrate()
    with store.reading() as tx:
        (owed,) = notices.unsent_notices(tx, NOW + timedelta(seconds=1))
        assert notices.left_of(owed) == ("a@b.example", "c@d.example")
        assert (owed.reached, owed.refused, owed.owed_at, owed.attempts) == ([], [], NOW, 3)
    store.migrate("0012")
    with store.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT key FROM notices")) == "alarm:1"
    store.close()


def test_only_a_commit_that_is_said_to_does_not_wait_for_the_disk_and_both_are_seen_by_all(store: Store) -> None:
    said = []
    for number, transaction in enumerate((store.statements, store.unsynced, store.statements, store.unsynced)):
        with transaction() as rows:
            said.append(waits(rows))
            entitle(rows, f"label {number}")
        assert titles(store) == {f"label {number}"}
    with store.transaction() as tx:
        said.append(waits(tx.connection()))
    assert said == [True, False, True, False, True]


@pytest.mark.parametrize("kind", ["statements", "unsynced"])
def test_statements_are_rolled_back_where_their_block_raises_and_the_next_commit_waits_for_the_disk(
    store: Store, kind: str
) -> None:
    before = titles(store)
    with pytest.raises(RuntimeError), getattr(store, kind)() as rows:
        entitle(rows, "Carl")
        raise RuntimeError
    assert titles(store) == before
    with store.statements() as rows:
        assert waits(rows)


def waits(rows: sa.Connection) -> bool:
    """Whether the commit of this transaction waits for the disk."""
    asks = "PRAGMA synchronous" if rows.dialect.name == "sqlite" else "SHOW synchronous_commit"
    return rows.scalar(sa.text(asks)) in (2, "on")


def entitle(rows: sa.Connection, title: str) -> None:
    rows.execute(sa.update(Label).values(title=title))


def titles(store: Store) -> set[str]:
    with store.reading() as tx:
        return set(tx.scalars(sa.select(Label.title)))
