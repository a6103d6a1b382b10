"""The outbox: emails owed. A row is written with the change that owes it and marked sent only after it was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.notice import Audience, NoticeKind
from ingest.store.database import insert
from ingest.store.models import Notice, Package
from ingest.store.releases import same_release

GIVEN_UP: Final = (Notice.given_up_at.is_not(None), Notice.sent_at.is_(None), Notice.dropped_at.is_(None))
"""The conditions of an email that was given up and waits for a person."""
SECRETS: Final = frozenset({"password", "encrypted_password"})
"""The details that are deleted once an email is sent or given up; earlier versions stored a password in clear."""


def owe_notice(
    tx: Session,
    *,
    key: str,
    kind: NoticeKind,
    audience: Audience,
    recipients: Sequence[str],
    domain: str,
    now: datetime,
    label: int | None = None,
    package: int | None = None,
    change: int | None = None,
    details: dict[str, Any] | None = None,
    about: str | None = None,
) -> Notice | None:
    """Owe an email once per `key`; None when it is owed already.

    The Message-ID is fixed here, for every attempt to send it.
    """
    row = {
        "key": key,
        "kind": kind.value,
        "audience": audience.value,
        "recipients": list(recipients),
        "reached": [],
        "refused": [],
        "label_id": label,
        "package_id": package,
        "change_id": change,
        "details": details or {},
        "about": about,
        "created_at": now,
        "owed_at": now,
        "message_id": f"<{key.replace(':', '.')}.{int(now.timestamp())}@{domain}>",
        "attempts": 0,
        "runs": 1,
    }
    added = insert(tx, Notice).values(**row).on_conflict_do_nothing(index_elements=["key"])
    notice = tx.scalar(added.returning(Notice.id))
    return None if notice is None else tx.get_one(Notice, notice)


def newest_notices(tx: Session, *, package: int | None, limit: int) -> Sequence[Notice]:
    """The newest `limit` emails, the newest first; of one package if given."""
    query = sa.select(Notice).order_by(Notice.id.desc()).limit(limit)
    return tx.scalars(query if package is None else query.where(Notice.package_id == package)).all()


def get_notice(tx: Session, notice: int) -> Notice | None:
    """The email of this number, in any state."""
    return tx.get(Notice, notice)


def last_about(tx: Session, about: str) -> Notice | None:
    """The last email about this; None where there was none."""
    return tx.scalar(sa.select(Notice).where(Notice.about == about).order_by(Notice.id.desc()).limit(1))


def thread_root(tx: Session, notice: Notice) -> str | None:
    """The Message-ID of the first email about this release to the same people: the root of their thread.

    A release uploaded again joins the thread of the first upload.
    """
    if notice.package_id is None:
        return None
    package = tx.get(Package, notice.package_id)
    assert package is not None
    earlier = Notice.audience == notice.audience, Notice.sent_at.is_not(None), Notice.id < notice.id
    first = sa.select(Notice.message_id).join(Package, Package.id == Notice.package_id)
    return tx.scalar(first.where(same_release(package), *earlier).order_by(Notice.id).limit(1))


def unsent_notices(tx: Session, before: datetime) -> Sequence[Notice]:
    """Emails owed before that time that are neither sent nor given up, in the order they were owed."""
    pending = sa.select(Notice).where(Notice.sent_at.is_(None), Notice.given_up_at.is_(None), Notice.owed_at < before)
    return tx.scalars(pending.order_by(Notice.id)).all()


def left_of(row: Notice) -> tuple[str, ...]:
    """The recipients that the email is still to be sent to."""
    return tuple(one for one in dict.fromkeys(row.recipients) if one not in {*row.reached, *row.refused})


def note_recipients(row: Notice, reached: Sequence[str], refused: Sequence[str]) -> None:
    """Record who got the email in this attempt, and who never will."""
    row.reached, row.refused = [*row.reached, *reached], [*row.refused, *refused]


def note_sent(row: Notice, now: datetime) -> None:
    """Record that the email was sent; a password in its details is deleted."""
    row.sent_at, row.details = now, _without_secrets(row.details)


def give_up_notice(row: Notice, now: datetime) -> None:
    """Record that the email is not attempted any more; a password in its details is deleted."""
    row.given_up_at, row.details = now, _without_secrets(row.details)


def given_up_notices(tx: Session) -> Sequence[Notice]:
    """The emails that were given up and not dropped, oldest first."""
    return tx.scalars(sa.select(Notice).where(*GIVEN_UP).order_by(Notice.id)).all()


def owe_again(row: Notice, recipients: Sequence[str], now: datetime) -> None:
    """Owe an email again that was given up, to these recipients; those who have it do not get it again."""
    row.recipients, row.refused = list(recipients), []
    row.given_up_at, row.dropped_at, row.owed_at = None, None, now
    row.attempts, row.fault = 0, None


def drop_notice(row: Notice, now: datetime) -> None:
    """Record that an email that was given up is not to be sent any more."""
    row.dropped_at = now


def _without_secrets(details: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if name not in SECRETS}


def notices_of(tx: Session, package: int) -> Sequence[Notice]:
    """The emails about a package, oldest first."""
    return tx.scalars(sa.select(Notice).where(Notice.package_id == package).order_by(Notice.id)).all()
