"""Owed notices, sent as emails by a job: the content is that of the rows at the time of sending."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.config.logo import read_logo
from ingest.core.alarm import Alarm, Outlook
from ingest.core.dates import day
from ingest.core.log import Log
from ingest.core.notice import NoticeKind, OperatorDetails, StatusNotice
from ingest.core.release_reading import release_of
from ingest.flow.engine import Engine
from ingest.flow.jobs import Done, Failed, Job, Outcome, Persistence
from ingest.flow.notify import TELL, enqueue_email
from ingest.flow.package_facts import Told, review_facts, tracks_of
from ingest.flow.password_key import PasswordKey, Unreadable
from ingest.flow.storage import kept_of
from ingest.flow.stored_dossier import dossier_of
from ingest.flow.summaries import summary_of
from ingest.inbound.storage import Storage
from ingest.outbound.email.render import render
from ingest.outbound.email.transports import (
    EmailRefused,
    Limited,
    MaildirTransport,
    OffTransport,
    Refused,
    SmtpTransport,
    Transport,
    UnusableTransport,
)
from ingest.rules import snippets_of
from ingest.store import deliveries, folders, notices, packages, reports
from ingest.store.database import Store
from ingest.store.models import Label, Notice, Package

WITH_FINDINGS: Final = frozenset(
    {NoticeKind.INVALID, NoticeKind.TESTED, NoticeKind.NEEDS_QC, NoticeKind.REVIEW, NoticeKind.QC_REJECTED}
)
WITH_TRACKS: Final = frozenset({NoticeKind.NEEDS_QC, NoticeKind.REVIEW})
WITH_STREET_DATE: Final = frozenset({NoticeKind.QC_APPROVED, NoticeKind.DELIVERED})
WITH_NOTES: Final = frozenset({NoticeKind.QC_APPROVED, NoticeKind.QC_REJECTED, NoticeKind.TAKEN_DOWN})


def transport_of(config: Config) -> Transport:
    """The transport that the configuration names; the password is read from its file when one is given."""
    email = config.email
    if email.transport == "maildir":
        return MaildirTransport(config.maildir)
    if email.transport == "off":
        return OffTransport()
    password = email.password.get_secret_value()
    if email.password_file is not None:
        try:
            password = email.password_file.read_text("utf-8").strip()
        except OSError as error:
            return UnusableTransport(f"the password file cannot be read: {error.strerror} ({email.password_file})")
    smtp = SmtpTransport(
        email.host,
        email.port,
        email.encryption,
        email.username,
        password,
        email.timeout_seconds,
        helo_name=email.helo_name,
    )
    return Limited(smtp, email.max_connections)


def operator_of(config: Config) -> OperatorDetails:
    """The operator as emails name it."""
    one = config.operator
    domain = config.email.sender.split("@")[1]
    return OperatorDetails(
        one.name,
        one.public_host,
        one.public_port,
        one.support_email,
        one.guide_url,
        maildomain=domain,
        logo=b"" if one.logo is None else _logo(one.logo),
    )


def _logo(path: Path) -> bytes:
    """The operator's logo; empty where its file became unusable since the start, so that emails go out all the same."""
    try:
        return read_logo(path)
    except ValueError:
        return b""


def _outcome(to: Sequence[str], refusals: Sequence[Refused]) -> Outcome:
    """What sending to these recipients came to, of whom some were refused."""
    if not refusals:
        return Done()
    missed = {one.address for one in refusals}
    return Failed(
        "; ".join(one.reason for one in refusals),
        permanent=all(one.permanent for one in refusals),
        reached=tuple(one for one in to if one not in missed),
        refused=tuple(one.address for one in refusals if one.permanent),
    )


def _unsent(row: Notice, to: Sequence[str]) -> str:
    """What ops are told of an email that did not reach these addresses; all where none are named."""
    return f"email {row.id} ({row.kind}) could not be sent{' to ' if to else ''}{', '.join(to)}"


