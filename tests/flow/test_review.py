"""Decisions on packages: who took which, when and through which face, and what is refused with which code."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.core.decision import By, Face
from ingest.flow.errors import Code, CodedError, Conflict, NotFound, Refused
from ingest.store import deliveries, packages
from ingest.store.decisions import decisions_on_package
from ingest.store.models import Package
from tests.broken.change import edit, edit_all
from tests.flow.scenes import codes_of, first, status_of, title_of
from tests.lives import LATER, whole
from tests.messages import BARCODE
from tests.packages import Good, write_good
from tests.stage import START, Stage, by

pytestmark = pytest.mark.usefixtures("read_in_this_process")

NGOZI = By("ngozi", Face.CONSOLE)
OPS = By("token 4", Face.API)


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


def test_a_rejection_without_words_is_refused(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.judge(package)
    with pytest.raises(Refused, match=r"^notes-missing$"):
        on.app.review.reject(package, by("qc-person"), " \n")
    with pytest.raises(NotFound, match=r"^dsp-unknown: dsp='gamma', "):
        on.app.review.approve(package, by("qc-person"), dsps=["gamma"])
    with pytest.raises(NotFound, match=r"^package-unknown: package=99$"):
        on.app.review.approve(99, by("qc-person"))
    assert status_of(on, package) == "Needs QC"


def test_a_rejected_correction_leaves_the_release_what_it_was_before(on: Stage, tmp_path: Path) -> None:
    first = on.place(whole(tmp_path, "First"))
    assert (on.judge(first), title_of(on)) == ("Needs QC", "Sunrise")
    second = on.place(whole(tmp_path, "First_v2", edit_all("Sunrise<", "Sundown<"), edit(LATER)))
    assert (on.judge(second), title_of(on)) == ("Needs QC", "Sundown")

    on.app.review.reject(second, by("ngozi"), "The title was right before.")

    assert title_of(on) == "Sunrise"
    on.app.review.reject(first, by("ngozi"), "Neither is right.")
    assert title_of(on) == "Sundown", "of two that were refused the newer one counts"
    with on.app.store.reading() as tx:
        assert len(set(tx.scalars(sa.select(Package.release_id)))) == 1


def test_an_update_goes_to_the_agreed_dsps_and_to_those_that_have_the_release(on: Stage, tmp_path: Path) -> None:
    first(on, tmp_path, delivered_to=("beta",))
    package = on.place(whole(tmp_path, "First_v2"))
    on.judge(package)

    assert set(on.app.review.approve(package, by("ngozi"))) == {"alpha", "beta"}


def test_an_older_message_is_refused_and_can_never_be_approved_over_a_newer_one(on: Stage, tmp_path: Path) -> None:
    older = on.place(whole(tmp_path, "Older"))
    assert on.judge(older) == "Needs QC"
    newer = on.place(whole(tmp_path, "Newer", edit(LATER)))
    assert on.judge(newer) == "Needs QC"
    late = on.place(whole(tmp_path, "Late"))
    assert on.judge(late) == "Invalid"
    assert codes_of(on, late, "error") == ["ERN-076"]
    on.app.review.approve(newer, by("ngozi"))

    with pytest.raises(Conflict, match=f"^newer-went-out: package={older}, newer={newer}, status='QC Approved'$"):
        on.app.review.approve(older, by("ngozi"))
    on.app.review.reject(older, by("ngozi"), "The newer one holds.")


def test_of_two_messages_made_at_one_time_the_one_that_arrived_later_holds(on: Stage, tmp_path: Path) -> None:
    older, newer = (on.place(whole(tmp_path, name)) for name in ("Older", "Newer"))
    assert [on.judge(package) for package in (older, newer)] == ["Needs QC", "Needs QC"]
    on.app.review.approve(newer, by("ngozi"))
    with pytest.raises(Conflict, match=f"^newer-went-out: package={older}, newer={newer}, status='QC Approved'$"):
        on.app.review.approve(older, by("ngozi"))


def test_a_newer_message_is_approved_after_one_made_at_the_same_time(on: Stage, tmp_path: Path) -> None:
    older, newer = (on.place(whole(tmp_path, name)) for name in ("Older", "Newer"))
    for package in (older, newer):
        assert on.judge(package) == "Needs QC"
        on.app.review.approve(package, by("ngozi"))
        assert on.deliver(package, "alpha") == "delivered"
    there = sorted(path.name for path in on.directory("alpha").iterdir())
    assert there == [f"{BARCODE}_{older}", f"{BARCODE}_{newer}"]


def test_a_retry_that_has_nothing_to_do_leaves_a_package_on_hold(on: Stage, waiting: int) -> None:
    with on.app.store.transaction() as tx:
        packages.hold_changed(tx, waiting, on.clock())
    with pytest.raises(Conflict, match="nothing-failed"):
        on.app.review.retry(waiting, OPS)
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, waiting)
    assert row is not None and row.on_hold_at == on.clock()
