"""Work that rows owe, once for all kinds of work: owe, attempt, retry, give up, reconcile.

A row owes its work from the transaction that wrote it until it records that the work is done or given up. A workflow
carries one attempt; the transaction that records how it ended enqueues the next one, if any. Work whose workflow was
lost is found by its row and enqueued again. A workflow that died in between makes its attempt again, unless its row
says that the work is done. Names of workflows and steps are stored (flow.engine).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Final, Generic, TypeVar

from sqlalchemy.orm import Session

from ingest.core.alarm import Alarm, Outlook
from ingest.core.log import Log
from ingest.core.outcome import Done, Failed, Outcome, Waits
from ingest.flow.engine import Engine
from ingest.flow.notify import Notify
from ingest.flow.stored_outcome import from_stored, to_stored
from ingest.host.logs import logger
from ingest.store import owed
from ingest.store.database import Clock
from ingest.store.models import Owed

Row = TypeVar("Row")
OwedRow = TypeVar("OwedRow", bound=Owed)

MAX_RUNS: Final = 4
"""Runs after which lost work is not enqueued any more, until a person retries it."""
LEFT: Final = "It is not enqueued any more."
LOST: Final = "the work was lost again and again"
GRACE: Final = timedelta(seconds=60)
"""How long work must be owed before it counts as lost when no workflow carries it."""
LATE: Final = timedelta(hours=1)
FIRST_PAUSE: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Persistence:
    """How work is tried again: pauses of 30 seconds, doubled each time up to `longest_pause`.

    It is given up when it has been owed for `give_up_after`; None: never. Work that may have succeeded is tried once
    more soon, and then after `longest_pause` only.
    """

    give_up_after: timedelta | None
    longest_pause: timedelta = timedelta(hours=6)

    def pause(self, attempt: int, *, in_doubt: bool = False) -> timedelta:
        """The pause after attempt number `attempt`, counted from 1; `in_doubt`: it may have succeeded."""
        if in_doubt and attempt > 1:
            return self.longest_pause
        doublings: int = 2 ** min(attempt - 1, 20)
        return min(self.longest_pause, FIRST_PAUSE * doublings)

    def is_over(self, failed: Failed, age: timedelta) -> bool:
        """Whether work owed for `age` is given up after this failure."""
        return failed.permanent or (self.give_up_after is not None and age >= self.give_up_after)


class Work(ABC, Generic[Row]):
    """One kind of work: which rows owe it, and how a workflow is enqueued for one of them."""

    name: ClassVar[str]
    """The stored name of its workflow, and the first part of its keys."""
    run_parts: ClassVar[int] = 1
    """How many numbers follow the row's name in the key of its workflow."""

    @abstractmethod
    def owed(self, tx: Session, before: datetime) -> Sequence[Row]:
        """The rows that have owed the work since before that time, in the order in which it is to be done."""

    @abstractmethod
    def row_key(self, row: Row) -> str:
        """What names the row in the key of a workflow, as `7` or `7:spotify`."""

    @abstractmethod
    def described(self, row: Row) -> str:
        """The work in words for ops, as `the sending of email 7`; empty where they are not told that it was lost."""

    @abstractmethod
    def package(self, row: Row) -> int | None:
        """The number of the package that the work is about, if any."""

    def commands(self, row: Row) -> tuple[str, ...]:
        """What a person can do about the work once it is not tried any more, as commands."""
        package = self.package(row)
        return () if package is None else (f"ingest show {package}", f"ingest retry {package}")

    @abstractmethod
    def runs(self, row: Row) -> int:
        """The number of the row's present run: each time the work is enqueued anew counts one more."""

    @abstractmethod
    def enqueue_again(self, tx: Session, row: Row) -> None:
        """Enqueue its workflow as a new run."""

    @abstractmethod
    def give_up_lost(self, tx: Session, row: Row, now: datetime) -> None:
        """Record that the work was lost too often and is not tried any more."""


