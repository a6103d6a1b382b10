"""What waits, counted: packages by status and on hold, emails, and the longest wait of each."""

from __future__ import annotations

from datetime import timedelta

from ingest.core.notice import Audience, NoticeKind
from ingest.core.status import Status
from ingest.store import notices, packages
from ingest.store.counts import count_on_hold, count_packages, count_unsent, oldest_unread
from ingest.store.database import Store
from ingest.store.models import Package
from tests.store.rows import NOW, add_package


def test_of_an_empty_database_every_count_is_none(store: Store) -> None:
    with store.reading() as tx:
        assert count_packages(tx) == dict.fromkeys(Status, 0)
        assert (count_on_hold(tx), oldest_unread(tx), count_unsent(tx)) == (0, None, (0, None, None))


def test_packages_are_counted_by_status_and_those_on_hold_apart(store: Store) -> None:
    for number, status in enumerate([Status.INCOMING, Status.INVALID, Status.INVALID, Status.DELIVERED]):
        package = add_package(store, str(number))
        with store.transaction() as tx:
            tx.get_one(Package, package).status = status.value
            packages.hold_changed(tx, package, NOW) if status is Status.INVALID else None
    with store.reading() as tx:
        counted = {Status.INCOMING: 1, Status.INVALID: 2, Status.DELIVERED: 1}
        assert count_packages(tx) == dict.fromkeys(Status, 0) | counted
        assert list(count_packages(tx)) == list(Status)
        assert count_on_hold(tx) == 2


def test_the_package_that_waits_longest_for_its_verdict_is_named(store: Store) -> None:
    ages = [5, 9, 9, 20, 30]
    first, second, third, checked, moved = (
        add_package(store, str(number), now=NOW - timedelta(minutes=age)) for number, age in enumerate(ages)
    )
    with store.transaction() as tx:
        tx.get_one(Package, checked).checked_at = NOW
        tx.get_one(Package, moved).status = Status.INVALID.value
    with store.reading() as tx:
        assert oldest_unread(tx) == (second, NOW - timedelta(minutes=9))
    with store.transaction() as tx:
        for package in (second, third):
            tx.get_one(Package, package).checked_at = NOW
    with store.reading() as tx:
        assert oldest_unread(tx) == (first, NOW - timedelta(minutes=5))


def test_emails_that_are_neither_sent_nor_given_up_are_counted_with_the_oldest(store: Store) -> None:
    with store.transaction() as tx:
        for minutes in (40, 30, 20, 10):
            row = notices.owe_notice(
                tx,
                key=str(minutes),
                kind=NoticeKind.ALARM,
                audience=Audience.OPS,
                recipients=["ops@x.example"],
                domain="x.example",
                now=NOW - timedelta(minutes=minutes),
            )
            assert row is not None
            if minutes == 40:
                notices.note_sent(row, NOW)
            if minutes == 30:
                notices.give_up_notice(row, NOW)
    with store.reading() as tx:
        assert count_unsent(tx) == (2, NOW - timedelta(minutes=20), None)