@dataclass(frozen=True)
class Outbox(Job[Notice]):
    """The job of sending owed emails. `cover_of` makes the small cover of a package for QC (flow.pictures).

    `told` says what DSPs would get of a package.
    """

    config: Config
    store: Store
    engine: Engine
    storage: Storage
    transport: Transport
    cover_of: Callable[[int], bytes]
    told: Told
    log: Log

    name = TELL
    step = "send"

    @property
    def persistence(self) -> Persistence:
        return Persistence(timedelta(days=self.config.email.retry_days))

    def enqueue(self, tx: Session, row: Notice, attempt: int, delay: float = 0) -> None:
        enqueue_email(self.engine, tx, row, attempt, delay)

    def attempt(self, notice: int) -> Outcome:
        with self.store.reading() as tx:
            row = notices.get_notice(tx, notice)
            if row is None or row.sent_at is not None:
                return Done()
            kind, to = row.kind, notices.left_of(row)
        try:
            message = self.message(notice)
        except Unreadable as error:
            return Failed(f"{error}; `ingest label password` makes another password", permanent=False)
        except ValueError as error:
            return Failed(f"the email cannot be written: {error}", permanent=True)
        try:
            outcome = _outcome(to, self.transport.send(message, to) if to else ())
        except EmailRefused as refusal:
            outcome = Failed(refusal.reason, refusal.permanent, in_doubt=refusal.in_doubt)
        if not isinstance(outcome, Failed):
            self.log("email sent", notice=notice, kind=kind)
        return outcome

    def message(self, notice: int) -> EmailMessage:
        """The email of this number, worded from the rows as they are now.

        Raises ValueError where it cannot be written, Unreadable where its password cannot be decrypted, and
        sqlalchemy's NoResultFound for an unknown number.
        """
        with self.store.reading() as tx:
            content = self.status_notice(tx, tx.get_one(Notice, notice))
        if content.kind is NoticeKind.REVIEW and content.package is not None:
            content = replace(content, cover=self.cover_of(content.package.id))
        sender = (self.config.email.sender_name or self.config.operator.name, self.config.email.sender)
        return render(content, operator_of(self.config), sender)

    def find(self, tx: Session, notice: int) -> Notice | None:
        row = notices.get_notice(tx, notice)
        return row if row is not None and row.sent_at is None and row.given_up_at is None else None

    def owed(self, tx: Session, before: datetime) -> Sequence[Notice]:
        return notices.unsent_notices(tx, before)

    def since(self, row: Notice) -> datetime:
        return row.owed_at

    def record_attempt(self, tx: Session, row: Notice, outcome: Outcome, began: datetime, now: datetime) -> None:
        """As `Job.record_attempt`: who has the email and who refused it, so that the next attempt goes to the rest."""
        if isinstance(outcome, Failed):
            notices.note_recipients(row, outcome.reached, outcome.refused)

    def done(self, tx: Session, row: Notice, outcome: Outcome, now: datetime) -> str:
        notices.note_sent(row, now)
        return "sent"

    def give_up(self, tx: Session, row: Notice, failed: Failed, now: datetime) -> str:
        """As `Job.give_up`; it counts as sent where all others refused it for good and somebody has it."""
        if failed.permanent and row.reached:
            notices.note_sent(row, now)
            return "sent"
        notices.give_up_notice(row, now)
        return "given up"

    def given_up(self, row: Notice, failed: Failed) -> Alarm | None:
        """As `Job.given_up`; nothing for an alarm, since an alarm about an alarm would repeat for ever."""
        if row.kind == NoticeKind.ALARM.value:
            return None
        missed = notices.left_of(row) or row.refused if row.reached else ()
        if failed.permanent and row.reached:
            return Alarm(_unsent(row, missed))
        return Alarm(_unsent(row, missed), Outlook.WAITS, self.commands(row))

    def retried(self, row: Notice, failed: Failed) -> Alarm | None:
        """As `Job.retried`; told are only addresses that refuse the email for good while others are still tried."""
        if row.kind == NoticeKind.ALARM.value or not failed.refused:
            return None
        return Alarm(_unsent(row, failed.refused))

    def commands(self, row: Notice) -> tuple[str, ...]:
        return (f"ingest resend {row.id}",)

    def row_key(self, row: Notice) -> str:
        return str(row.id)

    def described(self, row: Notice) -> str:
        return "" if row.kind == NoticeKind.ALARM.value else f"the sending of email {row.id}"

    def package(self, row: Notice) -> int | None:
        return row.package_id

    def status_notice(self, tx: Session, row: Notice) -> StatusNotice:
        """The content of one owed notice, from the rows as they are now.

        Raises password_key.Unreadable where it carries a password whose key is not there.
        """
        kind = NoticeKind(row.kind)
        package = None if row.package_id is None else packages.get_package(tx, row.package_id)
        changes = [] if package is None else packages.changes_of(tx, package.id)
        change = next((one for one in changes if one.id == row.change_id), None)
        with_findings = package is not None and kind in WITH_FINDINGS
        details = dict(row.details)
        report = None if package is None else reports.get_report(tx, package.id)
        found = packages.findings_of(tx, package.id) if with_findings and package is not None else ()
        return StatusNotice(
            kind=kind,
            to=tuple(row.recipients),
            message_id=row.message_id,
            thread_root=notices.thread_root(tx, row),
            created=row.created_at,
            package=None if package is None else summary_of(package),
            findings=found,
            snippets=snippets_of(found),
            notes=change.note if change is not None and kind in WITH_NOTES else "",
            reviewer=change.who if change is not None and kind in WITH_NOTES else "",
            missing=tuple(details.pop("missing", ())),
            dsps=tuple(self.dsps(tx, package)),
            facts=() if package is None else self._facts(tx, package, kind),
            tracks=tracks_of(tx, package) if package is not None and kind in WITH_TRACKS else (),
            details=self._details(tx, row, details),
            report=report.name if report is not None and report.retired_at is None else "",
            taken=() if package is None else folders.names_in_use(tx, package.label_id),
        )

    def _facts(self, tx: Session, package: Package, kind: NoticeKind) -> tuple[tuple[str, str], ...]:
        return (
            tuple(review_facts(tx, self.storage, package, self.told, tracks=False)) if kind is NoticeKind.REVIEW else ()
        )

    def _details(self, tx: Session, row: Notice, details: dict[str, Any]) -> dict[str, str]:
        if "encrypted_password" in details:
            key = PasswordKey(self.config.paths.state_dir)
            details["password"] = key.decrypt(details.pop("encrypted_password"), row.key)
        if "files" in details:
            details["names"] = "\n".join(details.pop("files"))
        if row.label_id is not None and "user" not in details:
            label = tx.get(Label, row.label_id)
            details |= {"user": "", "title": ""} if label is None else {"user": label.name, "title": label.title}
        details |= self.promises(tx, NoticeKind(row.kind), row.package_id)
        if NoticeKind(row.kind) is NoticeKind.ALARM:
            told = {"what": details["what"], "where": self._place(tx, row), "detail": details["detail"]}
            more = {"outlook": details.get("outlook", Outlook.NEWS), "commands": "\n".join(details.get("commands", ()))}
            details = told | more
        return {name: str(value) for name, value in details.items()}

    def promises(self, tx: Session, kind: NoticeKind, package: int | None) -> dict[str, str]:
        """The times that an email of this kind names: from the configuration, and when the release comes out."""
        if kind is NoticeKind.WAITING:
            return {"minutes": f"{self.config.intake.connected_limit_seconds / 60:g}"}
        if kind not in WITH_STREET_DATE or package is None:
            return {}
        dossier = dossier_of(tx, package)
        said = None if dossier is None else release_of(dossier)
        found = None if said is None or said.release_date is None else day(said.release_date)
        return {} if found is None else {"street_date": found.isoformat()}

    def _place(self, tx: Session, row: Notice) -> str:
        package = None if row.package_id is None else packages.get_package(tx, row.package_id)
        if package is None:
            return str(self.config.paths.data)
        return self.storage.place(kept_of(package), package.path)

    def dsps(self, tx: Session, package: Package | None) -> Iterator[str]:
        """The titles of the DSPs that the package is delivered to, or their names where they have none."""
        for delivery in () if package is None else deliveries.deliveries_of(tx, package.id):
            target = self.config.dsp.get(delivery.dsp)
            yield target.title if target is not None and target.title else delivery.dsp
