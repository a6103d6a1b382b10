"""What people do with emails that were given up: send them again once the cause is gone, or drop them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ingest.core.decision import By, DecisionKind
from ingest.core.notice import NoticeKind
from ingest.flow.errors import Code, Conflict
from ingest.flow.lookup import email_numbered, package_numbered
from ingest.flow.notify import Notify
from ingest.flow.outbox import Outbox
from ingest.store import notices
from ingest.store.database import Clock, Store
from ingest.store.decisions import record_decision
from ingest.store.labels import get_label
from ingest.store.models import Notice


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An email that was given up: to whom it did not get, when and why, and what it was about."""

    id: int
    kind: NoticeKind
    to: tuple[str, ...]
    package: int | None
    given_up_at: datetime
    fault: str | None


@dataclass(frozen=True, slots=True)
class Resend:
    """The use cases of ops on emails that were given up; each email's decision is recorded."""

    store: Store
    outbox: Outbox
    notify: Notify
    clock: Clock

    def given_up(self) -> tuple[GivenUp, ...]:
        """All emails that were given up and neither sent again nor dropped, oldest first."""
        with self.store.reading() as tx:
            return tuple(map(_line, notices.given_up_notices(tx)))

    def send(self, by: By, *, email: int | None = None, package: int | None = None) -> tuple[int, ...]:
        """Owe the email of this number again, those of a package, or all that were given up; returns their numbers.

        They go to whom they would go today, but for those who have them. The Message-ID stays, and `retry_days` begin
        anew. An email whose password was deleted cannot be sent again: it is left out where others can.

        Raises NotFound; Conflict where nothing was given up, or nothing can be sent again.
        """
        with self.store.transaction() as tx:
            rows = _chosen(tx, email, package)
            able = [row for row in rows if _forgetful(tx, row) is None]
            if not able:
                raise Conflict(Code.PASSWORD_FORGOTTEN, email=rows[0].id, label=_forgetful(tx, rows[0]))
            for row in able:
                notices.owe_again(row, self.notify.recipients(tx, row), self.clock())
                self.outbox.enqueue_again(tx, row)
                self._record(tx, row, DecisionKind.RESEND, by)
            return tuple(row.id for row in able)

    def drop(self, by: By, *, email: int | None = None, package: int | None = None) -> tuple[int, ...]:
        """Leave them unsent, without a warning from now on; returns their numbers. Chosen, and raises, as `send`."""
        with self.store.transaction() as tx:
            rows = _chosen(tx, email, package)
            for row in rows:
                notices.drop_notice(row, self.clock())
                self._record(tx, row, DecisionKind.DROP_EMAIL, by)
            return tuple(row.id for row in rows)

    def _record(self, tx: Session, row: Notice, kind: DecisionKind, by: By) -> None:
        label = row.label_id if row.package_id is None else None
        details = {"email": row.id, "kind": row.kind, "to": list(notices.left_of(row))}
        record_decision(tx, kind, by, self.clock(), package=row.package_id, label=label, details=details)


def _chosen(tx: Session, email: int | None, package: int | None) -> Sequence[Notice]:
    if email is not None:
        row = email_numbered(tx, email)
        if row.given_up_at is None or row.sent_at is not None:
            raise Conflict(Code.EMAIL_NOT_GIVEN_UP, email=email, state="still owed" if row.sent_at is None else "sent")
        return [row]
    rows = notices.given_up_notices(tx)
    if package is not None:
        package_numbered(tx, package)
        rows = [row for row in rows if row.package_id == package]
    if not rows:
        raise Conflict(Code.NO_EMAIL_GIVEN_UP)
    return rows


def _forgetful(tx: Session, row: Notice) -> str | None:
    """The user name of the label whose password the email was to bring and does not hold any more; else None."""
    if row.kind != NoticeKind.CREDENTIALS.value or not notices.SECRETS.isdisjoint(row.details) or row.label_id is None:
        return None
    label = get_label(tx, row.label_id)
    return label.name if label is not None and label.password_hash is not None else None


def _line(row: Notice) -> GivenUp:
    assert row.given_up_at is not None
    to = notices.left_of(row) or tuple(row.recipients)
    return GivenUp(row.id, NoticeKind(row.kind), to, row.package_id, row.given_up_at, row.fault)
