"""Migrations and what the columns keep, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from alembic import command

from ingest.store import deliveries, notices
from ingest.store.database import Store, _alembic
from ingest.store.models import Base, Label
from tests.store.rows import NOW, add_label


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
