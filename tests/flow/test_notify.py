"""Notices owed: to whom each goes, under which key, in which thread, and that none is owed twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.core.notice import Audience, NoticeKind
from ingest.flow.notify import LONGEST_DETAIL, Notify, enqueue_email, thread_of
from ingest.store import packages
from ingest.store.models import Notice
from tests.stage import START, Stage


def last(on: Stage) -> dict[str, Any]:
    """The last notice, without what every one has."""
    with on.app.store.reading() as tx:
        row = tx.scalars(sa.select(Notice).order_by(Notice.id.desc())).first()
    assert row is not None and (row.created_at, row.runs, row.attempts) == (on.clock(), 1, 0)
    names = ("key", "kind", "audience", "recipients", "label_id", "package_id", "change_id", "details")
    return {name: getattr(row, name) for name in names}


def count(on: Stage) -> int:
    with on.app.store.reading() as tx:
        return tx.scalar(sa.select(sa.func.count(Notice.id))) or 0


def test_a_change_is_told_to_the_label_and_a_review_to_qc_each_once(on: Stage, sealed: int) -> None:
    for _ in range(2):
        with on.app.store.transaction() as tx:
            row = packages.get_package(tx, sealed)
            assert row is not None
            change = packages.changes_of(tx, sealed)[0].id
            on.app.notify.of_change(tx, row, change, NoticeKind.INVALID, START, {"x": "y"})
            on.app.notify.of_review(tx, row, change, START)
    with on.app.store.reading() as tx:
        rows = tx.scalars(sa.select(Notice).order_by(Notice.id)).all()
    assert [(row.key, row.kind, row.audience, row.recipients) for row in rows] == [
        ("change:1:label", "incoming", "label", ["anna@label.example"]),
        ("change:1:review", "review", "qc", ["qc@test.example"]),
    ]
    assert {(row.label_id, row.package_id, row.change_id) for row in rows} == {(1, sealed, 1)}


def test_a_test_that_passed_is_told_once(on: Stage, sealed: int) -> None:
    for _ in range(2):
        with on.app.store.transaction() as tx:
            row = packages.get_package(tx, sealed)
            assert row is not None
            on.app.notify.of_test(tx, row, START)
    assert last(on) == {
        "key": f"test:{sealed}",
        "kind": "tested",
        "audience": "label",
        "recipients": ["anna@label.example"],
        "label_id": 1,
        "package_id": sealed,
        "change_id": None,
        "details": {},
    }
    assert on.engine.keys()[-2:] == [f"ingest:{sealed}:1", "tell:2:1:1"]


def test_files_outside_any_release_folder_are_told_by_their_names(on: Stage) -> None:
    with on.app.store.transaction() as tx:
        on.app.notify.of_strays(tx, 1, ["a@label.example", "b@label.example"], ["x.wav", "y.wav"], START)
    assert last(on) == {
        "key": f"stray:1:{int(START.timestamp())}",
        "kind": "stray-files",
        "audience": "label",
        "recipients": ["a@label.example", "b@label.example"],
        "label_id": 1,
        "package_id": None,
        "change_id": None,
        "details": {"files": ["x.wav", "y.wav"]},
    }


@pytest.mark.parametrize(("daily", "silent"), [(False, timedelta(minutes=59)), (True, timedelta(hours=11))])
def test_the_same_alarm_is_raised_once_an_hour_or_once_a_day(on: Stage, daily: bool, silent: timedelta) -> None:
    for later, raised in ((timedelta(0), 1), (silent, 1), (silent + timedelta(hours=1), 2)):
        with on.app.store.transaction() as tx:
            on.app.notify.alarm(tx, "disk full", "d" * 9999, START + later, daily=daily)
        assert count(on) == raised
    with on.app.store.transaction() as tx:
        on.app.notify.alarm(tx, "disk \ud800", "", START, daily=daily)
    assert count(on) == 3
    with on.app.store.reading() as tx:
        first = tx.get_one(Notice, 1)
    assert (first.audience, first.recipients) == ("ops", ["ops@test.example"])
    told = {"what": "disk full", "detail": "d" * LONGEST_DETAIL, "outlook": "news", "commands": []}
    assert first.details == told


def test_nobody_to_tell_is_no_email(on: Stage, sealed: int) -> None:
    silent = on.app.config.model_copy(
        update={"operator": on.app.config.operator.model_copy(update={"qc_emails": [], "ops_emails": []})}
    )
    notify, before = Notify(silent, on.engine), count(on)
    with on.app.store.transaction() as tx:
        row = packages.get_package(tx, sealed)
        assert row is not None
        notify.of_review(tx, row, 1, START)
        notify.alarm(tx, "x", "y", START, sealed)
        row.label.emails = []
        notify.of_test(tx, row, START)
    assert count(on) == before


def test_each_audience_has_one_thread_for_each_package_and_one_for_each_label() -> None:
    threads = [
        thread_of(audience, package, label)
        for audience in (Audience.LABEL, Audience.OPS)
        for package, label in ((1, 1), (1, 2), (2, 1), (None, 1), (None, 2), (None, None))
    ]
    assert threads[1:5] == ["label:package:1", "label:package:2", "label:label:1", "label:label:2"]
    assert threads[0] == threads[1]
    assert len(set(threads)) == 10


def test_an_attempt_to_send_has_the_number_of_its_run_and_its_own(on: Stage, sealed: int) -> None:
    with on.app.store.transaction() as tx:
        row = tx.get_one(Notice, 1)
        row.runs = 3
        enqueue_email(on.engine, tx, row, 2, 60)
    assert on.engine.due[-1] == ("tell:1:3:2", (1, 3, 2), 60)
