"""Which packages are attempts at which release, and what a release is, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.dossier import Dossier
from ingest.core.message import Header
from ingest.core.notice import Audience, NoticeKind
from ingest.core.release_reading import release_of
from ingest.core.resources import SoundRecording
from ingest.store import covers, folders, known, notices, packages, releases
from ingest.store.database import Store
from ingest.store.models import Package, ReleaseRow, TrackRow
from tests.rules.dossiers import GOOD, RECORDING, RELEASE, message_of, text, title, with_message

NOW = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)
UPC, EAN = "036000291452", "0036000291452"


def said(words: str, barcode: str | None = UPC, made: int = 20, *recordings: SoundRecording) -> Dossier:
    """The good dossier under this title and barcode; its message was made on that day of March."""
    written = None if barcode is None else text(barcode)
    message = message_of(recordings or (RECORDING,), (replace(RELEASE, barcode=written, title=title(words)),))
    created = Header(line=7, created=text(f"2026-03-{made:02}T10:00:00Z"))
    return with_message(replace(message, header=created))


def add(tx: Session, label: int = 1) -> Package:
    """A package of a folder of its own."""
    package = packages.add_package(tx, folders.touch_folder(tx, label, str(uuid4()), NOW), "", NOW)
    assert package is not None
    return tx.get_one(Package, package)


def judge(tx: Session, package: Package, dossier: Dossier, status: str, kind: str | None = None) -> UUID | None:
    """What happens to a package's rows at its verdict."""
    packages.set_summary(tx, package.id, dossier, {}, NOW)
    package.status, package.kind = status, kind or package.kind
    tx.flush()
    read = release_of(dossier)
    if read is not None:
        releases.describe_release(tx, package, read, NOW)
    return package.release_id


def judged(store: Store, dossier: Dossier, status: str = "Needs QC", label: int = 1, kind: str | None = None) -> UUID:
    with store.transaction() as tx:
        release = judge(tx, add(tx, label), dossier, status, kind)
        assert release is not None
        return release


def title_of(store: Store, release: UUID) -> str | None:
    with store.reading() as tx:
        return tx.get_one(ReleaseRow, release).title


def test_packages_of_one_barcode_in_any_spelling_are_of_one_release_within_a_label(store: Store) -> None:
    first, second = judged(store, said("Sunrise", UPC)), judged(store, said("Sunrise", EAN))
    other, foreign = judged(store, said("Dusk", "5034567890120")), judged(store, said("Sunrise", UPC), label=2)

    assert first == second and len({first, other, foreign}) == 3
    with store.reading() as tx:
        row = tx.get_one(ReleaseRow, first)
        assert (row.label_id, row.key, row.barcode, row.title) == (1, "00036000291452", EAN, "Sunrise")
        assert (row.artist, row.type, row.release_date) == ("Ayo Lande", "Single", "2026-04-01")
        (track,) = releases.tracks_of(tx, first)
        assert (track.disc, track.number, track.isrc, track.title) == (1, 1, "GBDUM2600001", "Sunrise")
        assert (track.artist, track.seconds) == ("Ayo Lande", 31.0)


def test_a_package_without_a_barcode_has_a_release_of_its_own_and_never_a_second(store: Store) -> None:
    with store.transaction() as tx:
        package = add(tx)
        first = judge(tx, package, said("Sunrise", None), "Invalid")
        again = judge(tx, package, said("Sunset", ""), "Invalid")
    other = judged(store, said("Sunrise", None))

    assert first is not None and first == again and other != first
    with store.reading() as tx:
        assert tx.scalars(sa.select(ReleaseRow.key)).all() == [None, None]
    assert title_of(store, first) == "Sunset"


def test_a_package_whose_message_holds_no_release_has_none(store: Store) -> None:
    with store.transaction() as tx:
        package = add(tx)
        assert judge(tx, package, with_message(message_of(releases=())), "Invalid") is None
        assert tx.scalars(sa.select(ReleaseRow)).all() == []
        assert tx.scalars(sa.select(Package).where(releases.same_release(package))).all() == [package]


@pytest.mark.parametrize(
    ("attempts", "title"),
    [
        ([("Old", "Invalid", 20)], "Old"),
        ([("Old", "Invalid", 20), ("New", "Invalid", 21)], "New"),
        ([("New", "Invalid", 21), ("Old", "Invalid", 20)], "New"),
        ([("Refused", "Invalid", 25), ("Accepted", "Needs QC", 20)], "Accepted"),
        ([("Accepted", "Needs QC", 20), ("Refused", "Invalid", 25)], "Accepted"),
        ([("Accepted", "Needs QC", 20), ("Test", "Incoming", 25)], "Accepted"),
        ([("New", "Delivered to DSPs", 22), ("Old", "Needs QC", 20)], "New"),
        ([("Old", "Delivered to DSPs", 20), ("New", "Needs QC", 22)], "New"),
        ([("Before", "Needs QC", 20), ("After", "Needs QC", 20)], "After"),
    ],
)
def test_a_release_is_what_its_newest_accepted_message_says(
    store: Store, attempts: list[tuple[str, str, int]], title: str
) -> None:
    found = {judged(store, said(words, UPC, made), status) for words, status, made in attempts}

    assert len(found) == 1
    assert title_of(store, found.pop()) == title


@pytest.mark.parametrize("kind", ["takedown", "purge"])
def test_what_takes_a_release_down_does_not_change_it(store: Store, kind: str) -> None:
    release = judged(store, said("Sunrise"))
    assert judged(store, said("Gone", UPC, 25), kind=kind) == release
    assert title_of(store, release) == "Sunrise"