class Job(Work[OwedRow]):
    """A kind of work that is attempted until it is done or given up. It is made with everything that it needs."""

    run_parts = 2
    step: ClassVar[str]
    """The stored name of the step that attempted it in workflows of earlier versions."""
    late: ClassVar[timedelta] = LATE
    """Work that fails and has been owed for so long is logged as an error, before as a warning."""

    @property
    @abstractmethod
    def persistence(self) -> Persistence:
        """How failures are retried, and when the work is given up."""

    def pause(self, failed: Failed, attempt: int) -> timedelta:
        """The pause after a failure of attempt number `attempt`, counted from 1."""
        return self.persistence.pause(attempt, in_doubt=failed.in_doubt)

    def is_over(self, failed: Failed, attempt: int, age: timedelta) -> bool:
        """Whether work owed for `age` is given up after this failure of attempt number `attempt`."""
        return self.persistence.is_over(failed, age)

    @abstractmethod
    def attempt(self, *ids: Any) -> Outcome:
        """Do the work for the row that `ids` name; returns what came of it.

        Repeated after a crash, so it may run twice.
        """

    @abstractmethod
    def find(self, tx: Session, *ids: Any) -> OwedRow | None:
        """The row that `ids` name, while it still owes the work; else None."""

    @abstractmethod
    def since(self, row: OwedRow) -> datetime:
        """The time from which the age of the work counts."""

    @abstractmethod
    def enqueue(self, tx: Session, row: OwedRow, attempt: int, delay: float = 0) -> None:
        """Enqueue a workflow for attempt number `attempt` of the row's present run, to start after `delay` seconds."""

    @abstractmethod
    def done(self, tx: Session, row: OwedRow, outcome: Outcome, now: datetime) -> str:
        """Record that the work is done or superseded; returns the row's state in a word."""

    @abstractmethod
    def give_up(self, tx: Session, row: OwedRow, failed: Failed, now: datetime) -> str:
        """Record that the work is not tried any more; returns the row's state in a word."""

    @abstractmethod
    def given_up(self, row: OwedRow, failed: Failed) -> Alarm | None:
        """What ops are told when the work is given up; None for nothing."""

    def retried(self, row: OwedRow, failed: Failed) -> Alarm | None:
        """What ops are told after a failure that is tried again, with `attempts` counted; None for nothing."""
        return None

    def record_attempt(self, tx: Session, row: OwedRow, outcome: Outcome, began: datetime, now: datetime) -> None:
        """Store more of an attempt than its number and reason, which the row has; by default nothing."""

    def runs(self, row: OwedRow) -> int:
        return row.runs

    def enqueue_again(self, tx: Session, row: OwedRow) -> None:
        owed.begin_run(row)
        self.enqueue(tx, row, 1)

    def give_up_lost(self, tx: Session, row: OwedRow, now: datetime) -> None:
        reason = row.fault or LOST
        owed.note_attempt(row, row.attempts, reason)
        self.give_up(tx, row, Failed(reason), now)


