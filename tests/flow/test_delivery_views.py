"""Deliveries of a release and of all, as people look at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.core.delivery_state import Standing
from ingest.flow.errors import NotFound
from tests.broken.change import edit
from tests.flow.releases import deliver_all, two_dsps
from tests.flow.test_shipments import approved
from tests.lives import LATER, whole
from tests.messages import BARCODE
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with two_dsps(tmp_path) as there:
        yield there


def test_the_deliveries_of_all_packages_of_a_release_stand_together(on: Stage, tmp_path: Path) -> None:
    first = approved(on, whole(tmp_path, "One"), "tube", "wave")
    on.directory("wave").rename(tmp_path / "away")
    assert on.deliver(first, "wave") == "retry"
    (tmp_path / "away").rename(on.directory("wave"))
    on.engine.due.clear()
    assert [on.deliver(first, dsp, attempt=2) for dsp in ("tube", "wave")] == ["delivered", "delivered"]
    second = approved(on, whole(tmp_path, "Two", edit(LATER), edit(("Afrobeats", "Highlife"))))
    told = on.app.delivery_views.of_release(BARCODE)
    assert [(one.line.package, one.line.dsp, one.line.state.value, one.title) for one in told.deliveries] == [
        (first, "tube", "sent", "Tube"),
        (first, "wave", "sent", "Wave"),
        (second, "tube", "queued", "Tube"),
    ]
    assert [(one.attempt, one.outcome) for one in told.deliveries[1].attempts] == [(1, "failed"), (2, "done")]
    assert told.at_dsps == {"tube": "queued", "wave": "sent"}
    assert (told.deliveries[0].label, told.deliveries[0].barcode) == ("anna", BARCODE)
    assert on.app.delivery_views.of_release(str(told.release)) == told


def test_the_newest_come_first_and_may_be_chosen_by_dsp_and_state(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"), "tube", "wave")
    views = on.app.delivery_views
    assert [one.line.dsp for one in views.newest()] == ["wave", "tube"]
    assert [one.line.dsp for one in views.newest(limit=1)] == ["wave"]
    assert [one.line.dsp for one in views.newest(dsp="tube", state=Standing.QUEUED)] == ["tube"]
    assert views.newest(state=Standing.SENDING) == ()
    deliver_all(on)
    assert [one.line.package for one in views.newest(state=Standing.SENT)] == [package, package]
    with pytest.raises(NotFound, match="dsp-unknown"):
        views.newest(dsp="gamma")
