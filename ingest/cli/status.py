"""`ingest status`"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.cli.errors import NO
from ingest.cli.options import Here, format_option, pass_here
from ingest.cli.terminal import visible
from ingest.config import Config
from ingest.core.status import Status
from ingest.doctor.check import size, standing
from ingest.doctor.records import NoDatabase, opened, reason
from ingest.store.models import Notice, Package, Worker
from ingest.store.notices import unsent_notices

ALIVE: Final = timedelta(seconds=30)
"""A worker sends a heartbeat every ten seconds; after three missed ones it counts as dead."""


@dataclass(frozen=True, slots=True)
class Oldest:
    """The package that has waited longest for its verdict."""

    package: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """The health of the daemon at `at`. `failures` is empty for a healthy one; None means unknown.

    `workers` holds the last heartbeat of each worker, `stopped` the times of those that were stopped properly.
    """

    at: datetime
    failures: tuple[str, ...]
    free_bytes: int | None
    workers: dict[str, datetime] = field(default_factory=dict)
    stopped: dict[str, datetime] = field(default_factory=dict)
    packages: dict[Status, int] = field(default_factory=dict)
    on_hold: int = 0
    oldest_incoming: Oldest | None = None
    unsent: int = 0
    oldest_unsent: datetime | None = None

    def is_alive(self, worker: str) -> bool:
        return worker not in self.stopped and self.at - self.workers[worker] <= ALIVE


@click.command("status", short_help="Show whether the daemon is alive and what waits.")
@format_option
@pass_here
def command(here: Here, output: str) -> None:
    """Show whether the daemon is alive and what waits: workers, packages, emails, disk.

    Exit status: 0 healthy, 1 not (no worker was heard of for half a minute, the database does not answer, the disk is
    full), 2 the configuration cannot be used. Fit for monitoring: it changes nothing and answers within seconds.
    """
    health = look(here.config, datetime.now(UTC))
    click.echo(json.dumps(as_json(health), indent=2) if output == "json" else as_text(health))
    if health.failures:
        raise SystemExit(NO)


def look(config: Config, now: datetime) -> Health:
    """The daemon's health, from its database and its disk."""
    free, failures = _disk(config)
    try:
        with opened(config) as store, store.reading() as tx:
            known = _known(tx)
    except NoDatabase as error:
        return Health(now, (f"there is no database {error}: the daemon never ran here", *failures), free)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        return Health(now, (f"the database cannot be used: {reason(error)}", *failures), free)
    health = Health(now, failures, free, **known)
    if any(health.is_alive(worker) for worker in health.workers):
        return health
    return replace(health, failures=("no worker was heard of within 30 seconds: the daemon does not run", *failures))


def _disk(config: Config) -> tuple[int | None, tuple[str, ...]]:
    place, floor = standing(config.paths.labels_dir), config.sftp.min_free_bytes
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        return None, (f"the free space at {place} cannot be read: {error.strerror}",)
    return free, ((f"{size(free)} free at {place}: uploads are refused",) if free < floor else ())


def _known(tx: Session) -> dict[str, Any]:
    """The fields of `Health` that the database gives."""
    workers = tx.scalars(sa.select(Worker).order_by(Worker.name)).all()
    counted = tx.execute(sa.select(Package.status, sa.func.count()).group_by(Package.status)).all()
    counts = {str(name): int(count) for name, count in counted}
    incoming = sa.select(Package.id, Package.received_at).where(
        Package.status == Status.INCOMING.value, Package.checked_at.is_(None)
    )
    oldest = tx.execute(incoming.order_by(Package.received_at, Package.id).limit(1)).first()
    unsent: list[Notice] = list(unsent_notices(tx))
    return {
        "workers": {row.name: row.heard_at for row in workers},
        "stopped": {row.name: row.stopped_at for row in workers if row.stopped_at is not None},
        "packages": {status: counts.get(status.value, 0) for status in Status},
        "on_hold": tx.scalar(sa.select(sa.func.count()).where(Package.on_hold_at.is_not(None))) or 0,
        "oldest_incoming": None if oldest is None else Oldest(oldest[0], oldest[1]),
        "unsent": len(unsent),
        "oldest_unsent": min((one.created_at for one in unsent), default=None),
    }


def as_json(health: Health) -> dict[str, object]:
    """For machines: ages in seconds, times in ISO 8601 UTC, bytes; null for what is unknown."""
    oldest = health.oldest_incoming
    return {
        "healthy": not health.failures,
        "faults": list(health.failures),
        "at": health.at.isoformat(),
        "workers": [
            {"name": name, "heard_at": heard.isoformat(), "alive": health.is_alive(name)}
            for name, heard in health.workers.items()
        ],
        "packages": {status.value: count for status, count in health.packages.items()},
        "waiting_for_retry": health.on_hold,
        "oldest_incoming": oldest
        and {
            "package": oldest.package,
            "received_at": oldest.received_at.isoformat(),
            "seconds": _seconds(health.at, oldest.received_at),
        },
        "unsent_emails": health.unsent,
        "oldest_unsent_seconds": None if health.oldest_unsent is None else _seconds(health.at, health.oldest_unsent),
        "disk_free_bytes": health.free_bytes,
    }


def as_text(health: Health) -> str:
    """For people: what is wrong first, or `healthy`."""
    lines = [f"NOT HEALTHY  {failure}" for failure in health.failures] or ["healthy"]
    for name, heard in health.workers.items():
        what = "stopped" if name in health.stopped else "heard of"
        lines.append(f"worker       {name}, {what} {_age(health.at, heard)} ago")
    lines += [f"{count:>6} {status.value}" for status, count in health.packages.items()]
    if health.oldest_incoming is not None:
        oldest = health.oldest_incoming
        lines.append(f"oldest       package {oldest.package} is Incoming for {_age(health.at, oldest.received_at)}")
    if health.on_hold:
        lines.append(f"aside        {health.on_hold} wait for `ingest retry`")
    since = "" if health.oldest_unsent is None else f", the oldest for {_age(health.at, health.oldest_unsent)}"
    lines.append(f"emails       {health.unsent} unsent{since}")
    if health.free_bytes is not None:
        lines.append(f"disk         {size(health.free_bytes)} free")
    return "\n".join(visible(line) for line in lines)


def _seconds(now: datetime, then: datetime) -> int:
    return max(0, round((now - then).total_seconds()))


def _age(now: datetime, then: datetime) -> str:
    seconds = _seconds(now, then)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
