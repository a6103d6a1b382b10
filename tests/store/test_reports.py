"""Reports owed: their names, versions and attempts, as rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
import sqlalchemy as sa

from ingest.core.status import Status
from ingest.store import packages, reports
from ingest.store.database import Store
from ingest.store.models import Package, ReleaseFolder, Report
from tests.store.rows import NOW, add_label, add_package

LATER = NOW + timedelta(minutes=1)


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


def owe(store: Store, package: int, *missing: str) -> None:
    with store.transaction() as tx:
        reports.owe_report(tx, tx.get_one(Package, package), missing, NOW)


def row_of(store: Store, package: int) -> Report:
    with store.reading() as tx:
        row = reports.get_report(tx, package)
    assert row is not None
    return row


def test_each_change_is_a_version_that_is_owed_until_it_is_written(store: Store) -> None:
    package = add_package(store)
    owe(store, package, "a.wav has not arrived.")
    row = row_of(store, package)
    assert (row.name, row.missing, row.version, row.written) == ("Album", ["a.wav has not arrived."], 1, 0)
    owe(store, package)
    with store.transaction() as tx:
        reports.note_written(tx, package, 1)
        assert [one.package_id for one in reports.owed_reports(tx, NOW, 9)] == [package]
        reports.note_written(tx, package, 2)
        assert reports.owed_reports(tx, NOW, 9) == []
        reports.note_written(tx, package, 1)
    row = row_of(store, package)
    assert (row.missing, row.version, row.written, row.left) == ([], 2, 2, [])
    with store.reading() as tx:
        assert reports.get_report(tx, 99) is None


def test_a_failed_attempt_is_due_later_and_may_be_hurried(store: Store) -> None:
    package = add_package(store)
    owe(store, package)
    with store.transaction() as tx:
        assert reports.note_failed(tx, package, "no space", LATER) == 1
        assert reports.note_failed(tx, package, "no space", LATER) == 2
        tx.flush()
        assert (reports.owed_reports(tx, NOW, 9), len(reports.owed_reports(tx, LATER, 9))) == ([], 1)
        reports.hurry_reports(tx, NOW)
        assert len(reports.owed_reports(tx, NOW, 9)) == 1
    row = row_of(store, package)
    assert (row.attempts, row.fault, row.due_at) == (2, "no space", NOW)
    with store.transaction() as tx:
        reports.note_written(tx, package, 1)
    assert (row_of(store, package).attempts, row_of(store, package).fault) == (0, None)


def test_of_each_label_as_many_as_asked_for_are_told_the_longest_due_first(store: Store) -> None:
    mine = [add_package(store, name) for name in "ABC"]
    theirs = add_package(store, "D", label=2)
    for number, package in enumerate([*mine, theirs]):
        with store.transaction() as tx:
            reports.owe_report(tx, tx.get_one(Package, package), (), NOW - timedelta(minutes=number))
    with store.reading() as tx:
        assert [row.package_id for row in reports.owed_reports(tx, NOW, 2)] == [theirs, mine[2], mine[1]]


def test_a_newer_folder_of_the_name_pushes_the_older_one_aside_for_its_own_label_only(store: Store) -> None:
    older, theirs = add_package(store), add_package(store, label=2)
    for package in (older, theirs):
        owe(store, package)
        with store.transaction() as tx:
            reports.note_written(tx, package, 1)
    with store.transaction() as tx:
        tx.get_one(ReleaseFolder, 1).state = "gone"
    newer = add_package(store)
    owe(store, newer)
    aside = row_of(store, older)
    assert (aside.name, aside.left, aside.version) == (f"Album (package {older})", ["Album"], 2)
    assert [row_of(store, package).name for package in (newer, theirs)] == ["Album", "Album"]
    with store.reading() as tx:
        assert reports.name_is_taken(tx, aside, "Album")
        assert not reports.name_is_taken(tx, aside, f"Album (package {older})")
        assert not reports.name_is_taken(tx, aside, "Album/one")
        assert not reports.name_is_taken(tx, row_of(store, newer), "Album")


def test_reports_on_packages_at_rest_are_retired_once_and_owed_again_by_a_change(store: Store) -> None:
    resting, busy = add_package(store, "Resting"), add_package(store, "Busy")
    for package in (resting, busy):
        owe(store, package)
    with store.transaction() as tx:
        packages.change_status(tx, resting, Status.INCOMING, Status.INVALID, "ingest", "", NOW)
    for before, count in ((NOW, 0), (LATER, 1), (LATER, 0)):
        with store.transaction() as tx:
            assert reports.retire_reports(tx, [Status.INVALID.value], before, LATER) == count
    row = row_of(store, resting)
    assert (row.retired_at, row.version, row_of(store, busy).retired_at) == (LATER, 2, None)
    owe(store, resting)
    assert (row_of(store, resting).retired_at, row_of(store, resting).version) == (None, 3)
