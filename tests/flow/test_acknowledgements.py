"""Acknowledgements: owed with the verdict, written once, and given up in the end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.store.models import Notice
from tests.flow.scenes import first
from tests.lives import batch, whole
from tests.messages import BARCODE
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def test_an_acknowledgement_is_owed_with_the_verdict_and_found_again_when_its_work_is_lost(
    on: Stage, tmp_path: Path
) -> None:
    package = on.place(batch(tmp_path, "20260323100000000", [whole(tmp_path, "One")]))
    assert on.judge(package) == "Needs QC"
    assert on.engine.due[-1][0] != "acknowledge:1:2:1"
    on.clock.advance(minutes=5)
    on.app.maintenance.reconcile()
    assert ("acknowledge:1:2:1", (1, 2, 1), 0) in on.engine.due

    assert acknowledge(on, run=1) == "superseded"
    assert acknowledge(on, run=2) == "written"
    assert acknowledge(on, run=2) == "superseded"

    (answer,) = on.app.config.paths.acknowledgements("anna").iterdir()
    assert re.fullmatch(r"ACK_20260323120000000_5034567890120\.xml", answer.name)


def test_an_acknowledgement_that_cannot_be_written_is_tried_again_and_ops_hear_of_it_at_last(
    on: Stage, tmp_path: Path
) -> None:
    package = on.place(batch(tmp_path, "20260323100000000", [whole(tmp_path, "One")]))
    on.judge(package)
    place = on.app.config.paths.acknowledgements("anna")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("a file where the folder should be")

    assert acknowledge(on, run=1) == "retry"
    assert on.engine.due[-1] == ("acknowledge:1:1:2", (1, 1, 2), 30.0)
    on.clock.advance(days=30)
    assert acknowledge(on, run=1, attempt=2) == "given up"
    with on.app.store.reading() as tx:
        alarms = [row.details["what"] for row in tx.scalars(sa.select(Notice).where(Notice.kind == "alarm"))]
    assert alarms == ["acknowledgement ACK_20260323120000000_5034567890120.xml could not be written"]


def test_who_sends_single_releases_by_hand_gets_no_acknowledgement(on: Stage, tmp_path: Path) -> None:
    first(on, tmp_path)
    named = on.place(whole(tmp_path, f"N_{BARCODE}_20260323100000000"))
    on.judge(named)

    enqueued = on.engine.keys()
    assert [key for key in enqueued if key.startswith("acknowledge")] == ["acknowledge:1:1:1"]


def acknowledge(on: Stage, run: int, attempt: int = 1) -> str:
    """The `acknowledge` workflow without its checkpoints."""
    return on.carry(on.app.acknowledgements, 1, run, attempt)
