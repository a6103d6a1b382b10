"""Packages: their columns, changes of status, findings, and what waits for its reading."""

from __future__ import annotations

import random
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ingest.core.finding import Finding, Severity
from ingest.core.fingerprint import Fingerprint
from ingest.core.message import TrackEntry
from ingest.core.status import Status
from ingest.readers.answers import LARGEST, LARGEST_IN_ROWS, LONGEST_TEXT, check_bounds
from ingest.readers.json_values import to_json
from ingest.rules import check
from ingest.store import folders, known, packages
from ingest.store.database import Store
from ingest.store.models import Package
from tests.rules.dossiers import (
    GOOD,
    MASTER,
    POLICY,
    RECORDING,
    RELEASE,
    message_of,
    text,
    with_message,
    with_texts,
)
from tests.store.rows import NOW, add_label, add_package

LATER = NOW + timedelta(minutes=1)


def test_identifiers_of_any_length_fit_into_the_indexes(url: str) -> None:
    store = Store(url)
    store.migrate()
    add_label(store)
    package = add_package(store)
    noise = "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=9000))
    isrc = replace(RECORDING, isrc=text(noise))
    dossier = with_message(message_of((isrc,), (replace(RELEASE, barcode=text(noise)),)))
    with store.transaction() as tx:
        packages.set_summary(tx, package, dossier, {}, NOW)
        known.save_recordings(tx, package, 1, dossier)
    with store.transaction() as tx:
        row = packages.get_package(tx, package)
        assert row is not None and row.barcode == noise[:200]
        assert known.known_releases(tx, package + 1, 1, dossier) == ()
    store.close()


def test_a_status_changes_once_however_often_it_is_asked(url: str) -> None:
    store = Store(url)
    store.migrate()
    label = add_label(store)
    with store.transaction() as tx:
        folder = folders.touch_folder(tx, label, "Album", NOW)
        package = packages.add_package(tx, folder, "", NOW)
        again = packages.add_package(tx, folder, "", NOW)
    assert package is not None and again is None
    for expected in (True, False):
        with store.transaction() as tx:
            change = packages.change_status(tx, package, Status.INCOMING, Status.INVALID, "ingest", "", NOW)
            assert (change is not None) is expected
    store.close()


def row_of(store: Store, package: int) -> Package:
    with store.reading() as tx:
        row = packages.get_package(tx, package)
    assert row is not None
    return row


def test_a_release_of_a_batch_is_a_package_of_its_own_under_its_path(store: Store) -> None:
    with store.transaction() as tx:
        folder = folders.touch_folder(tx, 1, "Batch", NOW)
        one, two = (packages.add_package(tx, folder, path, NOW) for path in ("one", "two/deep"))
        assert one is not None and two is not None and packages.add_package(tx, folder, "one", LATER) is None
        assert [row.id for row in packages.packages_of(tx, folder.id)] == [one, two]
        found = packages.package_of(tx, folder.id, "two/deep")
        assert found is not None and (found.id, found.folder) == (two, "Batch/two/deep")
        assert packages.package_of(tx, folder.id, "") is None
        packages.place_in_batch(found, "two")
    assert (row_of(store, two).path, row_of(store, one).received_at) == ("two", NOW)
    assert packages.shown_name("Batch", "") == "Batch"


def test_packages_are_listed_newest_first_by_status_and_label(store: Store) -> None:
    first, second, other = (add_package(store, name, label=label) for name, label in (("A", 1), ("B", 1), ("A", 2)))
    with store.transaction() as tx:
        packages.change_status(tx, first, Status.INCOMING, Status.INVALID, "ingest", "", NOW)

    def listed(limit: int = 100, *, oldest_first: bool = False, **asked: Any) -> list[int]:
        wanted = packages.Wanted(**asked)
        with store.reading() as tx:
            rows = packages.list_packages(tx, wanted, limit=limit, oldest_first=oldest_first)
            assert packages.count_listed(tx, wanted) >= len(rows)
            return [row.id for row in rows]

    assert listed() == [other, second, first]
    assert listed(limit=2) == [other, second]
    assert listed(limit=2, oldest_first=True) == [first, second]
    assert listed(search="b") == [second]
    assert listed(label=1) == [second, first]
    assert listed(status=Status.INVALID) == [first]
    assert listed(status=Status.INVALID, label=2) == []


