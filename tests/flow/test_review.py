"""Decisions on packages: who took which, when and through which face, and what is refused with which code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.core.decision import By, Face
from ingest.flow.errors import Code, CodedError, Conflict, NotFound, Refused
from ingest.store import deliveries, packages
from ingest.store.decisions import decisions_on_package
from tests.packages import Good, write_good
from tests.stage import START, Stage, stage

NGOZI = By("ngozi", Face.CONSOLE)
OPS = By("token 4", Face.API)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    staged = stage(tmp_path)
    yield staged
    staged.app.close()


@pytest.fixture
def waiting(on: Stage, tmp_path: Path) -> int:
    """A package in Needs QC."""
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    assert on.judge(package) == "Needs QC"
    return package


def recorded(on: Stage, package: int) -> list[tuple[object, ...]]:
    with on.app.store.reading() as tx:
        rows = decisions_on_package(tx, package)
    assert all((row.package_id, row.label_id, row.at) == (package, None, START) for row in rows)
    return [(row.kind, row.who, row.face, row.note, row.details) for row in rows]


def test_an_approval_is_recorded_with_its_dsps(on: Stage, waiting: int) -> None:
    on.app.review.approve(waiting, NGOZI, "Lovely", ["beta"])
    assert recorded(on, waiting) == [("approve", "ngozi", "console", "Lovely", {"dsps": ["beta"]})]
    with on.app.store.reading() as tx:
        assert packages.changes_of(tx, waiting)[-1].who == "ngozi"


def test_a_rejection_is_recorded_with_its_notes(on: Stage, waiting: int) -> None:
    on.app.review.reject(waiting, NGOZI, "The cover shows a price.")
    assert recorded(on, waiting) == [("reject", "ngozi", "console", "The cover shows a price.", {})]


def test_a_retry_is_recorded_with_what_was_tried_again(on: Stage, waiting: int) -> None:
    on.app.review.approve(waiting, NGOZI)
    with on.app.store.transaction() as tx:
        for dsp in ("alpha", "beta"):
            delivery = deliveries.get_delivery(tx, waiting, dsp)
            assert delivery is not None
            delivery.state = deliveries.FAILED
    assert on.app.review.retry(waiting, OPS) == ("delivery to alpha", "delivery to beta")
    retried = {"retried": ["delivery to alpha", "delivery to beta"]}
    assert recorded(on, waiting)[1:] == [("retry", "token 4", "api", "", retried)]


def refusals(on: Stage, package: int) -> list[CodedError]:
    """What approving, rejecting and retrying the package is refused with."""
    refused = []
    for decide in (
        lambda: on.app.review.approve(package, OPS),
        lambda: on.app.review.reject(package, OPS, "No."),
        lambda: on.app.review.retry(package, OPS),
    ):
        with pytest.raises(CodedError) as error:
            decide()
        refused.append(error.value)
    return refused


def test_what_is_decided_already_is_a_conflict_and_no_decision(on: Stage, waiting: int) -> None:
    on.app.review.reject(waiting, NGOZI, "No.")
    before = recorded(on, waiting)
    refused = refusals(on, waiting)
    assert [type(one) for one in refused] == [Conflict, Conflict, Conflict]
    assert [(one.code, dict(one.values)) for one in refused] == [
        (Code.NOT_IN_NEEDS_QC, {"package": waiting, "status": "QC Rejected", "decision": "approved"}),
        (Code.NOT_IN_NEEDS_QC, {"package": waiting, "status": "QC Rejected", "decision": "rejected"}),
        (Code.NOTHING_FAILED, {"package": waiting, "status": "QC Rejected"}),
    ]
    assert recorded(on, waiting) == before


def test_a_package_that_there_is_not_is_not_found(on: Stage) -> None:
    assert [(type(one), str(one)) for one in refusals(on, 99)] == [(NotFound, "package-unknown: package=99")] * 3


def test_every_unknown_dsp_is_named_with_those_that_are_known(on: Stage, waiting: int) -> None:
    with pytest.raises(NotFound) as error:
        on.app.review.approve(waiting, OPS, dsps=["gamma", "alpha", "delta"])
    assert (error.value.code, dict(error.value.values)) == (
        Code.DSP_UNKNOWN,
        {"dsp": "gamma", "unknown": ("gamma", "delta"), "known": ("alpha", "beta")},
    )
    assert recorded(on, waiting) == []


def test_where_no_dsp_is_agreed_one_must_be_named(on: Stage, waiting: int) -> None:
    with on.app.store.transaction() as tx:
        row = packages.get_package(tx, waiting)
        assert row is not None
        row.label.dsps = []
    with pytest.raises(Refused, match=r"^no-dsp-agreed: label='anna'$"):
        on.app.review.approve(waiting, OPS)
    assert on.app.review.approve(waiting, OPS, dsps=["alpha"]) == ("alpha",)
