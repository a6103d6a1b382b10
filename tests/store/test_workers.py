"""Workers: heard of again and again, signed off, silent, forgotten."""

from __future__ import annotations

from datetime import timedelta

from ingest.store.database import Store
from ingest.store.workers import forget_worker, gone_workers, list_workers, note_heartbeat, sign_off
from tests.store.rows import NOW

MINUTE = timedelta(minutes=1)


def seen(store: Store) -> list[tuple[object, ...]]:
    with store.reading() as tx:
        return [(row.name, row.started_at, row.heard_at, row.stopped_at) for row in list_workers(tx)]


def test_a_worker_is_heard_of_from_its_start_to_its_end_and_again(store: Store) -> None:
    with store.transaction() as tx:
        note_heartbeat(tx, "w2", NOW)
        note_heartbeat(tx, "w1", NOW)
    with store.transaction() as tx:
        note_heartbeat(tx, "w1", NOW + MINUTE)
        sign_off(tx, "w1", NOW + 2 * MINUTE)
        sign_off(tx, "nobody", NOW)
    ended = ("w1", NOW, NOW + 2 * MINUTE, NOW + 2 * MINUTE)
    assert seen(store) == [ended, ("w2", NOW, NOW, None)]
    with store.transaction() as tx:
        note_heartbeat(tx, "w1", NOW + 3 * MINUTE)
        forget_worker(tx, "w2")
    assert seen(store) == [("w1", NOW, NOW + 3 * MINUTE, None)]


def test_gone_are_those_that_fell_silent_and_those_that_signed_off_some_time_ago(store: Store) -> None:
    with store.transaction() as tx:
        for name, minutes in (("silent", 9), ("alive", 1), ("stopped", 3), ("stopping", 1)):
            note_heartbeat(tx, name, NOW - minutes * MINUTE)
        sign_off(tx, "stopped", NOW - 3 * MINUTE)
        sign_off(tx, "stopping", NOW - MINUTE)
        gone = gone_workers(tx, NOW - 5 * MINUTE, NOW - 2 * MINUTE)
        assert sorted(row.name for row in gone) == ["silent", "stopped"]
        assert gone_workers(tx, NOW - 9 * MINUTE, NOW - 3 * MINUTE) == []
