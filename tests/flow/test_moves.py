"""Moves: a status changes together with all that follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flow.scenes import owed, status_of
from tests.packages import Good, write_good
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def test_a_taken_package_is_incoming_and_its_reading_and_email_are_enqueued_with_it(on: Stage, tmp_path: Path) -> None:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    assert status_of(on, package) == "Incoming"
    assert on.engine.keys() == ["tell:1:1:1", f"ingest:{package}:1"]
    assert owed(on) == [("incoming", ["anna@label.example"])]
