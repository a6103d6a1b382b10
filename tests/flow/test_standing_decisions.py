"""Decisions that stand before their package does: found again when lost, left to QC when they cannot be carried out."""

from __future__ import annotations

import pytest

from ingest.store.labels import find_label
from tests.flow.integrators import KEY, Integrator
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def test_a_decision_whose_workflow_was_lost_is_found_again(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole()
    they.parts.moderation.approve(1, release, KEY)
    assert they.judged(release) == "Needs QC"
    on.engine.due.clear()
    on.clock.advance(minutes=5)
    on.app.maintenance.reconcile()
    assert "decide:1:2" in [key for key, *_ in on.engine.due]


def test_an_approval_that_cannot_be_carried_out_is_left_to_qc(on: Stage) -> None:
    they = Integrator(on)
    release = they.whole(distroStores=["Nobody's"])
    with on.app.store.transaction() as tx:
        label = find_label(tx, "anna")
        assert label is not None
        label.dsps = []
    they.parts.moderation.approve(1, release, KEY)
    they.judged(release)
    assert they.parts.standing.carry_out(1) == "left to QC"
    seen = they.seen(release)
    assert (seen.status, seen.row.decision) == ("Pending", None)
