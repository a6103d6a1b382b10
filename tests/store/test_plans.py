"""How SQLite finds rows: by indexes, so that nothing that is asked often takes longer when the catalogue grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.config import Config
from ingest.core.status import Status
from ingest.core.webhook import WebhookEvent
from ingest.flow.health import health_of
from ingest.flow.storage import DirectoryStorage
from ingest.flow.views import Views
from ingest.store import folders, uploads, webhooks
from ingest.store.database import Store
from tests.store.rows import NOW, add_package

SMALL = {"labels", "workers", "CONSTANT", "(subquery-1)"}
"""Tables of which all rows may be read, and what is no table; the steps of a subquery are among the others."""

IN_ORDER = "SCAN packages"
"""The plan of the newest packages: backwards by number, as far as the limit."""

COUNTED = "SCAN packages USING COVERING INDEX"
"""Packages are counted by an index alone, which is some hundredths of the table."""


@contextmanager
def plans(store: Store) -> Iterator[list[str]]:
    """The steps of all statements executed within the block that read a table, or an index, from end to end."""
    scans: list[str] = []

    def explain(connection: sa.Connection, cursor: Any, statement: str, values: Any, *others: object) -> None:
        if statement.split()[0] in ("SELECT", "UPDATE", "DELETE"):
            asking = connection.connection.cursor()
            asking.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            steps = [str(row[3]) for row in asking.fetchall()]
            scans.extend(step for step in steps if step.startswith("SCAN") and not _is_cheap(step))

    sa.event.listen(store.engine, "before_cursor_execute", explain)
    try:
        yield scans
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", explain)


def _is_cheap(step: str) -> bool:
    return step.startswith(COUNTED) or step.split()[1] in SMALL


def views(store: Store) -> Views:
    return Views(store, DirectoryStorage(Config().paths))


LOOKS: dict[str, tuple[Callable[[Store], object], list[str]]] = {
    "the newest packages": (lambda store: views(store).packages(), [IN_ORDER]),
    "those of a status": (lambda store: views(store).packages(status=Status.INVALID), []),
    "those of a label": (lambda store: views(store).packages(label="anna"), []),
    "those of both": (lambda store: views(store).packages(status=Status.INVALID, label="anna"), []),
    "a package": (lambda store: views(store).package(1), []),
    "its facts": (lambda store: views(store).facts(1), []),
    "the health": (lambda store: health_of(Config(), store, NOW), []),
}


@pytest.mark.parametrize("name", LOOKS)
def test_what_the_command_line_shows_is_found_by_indexes(on_sqlite: Store, name: str) -> None:
    look, scans = LOOKS[name]
    add_package(on_sqlite)
    with plans(on_sqlite) as found:
        look(on_sqlite)
    assert found == scans


def test_packages_on_hold_are_counted_by_an_index_of_their_own(on_sqlite: Store) -> None:
    with on_sqlite.reading() as tx:
        asked = "EXPLAIN QUERY PLAN SELECT count(*) FROM packages WHERE aside_at IS NOT NULL"
        (step,) = (row[3] for row in tx.execute(sa.text(asked)))
    assert "ix_packages_on_hold" in step


def test_what_the_daemon_asks_every_few_seconds_reads_only_what_has_not_ended(on_sqlite: Store) -> None:
    with plans(on_sqlite) as found, on_sqlite.transaction() as tx:
        uploads.open_rows(tx, "w1")
        uploads.interrupt_lost_uploads(tx, "w1", NOW)
        folders.open_folders(tx)
        folders.open_folders(tx, 1)
        folders.touch_all_open(tx, NOW)
    assert {step.split(" USING ")[1] for step in found} == {
        "INDEX ix_uploads_not_ended",
        "INDEX ix_connections_not_ended",
    }


def test_webhooks_are_found_by_indexes_however_many_were_sent(on_sqlite: Store) -> None:
    with plans(on_sqlite) as found, on_sqlite.transaction() as tx:
        webhooks.owed_messages(tx, NOW)
        webhooks.meant(tx, 1, WebhookEvent.DELIVERY_UPDATE)
        webhooks.messages_of(tx, "whk_1", 50)
        webhooks.failed_messages(tx, "whk_1", NOW)
        webhooks.attempts_of(tx, "msg_1")
    assert found == []


def test_a_table_without_an_index_would_be_seen(on_sqlite: Store) -> None:
    with plans(on_sqlite) as found, on_sqlite.reading() as tx:
        tx.execute(sa.text("SELECT * FROM packages WHERE title = 'x'"))
    assert found == ["SCAN packages"]
