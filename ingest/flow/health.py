"""Whether the daemon is well: its workers, what waits, and its disk, as one value."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.status import Status
from ingest.flow.lateness import late_packages, waiting
from ingest.host.disk import size, standing
from ingest.store import counts
from ingest.store.database import Store
from ingest.store.opening import NoDatabase, opened, reason
from ingest.store.workers import list_workers

ALIVE: Final = timedelta(seconds=30)
"""A worker sends a heartbeat every ten seconds; after three missed ones it counts as dead."""

PATIENCE: Final = timedelta(hours=1)
"""How long an alarm may be owed while sending it fails, and how long no email at all may leave while some fail, before
the daemon counts as not healthy."""

SILENT: Final = "no worker was heard of within 30 seconds: the daemon does not run"
FULL: Final = "the disk of the database is full: nothing is recorded, not even whether the daemon runs"
FULL_BYTES: Final = 1 << 20
"""With less free than this many bytes, a missing heartbeat says nothing about the daemon."""


@dataclass(frozen=True, slots=True)
class Oldest:
    """The package that has waited longest for its verdict."""

    package: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """The health of the daemon at the time `at`. It is healthy while `failures` is empty; what is None is unknown.

    `workers` has the last heartbeat of each worker, `stopped` when those ended that signed off. `unsent` counts the
    emails that are owed, of which the oldest that failed did so for `unsent_fault`; `given_up` those that wait for a
    person. `free_bytes` is what is free on the disk of the labels' folders.
    """

    at: datetime
    failures: tuple[str, ...]
    free_bytes: int | None
    workers: Mapping[str, datetime] = field(default_factory=dict)
    stopped: Mapping[str, datetime] = field(default_factory=dict)
    packages: Mapping[Status, int] = field(default_factory=dict)
    on_hold: int = 0
    oldest_incoming: Oldest | None = None
    unsent: int = 0
    oldest_unsent: datetime | None = None
    unsent_fault: str | None = None
    given_up: int = 0
    given_up_fault: str | None = None

    def is_alive(self, worker: str) -> bool:
        """Whether this worker sent a heartbeat within 30 seconds and did not sign off.

        Raises KeyError for an unknown one.
        """
        return worker not in self.stopped and self.at - self.workers[worker] <= ALIVE


def look(config: Config, now: datetime) -> Health:
    """The daemon's health, for a process that has no database open.

    A database that cannot be used is a failure in it.
    """
    try:
        with opened(config.database_url) as store:
            return health_of(config, store, now)
    except NoDatabase as error:
        return _without_database(config, now, f"there is no database {error}: the daemon never ran here")
    except (SQLAlchemyError, OSError) as error:
        return _without_database(config, now, f"the database cannot be used: {reason(error)}")


def health_of(config: Config, store: Store, now: datetime) -> Health:
    """The daemon's health, from its database and its disk. Raises sqlalchemy's errors."""
    free, failures = _disk(config)
    with store.reading() as tx:
        workers, oldest = list_workers(tx), counts.oldest_unread(tx)
        unsent, oldest_unsent, unsent_fault = counts.count_unsent(tx)
        given_up, given_up_fault = counts.count_given_up(tx)
        health = Health(
            at=now,
            failures=(*failures, *_late(tx, config, now), *_stuck(tx, now), *_unheard(tx, now)),
            free_bytes=free,
            workers={row.name: row.heard_at for row in workers},
            stopped={row.name: row.stopped_at for row in workers if row.stopped_at is not None},
            packages=counts.count_packages(tx),
            on_hold=counts.count_on_hold(tx),
            oldest_incoming=None if oldest is None else Oldest(*oldest),
            unsent=unsent,
            oldest_unsent=oldest_unsent,
            unsent_fault=unsent_fault,
            given_up=given_up,
            given_up_fault=given_up_fault,
        )
    is_alive = any(health.is_alive(worker) for worker in health.workers)
    return health if is_alive else replace(health, failures=(_silent(config), *health.failures))


def _silent(config: Config) -> str:
    """Why no heartbeat was recorded: a daemon whose database lies on a full disk cannot record that it runs."""
    try:
        is_full = shutil.disk_usage(standing(config.paths.state_dir)).free < FULL_BYTES
    except OSError:
        is_full = False
    return FULL if is_full else SILENT


def _late(tx: Session, config: Config, now: datetime) -> tuple[str, ...]:
    """That verdicts take longer than labels are told."""
    late = late_packages(tx, config, now)
    return (waiting(late, now),) if late else ()


def _stuck(tx: Session, now: datetime) -> tuple[str, ...]:
    """That no email leaves: a mail server that is down, or refuses what is about us."""
    found = counts.stuck_emails(tx, now - PATIENCE)
    if found is None:
        return ()
    count, since, fault = found
    emails = "1 email waits" if count == 1 else f"{count} emails wait"
    return (f"no email leaves: {emails}, the oldest since {since:%Y-%m-%d %H:%M} UTC: {fault}",)


def _unheard(tx: Session, now: datetime) -> tuple[str, ...]:
    """What ops cannot learn by email: that an alarm did not reach them."""
    found = counts.unheard_alarm(tx, now - PATIENCE)
    return () if found is None else (f"ops do not get email {found[0]}: {found[1]}",)


def _without_database(config: Config, now: datetime, failure: str) -> Health:
    free, failures = _disk(config)
    return Health(now, (failure, *failures), free)


def _disk(config: Config) -> tuple[int | None, tuple[str, ...]]:
    """What is free in bytes where there is least, and what is wrong with the disks."""
    labels, state = standing(config.paths.labels_dir), standing(config.paths.state_dir)
    found: dict[int, tuple[int, str]] = {}
    for place, harm in ((state, "the database may soon not be written"), (labels, "uploads are refused")):
        try:
            free = shutil.disk_usage(place).free
            found[place.stat().st_dev] = free, f"{size(free)} free at {place}: {harm}"
        except OSError as error:
            return None, (f"the free space at {place} cannot be read: {error.strerror}",)
    failures = tuple(text for free, text in found.values() if free < config.sftp.min_free_bytes)
    return min(free for free, _ in found.values()), failures
