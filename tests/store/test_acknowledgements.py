"""Acknowledgements owed: one per package, until it is written or given up."""

from __future__ import annotations

from datetime import timedelta

from ingest.store.acknowledgements import (
    give_up_acknowledgement,
    note_written,
    owe_acknowledgement,
    unwritten,
    unwritten_acknowledgement,
)
from ingest.store.database import Store
from ingest.store.models import Acknowledgement
from tests.store.rows import NOW, acknowledgement_of, add_package

LATER = NOW + timedelta(seconds=1)


def test_a_package_is_owed_one_acknowledgement_with_its_first_content(store: Store) -> None:
    package = add_package(store)
    with store.transaction() as tx:
        assert acknowledgement_of(tx, package) is None
        owed = owe_acknowledgement(tx, package, "ACK_1.xml", "<é/>", NOW)
        assert owe_acknowledgement(tx, package, "ACK_2.xml", "<b/>", LATER) is None
        assert owed is not None
    with store.reading() as tx:
        row = acknowledgement_of(tx, package)
        assert row is not None and row.id == owed.id
        assert (row.name, row.content, row.created_at, row.attempts, row.runs) == ("ACK_1.xml", "<é/>", NOW, 0, 1)
        assert (row.written_at, row.given_up_at, row.fault) == (None, None, None)


def test_what_is_neither_written_nor_given_up_is_owed_in_its_order(store: Store) -> None:
    rows: list[Acknowledgement] = []
    for number in range(3):
        package = add_package(store, f"Album {number}")
        with store.transaction() as tx:
            owed = owe_acknowledgement(tx, package, f"{number}.xml", "", NOW)
            assert owed is not None
            rows.append(owed)

    def names(before: object = LATER) -> list[str]:
        with store.reading() as tx:
            found = [row.name for row in unwritten(tx, before)]  # type: ignore[arg-type]
            single = [row for one in rows if (row := unwritten_acknowledgement(tx, one.id)) is not None]
            assert before is NOW or [row.name for row in single] == found
        return found

    assert (names(), names(NOW)) == (["0.xml", "1.xml", "2.xml"], [])
    with store.transaction() as tx:
        note_written(tx.get_one(Acknowledgement, rows[1].id), LATER)
        give_up_acknowledgement(tx.get_one(Acknowledgement, rows[0].id), LATER)
    assert names() == ["2.xml"]
    with store.reading() as tx:
        assert unwritten_acknowledgement(tx, 99) is None
