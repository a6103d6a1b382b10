"""Releases whose verdict takes longer than labels are told (`[validation] late_seconds`): who hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.status import Status
from ingest.store import packages, reports
from ingest.store.database import Clock
from ingest.store.models import Package

if TYPE_CHECKING:
    from ingest.flow.notify import Notify

WHAT: Final = "verdicts are late"
CURE: Final = (
    "They are read in turns, one label after the other. If this happens often, give the machine more cores, or start"
    " another worker on PostgreSQL. `ingest status` shows how long the oldest has waited."
)
MOST_REPORTS: Final = 200
"""Reports that are written anew each minute, those of the releases that have waited longest."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """Tells ops once a day, and each label in the files of its report, every minute until the verdict."""

    config: Config
    notify: Notify
    clock: Clock

    def tell(self, tx: Session) -> None:
        """Owe what late releases call for; to be called every minute."""
        now = self.clock()
        late = late_packages(tx, self.config, now)
        if late:
            self.notify.alarm(tx, WHAT, f"{waiting(late, now)}. {CURE}", now, daily=True)
            reports.owe_again(tx, [row.id for row in late[:MOST_REPORTS]], now)


def late_packages(tx: Session, config: Config, now: datetime) -> list[Package]:
    """The packages that have waited too long for their verdict, those first that have waited longest."""
    before = now - timedelta(seconds=config.validation.late_seconds)
    return sorted(packages.unread_packages(tx, before), key=lambda row: (row.sealed_at or now, row.id))


def waiting(late: list[Package], now: datetime) -> str:
    """How long the oldest of these packages has waited, and how many others there are."""
    oldest = late[0]
    minutes = (now - (oldest.sealed_at or now)) // timedelta(minutes=1)
    others = f", and {len(late) - 1} more wait too long" if len(late) > 1 else ""
    return f"package {oldest.id} has waited {minutes} minutes for its verdict{others}"


def before(tx: Session, config: Config, package: Package, now: datetime) -> dict[str, str]:
    """The detail `before` of a late package's report: how many were sealed earlier and wait too. Else nothing."""
    is_unread = package.status == Status.INCOMING.value and package.checked_at is None and package.on_hold_at is None
    since = package.sealed_at
    if not is_unread or since is None or now - since <= timedelta(seconds=config.validation.late_seconds):
        return {}
    return {"before": str(packages.count_before(tx, package))}