@dataclass(frozen=True, slots=True)
class Jobs:
    """Attempts jobs until they have ended, and finds work whose workflow was lost."""

    engine: Engine
    notify: Notify
    clock: Clock
    log: Log

    def register(self, *jobs: Job[Any]) -> None:
        """Make their workflows known to the engine; call before it is launched."""
        for job in jobs:
            self.engine.workflow(job.name, partial(self.carry, job), partial(self.carry_on, job))

    def carry(self, job: Job[Any], *arguments: Any) -> str:
        """Workflow: one attempt. The arguments are what names the row, then the run, then the number of the attempt."""
        *ids, run, attempt = arguments
        return self.engine.commit(partial(self.settle, job), ids, run, attempt, self.attempt(job, *ids))

    def carry_on(self, job: Job[Any], *arguments: Any) -> str:
        """Workflow of an earlier version, which may have stored what its attempt came to; else as `carry`."""
        *ids, run, attempt = arguments
        ended = from_stored(self.engine.step(job.step, lambda: to_stored(*self.attempt(job, *ids))))
        return self.engine.commit(partial(self.settle, job), ids, run, attempt, ended)

    def attempt(self, job: Job[Any], *ids: Any) -> tuple[Outcome, datetime]:
        """Attempt the work; returns its outcome and when it began."""
        began = self.clock()
        return job.attempt(*ids), began

    def settle(
        self,
        job: Job[Any],
        tx: Session,
        ids: Sequence[Any],
        run: int,
        attempt: int,
        ended: tuple[Outcome, datetime | None],
    ) -> str:
        """Transaction: record that the work is done, is tried again later, or is given up; returns which, in a word.

        Nothing is recorded, and `superseded` returned, when the row owes it no more or has a newer run. Where it is not
        its turn yet, nobody is told, and it is not given up.
        """
        row, now = job.find(tx, *ids), self.clock()
        if row is None or row.runs != run:
            return "superseded"
        outcome, began = ended
        owed.note_attempt(row, attempt, outcome.reason if isinstance(outcome, Failed | Waits) else None)
        job.record_attempt(tx, row, outcome, began or now, now)
        age = now - job.since(row)
        if isinstance(outcome, Waits):
            pause = job.persistence.pause(attempt) if outcome.until is None else outcome.until - now
            job.enqueue(tx, row, attempt + 1, pause.total_seconds())
            return "waits"
        if not isinstance(outcome, Failed):
            if attempt > 1 or run > 1:
                self._all_clear(tx, job, row, attempt)
            return job.done(tx, row, outcome, now)
        is_over = job.is_over(outcome, attempt, age)
        _log_failure(job, row, outcome.reason, is_late=is_over or age >= job.late)
        if is_over:
            self._alarm(tx, job, row, job.given_up(row, outcome), outcome.reason)
            return job.give_up(tx, row, outcome, now)
        job.enqueue(tx, row, attempt + 1, job.pause(outcome, attempt).total_seconds())
        self._alarm(tx, job, row, job.retried(row, outcome), outcome.reason)
        return "retry"

    def reconcile(self, tx: Session, works: Sequence[Work[Any]]) -> None:
        """Enqueue all work again, as new runs, that rows owe and no workflow carries; ops are told."""
        live = self.engine.live_keys()
        for work in works:
            carried = _carried(work, live)
            for row in work.owed(tx, self.clock() - GRACE):
                if work.row_key(row) not in carried:
                    self._found(tx, work, row)

    def _found(self, tx: Session, work: Work[Any], row: Any) -> None:
        """Enqueue one lost work again, or give it up after MAX_RUNS runs.

        The last alarm has a text of its own, because alarms with the same text are sent once an hour at most.
        """
        is_last = work.runs(row) >= MAX_RUNS
        if is_last:
            work.give_up_lost(tx, row, self.clock())
        else:
            work.enqueue_again(tx, row)
        if described := work.described(row):
            what = f"{described} was lost again and again" if is_last else f"{described} was lost"
            self.log("lost work", what=what)
            lost = Alarm(what, Outlook.WAITS, work.commands(row)) if is_last else Alarm(what, Outlook.RETRIED)
            self._alarm(tx, work, row, lost, LEFT if is_last else "It was enqueued again.")

    def _alarm(self, tx: Session, work: Work[Any], row: Any, alarm: Alarm | None, detail: str) -> None:
        if alarm is not None:
            known = replace(alarm, about=about_work(work, row))
            self.notify.alarm(tx, known, detail, self.clock(), work.package(row))

    def _all_clear(self, tx: Session, work: Work[Any], row: Any, attempt: int) -> None:
        if described := work.described(row):
            detail = f"It is settled since attempt {attempt}." if attempt > 1 else ""
            about = about_work(work, row)
            self.notify.all_clear(tx, about, f"{described} is settled", detail, self.clock(), work.package(row))


def _log_failure(job: Job[Any], row: Owed, reason: str, *, is_late: bool) -> None:
    log = logger("ingest")
    told = {"work": job.name, "row": job.row_key(row), "attempt": row.attempts, "reason": reason}
    (log.error if is_late else log.warning)("attempt failed", **told)


def about_work(work: Work[Any], row: Any) -> str:
    """What alarms about this row's work, and their all-clear, are about."""
    return f"{work.name}:{work.row_key(row)}"


def job_key(name: str, row_key: str, run: int, attempt: int) -> str:
    """The key of the workflow for one attempt, as `deliver:7:spotify:1:2`: it never runs twice."""
    return f"{name}:{row_key}:{run}:{attempt}"


def _carried(work: Work[Any], live: Collection[str]) -> frozenset[str]:
    """The names of the rows whose work of this kind a workflow carries that is enqueued, delayed or running."""
    start = f"{work.name}:"
    keys = (key.removeprefix(start) for key in live if key.startswith(start))
    return frozenset(":".join(key.split(":")[: -work.run_parts]) for key in keys)


__all__ = ["LEFT", "MAX_RUNS", "Done", "Failed", "Job", "Jobs", "Outcome", "Persistence", "Work", "job_key"]
