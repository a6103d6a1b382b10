"""Maintenance: files and rows that were kept long enough, and workers that are gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.status import Status
from ingest.inbound.storage import Kept
from ingest.store import workers
from ingest.store.models import Package, ReleaseFolder
from tests.flow.scenes import alarms, status_of
from tests.inbound.journaling import ending, journal_of, upload
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


def test_uploads_of_a_worker_that_never_returns_are_torn_when_its_work_is_taken_over(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, account = journal_of(on, worker="gone")
    number = upload(on, journal, account, "Album/a.wav")
    with on.app.store.transaction() as tx:
        workers.note_heartbeat(tx, "gone", on.clock())
    monkeypatch.setattr(on.engine, "adopt", lambda worker: 0)
    on.clock.advance(minutes=4)
    on.app.maintenance.reconcile()
    assert ending(on, number) == "open"
    on.clock.advance(minutes=2)
    on.app.maintenance.reconcile()
    assert ending(on, number) == "torn"


def test_ops_hear_of_a_worker_that_fell_silent_and_not_of_one_that_stopped(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopted: list[str] = []

    def adopt(worker: str) -> int:
        adopted.append(worker)
        return 0

    monkeypatch.setattr(on.engine, "adopt", adopt)
    with on.app.store.transaction() as tx:
        for name in ("killed", "ended", "restarted"):
            workers.note_heartbeat(tx, name, on.clock())
        workers.sign_off(tx, "ended", on.clock())
        workers.sign_off(tx, "restarted", on.clock())
    on.clock.advance(seconds=30)
    with on.app.store.transaction() as tx:
        workers.note_heartbeat(tx, "restarted", on.clock())
    on.clock.advance(seconds=31)
    on.app.maintenance.reconcile()
    assert (adopted, alarms(on)) == (["ended"], [])
    on.clock.advance(minutes=4, seconds=1)
    on.app.maintenance.reconcile()
    assert (adopted, alarms(on)) == (["ended", "killed"], ["worker killed fell silent"])


def test_a_worker_does_not_take_over_itself(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    on.engine.worker = "w1"
    with on.app.store.transaction() as tx:
        workers.note_heartbeat(tx, "w1", on.clock())

    def adopt(worker: str) -> int:
        raise AssertionError("a worker took over itself")

    monkeypatch.setattr(on.engine, "adopt", adopt)
    on.clock.advance(hours=1)
    on.app.maintenance.reconcile()
