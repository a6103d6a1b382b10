"""Maintenance: files and rows that were kept long enough, and workers that are gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.status import Status
from ingest.inbound.storage import Kept
from ingest.store.models import Package, ReleaseFolder
from tests.flow.scenes import status_of
from tests.packages import write_broken
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def test_files_are_removed_after_their_time_and_rows_stay(
    on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = on.place(write_broken(tmp_path / "label", "ART-001"))
    on.judge(package)
    monkeypatch.setattr(on.engine, "prune", lambda before: 0)
    on.clock.advance(days=29)
    on.app.maintenance.prune()
    with on.app.store.reading() as tx:
        folder = tx.get_one(ReleaseFolder, tx.get_one(Package, package).folder_id)
    place = on.app.storage.view(Kept("anna", folder.id, folder.name))
    assert place.is_dir() and folder.removed_at is None
    on.clock.advance(days=2)
    on.app.maintenance.prune()
    assert not place.exists()
    assert status_of(on, package) == Status.INVALID.value
