"""Jobs: what an attempt came to is recorded once, in a form that older workflows in flight can still be read from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.core.notice import NoticeKind
from ingest.core.outcome import Done, Failed, Outcome, Superseded
from ingest.flow.jobs import Persistence
from ingest.flow.stored_outcome import from_stored, to_stored
from ingest.store import deliveries, notices
from ingest.store.models import Delivery
from tests.packages import Good, write_good
from tests.stage import START, Stage, by, stage

OVERTAKEN = "nothing was sent: the DSP has a newer message of this release, that of package 7"

PARTLY = Failed("b is full", reached=("a@label.example",), refused=("c@label.example",))
DOUBTFUL = Failed("the server did not answer", in_doubt=True)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    staged = stage(tmp_path)
    yield staged
    staged.app.close()


@pytest.fixture
def approved(on: Stage, tmp_path: Path) -> int:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.judge(package)
    on.app.review.approve(package, by("qc"), dsps=["alpha"])
    return package


def delivery_of(on: Stage, package: int) -> Delivery:
    with on.app.store.reading() as tx:
        row = deliveries.get_delivery(tx, package, "alpha")
    assert row is not None
    return row


@pytest.mark.parametrize(
    "outcome", [Done(), Superseded(7), Failed("no route"), Failed("changed", permanent=True), PARTLY, DOUBTFUL]
)
def test_a_stored_outcome_is_read_as_it_was(outcome: Outcome) -> None:
    assert from_stored(to_stored(outcome, START)) == (outcome, START)


@pytest.mark.parametrize(
    ("stored", "outcome"),
    [
        ("", Done()),
        ("the directory /x does not exist", Failed("the directory /x does not exist")),
        ("the package is no longer what was checked: a", Failed("the package is no longer what was checked: a", True)),
        (OVERTAKEN, Superseded(7)),
        ({"fault": "", "permanent": False}, Done()),
        ({"fault": "550 no such user", "permanent": True}, Failed("550 no such user", permanent=True)),
    ],
)
def test_what_a_workflow_in_flight_stored_before_outcomes_were_values_is_read_too(
    stored: dict[str, Any] | str, outcome: Outcome
) -> None:
    assert from_stored(stored) == (outcome, None)


def test_what_was_stored_before_receivers_were_told_apart_is_read_too() -> None:
    stored = {"began": START.isoformat(), "outcome": "failed", "reason": "451 later", "permanent": False}
    assert from_stored(stored) == (Failed("451 later"), START)


def test_pauses_double_up_to_the_longest_and_work_is_given_up_at_its_age() -> None:
    usual = Persistence(timedelta(days=7))
    assert [usual.pause(attempt).total_seconds() for attempt in (1, 2, 3, 10, 11, 10_000)] == [
        30.0,
        60.0,
        120.0,
        15360.0,
        21600.0,
        21600.0,
    ]
    assert [usual.pause(attempt, in_doubt=True).total_seconds() for attempt in (1, 2, 3)] == [30.0, 21600.0, 21600.0]
    refused = Failed("no route")
    assert [usual.is_over(refused, timedelta(days=days)) for days in (0, 6, 7, 8)] == [False, False, True, True]
    assert usual.is_over(Failed("changed", permanent=True), timedelta(0))
    assert not Persistence(None).is_over(refused, timedelta(days=10_000))


def test_each_attempt_of_a_delivery_is_kept_with_its_times_and_reason(on: Stage, tmp_path: Path, approved: int) -> None:
    (tmp_path / "alpha").rmdir()
    assert on.deliver(approved, "alpha") == "retry"
    on.clock.advance(seconds=30)
    (tmp_path / "alpha").mkdir()
    assert on.deliver(approved, "alpha", attempt=2) == "delivered"
    with on.app.store.reading() as tx:
        kept = deliveries.attempts_of(tx, delivery_of(on, approved).id)
    missing = f"the directory {tmp_path / 'alpha'} does not exist"
    later = START + timedelta(seconds=30)
    assert [(one.run, one.attempt, one.began_at, one.ended_at, one.outcome, one.reason) for one in kept] == [
        (1, 1, START, START, "failed", missing),
        (1, 2, later, later, "done", None),
    ]


def test_an_attempt_that_a_newer_run_replaced_records_nothing(on: Stage, approved: int) -> None:
    assert on.deliver(approved, "alpha", run=2) == "superseded"
    row = delivery_of(on, approved)
    with on.app.store.reading() as tx:
        assert (row.state, row.attempts, deliveries.attempts_of(tx, row.id)) == ("owed", 0, [])


def test_a_password_is_forgotten_when_the_work_of_its_email_was_lost_for_good(on: Stage) -> None:
    with on.app.store.transaction() as tx:
        details = {"user": "anna", "password": "s3cret"}
        anna = on.label()
        on.app.notify.of_label(tx, anna.id, anna.emails, NoticeKind.CREDENTIALS, "credentials:1", on.clock(), details)
    for _ in range(5):
        on.clock.advance(minutes=2)
        on.app.maintenance.reconcile()
    with on.app.store.reading() as tx:
        row = notices.get_notice(tx, 1)
    assert row is not None and row.given_up_at is not None
    assert (row.details, row.fault) == ({"user": "anna"}, "the work was lost again and again")
