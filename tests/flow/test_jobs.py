"""Jobs: each attempt is recorded once, work is tried again or given up, and lost work is found."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from ingest.core.alarm import Alarm, Outlook
from ingest.core.notice import NoticeKind
from ingest.core.outcome import Failed
from ingest.flow.errors import Code, Conflict
from ingest.flow.jobs import LEFT, Persistence
from ingest.flow.lateness import WHAT as LATE
from ingest.outbound.email.transports import EmailRefused
from ingest.store import deliveries, notices
from ingest.store.models import Delivery, Notice
from tests.flow.scenes import alarms as alarm_titles
from tests.flow.scenes import counted_commits, owed
from tests.packages import Good, write_good
from tests.stage import START, Stage, by

pytestmark = pytest.mark.usefixtures("read_in_this_process")


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


def alarms(on: Stage) -> list[tuple[str, str, list[str]]]:
    """What ops are told of each alarm: what, what becomes of it, and what they can do."""
    with on.app.store.reading() as tx:
        rows = tx.scalars(sa.select(Notice).where(Notice.kind == "alarm").order_by(Notice.id))
        return [(row.details["what"], row.details["outlook"], row.details["commands"]) for row in rows]


def test_ops_are_told_that_a_delivery_is_tried_again_and_that_it_succeeded(
    on: Stage, tmp_path: Path, approved: int
) -> None:
    (tmp_path / "alpha").rmdir()
    assert [on.deliver(approved, "alpha", attempt=attempt) for attempt in (1, 2)] == ["retry", "retry"]
    with pytest.raises(Conflict) as refused:
        on.app.review.retry(approved, by("ops"))
    missing = f"the directory {tmp_path / 'alpha'} does not exist"
    tried = (f"the delivery to alpha (attempt 2: {missing})",)
    assert (refused.value.code, refused.value.values["tried"]) == (Code.STILL_TRIED, tried)
    failed = f"delivery of package {approved} to alpha failed and is being retried"
    again = (failed, "retried", [f"ingest show {approved}"])
    assert alarms(on) == [again]
    (tmp_path / "alpha").mkdir()
    assert on.deliver(approved, "alpha", attempt=3) == "delivered"
    assert alarms(on) == [again, (f"the delivery of package {approved} to alpha is settled", "over", [])]
    assert on.deliver(approved, "alpha", attempt=4) == "superseded"
    assert len(alarms(on)) == 2


def test_an_alarm_comes_again_at_once_after_an_all_clear(on: Stage) -> None:
    alarm = Alarm("it broke", Outlook.WAITS, about="it")
    with on.app.store.transaction() as tx:
        on.app.notify.all_clear(tx, "it", "it is whole", "", on.clock())
        for _ in range(2):
            on.app.notify.alarm(tx, alarm, "", on.clock())
        for _ in range(2):
            on.app.notify.all_clear(tx, "it", "it is whole", "", on.clock())
        on.app.notify.alarm(tx, alarm, "", on.clock())
    told = [(what, outlook) for what, outlook, _ in alarms(on)]
    assert told == [("it broke", "waits"), ("it is whole", "over"), ("it broke", "waits")]


def test_a_delivery_that_was_given_up_waits_for_a_retry_and_ends_with_an_all_clear(
    on: Stage, tmp_path: Path, approved: int
) -> None:
    (tmp_path / "alpha").rmdir()
    on.clock.advance(days=8)
    assert on.deliver(approved, "alpha") == "failed"
    (tmp_path / "alpha").mkdir()
    assert on.app.review.retry(approved, by("ops")) == ("delivery to alpha",)
    assert on.deliver(approved, "alpha", run=2) == "delivered"
    assert alarms(on) == [
        (
            f"delivery of package {approved} to alpha failed for good",
            "waits",
            [f"ingest show {approved}", f"ingest retry {approved}"],
        ),
        (f"the delivery of package {approved} to alpha is settled", "over", []),
    ]


def test_an_email_that_was_given_up_names_the_command_that_sends_it_again(on: Stage, tmp_path: Path) -> None:
    on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.transport.refusal = EmailRefused(True, "550 no such user")
    assert on.tell(1) == "given up"
    assert alarms(on) == [("email 1 (incoming) could not be sent", "waits", ["ingest resend 1"])]
    on.transport.refusal = None
    on.app.resend.send(by("ops"), email=1)
    assert on.tell(1, run=2) == "sent"
    assert alarms(on)[1:] == [("the sending of email 1 is settled", "over", [])]


def test_failures_are_logged_as_warnings_and_after_an_hour_as_errors(on: Stage, tmp_path: Path) -> None:
    on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.transport.refusal = EmailRefused(False, "mail.example:587 cannot be reached")
    with capture_logs() as logged:
        for attempt, minutes in ((1, 59), (2, 1), (3, 0)):
            assert on.tell(1, attempt=attempt) == "retry"
            on.clock.advance(minutes=minutes)
    failed = [one for one in logged if one["event"] == "attempt failed"]
    assert [(one["log_level"], one["attempt"]) for one in failed] == [("warning", 1), ("warning", 2), ("error", 3)]
    assert {(one["work"], one["row"], one["reason"]) for one in failed} == {
        ("tell", "1", "mail.example:587 cannot be reached")
    }


def test_a_first_success_is_no_news(on: Stage, tmp_path: Path, approved: int) -> None:
    assert (on.tell(1), on.deliver(approved, "alpha"), alarms(on)) == ("sent", "delivered", [])


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


def test_lost_work_is_found_again_under_a_new_key_and_ops_are_told(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.engine.due.clear()
    on.engine.live = [f"ingest:{package}:1", "tell:1:1:1"]
    on.clock.advance(minutes=2)
    on.app.maintenance.reconcile()
    assert on.engine.keys() == []
    on.engine.live = []
    on.app.maintenance.reconcile()
    assert {f"ingest:{package}:2", "tell:1:2:1"} <= set(on.engine.keys())
    assert ("alarm", ["ops@test.example"]) in owed(on)


def test_lost_work_is_not_enqueued_for_ever(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    for _ in range(10):
        on.clock.advance(minutes=2)
        on.app.maintenance.reconcile()
    assert [key for key, _, _ in on.engine.due if key.startswith("ingest:")] == [
        f"ingest:{package}:{run}" for run in (1, 2, 3, 4)
    ]
    with on.app.store.reading() as tx:
        alarms = tx.scalars(sa.select(Notice).where(Notice.kind == "alarm").order_by(Notice.id)).all()
        told = {notice.details["what"]: (notice.details["detail"], notice.details["commands"]) for notice in alarms}
    del told[LATE]
    assert told == {
        f"the reading of package {package} was lost": ("It was enqueued again.", []),
        "the sending of email 1 was lost": ("It was enqueued again.", []),
        f"the reading of package {package} was lost again and again": (
            LEFT,
            [f"ingest show {package}", f"ingest retry {package}"],
        ),
        "the sending of email 1 was lost again and again": (LEFT, ["ingest resend 1"]),
    }


def test_lost_emails_of_one_thread_are_enqueued_in_the_order_they_were_owed(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.judge(package)
    backwards = "PRAGMA reverse_unordered_selects = ON"
    sa.event.listen(on.app.store.engine, "connect", lambda connection, _: connection.execute(backwards))
    on.app.store.engine.dispose()
    on.engine.due.clear()
    on.clock.advance(minutes=2)
    on.app.maintenance.reconcile()
    emails = [args[0] for key, args, _ in on.engine.due if key.startswith("tell:") and args[1] == 2]
    assert emails == [1, 2, 3]


def test_an_attempt_made_twice_because_its_workflow_died_counts_once(on: Stage, tmp_path: Path, approved: int) -> None:
    (tmp_path / "alpha").rmdir()
    assert [on.deliver(approved, "alpha") for _ in range(2)] == ["retry", "retry"]
    row = delivery_of(on, approved)
    with on.app.store.reading() as tx:
        assert [(one.run, one.attempt) for one in deliveries.attempts_of(tx, row.id)] == [(1, 1)]
    assert set(on.engine.keys()) >= {f"deliver:{approved}:alpha:1:2"}
    assert [alarm for alarm in alarm_titles(on) if "alpha" in alarm] == [
        f"delivery of package {approved} to alpha failed and is being retried"
    ]


def test_what_a_dsp_has_is_not_sent_again_by_a_workflow_that_died_after_it(
    on: Stage, approved: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert on.deliver(approved, "alpha") == "delivered"
    monkeypatch.delattr("ingest.flow.deliveries.push_to")
    assert on.deliver(approved, "alpha") == "superseded"
    assert delivery_of(on, approved).state == "delivered"


@pytest.mark.parametrize("ended", ["", {"outcome": "done", "began": START.isoformat()}], ids=["words", "outcome"])
def test_a_workflow_of_an_earlier_version_goes_on_with_the_outcome_that_it_stored(
    on: Stage, sealed: int, monkeypatch: pytest.MonkeyPatch, ended: object
) -> None:
    stored: list[str] = []

    def step(name: str, body: object) -> object:
        stored.append(name)
        return ended

    monkeypatch.setattr(on.engine, "step", step)
    assert on.app.jobs.carry_on(on.app.outbox, 1, 1, 1) == "sent"
    assert (stored, on.transport.sent) == (["send"], [])


def test_a_workflow_of_an_earlier_version_that_stored_nothing_makes_its_attempt(on: Stage, sealed: int) -> None:
    assert on.app.jobs.carry_on(on.app.outbox, 1, 1, 1) == "sent"
    assert len(on.transport.sent) == 1
    assert on.app.jobs.carry_on(on.app.outbox, 1, 1, 1) == "superseded"
    assert len(on.transport.sent) == 1


def test_an_email_costs_one_transaction(on: Stage, sealed: int) -> None:
    with counted_commits(on) as commits:
        assert on.app.jobs.carry(on.app.outbox, 1, 1, 1) == "sent"
    assert len(commits) == 1
