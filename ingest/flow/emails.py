"""Emails as people look at them: which there are, and what each says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from ingest.core.notice import NoticeKind
from ingest.flow.errors import Code, Conflict
from ingest.flow.lookup import email_numbered, package_numbered
from ingest.flow.outbox import Outbox
from ingest.flow.password_key import Unreadable
from ingest.store import notices
from ingest.store.database import Store
from ingest.store.models import Notice


@dataclass(frozen=True, slots=True)
class EmailEntry:
    """An email in a list, owed while it is neither sent nor given up; `fault` says why the last attempt failed."""

    id: int
    kind: NoticeKind
    to: tuple[str, ...]
    package: int | None
    owed_at: datetime
    sent_at: datetime | None
    given_up_at: datetime | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Emails:
    """What faces of the program show about emails."""

    store: Store
    outbox: Outbox

    def newest(self, *, package: int | None = None, limit: int = 50) -> tuple[EmailEntry, ...]:
        """The newest `limit` emails, the newest first; of one package if given. Raises NotFound."""
        with self.store.reading() as tx:
            if package is not None:
                package_numbered(tx, package)
            return tuple(map(_entry, notices.newest_notices(tx, package=package, limit=limit)))

    def message(self, email: int) -> EmailMessage:
        """The email, worded from the rows as they are now; a password that was sent is no longer in it.

        Raises NotFound, Conflict where its password cannot be decrypted, and ValueError for an address that cannot
        stand in a header.
        """
        with self.store.reading() as tx:
            details = email_numbered(tx, email).details
        try:
            return self.outbox.message(email)
        except Unreadable:
            raise Conflict(Code.PASSWORD_FORGOTTEN, email=email, label=str(details.get("user", ""))) from None


def _entry(row: Notice) -> EmailEntry:
    to: Sequence[str] = row.recipients
    kind = NoticeKind(row.kind)
    return EmailEntry(row.id, kind, tuple(to), row.package_id, row.owed_at, row.sent_at, row.given_up_at, row.fault)