def test_a_change_is_recorded_with_who_made_it_and_its_note(store: Store) -> None:
    package = add_package(store)
    with store.transaction() as tx:
        first = packages.record_change(tx, package, None, Status.INCOMING, "ingest", "", NOW)
        second = packages.change_status(tx, package, Status.INCOMING, Status.NEEDS_QC, "ngozi", "Nötig.", LATER)
        assert packages.change_status(tx, 99, Status.INCOMING, Status.NEEDS_QC, "ngozi", "", LATER) is None
    with store.reading() as tx:
        told = [(one.id, one.old, one.new, one.who, one.at, one.note) for one in packages.changes_of(tx, package)]
    assert told == [
        (first, None, "Incoming", "ingest", NOW, ""),
        (second, "Incoming", "Needs QC", "ngozi", LATER, "Nötig."),
    ]


def test_a_package_is_sealed_once(store: Store) -> None:
    package = add_package(store)
    for now, is_first in ((NOW, True), (LATER, False)):
        with store.transaction() as tx:
            assert packages.mark_sealed(tx, package, f"Album of {now:%M}", now) is is_first
    assert (row_of(store, package).sealed_at, row_of(store, package).folder) == (NOW, "Album of 00")


def test_starts_and_runs_are_counted_from_the_first_and_starts_anew_after_a_hold(store: Store) -> None:
    package = add_package(store)
    with store.transaction() as tx:
        assert [packages.count_start(tx, package) for _ in range(3)] == [1, 2, 3]
        assert [packages.next_run(tx, package) for _ in range(2)] == [1, 2]
        assert not packages.release_hold(tx, package)
        packages.put_on_hold(tx, package, NOW)
        assert packages.release_hold(tx, package)
        assert (packages.count_start(tx, package), packages.next_run(tx, package)) == (1, 3)


def test_only_a_package_that_is_incoming_waits_for_its_reading_and_one_that_changed_waits_in_any_status(
    store: Store,
) -> None:
    unread, held, judged, unsealed = (add_package(store, name) for name in ("unread", "held", "judged", "unsealed"))
    with store.transaction() as tx:
        for package in (unread, held, judged):
            packages.mark_sealed(tx, package, "x", NOW)
        packages.change_status(tx, judged, Status.INCOMING, Status.NEEDS_QC, "ingest", "", NOW)
        for package in (held, judged):
            packages.put_on_hold(tx, package, LATER)
    assert [row_of(store, package).on_hold_at for package in (unread, held, judged)] == [None, LATER, None]
    with store.transaction() as tx:
        assert [row.id for row in packages.unread_packages(tx, LATER)] == [unread]
        assert packages.unread_packages(tx, NOW) == []
        packages.hold_changed(tx, judged, LATER)
    assert (row_of(store, judged).on_hold_at, row_of(store, unsealed).on_hold_at) == (LATER, None)


def test_a_test_that_passed_rests_as_what_is_invalid_does(store: Store) -> None:
    unread, passed, failed, done = (add_package(store, name) for name in ("unread", "passed", "failed", "done"))
    with store.transaction() as tx:
        tx.get_one(Package, passed).checked_at = NOW
        tx.get_one(Package, failed).status = Status.INVALID.value
        tx.get_one(Package, done).status = Status.DELIVERED.value

    def resting(*statuses: Status) -> list[int]:
        with store.reading() as tx:
            query = sa.select(Package.id).where(packages.rests_in([one.value for one in statuses]))
            return list(tx.scalars(query.order_by(Package.id)))

    assert resting(Status.INVALID) == [passed, failed]
    assert resting(Status.DELIVERED, Status.QC_REJECTED) == [done]
    assert resting(Status.INVALID, Status.DELIVERED) == [passed, failed, done]
    assert unread not in resting(*(set(Status) - {Status.INCOMING}))


