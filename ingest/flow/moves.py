"""The only way a status changes: row, change, notices and report owed, work enqueued, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.dossier import Dossier
from ingest.core.file_status import FileStatus
from ingest.core.finding import Finding, Severity
from ingest.core.notice import Audience, NoticeKind
from ingest.core.status import MOVES, Status
from ingest.flow.engine import INGEST, NOTIFY, Engine
from ingest.host.logs import logger
from ingest.outbound.acknowledgement import acknowledgement, follows_choreography
from ingest.rules import RULES
from ingest.store import acknowledgements as answers
from ingest.store import notices, packages, reports
from ingest.store.models import Package, ReleaseFolder

KIND_OF: Final[dict[Status, NoticeKind]] = {
    Status.INCOMING: NoticeKind.INCOMING,
    Status.NEEDS_QC: NoticeKind.NEEDS_QC,
    Status.INVALID: NoticeKind.INVALID,
    Status.QC_APPROVED: NoticeKind.QC_APPROVED,
    Status.QC_REJECTED: NoticeKind.QC_REJECTED,
    Status.DELIVERED: NoticeKind.DELIVERED,
}
SYSTEM: Final = "ingest"


class Moves:
    """Status changes and the notices that follow from them; every method works inside the caller's transaction."""

    def __init__(self, config: Config, engine: Engine) -> None:
        self._config = config
        self._engine = engine

    def move(self, tx: Session, package: int, old: Status, new: Status, who: str, note: str, now: datetime) -> bool:
        """Move a package, owe the notices and its report; False when it no longer has the status `old`.

        Raises ValueError when no package moves from `old` to `new`.
        """
        if new not in MOVES[old]:
            raise ValueError(f"no package moves from {old} to {new}")
        change = packages.change_status(tx, package, old, new, who, note, now)
        if change is None:
            return False
        row = packages.get_package(tx, package)
        assert row is not None
        self._tell_of_change(tx, row, change, KIND_OF[new], now)
        reports.owe_report(tx, row, (), now)
        if new is Status.NEEDS_QC:
            self._owe(tx, f"change:{change}:review", NoticeKind.REVIEW, Audience.QC, now, package=row, change=change)
        return True

    def arrive(self, tx: Session, folder: ReleaseFolder, path: str, missing: Sequence[str], now: datetime) -> int:
        """Add the package of a release folder as Incoming and owe the label an email, once; returns its number.

        With `missing` the folder is still open, and the email says what has not arrived.
        """
        added = packages.add_package(tx, folder, path, now)
        if added is None:
            known = packages.package_of(tx, folder.id, path)
            assert known is not None
            return known.id
        change = packages.record_change(tx, added, None, Status.INCOMING, SYSTEM, "", now)
        row = packages.get_package(tx, added)
        assert row is not None
        kind = NoticeKind.WAITING if missing else NoticeKind.INCOMING
        self._tell_of_change(tx, row, change, kind, now, {"missing": list(missing)})
        if missing:
            reports.owe_report(tx, row, missing, now)
        return added

    def take(self, tx: Session, folder: ReleaseFolder, path: str, now: datetime) -> int:
        """Add the package of a sealed folder and enqueue its reading, once; returns its number."""
        package = self.arrive(tx, folder, path, (), now)
        if packages.mark_sealed(tx, package, packages.shown_name(folder.name, path), now):
            self.enqueue_reading(tx, package)
            reports.owe_report(tx, tx.get_one(Package, package, populate_existing=True), (), now)
        return package

    def enqueue_reading(self, tx: Session, package: int) -> None:
        run = packages.next_run(tx, package)
        row = packages.get_package(tx, package)
        assert row is not None
        key = f"ingest:{package}:{run}"
        self._engine.enqueue(tx, "ingest", INGEST, key, package, partition=f"label:{row.label_id}")

    def tell_label(
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
        self._owe(tx, key, kind, Audience.LABEL, now, recipients=recipients, label=label, details=details)

    def answer_test(self, tx: Session, package: int, now: datetime) -> None:
        """A test that passed stays Incoming; its label gets an email that says that it would have gone to QC."""
        row = packages.get_package(tx, package)
        assert row is not None
        self._owe(tx, f"test:{package}", NoticeKind.TESTED, Audience.LABEL, now, package=row)
        reports.owe_report(tx, row, (), now)

    def acknowledge(
        self, tx: Session, package: int, dossier: Dossier, findings: Sequence[Finding], now: datetime
    ) -> None:
        """Owe an acknowledgement for a package of a batch or of a folder named as in the choreography; once."""
        row = packages.get_package(tx, package)
        assert row is not None
        if not row.path and not follows_choreography(row.folder):
            return
        errors = (RULES[one.code].ddex_status for one in findings if one.severity is Severity.ERROR)
        status = next(errors, FileStatus.FILE_OK)
        name, content = acknowledgement(dossier, findings, status, row, self._config.operator.name, now)
        owed = answers.owe_acknowledgement(tx, package, name, content, now)
        if owed is not None:
            self.enqueue_acknowledgement(tx, owed, 1, 1)

    def enqueue_acknowledgement(self, tx: Session, answer: int, run: int, attempt: int, delay: float = 0) -> None:
        key = f"acknowledge:{answer}:{run}:{attempt}"
        self._engine.enqueue(tx, "acknowledge", NOTIFY, key, answer, run, attempt, delay=delay, partition="acknowledge")

    def alarm(
        self,
        tx: Session,
        what: str,
        detail: str,
        now: datetime,
        package: int | None = None,
        *,
        daily: bool = False,
    ) -> None:
        """Owe ops an email; the same alarm is raised once an hour at most, with `daily` once a day."""
        digest = hashlib.sha256(what.encode("utf-8", "replace")).hexdigest()[:16]
        key = f"alarm:{digest}:{now:%Y%m%d}" if daily else f"alarm:{digest}:{now:%Y%m%d%H}"
        row = None if package is None else packages.get_package(tx, package)
        details = {"what": what, "detail": detail[:4000]}
        logger("ops").error("alarm", what=what, detail=detail[:4000], package=package)
        self._owe(tx, key, NoticeKind.ALARM, Audience.OPS, now, package=row, details=details)

    def tell_stray(
        self, tx: Session, label: int, recipients: Sequence[str], names: Sequence[str], now: datetime
    ) -> None:
        key = f"stray:{label}:{int(now.timestamp())}"
        self.tell_label(tx, label, recipients, NoticeKind.STRAY_FILES, key, now, {"files": list(names)})

    def _tell_of_change(
        self,
        tx: Session,
        package: Package,
        change: int,
        kind: NoticeKind,
        now: datetime,
        details: dict[str, Any] | None = None,
    ) -> None:
        key = f"change:{change}:label"
        self._owe(tx, key, kind, Audience.LABEL, now, package=package, change=change, details=details)

    def _owe(
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
    ) -> None:
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
            details=details,
        )
        if owed is not None:
            self.enqueue_email(tx, owed, 1, 1, thread_of(audience, None if package is None else package.id, label))

    def enqueue_email(self, tx: Session, notice: int, run: int, attempt: int, thread: str, delay: float = 0) -> None:
        """Enqueue one attempt to send; emails of one thread leave one after the other, in the order they were owed."""
        key = f"tell:{notice}:{run}:{attempt}"
        self._engine.enqueue(tx, "tell", NOTIFY, key, notice, run, attempt, delay=delay, partition=thread)

    def _recipients(self, audience: Audience, package: Package | None) -> Sequence[str]:
        if audience is Audience.QC:
            return self._config.operator.qc_emails
        if audience is Audience.OPS:
            return self._config.operator.ops_emails
        return [] if package is None else package.label.emails


def package_path(config: Config, package: Package) -> Path:
    """The folder of the sealed release."""
    origin = package.origin
    return config.paths.sealed(package.label.name, origin.id, origin.name) / package.path


def batch_path(config: Config, package: Package) -> Path | None:
    """The sealed folder of the batch that the release is part of; None for a release outside a batch."""
    origin = package.origin
    return config.paths.sealed(package.label.name, origin.id, origin.name) if package.path else None


def thread_of(audience: str, package: int | None, label: int | None) -> str:
    """The queue partition of an email, sent in order: one per audience and package, else per audience and label."""
    return f"{audience}:package:{package}" if package is not None else f"{audience}:label:{label or ''}"
