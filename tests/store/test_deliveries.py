"""Deliveries as rows: owed, owed again after a failure, ended, and each attempt kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ingest.core.outcome import Done, Failed, Outcome, Superseded
from ingest.store.database import Store
from ingest.store.deliveries import (
    add_attempt,
    attempts_of,
    deliveries_of,
    end_delivery,
    get_delivery,
    is_settled,
    owe_delivery,
    owed_deliveries,
)
from ingest.store.models import Delivery
from ingest.store.owed import note_attempt
from tests.store.rows import NOW, add_package

LATER = NOW + timedelta(minutes=1)


def seen(row: Delivery) -> tuple[object, ...]:
    return (row.dsp, row.state, row.attempts, row.runs, row.owed_at, row.fault, row.delivered_at, row.superseded_by)


def test_a_delivery_that_failed_is_owed_again_as_a_new_run(store: Store) -> None:
    package = add_package(store)
    with store.transaction() as tx:
        row = owe_delivery(tx, package, "beta", NOW)
        assert seen(row) == ("beta", "owed", 0, 1, NOW, None, None, None)
        note_attempt(row, 3, "no route")
        end_delivery(tx, row, Failed("no route"), NOW)
        assert seen(row) == ("beta", "failed", 3, 1, NOW, "no route", None, None)
        tx.flush()
        again = owe_delivery(tx, package, "beta", LATER)
        assert (again.id, seen(again)) == (row.id, ("beta", "owed", 0, 2, LATER, None, None, None))


@pytest.mark.parametrize(
    ("outcome", "state", "settles"),
    [(Done(), "delivered", True), (Superseded(2), "superseded", True), (Failed("x"), "failed", False)],
)
def test_a_package_is_settled_when_every_dsp_has_it_or_something_newer(
    store: Store, outcome: Outcome, state: str, settles: bool
) -> None:
    package, newer = add_package(store, "Old"), add_package(store, "New")
    assert newer == package + 1 == 2
    with store.transaction() as tx:
        for dsp in ("beta", "alpha"):
            owe_delivery(tx, package, dsp, NOW)
        first, second = deliveries_of(tx, package)
        assert (first.dsp, second.dsp) == ("alpha", "beta")
        end_delivery(tx, first, outcome, LATER)
        assert (first.state, is_settled(tx, package)) == (state, False)
        end_delivery(tx, second, Done(), LATER)
        assert is_settled(tx, package) is settles
        assert first.superseded_by == (2 if state == "superseded" else None)
        assert [second.delivered_at, first.delivered_at] == [LATER, LATER if state == "delivered" else None]


def test_what_is_owed_since_before_a_time_is_told_in_its_order(store: Store) -> None:
    package = add_package(store)
    with store.transaction() as tx:
        for dsp, at in (("gamma", NOW), ("alpha", NOW), ("beta", LATER), ("delta", NOW)):
            owe_delivery(tx, package, dsp, at)
        ended = get_delivery(tx, package, "delta")
        assert ended is not None and get_delivery(tx, package, "epsilon") is None
        end_delivery(tx, ended, Done(), LATER)
    with store.reading() as tx:
        assert [row.dsp for row in owed_deliveries(tx, LATER)] == ["gamma", "alpha"]
        assert owed_deliveries(tx, NOW) == []


def test_each_attempt_is_kept_with_its_run_times_and_reason(store: Store) -> None:
    package = add_package(store)
    outcomes: list[Outcome] = [Failed("no route"), Failed("changed", permanent=True), Superseded(1), Done()]
    with store.transaction() as tx:
        row, other = owe_delivery(tx, package, "alpha", NOW), owe_delivery(tx, package, "beta", NOW)
        for number, outcome in enumerate(outcomes):
            row.runs = 1 if number else 2
            note_attempt(row, number, None)
            add_attempt(tx, row, outcome, NOW, LATER)
        tx.flush()
        kept = attempts_of(tx, row.id)
        assert [(one.run, one.attempt, one.outcome, one.reason, one.permanent) for one in kept] == [
            (1, 1, "failed", "changed", True),
            (1, 2, "superseded", None, False),
            (1, 3, "done", None, False),
            (2, 0, "failed", "no route", False),
        ]
        assert {(one.began_at, one.ended_at) for one in kept} == {(NOW, LATER)}
        assert attempts_of(tx, other.id) == []