FOUND = Finding("ART-001", Severity.ERROR, "a.jpg", 3, 1, "GBDUM2600001", "9 × 9", "3000 × 3000", "Small.", "Grow.")
BARE = Finding("PKG-001", Severity.INFO, None, None, None, None, None, None, "", "")


def test_findings_come_back_as_they_were_and_new_ones_take_the_place_of_old_ones(store: Store) -> None:
    package, other = add_package(store, "One"), add_package(store, "Two")

    def kept(of: int) -> tuple[Finding, ...]:
        with store.reading() as tx:
            return packages.findings_of(tx, of)

    for findings in ([FOUND, BARE, FOUND], [BARE], []):
        with store.transaction() as tx:
            packages.set_findings(tx, package, findings)
            packages.set_findings(tx, other, [FOUND])
        assert (kept(package), kept(other)) == (tuple(findings), (FOUND,))


def test_a_verdict_leaves_the_summary_the_dossier_and_the_release(store: Store) -> None:
    package = add_package(store)
    with store.transaction() as tx:
        assert packages.get_dossier(tx, package) is None
        packages.set_summary(tx, package, GOOD, {"format": 1}, LATER)
        packages.note_fingerprint(tx, package, Fingerprint("f" * 64, 9))
    row = row_of(store, package)
    assert (row.title, row.artist, row.barcode, row.release_type) == ("Sunrise", "Ayo Lande", "5034567890120", "Single")
    assert (row.release_date, row.track_count, row.kind, row.checked_at) == ("2026-04-01", 1, "new release", LATER)
    made = datetime(2026, 3, 20, 10, tzinfo=UTC)
    assert (row.replaces_id, row.made_at, row.cover_sha256, row.fingerprint) == (None, made, None, "f" * 64)
    assert row.release_id is not None
    with store.reading() as tx:
        assert packages.get_dossier(tx, package) == {"format": 1}
        assert packages.get_dossier(tx, 99) is None


def test_the_utmost_that_a_child_may_say_is_stored(url: str) -> None:
    """Whatever passes the bounds of its answers, and then the rules, is refused by no database."""
    store = Store(url)
    store.migrate()
    add_label(store)
    package = add_package(store)
    odd = text("\0" + "\U0001f3b5" * (LONGEST_TEXT - 1), -LARGEST_IN_ROWS)
    recording = replace(with_texts(RECORDING, odd.value), line=LARGEST_IN_ROWS, sequence=-LARGEST_IN_ROWS, isrc=odd)
    release = replace(with_texts(RELEASE, odd.value), line=LARGEST_IN_ROWS, release_date=None)
    message = message_of((recording,), (release,))
    message = replace(message, tracks=(TrackEntry(LARGEST_IN_ROWS, LARGEST_IN_ROWS, 0),))
    heard = replace(MASTER, frames=LARGEST, bits=-LARGEST, duration=1.7e308, hashes={"sha256": "0" * 64})
    dossier = replace(GOOD, message=message, audio=(heard,))
    plain = to_json(dossier)
    check_bounds(plain)
    check_bounds(plain["message"], LARGEST_IN_ROWS)
    findings = check(dossier, POLICY)
    with store.transaction() as tx:
        packages.set_summary(tx, package, dossier, plain, NOW)
        packages.set_findings(tx, package, findings)
        known.save_recordings(tx, package, 1, dossier)
    with store.reading() as tx:
        assert packages.get_dossier(tx, package) == plain
        assert {finding.code for finding in packages.findings_of(tx, package)} == {one.code for one in findings}
    store.close()
