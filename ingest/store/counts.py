"""How many packages and emails wait, and which of them waits longest."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.notice import Audience
from ingest.core.status import Status
from ingest.store.models import Notice, Package
from ingest.store.notices import GIVEN_UP

UNSENT: Final = (Notice.sent_at.is_(None), Notice.given_up_at.is_(None))
"""The conditions of an email that is owed."""


def count_packages(tx: Session) -> dict[Status, int]:
    """The number of packages of each status; 0 for a status that none has."""
    counted = tx.execute(sa.select(Package.status, sa.func.count()).group_by(Package.status)).all()
    counts = {str(name): int(count) for name, count in counted}
    return {status: counts.get(status.value, 0) for status in Status}


def count_on_hold(tx: Session) -> int:
    """The number of packages that are on hold, waiting for a person."""
    return tx.scalar(sa.select(sa.func.count()).where(Package.on_hold_at.is_not(None))) or 0


def oldest_unread(tx: Session) -> tuple[int, datetime] | None:
    """Number and arrival of the package that has waited longest for its verdict; None where none waits."""
    unread = sa.select(Package.id, Package.received_at).where(
        Package.status == Status.INCOMING.value, Package.checked_at.is_(None)
    )
    oldest = tx.execute(unread.order_by(Package.received_at, Package.id).limit(1)).first()
    return None if oldest is None else (oldest[0], oldest[1])


def count_given_up(tx: Session) -> tuple[int, str | None]:
    """The number of emails that were given up and wait for a person, and why the last of them was."""
    last = sa.select(Notice.fault).where(*GIVEN_UP).order_by(Notice.given_up_at.desc(), Notice.id.desc()).limit(1)
    return tx.scalar(sa.select(sa.func.count()).where(*GIVEN_UP)) or 0, tx.scalar(last)


def unheard_alarm(tx: Session, before: datetime) -> tuple[int, str | None] | None:
    """Number and fault of the last email to ops that nobody got: given up, or failing and owed since before then."""
    owed = Notice.sent_at.is_(None) & Notice.given_up_at.is_(None) & (Notice.owed_at < before)
    lost = sa.select(Notice).where(
        Notice.audience == Audience.OPS.value, Notice.fault.is_not(None), sa.or_(owed, sa.and_(*GIVEN_UP))
    )
    rows = tx.scalars(lost.order_by(Notice.id.desc()))
    return next(((row.id, row.fault) for row in rows if not row.reached), None)


def count_unsent(tx: Session) -> tuple[int, datetime | None, str | None]:
    """The number of emails that are owed, since when the oldest is, and why sending the oldest that failed did."""
    count, oldest = tx.execute(sa.select(sa.func.count(), sa.func.min(Notice.owed_at)).where(*UNSENT)).one()
    failed = sa.select(Notice.fault).where(*UNSENT, Notice.fault.is_not(None)).order_by(Notice.owed_at).limit(1)
    return count, oldest, tx.scalar(failed)


def stuck_emails(tx: Session, before: datetime) -> tuple[int, datetime, str] | None:
    """How many emails to labels and QC fail since before then while none leaves; since when, and why the oldest does.

    None where an email left since then. One that its own recipients refuse, or that some of them have, is not counted:
    that says nothing of the others.
    """
    if tx.scalar(sa.select(sa.exists().where(Notice.sent_at >= before))):
        return None
    failing = sa.select(Notice).where(
        *UNSENT, Notice.fault.is_not(None), Notice.owed_at < before, Notice.audience != Audience.OPS.value
    )
    rows = [row for row in tx.scalars(failing.order_by(Notice.owed_at, Notice.id)) if not _is_refused(row)]
    return (len(rows), rows[0].owed_at, rows[0].fault or "") if rows else None


def _is_refused(row: Notice) -> bool:
    """Whether the failure is about an address of this email alone (as outbound.email.transports words it)."""
    return bool(row.reached) or any(f" refused {address}:" in (row.fault or "") for address in row.recipients)
