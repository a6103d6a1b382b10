"""The workflow engine: work is enqueued with its rows or not at all, runs once per key, and is taken up again."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from dbos import EnqueueOptions
from sqlalchemy.orm import Session

from ingest.flow import engine as engine_module
from ingest.flow.engine import MAINTENANCE, Engine, wait_for_database
from ingest.store.database import Store
from ingest.store.models import Label
from tests.daemons import wait_for
from tests.store.rows import new_label


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{tmp_path}/ingest.db")) as store:
        store.migrate()
        yield store


@pytest.fixture
def engine(store: Store) -> Iterator[Engine]:
    """An engine that only enqueues."""
    engine = Engine(store)
    engine.migrate()
    yield engine
    engine.disconnect()


def enqueue(store: Store, engine: Engine, *keys: str, flow: str = "note", delay: float = 0) -> None:
    with store.transaction() as tx:
        for key in keys:
            engine.enqueue(tx, flow, MAINTENANCE, key, key, delay=delay)


def names(store: Store) -> list[str]:
    with store.reading() as tx:
        return list(tx.scalars(sa.select(Label.name).order_by(Label.id)))


def test_work_is_enqueued_with_the_rows_that_owe_it_or_not_at_all(store: Store, engine: Engine) -> None:
    enqueue(store, engine, "note:1:1", "note:2:1")
    enqueue(store, engine, "note:3:1", delay=60)
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:
        engine.enqueue(tx, "note", MAINTENANCE, "note:4:1", "x")
        raise ZeroDivisionError
    assert engine.live_keys() == {"note:1:1", "note:2:1", "note:3:1"}


Alarms = list[tuple[str, str]]


@contextmanager
def launched(engine: Engine, state: Path, worker: str = "w1") -> Iterator[Alarms]:
    alarms: Alarms = []
    engine.launch(worker, state, 2, 2, lambda what, detail: alarms.append((what, detail)))
    try:
        yield alarms
    finally:
        engine.stop(5)


@pytest.mark.slow
def test_a_key_runs_once_and_its_rows_are_committed_once(store: Store, engine: Engine, tmp_path: Path) -> None:
    runs: list[str] = []

    def add(tx: Session, name: str) -> str:
        new_label(tx, name)
        return name

    def note(name: str) -> str:
        runs.append(name)
        return engine.commit(add, name)

    engine.workflow("note", note)
    enqueue(store, engine, "a")
    enqueue(store, engine, "a", "b")
    with launched(engine, tmp_path / "state") as alarms:
        wait_for(lambda: not engine.live_keys(), 30, "the workflows to end")
        enqueue(store, engine, "a")
        assert engine.live_keys() == frozenset()
        assert engine.prune(datetime.now(UTC) - timedelta(hours=1)) == 0
        assert engine.prune(datetime.now(UTC) + timedelta(hours=1)) == 2
    assert (sorted(runs), sorted(names(store)), alarms) == (["a", "b"], ["a", "b"], [])


@pytest.mark.slow
def test_a_workflow_that_fails_raises_the_alarm_keeps_no_rows_and_stays_to_be_looked_at(
    store: Store, engine: Engine, tmp_path: Path
) -> None:
    def add(tx: Session, name: str) -> None:
        new_label(tx, name)
        raise ZeroDivisionError(name)

    def note(name: str) -> None:
        engine.commit(add, name)

    engine.workflow("note", note)
    engine.workflow("tell", note)
    enqueue(store, engine, "a")
    enqueue(store, engine, "b", flow="tell")
    with launched(engine, tmp_path / "state") as alarms:
        wait_for(lambda: not engine.live_keys(), 30, "the workflows to end")
        assert engine.prune(datetime.now(UTC) + timedelta(hours=1)) == 0
    assert alarms == [("workflow note('a',) failed", "ZeroDivisionError('a')")]
    assert names(store) == []


@pytest.mark.slow
def test_a_workflow_of_an_earlier_version_goes_on_with_what_its_step_stored(
    store: Store, engine: Engine, tmp_path: Path
) -> None:
    ran: list[tuple[str, str]] = []

    def look(name: str) -> str:
        ran.append(("step", name))
        return name

    def earlier(name: str) -> str:
        ran.append(("earlier", engine.step("look", look, name)))
        return name

    engine.workflow("note", lambda name: ran.append(("now", name)), earlier)
    with store.transaction() as tx:
        options: EnqueueOptions = {"workflow_name": "note", "queue_name": MAINTENANCE, "workflow_id": "a"}
        engine.client.enqueue_in_transaction(tx, options, "a")
        stored = {"workflow_uuid": "a", "function_id": 1, "function_name": "look", "output": '"seen before"'}
        stored |= {"started_at_epoch_ms": 1, "completed_at_epoch_ms": 1, "serialization": "portable_json"}
        tx.execute(sa.table("operation_outputs", *map(sa.column, stored)).insert().values(**stored))
    enqueue(store, engine, "b")
    with launched(engine, tmp_path / "state") as alarms:
        wait_for(lambda: not engine.live_keys(), 30, "the workflows to end")
    assert (sorted(ran), alarms) == ([("earlier", "seen before"), ("now", "b")], [])


def away(code: int) -> sa.exc.OperationalError:
    error = sqlite3.OperationalError("")
    error.sqlite_errorcode = code
    return sa.exc.OperationalError("", {}, error)


def test_a_transaction_is_begun_anew_until_the_database_takes_it(store: Store, engine: Engine) -> None:
    tries: list[str] = []

    def add(tx: Session, name: str) -> str:
        tries.append(name)
        new_label(tx, f"{name}{len(tries)}")
        if len(tries) < 3:
            raise away(sqlite3.SQLITE_BUSY)
        return name

    assert engine.commit(add, "a") == "a"
    assert (tries, names(store)) == (["a", "a", "a"], ["a3"])


@pytest.mark.postgres
def test_on_postgresql_transactions_that_rest_on_each_other_end_as_if_one_came_after_the_other(
    fresh_postgres: str,
) -> None:
    both, tried = threading.Barrier(2), threading.local()
    enabled = sa.select(sa.func.count()).select_from(Label).where(Label.enabled)

    def disable_unless_last(tx: Session, name: str) -> int:
        count = tx.scalar(enabled) or 0
        if not hasattr(tried, "once"):
            tried.once = both.wait(30)
        if count > 1:
            tx.execute(sa.update(Label).where(Label.name == name).values(enabled=False))
        return count

    with closing(Store(fresh_postgres)) as store, ThreadPoolExecutor(2) as pool:
        store.migrate()
        with store.transaction() as tx:
            for name in ("anna", "ben"):
                new_label(tx, name)
        engine = Engine(store)
        seen = sorted(pool.map(partial(engine.commit, disable_unless_last), ("anna", "ben")))
        with store.reading() as tx:
            assert (seen, tx.scalar(enabled)) == ([1, 2], 1)


@pytest.mark.parametrize("error", [away(sqlite3.SQLITE_CORRUPT), ZeroDivisionError()])
def test_a_transaction_that_would_fail_again_is_not_begun_anew(store: Store, engine: Engine, error: Exception) -> None:
    tries: list[int] = []

    def fail(tx: Session) -> None:
        tries.append(1)
        raise error

    with pytest.raises(type(error)):
        engine.commit(fail)
    assert tries == [1]


def test_an_engine_that_stops_does_not_wait_for_ever(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_stopping", True)
    monkeypatch.setattr(engine_module, "LONGEST_PAUSE_SECONDS", 0.2)
    tries: list[int] = []

    def fail(tx: Session) -> None:
        tries.append(1)
        raise away(sqlite3.SQLITE_FULL)

    with pytest.raises(sa.exc.OperationalError):
        engine.commit(fail)
    assert tries == [1, 1]


@pytest.mark.slow
def test_a_schedule_runs_from_the_launch_on(engine: Engine, tmp_path: Path) -> None:
    ticks: list[datetime] = []
    engine.schedule("tick", "* * * * * *", lambda: ticks.append(datetime.now(UTC)))
    with launched(engine, tmp_path / "state"):
        wait_for(lambda: len(ticks) >= 2, 30, "two ticks")
    assert ticks[1] - ticks[0] < timedelta(seconds=10)


KILLED = """
import sys, time
from pathlib import Path
from ingest.flow.engine import Engine
from ingest.store.database import Store

