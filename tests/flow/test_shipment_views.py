"""Shipments as people look at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.flow.errors import NotFound
from tests.broken.change import edit
from tests.flow.test_shipments import TUBE, approved, copied
from tests.lives import LATER, alone, whole
from tests.messages import BARCODE
from tests.stage import CONFIG, Stage, staged

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    (tmp_path / "tube").mkdir()
    with staged(tmp_path, config=CONFIG + TUBE, convert=copied) as there:
        yield there


def test_a_shipment_shows_its_files_and_its_message(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"))
    on.deliver(package, "tube")
    view = on.app.shipment_views.shipment(1)
    assert (view.package, view.dsp, view.state, view.kind, view.before, view.difference) == (
        package,
        "tube",
        "sent",
        "insert",
        None,
        (),
    )
    assert [file.source for file in view.files] == ["01_Sunrise.wav", "artwork.jpg"]
    assert view.message is not None and f">{BARCODE}</ICPN>" in view.message
    assert view.sent_at == on.clock()


def test_an_update_shows_what_changed(on: Stage, tmp_path: Path) -> None:
    on.deliver(approved(on, whole(tmp_path, "One")), "tube")
    update = approved(on, alone(tmp_path, "Two", edit(LATER), edit(("Afrobeats", "Highlife"))))
    on.deliver(update, "tube")
    view = on.app.shipment_views.shipment(2)
    changed = {line.strip() for line in view.difference if line.startswith(("+ ", "- "))}
    assert (view.before, view.kind, view.files) == (1, "metadata-update", ())
    assert any(line.startswith("-") and "Afrobeats" in line for line in changed)
    assert any(line.startswith("+") and "Highlife" in line for line in changed)


def test_a_message_that_was_removed_or_is_not_made_is_not_there(on: Stage, tmp_path: Path) -> None:
    package = approved(on, whole(tmp_path, "One"))
    on.directory("tube").rmdir()
    on.deliver(package, "tube")
    assert on.app.shipment_views.shipment(1).message is not None
    (on.app.storage.shipment(1) / "message.xml").unlink()
    assert on.app.shipment_views.shipment(1).message is None


def test_a_number_that_is_none_is_refused(on: Stage) -> None:
    with pytest.raises(NotFound, match="shipment-unknown"):
        on.app.shipment_views.shipment(7)
