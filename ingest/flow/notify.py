"""Notices owed: who gets an email about what, in the transaction that causes it. Each is owed once per key."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.alarm import Alarm, Outlook
from ingest.core.notice import Audience, NoticeKind
from ingest.flow.engine import NOTIFY, Engine
from ingest.flow.password_key import PasswordKey
from ingest.host.logs import logger
from ingest.store import labels, notices, packages
from ingest.store.models import Notice, Package

TELL = "tell"
"""The stored name of the workflow that attempts to send one email."""
LONGEST_DETAIL = 4000
"""Characters of an alarm's detail that are kept."""


class Notify:
    """Owes emails and enqueues their first attempts; every method works inside the caller's transaction."""

    def __init__(self, config: Config, engine: Engine) -> None:
        self._config = config
        self._engine = engine

    def of_change(
        self,
        tx: Session,
        package: Package,
        change: int,
        kind: NoticeKind,
        now: datetime,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Owe the label an email about a change of status."""
        key = f"change:{change}:label"
        self.owe(tx, key, kind, Audience.LABEL, now, package=package, change=change, details=details)

    def of_review(self, tx: Session, package: Package, change: int, now: datetime) -> None:
        """Owe QC an email about a package that waits for them."""
        key = f"change:{change}:review"
        self.owe(tx, key, NoticeKind.REVIEW, Audience.QC, now, package=package, change=change)

    def of_test(self, tx: Session, package: Package, now: datetime) -> None:
        """Owe the label an email which says that its test passed."""
        self.owe(tx, f"test:{package.id}", NoticeKind.TESTED, Audience.LABEL, now, package=package)

    def of_label(
        self,
        tx: Session,
        label: int,
        recipients: Sequence[str],
        kind: NoticeKind,
        key: str,
        now: datetime,
        details: dict[str, Any],
    ) -> None:
        """Owe a label an email that no change of a package causes."""
        self.owe(tx, key, kind, Audience.LABEL, now, recipients=recipients, label=label, details=details)

    def of_strays(
        self, tx: Session, label: int, recipients: Sequence[str], names: Sequence[str], now: datetime
    ) -> None:
        """Owe a label an email about files outside any release folder."""
        key = f"stray:{label}:{int(now.timestamp())}"
        self.of_label(tx, label, recipients, NoticeKind.STRAY_FILES, key, now, {"files": list(names)})

    def alarm(
        self,
        tx: Session,
        alarm: Alarm | str,
        detail: str,
        now: datetime,
        package: int | None = None,
        *,
        daily: bool = False,
    ) -> None:
        """Owe ops an email, and log it; a text is an alarm of which no more is known.

        An alarm with the same `what` is sent once an hour at most, with `daily` once a day. After an all-clear it is
        sent again at once.
        """
        one = Alarm(alarm) if isinstance(alarm, str) else alarm
        key = f"alarm:{_digest(one.what)}:{now:%Y%m%d}" if daily else f"alarm:{_digest(one.what)}:{now:%Y%m%d%H}"
        last = notices.last_about(tx, one.about) if one.about else None
        if last is not None and last.details.get("outlook") == Outlook.OVER:
            key = f"{key}:{last.id}"
        logger("ops").error("alarm", what=one.what, detail=detail[:LONGEST_DETAIL], package=package)
        self._tell_ops(tx, key, one, detail, now, package)

    def all_clear(
        self, tx: Session, about: str, what: str, detail: str, now: datetime, package: int | None = None
    ) -> None:
        """Tell ops that what an alarm was `about` is over; nothing where none was told, or its end was."""
        last = notices.last_about(tx, about)
        if last is None or last.details.get("outlook") not in (Outlook.RETRIED, Outlook.WAITS):
            return
        logger("ops").warning("alarm is over", what=what, package=package)
        alarm = Alarm(what, Outlook.OVER, about=about)
        self._tell_ops(tx, f"alarm:{_digest(about)}:over:{last.id}", alarm, detail, now, package)

    def _tell_ops(self, tx: Session, key: str, alarm: Alarm, detail: str, now: datetime, package: int | None) -> None:
        row = None if package is None else packages.get_package(tx, package)
        details = {
            "what": alarm.what,
            "detail": detail[:LONGEST_DETAIL],
            "outlook": alarm.outlook.value,
            "commands": list(alarm.commands),
        }
        about = alarm.about or None
        self.owe(tx, key, NoticeKind.ALARM, Audience.OPS, now, package=row, details=details, about=about)

    def owe(
        self,
        tx: Session,
        key: str,
        kind: NoticeKind,
        audience: Audience,
        now: datetime,
        *,
        recipients: Sequence[str] | None = None,
        label: int | None = None,
        package: Package | None = None,
        change: int | None = None,
        details: dict[str, Any] | None = None,
        about: str | None = None,
    ) -> None:
        """Owe an email once per `key`, to `recipients` or else to those whom the audience means, if there are any.

        A password in `details` is stored encrypted. Raises OSError where its key cannot be made.
        """
        to = self._recipients(audience, package) if recipients is None else recipients
        if not to:
            return
        owed = notices.owe_notice(
            tx,
            key=key,
            kind=kind,
            audience=audience,
            recipients=to,
            domain=self._config.email.sender.split("@")[1],
            now=now,
            label=package.label_id if package is not None else label,
            package=None if package is None else package.id,
            change=change,
            details=self._storable(details or {}, key),
            about=about,
        )
        if owed is not None:
            enqueue_email(self._engine, tx, owed, 1)

    def _storable(self, details: dict[str, Any], key: str) -> dict[str, Any]:
        """The details as they are stored: a password only as `PasswordKey` encrypts it for this email."""
        if not (password := details.get("password")):
            return details
        encrypted = PasswordKey(self._config.paths.state_dir).encrypt(password, key)
        return {**_without(details, "password"), "encrypted_password": encrypted}

    def recipients(self, tx: Session, row: Notice) -> Sequence[str]:
        """To whom an email would be owed today; its own recipients where that is nobody."""
        audience = Audience(row.audience)
        package = None if row.package_id is None else packages.get_package(tx, row.package_id)
        to = self._recipients(audience, package)
        if audience is Audience.LABEL and row.label_id is not None:
            label = labels.get_label(tx, row.label_id)
            to = [] if label is None else label.emails
        return to or row.recipients

    def _recipients(self, audience: Audience, package: Package | None) -> Sequence[str]:
        if audience is Audience.QC:
            return self._config.operator.qc_emails
        if audience is Audience.OPS:
            return self._config.operator.ops_emails
        return [] if package is None else package.label.emails


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _without(details: dict[str, Any], left_out: str) -> dict[str, Any]:
    return {name: value for name, value in details.items() if name != left_out}


def enqueue_email(engine: Engine, tx: Session, row: Notice, attempt: int, delay: float = 0) -> None:
    """Enqueue one attempt to send; emails of one thread leave one after the other, in the order they were owed."""
    key = f"{TELL}:{row.id}:{row.runs}:{attempt}"
    thread = thread_of(row.audience, row.package_id, row.label_id)
    engine.enqueue(tx, TELL, NOTIFY, key, row.id, row.runs, attempt, delay=delay, partition=thread)


def thread_of(audience: str, package: int | None, label: int | None) -> str:
    """The queue partition of an email, sent in order: one per audience and package, else per audience and label."""
    return f"{audience}:package:{package}" if package is not None else f"{audience}:label:{label or ''}"