engine = Engine(Store(sys.argv[1]))

def note(name):
    print(name, flush=True)
    time.sleep(600)

engine.workflow("note", note)
engine.launch("killed", Path(sys.argv[2]), 2, 2, lambda what, detail: None)
time.sleep(600)
"""


@pytest.mark.slow
def test_the_work_of_a_worker_that_was_killed_is_taken_over_by_another(
    store: Store, engine: Engine, tmp_path: Path
) -> None:
    enqueue(store, engine, "a")
    command = [sys.executable, "-c", KILLED, store.url, str(tmp_path / "state")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None and killed.stdout.readline() == b"a\n"
        killed.kill()
    assert engine.live_keys() == {"a"}
    ran: list[str] = []
    engine.workflow("note", ran.append)
    with launched(engine, tmp_path / "state", "another"):
        assert (engine.worker, engine.holds_worker()) == ("another", True)
        assert engine.adopt("nobody") == 0
        assert engine.adopt("killed") == 1
        wait_for(lambda: not engine.live_keys(), 30, "the workflow to end")
    assert (ran, engine.holds_worker()) == (["a"], False)


def test_a_database_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    with closing(Store(f"sqlite:///{tmp_path}/state/ingest.db")) as store:
        shutil.rmtree(tmp_path / "state")
        said: list[str] = []

        def start(words: str) -> None:
            said.append(words)
            (tmp_path / "state").mkdir()

        wait_for_database(store, start)
    assert said == ["the database does not answer yet: OperationalError"]


def test_a_database_that_never_comes_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "DATABASE_WAIT_SECONDS", -1)
    with closing(Store(f"sqlite:///{tmp_path}/state/ingest.db")) as store:
        shutil.rmtree(tmp_path / "state")
        said: list[str] = []
        with pytest.raises(sa.exc.OperationalError, match="unable to open database file"):
            wait_for_database(store, said.append)
    assert said == []
