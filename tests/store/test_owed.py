"""What every row has that owes work: the number of its attempt and of its run, and the last failure."""

from __future__ import annotations

from ingest.store.acknowledgements import owe_acknowledgement
from ingest.store.database import Store
from ingest.store.owed import begin_run, note_attempt
from tests.store.rows import NOW, acknowledgement_of, add_package


def test_attempts_are_noted_and_each_run_has_a_number_of_its_own(store: Store) -> None:
    package = add_package(store)
    seen = []
    with store.transaction() as tx:
        row = owe_acknowledgement(tx, package, "a.xml", "", NOW)
        assert row is not None
    for attempt, fault in ((1, "no space"), (2, "no route"), (3, None)):
        with store.transaction() as tx:
            row = acknowledgement_of(tx, package)
            assert row is not None
            note_attempt(row, attempt, fault)
            if attempt == 2:
                begin_run(row)
        with store.reading() as tx:
            row = acknowledgement_of(tx, package)
            assert row is not None
            seen.append((row.attempts, row.runs, row.fault))
    assert seen == [(1, 1, "no space"), (2, 2, "no route"), (3, 2, None)]