def test_tracks_keep_their_ids_while_their_isrc_or_without_one_their_place_stays(store: Store) -> None:
    one, two, three = (replace(RECORDING, isrc=text(f"GBDUM260000{number}")) for number in (1, 2, 3))
    nameless = replace(RECORDING, isrc=None)
    release = judged(store, said("Album", UPC, 20, one, two, nameless))
    before = ids_of(store, release)
    assert judged(store, said("Album", UPC, 21, two, three, nameless, one)) == release
    after = ids_of(store, release)

    assert [before[1], before[2], before[0]] == [after[0], after[2], after[3]]
    assert after[1] not in before and len(set(after)) == 4
    judged(store, said("Single", UPC, 22, three))
    assert ids_of(store, release) == [after[1]]


def ids_of(store: Store, release: UUID) -> list[UUID]:
    with store.reading() as tx:
        return [row.id for row in releases.tracks_of(tx, release)]


def test_texts_of_any_length_are_kept_in_part(store: Store) -> None:
    long = replace(RECORDING, title=title("b" * 5000), isrc=text("x" * 5000))
    with store.reading() as tx:
        row = tx.get_one(ReleaseRow, judged(store, said("a" * 5000, "0" * 5000 + "b", 20, long)))
        (track,) = tx.scalars(sa.select(TrackRow))
    assert (row.title, track.title, track.isrc) == ("a" * 1000, "b" * 1000, "X" * 200)
    assert (row.barcode, row.key) == ("0" * 200, "0" * 14)


def test_the_thread_of_a_release_goes_on_in_emails_about_its_later_packages(store: Store) -> None:
    with store.transaction() as tx:
        roots = []
        for barcode in (UPC, EAN, "5034567890120"):
            package = add(tx)
            judge(tx, package, said("Sunrise", barcode), "Needs QC")
            roots.append(thread_of(tx, package))
        assert roots == [None, "<1.1774267200@x>", None]


def thread_of(tx: Session, package: Package) -> str | None:
    """The root of the thread of an email about the package, which is sent then."""
    to: dict[str, Any] = {"audience": Audience.LABEL, "recipients": ["a@b.example"], "domain": "x", "now": NOW}
    row = notices.owe_notice(tx, key=str(package.id), kind=NoticeKind.NEEDS_QC, package=package.id, **to)
    assert row is not None
    root = notices.thread_root(tx, row)
    row.sent_at = NOW
    return root


# Two transactions at once


@pytest.mark.postgres
def test_two_transactions_that_add_one_release_at_once_find_the_same(on_postgres: Store) -> None:
    with ThreadPoolExecutor(1) as thread:
        with on_postgres.transaction() as tx:
            first = judge(tx, add(tx), said("Older", UPC, 20), "Needs QC")
            late = thread.submit(judged, on_postgres, said("Newer", EAN, 21))
            assert not wait([late], 0.5).done
        assert late.result(10) == first
    assert first is not None and title_of(on_postgres, first) == "Newer"


@pytest.mark.postgres
def test_a_release_whose_adding_is_rolled_back_is_added_by_the_next(on_postgres: Store) -> None:
    with ThreadPoolExecutor(1) as thread:
        with on_postgres.transaction() as tx:
            first = judge(tx, add(tx), said("Lost", UPC, 25), "Needs QC")
            late = thread.submit(judged, on_postgres, said("Kept", UPC, 21))
            assert not wait([late], 0.5).done
            tx.rollback()
        assert late.result(10) != first
    assert title_of(on_postgres, late.result()) == "Kept"


@pytest.mark.postgres
def test_the_newest_message_counts_though_an_older_one_is_committed_later(on_postgres: Store) -> None:
    release = judged(on_postgres, said("Oldest", UPC, 20))
    with ThreadPoolExecutor(1) as thread:
        with on_postgres.transaction() as tx:
            judge(tx, add(tx), said("Newest", UPC, 25), "Needs QC")
            late = thread.submit(judged, on_postgres, said("Older", UPC, 22))
            assert not wait([late], 0.5).done
        assert late.result(10) == release
    assert title_of(on_postgres, release) == "Newest"


def test_whatever_is_asked_of_a_release_is_found_by_an_index(on_sqlite: Store) -> None:
    """SQLite's own plan, for tables without statistics: it goes through no table of releases or packages."""
    asked: list[tuple[str, Any]] = []
    with on_sqlite.transaction() as tx:
        package = add(tx)
        judge(tx, package, said("Sunrise"), "Needs QC")
        sa.event.listen(on_sqlite.engine, "after_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        judge(tx, package, said("Sunset"), "Needs QC")
        thread_of(tx, package)
        known.known_releases(tx, 0, 1, GOOD)
        known.known_releases(tx, 0, 1, said("Sunrise"))
        covers.known_covers(tx, 0, 1, replace(GOOD, artwork=(replace(GOOD.artwork[0], sha256="5" * 64),)))
        known.all_approved(tx, 1, [UPC])
        known.newer_of(tx, package)
        known.delivered_later(tx, package, "alpha")
        known.all_of_release(tx, package)
        plans = [
            (line[3], statement)
            for statement, values in list(asked)
            if not statement.startswith("INSERT")
            for line in tx.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    assert {line for line, _ in plans if "ix_packages_release_id" in line or "releases" in line}
    assert [plan for plan in plans if plan[0].startswith("SCAN") or "ix_packages_status" in plan[0]] == []
