"""Reports owed: their names, versions and attempts, as rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
import sqlalchemy as sa

from ingest.store import reports
from ingest.store.database import Store
from ingest.store.models import Package, ReleaseFolder, Report
from tests.store.rows import NOW, add_label, add_package


@pytest.mark.postgres
def test_a_report_owed_while_another_is_noted_as_written_keeps_the_places_to_clear(fresh_postgres: str) -> None:
    store = Store(fresh_postgres)
    store.migrate()
    add_label(store)
    package = add_package(store)

    def owe(name: str) -> None:
        with store.transaction() as tx:
            folder = tx.scalars(sa.select(ReleaseFolder)).one()
            folder.name = name
            reports.owe_report(tx, tx.get_one(Package, package), (), NOW)

    owe("One")
    owe("Two")
    with ThreadPoolExecutor(1) as thread:
        with store.transaction() as tx:
            reports.note_written(tx, package, 2)
            late = thread.submit(owe, "Three")
            wait([late], 0.5)
        late.result(10)
    with store.reading() as tx:
        row = tx.get_one(Report, package)
        assert (row.written, row.version, row.left) == (2, 3, ["Two"])
    store.close()
