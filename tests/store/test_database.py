"""Migrations and what the columns keep, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from alembic import command

from ingest.store import deliveries, notices
from ingest.store.database import Store, _alembic, is_full
from ingest.store.models import Base, Label
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
