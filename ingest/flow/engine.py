"""The only module that knows the workflow engine (DBOS): queues, checkpoints, executors, retention.

Workflows are short and never wait: the transaction that changes a row enqueues the next workflow. Names of workflows,
steps and queues are stored data: renaming one strands the work in flight. docs/architecture.md has the rules.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from dbos import DBOSPortableJSONSerializer as Json
from sqlalchemy.orm import Session

from ingest.flow.worker_lock import WorkerLock
from ingest.store.database import Store, is_passing

P = ParamSpec("P")
R = TypeVar("R")

APPLICATION: Final = "ingest"
VERSION: Final = "1"
"""Never changed by a release: DBOS does not continue workflows of another application version."""

INGEST, NOTIFY, DSP, WEBHOOK, MAINTENANCE = "ingest", "notify", "dsp", "webhook", "upkeep"
"""The stored names of the queues."""
LIVE: Final = ["ENQUEUED", "PENDING", "DELAYED"]
"""Statuses of workflows that have not ended."""
REVISION: Final = "{}.2"
"""The stored name of a workflow that keeps no checkpoints, of one that kept them under the bare name."""
DATABASE_WAIT_SECONDS: Final = 120
LONGEST_PAUSE_SECONDS: Final = 5.0
EMAILS_AT_A_TIME: Final = 40
"""Emails that a worker has under way at one time. It takes new ones up once a second, so this is also how many it sends
in a second at most; connections to the mail server have a limit of their own.
"""
READINGS: Final = 32
"""Packages of all labels that a worker has under way at one time. The pool of readers decides whose file comes next."""


class Engine:
    """The workflow engine on the store's database.

    It can enqueue at once, which is what the command line needs; after `launch` it also runs workflows, as the daemon
    does.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._alarm: Callable[[str, str], None] = lambda what, detail: None
        self._json = Json()
        self._lock: WorkerLock | None = None
        self._client: DBOSClient | None = None
        self._schedules: list[Any] = []
        self._stopping = False
        self.worker = ""

    def workflow(self, name: str, flow: Callable[P, R], earlier: Callable[P, R] | None = None) -> None:
        """Make a workflow known under its stored name; call before `launch`.

        After a crash `flow` runs again from its beginning, so its rows must say what is done. `earlier` continues the
        workflows that a version with checkpoints enqueued; where it is None, `flow` does.
        """
        self._register(name, name, earlier or flow)
        self._register(REVISION.format(name), name, flow)

    def _register(self, stored: str, name: str, flow: Callable[P, R]) -> Callable[P, R]:
        """Register under a stored name.

        An exception from the workflow raises the alarm and ends it with the status ERROR.
        """

        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return flow(*args, **kwargs)
            except Exception as error:
                # An email that was not sent is found by its row. An alarm about a failed alarm would repeat for ever.
                if not self._stopping and name != "tell":
                    self._alarm(f"workflow {name}{args!r} failed", repr(error))
                raise

        guarded.__qualname__ = guarded.__name__ = stored
        return DBOS.workflow(name=stored, max_recovery_attempts=None)(guarded)

    def step(self, name: str, body: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `body` at least once, in a workflow of an earlier version.

        Its result, plain JSON, is stored, and returned again when the workflow is replayed.
        """
        return DBOS.run_step({"name": name}, body, *args, **kwargs)

    def commit(self, body: Callable[..., R], *args: object) -> R:
        """Run `body(tx, *args)` in a transaction, as if no other ran at the same time.

        Where the database was away, busy or full, it is begun anew until the database takes it; an engine that stops
        gives up after a few seconds. A workflow that runs again after a crash comes here again: `body` must change
        nothing where its rows say that it was done.
        """
        pause = 0.1
        while True:
            try:
                with self._store.serializable() as tx:
                    return body(tx, *args)
            except sa.exc.SQLAlchemyError as error:
                if not is_passing(error) or (self._stopping and pause >= LONGEST_PAUSE_SECONDS):
                    raise
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def enqueue(
        self,
        tx: Session,
        flow: str,
        queue: str,
        key: str,
        *args: object,
        delay: float = 0,
        partition: str | None = None,
        priority: int | None = None,
    ) -> None:
        """Enqueue a workflow with the rows of the caller's transaction: both are committed, or neither.

        Enqueueing the same `key` again does nothing. `delay` is in seconds. Workflows of one `partition` share the
        queue's limit per partition; those with a smaller `priority` (from 1) go first.
        """
        options: EnqueueOptions = {"workflow_name": REVISION.format(flow), "queue_name": queue, "workflow_id": key}
        if delay > 0:
            options["delay_seconds"] = delay
        if partition is not None:
            options["queue_partition_key"] = partition
        if priority is not None:
            options["priority"] = priority
        self.client.enqueue_in_transaction(tx, options, *args)

    @property
    def client(self) -> DBOSClient:
        """The client that enqueues and lists workflows; made when it is first used."""
        if self._client is None:
            self._client = DBOSClient(
                system_database_engine=self._store.engine,
                application_name=APPLICATION,
                serializer=self._json,
                lazy=True,
            )
        return self._client

    def live_keys(self) -> frozenset[str]:
        """The keys of enqueued, delayed and running workflows, as `tell:12:1:1` or `ingest:7:1`.

        One query for all of them: a search by prefix would read every workflow that ever ran.
        """
        found = self.client.list_workflows(status=LIVE, load_input=False, load_output=False)
        return frozenset(one.workflow_id for one in found)

    def migrate(self) -> None:
        """Migrate the engine's own tables, so that work can be enqueued before a daemon ever ran."""
        DBOS.migrate(self._store.url)

    def launch(
        self,
        worker: str,
        state: Path,
        readings: int,
        parallel_per_dsp: int,
        alarm: Callable[[str, str], None],
        webhooks: int = 1,
    ) -> None:
        """Migrate the engine's tables, take up this worker's unfinished work, and run. Raises WorkerBusy.

        `readings` is how many packages of one label this worker reads side by side, `webhooks` how many webhooks it has
        under way at one time. `alarm(what, detail)` is called
        when a workflow fails through an error of ours.
        """
        self._alarm = alarm
        self._lock = WorkerLock(worker, state, self._store)
        self.worker = worker
        _quiet()
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._store.url,
            "system_database_engine": self._store.engine,
            "serializer": self._json,
            "executor_id": worker,
            "application_version": VERSION,
            "log_level": "WARNING",
            "use_listen_notify": False,
        }
        DBOS(config=config)
        DBOS.launch()
        # One partition per label, email thread, DSP and endpoint: much work in one does not delay the others.
        DBOS.register_queue(
            INGEST, worker_concurrency=max(READINGS, 4 * readings), partition_worker_concurrency=readings
        )
        DBOS.register_queue(NOTIFY, worker_concurrency=EMAILS_AT_A_TIME, partition_concurrency=1)
        DBOS.register_queue(DSP, partition_concurrency=parallel_per_dsp)
        DBOS.register_queue(WEBHOOK, worker_concurrency=webhooks, partition_concurrency=1)
        DBOS.register_queue(MAINTENANCE, worker_concurrency=1)
        DBOS.apply_schedules(self._schedules)

    def schedule(self, name: str, cron: str, body: Callable[[], None]) -> None:
        """Run `body` as a workflow at the times of a cron expression (UTC), once over all workers, from launch on."""
        flow = self._register(name, name, lambda at, context: body())
        self._schedules.append(
            {
                "schedule_name": name,
                "workflow_fn": flow,
                "schedule": cron,
                "context": None,
                "automatic_backfill": False,
                "queue_name": MAINTENANCE,
            }
        )

    def adopt(self, worker: str) -> int:
        """Take over the unfinished workflows of a worker that died; returns how many."""
        left = DBOS.list_workflows(status="PENDING", executor_id=worker, load_input=False, load_output=False)
        for one in left:
            DBOS.resume_workflow(one.workflow_id, queue_name=one.queue_name or INGEST)
        return len(left)

    def prune(self, before: datetime) -> int:
        """Delete up to 500 workflows that succeeded before that time; returns how many.

        Those that ended in ERROR are kept.
        """
        ended = DBOS.list_workflows(
            status=["SUCCESS"], completed_before=before.isoformat(), limit=500, load_input=False, load_output=False
        )
        if ended:
            DBOS.delete_workflows([one.workflow_id for one in ended])
        return len(ended)

    def holds_worker(self) -> bool:
        """Whether this process still is the only one under its worker name; False before `launch`."""
        return self._lock is not None and self._lock.is_held()

    def stop(self, seconds: int) -> None:
        """Give running workflows up to `seconds` to end; those cut off continue at the next start."""
        self._stopping = True
        DBOS.destroy(workflow_completion_timeout_sec=seconds, destroy_registry=True)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def disconnect(self) -> None:
        """Close the client."""
        if self._client is not None:
            self._client.destroy()
            self._client = None


def wait_for_database(store: Store, log: Callable[[str], None]) -> None:
    """Wait until the database answers, for up to two minutes, because both may be starting after a reboot."""
    deadline = time.monotonic() + DATABASE_WAIT_SECONDS
    while True:
        try:
            with store.engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
            return
        except sa.exc.OperationalError as error:
            if time.monotonic() > deadline:
                raise
            log(f"the database does not answer yet: {type(error.orig).__name__}")
            time.sleep(2)


def _quiet() -> None:
    """Drop DBOS's advice against SQLite from the log: SQLite is supported here."""

    class WithoutAdvice(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            return "development and testing" not in record.getMessage()

    logging.getLogger("dbos").addFilter(WithoutAdvice())
