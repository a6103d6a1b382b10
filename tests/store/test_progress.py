"""How far a reading is: kept every three seconds, logged every ten, and never in the way of the reading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.core.status import Status
from ingest.store import packages
from ingest.store.progress import Progress
from tests.flow.scenes import counted_commits
from tests.stage import Stage


@pytest.fixture
def package(on: Stage, tmp_path: Path) -> int:
    folder = tmp_path / "label" / "Release"
    folder.mkdir(parents=True)
    return on.place(folder)


def kept(on: Stage, package: int) -> tuple[int | None, int | None]:
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, package)
        assert row is not None
        return row.files_read, row.files_in_all


def test_the_row_is_written_every_three_seconds_and_the_log_every_ten_at_most(on: Stage, package: int) -> None:
    now = 0.0
    said: list[dict[str, Any]] = []
    seen: list[tuple[int | None, int | None]] = []
    progress = Progress(on.app.store, package, lambda event, **more: said.append({"event": event} | more), lambda: now)
    for done in range(61):
        progress(done, 60, "a.wav")
        seen.append(kept(on, package))
        now += 0.5
    assert seen[:13] == [(None, None)] * 6 + [(6, 60)] * 6 + [(12, 60)]
    assert said == [{"event": "measuring", "package": package, "done": done, "files": 60} for done in (0, 20, 40, 60)]
    assert progress.total == 60


def test_a_quick_reading_costs_no_transaction(on: Stage, package: int) -> None:
    progress = Progress(on.app.store, package, lambda event, **more: None, lambda: 0.0)
    with counted_commits(on) as commits:
        for done in range(4):
            progress(done, 3, "a.wav")
    assert (commits, progress.total) == ([], 3)


def test_a_database_that_is_locked_costs_the_figure_and_not_the_reading(
    on: Stage, package: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlalchemy as sa

    def locked(_: object) -> None:
        raise sa.exc.OperationalError("UPDATE", {}, Exception("database is locked"))

    said: list[str] = []
    progress = Progress(on.app.store, package, lambda event, **more: said.append(event), iter((0.0, 3.0)).__next__)
    monkeypatch.setattr(type(on.app.store), "transaction", locked)
    progress(1, 2, "a.wav")
    monkeypatch.undo()
    assert said == ["progress not kept", "measuring"]
    assert kept(on, package) == (None, None)


def test_a_package_with_a_verdict_keeps_its_figures(on: Stage, package: int) -> None:
    with on.app.store.transaction() as tx:
        packages.change_status(tx, package, Status.INCOMING, Status.INVALID, "ingest", "", on.clock())
    Progress(on.app.store, package, lambda event, **more: None, iter((0.0, 3.0)).__next__)(1, 2, "a.wav")
    assert kept(on, package) == (None, None)
