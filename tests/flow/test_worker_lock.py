"""One process per worker name, on this machine and on one database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.flow.engine import Engine
from ingest.flow.worker_lock import WorkerBusy, WorkerLock
from ingest.store.database import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{tmp_path}/ingest.db")) as store:
        store.migrate()
        yield store


def test_a_worker_name_belongs_to_one_process_at_a_time(store: Store, tmp_path: Path) -> None:
    first = WorkerLock("w1", tmp_path / "state", store)
    assert first.is_held()
    WorkerLock("w2", tmp_path / "state", store).release()
    with pytest.raises(WorkerBusy, match=f"^another daemon runs as worker 'w1' on {tmp_path / 'state'}$"):
        WorkerLock("w1", tmp_path / "state", store)
    with pytest.raises(WorkerBusy):
        Engine(store).launch("w1", tmp_path / "state", 2, 2, lambda what, detail: None)
    first.release()
    WorkerLock("w1", tmp_path / "state", store).release()


@pytest.mark.postgres
def test_on_postgresql_a_worker_name_belongs_to_one_process_on_all_machines(
    fresh_postgres: str, tmp_path: Path
) -> None:
    with closing(Store(fresh_postgres)) as here, closing(Store(fresh_postgres)) as there:
        first = WorkerLock("w1", tmp_path / "here", here)
        with pytest.raises(WorkerBusy, match=r"^another daemon runs as worker 'w1' on this database$"):
            WorkerLock("w1", tmp_path / "there", there)
        assert first.is_held()
        with there.transaction() as tx:
            cut_off = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            assert tx.scalars(sa.text(cut_off)).all() == [True]
        assert not first.is_held()
        WorkerLock("w1", tmp_path / "there", there).release()
        WorkerLock("w1", tmp_path / "elsewhere", here).release()
        first.release()
