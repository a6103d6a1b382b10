"""Moves: a status changes together with all that follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.status import MOVES, Status
from ingest.store import folders, packages, reports
from tests.flow.scenes import owed, status_of
from tests.packages import Good, write_good
from tests.stage import START, Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def test_a_taken_package_is_incoming_and_its_reading_and_email_are_enqueued_with_it(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    assert status_of(on, package) == "Incoming"
    assert on.engine.keys() == ["tell:1:1:1", f"ingest:{package}:1"]
    assert owed(on) == [("incoming", ["anna@label.example"])]


@pytest.mark.parametrize(("old", "new"), [(old, new) for old in Status for new in Status if new not in MOVES[old]])
def test_a_move_that_no_package_makes_is_an_error_of_ours(on: Stage, sealed: int, old: Status, new: Status) -> None:
    with on.app.store.transaction() as tx, pytest.raises(ValueError, match=f"^no package moves from {old} to {new}$"):
        on.app.moves.move(tx, sealed, old, new, "t", "", START)
    assert status_of(on, sealed) == "Incoming"


def test_a_package_that_has_another_status_by_now_is_not_moved_and_nothing_is_owed(on: Stage, sealed: int) -> None:
    with on.app.store.transaction() as tx:
        assert on.app.moves.move(tx, sealed, Status.INCOMING, Status.NEEDS_QC, "ingest", "", START)
    before = owed(on), on.engine.keys()
    assert before[0][1:] == [("needs-qc", ["anna@label.example"]), ("review", ["qc@test.example"])]
    with on.app.store.transaction() as tx:
        assert not on.app.moves.move(tx, sealed, Status.INCOMING, Status.INVALID, "ingest", "", START)
        assert on.app.moves.move(tx, sealed, Status.NEEDS_QC, Status.QC_REJECTED, "ngozi", "No.", START)
    assert (owed(on)[:3], on.engine.keys()[: len(before[1])]) == before
    with on.app.store.reading() as tx:
        told = [(one.old, one.new, one.who, one.note) for one in packages.changes_of(tx, sealed)]
        report = reports.get_report(tx, sealed)
    assert told[1:] == [("Incoming", "Needs QC", "ingest", ""), ("Needs QC", "QC Rejected", "ngozi", "No.")]
    assert report is not None and report.version == 3


def test_a_package_arrives_once_and_is_read_once_when_it_is_taken(on: Stage) -> None:
    numbers: set[int] = set()
    for _ in range(2):
        with on.app.store.transaction() as tx:
            folder = folders.touch_folder(tx, 1, "Album", START)
            numbers.add(on.app.moves.arrive(tx, folder, "one", ("a.wav has not arrived.",), START))
    assert owed(on) == [("waiting", ["anna@label.example"])]
    for _ in range(2):
        with on.app.store.transaction() as tx:
            folder = folders.touch_folder(tx, 1, "Album", START)
            numbers.add(on.app.moves.take(tx, folder, "one", START))
    (number,) = numbers
    assert on.engine.keys()[-1] == f"ingest:{number}:1"
    assert owed(on) == [("waiting", ["anna@label.example"])]
    with on.app.store.reading() as tx:
        row, report = packages.get_package(tx, number), reports.get_report(tx, number)
    assert row is not None and (row.folder, row.path, row.sealed_at) == ("Album/one", "one", START)
    assert report is not None and (report.name, report.missing, report.version) == ("Album/one", [], 2)


def test_a_test_that_passed_stays_incoming_and_its_label_is_told(on: Stage, sealed: int) -> None:
    with on.app.store.transaction() as tx:
        on.app.moves.answer_test(tx, sealed, START)
    assert (status_of(on, sealed), owed(on)[-1]) == ("Incoming", ("tested", ["anna@label.example"]))
