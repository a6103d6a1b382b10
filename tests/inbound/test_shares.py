"""Several workers share the looks at release folders."""

from __future__ import annotations

from datetime import timedelta

from ingest.inbound.shares import Shares
from ingest.store import workers
from tests.stage import Stage

LABELS = range(1, 200)


def beat(on: Stage, *names: str) -> None:
    with on.app.store.transaction() as tx:
        for name in names:
            workers.note_heartbeat(tx, name, on.clock())


def looked_at(on: Stage, shares: list[Shares]) -> list[int]:
    """By how many of these workers the folders of each label are looked at."""
    for one in shares:
        one.refresh(on.clock())
    return [sum(one.has(label) for one in shares) for label in LABELS]


def test_each_label_is_in_the_share_of_one_worker(on: Stage) -> None:
    names = ["w1", "w2", "w3"]
    shares = [Shares(on.app.store, name) for name in names]
    beat(on, *names)
    assert looked_at(on, shares) == [1] * len(LABELS)
    assert all(60 <= sum(one.has(label) for label in LABELS) <= 70 for one in shares)


def test_a_worker_alone_has_every_label_before_its_first_heartbeat_too(on: Stage) -> None:
    assert looked_at(on, [Shares(on.app.store, "w1")]) == [1] * len(LABELS)


def test_the_share_of_a_worker_that_fell_silent_or_stopped_goes_to_the_others(on: Stage) -> None:
    left = Shares(on.app.store, "w1")
    beat(on, "w1", "w2", "w3")
    assert 0 in looked_at(on, [left])
    for _ in range(4):
        on.clock.advance(seconds=10)
        beat(on, "w1", "w3")
        looked_at(on, [left])
    assert sum(left.has(label) for label in LABELS) in (99, 100)
    with on.app.store.transaction() as tx:
        workers.sign_off(tx, "w3", on.clock())
    on.clock.advance(seconds=11)
    assert looked_at(on, [left]) == [1] * len(LABELS)


def test_a_clock_that_is_set_back_does_not_keep_old_shares(on: Stage) -> None:
    one = Shares(on.app.store, "w1")
    beat(on, "w1", "w2")
    looked_at(on, [one])
    on.clock.now -= timedelta(hours=5)
    with on.app.store.transaction() as tx:
        workers.forget_worker(tx, "w2")
    assert looked_at(on, [one]) == [1] * len(LABELS)
