"""What is newer at a DSP, and what takes a release down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.flow.delivery_order import is_anywhere, is_takedown, newer_at_dsp, takes_release_down
from ingest.store.deliveries import get_delivery
from ingest.store.models import Delivery, Package
from tests.broken.change import edit
from tests.flow.releases import deliver_all, two_dsps
from tests.flow.test_shipments import approved
from tests.lives import LATER, TAKEDOWNS, alone, whole
from tests.messages import BARCODE
from tests.stage import Stage, by

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with two_dsps(tmp_path) as there:
        yield there


def test_a_takedown_of_the_label_and_one_of_ours_take_the_release_down(on: Stage, tmp_path: Path) -> None:
    first = approved(on, whole(tmp_path, "One"), "tube", "alpha")
    deliver_all(on)
    down = approved(on, alone(tmp_path, "Down", TAKEDOWNS["TakeDown"], edit(LATER)), "tube", "alpha")
    with on.app.store.reading() as tx:
        package = tx.get_one(Package, first)
        assert is_anywhere(tx, package)
        seen = {
            (one, dsp): (is_takedown(tx, row), takes_release_down(tx, row))
            for one in (first, down)
            for dsp in ("tube", "alpha")
            if (row := get_delivery(tx, one, dsp)) is not None
        }
    assert seen == {
        (first, "tube"): (False, False),
        (first, "alpha"): (False, False),
        (down, "tube"): (True, True),
        (down, "alpha"): (True, True),
    }
    deliver_all(on)
    with on.app.store.reading() as tx:
        row = get_delivery(tx, down, "tube")
        assert row is not None and takes_release_down(tx, row)
        assert not is_anywhere(tx, tx.get_one(Package, first))


def test_what_a_person_ordered_is_newer_than_all_that_was_sent_before(on: Stage, tmp_path: Path) -> None:
    first = approved(on, whole(tmp_path, "One"))
    second = approved(on, whole(tmp_path, "Two", edit(LATER), edit(("Afrobeats", "Highlife"))))
    deliver_all(on)
    on.app.delivery_requests.redeliver(BARCODE, by("ngozi"), whole=True)

    def newer(tx: object, package: int, number: int) -> int | None:
        row: Delivery | None = get_delivery(tx, package, "tube", number)  # type: ignore[arg-type]
        assert row is not None
        return newer_at_dsp(tx, tx.get_one(Package, package), "tube", row)  # type: ignore[arg-type, attr-defined]

    with on.app.store.reading() as tx:
        assert [newer(tx, first, 1), newer(tx, second, 1), newer(tx, second, 2)] == [second, None, None]
    assert deliver_all(on) == ["delivered"]
