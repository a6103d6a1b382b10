"""Sends owed notices as emails: the content comes from the rows that a notice points at, at the time of sending."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.dossier import Dossier, Track, tracks
from ingest.core.facts import AudioFacts
from ingest.core.kind import Kind
from ingest.core.notice import NoticeKind, OperatorDetails, PackageSummary, StatusNotice
from ingest.core.text import cut
from ingest.flow.moves import package_path
from ingest.outbound.email.render import render
from ingest.outbound.email.transports import (
    EmailRefused,
    MaildirTransport,
    OffTransport,
    SmtpTransport,
    Transport,
    UnusableTransport,
)
from ingest.readers.json_values import from_json
from ingest.store import notices, packages, reports
from ingest.store.database import Store
from ingest.store.models import Label, Notice, Package

WITH_FINDINGS: Final = frozenset(
    {NoticeKind.INVALID, NoticeKind.TESTED, NoticeKind.NEEDS_QC, NoticeKind.REVIEW, NoticeKind.QC_REJECTED}
)
MOST_TRACKS: Final = 100
WITH_NOTES: Final = frozenset({NoticeKind.QC_APPROVED, NoticeKind.QC_REJECTED})


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
    return SmtpTransport(email.host, email.port, email.starttls, email.username, password, email.timeout_seconds)


def operator_of(config: Config) -> OperatorDetails:
    """The operator as emails name it."""
    one = config.operator
    domain = config.email.sender.split("@")[1]
    return OperatorDetails(
        one.name, one.public_host, one.public_port, one.support_email, one.guide_url, maildomain=domain
    )


@dataclass(frozen=True, slots=True)
class Outbox:
    config: Config
    store: Store
    transport: Transport
    log: Callable[..., None]

    def send(self, notice: int) -> dict[str, Any]:
        """Step: send one email now; returns `fault` ("" when it left) and whether the refusal is `permanent`."""
        with self.store.reading() as tx:
            row = notices.get_notice(tx, notice)
            if row is None or row.sent_at is not None:
                return {"fault": "", "permanent": False}
            content = self.status_notice(tx, row)
        sender = (self.config.email.sender_name or self.config.operator.name, self.config.email.sender)
        try:
            message = render(content, operator_of(self.config), sender)
        except ValueError as error:
            return {"fault": f"the email cannot be written: {error}", "permanent": True}
        try:
            self.transport.send(message)
        except EmailRefused as refusal:
            self.log("email refused", notice=notice, kind=content.kind.value, reason=refusal.reason)
            return {"fault": refusal.reason, "permanent": refusal.permanent}
        self.log("email sent", notice=notice, kind=content.kind.value)
        return {"fault": "", "permanent": False}

    def status_notice(self, tx: Session, row: Notice) -> StatusNotice:
        """The content of one owed notice, from the rows as they are now."""
        kind = NoticeKind(row.kind)
        package = None if row.package_id is None else packages.get_package(tx, row.package_id)
        changes = [] if package is None else packages.changes_of(tx, package.id)
        change = next((one for one in changes if one.id == row.change_id), None)
        with_findings = package is not None and kind in WITH_FINDINGS
        details = dict(row.details)
        report = None if package is None else reports.get_report(tx, package.id)
        return StatusNotice(
            kind=kind,
            to=tuple(row.recipients),
            message_id=row.message_id,
            thread_root=notices.thread_root(tx, row),
            created=row.created_at,
            package=None if package is None else summary_of(package),
            findings=packages.findings_of(tx, package.id) if with_findings and package is not None else (),
            notes=change.note if change is not None and kind in WITH_NOTES else "",
            reviewer=change.who if change is not None and kind in WITH_NOTES else "",
            missing=tuple(details.pop("missing", ())),
            dsps=tuple(self.dsps(tx, package)),
            facts=tuple(self.facts(tx, package)) if package is not None and kind is NoticeKind.REVIEW else (),
            details=self._details(tx, row, details),
            report=report.name if report is not None and report.retired_at is None else "",
        )

    def _details(self, tx: Session, row: Notice, details: dict[str, Any]) -> dict[str, str]:
        if "files" in details:
            details["names"] = "\n".join(details.pop("files"))
        if row.label_id is not None and "user" not in details:
            label = tx.get(Label, row.label_id)
            details["user"] = "" if label is None else label.name
        details |= self.promises(NoticeKind(row.kind))
        if NoticeKind(row.kind) is NoticeKind.ALARM:
            details = {"what": details["what"], "where": self._place(tx, row), "detail": details["detail"]}
        return {name: str(value) for name, value in details.items()}

    def promises(self, kind: NoticeKind) -> dict[str, str]:
        """The times from the configuration that an email of this kind names."""
        if kind is not NoticeKind.WAITING:
            return {}
        return {"minutes": f"{self.config.intake.connected_limit_seconds / 60:g}"}

    def _place(self, tx: Session, row: Notice) -> str:
        package = None if row.package_id is None else packages.get_package(tx, row.package_id)
        if package is None:
            return str(self.config.paths.data)
        return str(package_path(self.config, package))

    def dsps(self, tx: Session, package: Package | None) -> Iterator[str]:
        """The titles of the DSPs that the package is delivered to, or their names where they have none."""
        for delivery in () if package is None else packages.deliveries_of(tx, package.id):
            target = self.config.dsp.get(delivery.dsp)
            yield target.title if target is not None and target.title else delivery.dsp

    def facts(self, tx: Session, package: Package) -> Iterator[tuple[str, str]]:
        """What QC needs beside the findings: the folder, each track as measured, the cover, and what it shares.

        `Shared` names other labels' packages with the same barcode, ISRC or audio; a label never gets these lines.
        """
        yield "Label", f"{package.label.title} ({package.label.name})"
        yield "Files", str(package_path(self.config, package))
        yield from self.measured(tx, package)
        plain = packages.get_dossier(tx, package.id)
        for known in from_json(Dossier, plain).known if plain is not None else ():
            if not known.same_label:
                yield "Shared", f"{known.shared} {known.value} with package {known.package} of {known.label}"

    def measured(self, tx: Session, package: Package) -> Iterator[tuple[str, str]]:
        """Each track as measured, and the cover; nothing before the package was read."""
        plain = packages.get_dossier(tx, package.id)
        if plain is not None:
            yield from dossier_facts(from_json(Dossier, plain))


def summary_of(package: Package) -> PackageSummary:
    """What emails and reports say of a package; rows of older versions may hold texts of any length."""
    return PackageSummary(
        id=package.id,
        label=package.label.name,
        folder=package.folder,
        title=cut(package.title),
        artist=cut(package.artist),
        barcode=package.barcode,
        release_type=cut(package.release_type),
        release_date=cut(package.release_date),
        tracks=package.track_count,
        label_title=package.label.title,
        kind=package.kind or Kind.NEW_RELEASE.value,
        replaces=package.replaces_id,
    )


def dossier_facts(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Name and value of what a reviewer looks at first: each track as measured, and the pictures."""
    listed = tracks(dossier)
    for track in listed[:MOST_TRACKS]:
        yield f"Track {track.number}", track_line(track)
    if len(listed) > MOST_TRACKS:
        yield "Tracks", f"and {len(listed) - MOST_TRACKS} more"
    for image in dossier.artwork:
        name = "Cover" if image.file == dossier.cover else "Picture"
        yield name, f"{image.file}: {image.format}, {image.width} × {image.height} pixels, {image.size / 1e6:.1f} MB"


def track_line(track: Track) -> str:
    """`My Title · GBDUM7620001 · 3:42 · 24 bit / 44.1 kHz · -1.2 dBTP (-1.3 by BS.1770) · -14.1 LUFS`"""
    recording = track.recording
    title = recording.title.text.value if recording.title and recording.title.text else "without a title"
    parts = [cut(title)]
    if recording.isrc is not None:
        parts.append(recording.isrc.value)
    if track.audio is not None:
        parts += _audio_parts(track.audio)
    return " · ".join(parts)


def _audio_parts(audio: AudioFacts) -> Iterator[str]:
    if audio.duration is not None:
        yield f"{int(audio.duration // 60)}:{int(audio.duration % 60):02d}"
    if audio.bits and audio.sample_rate:
        yield f"{audio.bits} bit / {audio.sample_rate / 1000:g} kHz"
    measured = audio.measurement
    if measured is not None and measured.true_peak is not None:
        printed = "" if measured.true_peak_itu is None else f" ({measured.true_peak_itu:z.1f} by BS.1770)"
        yield f"{measured.true_peak:z.1f} dBTP{printed}"
    if measured is not None and measured.loudness is not None and measured.loudness.integrated is not None:
        yield f"{measured.loudness.integrated:.1f} LUFS"
