"""Packages as people look at them: rows read and joined into values, which each face formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ingest.core.decision import DecisionKind, Face
from ingest.core.finding import Finding
from ingest.core.kind import Kind
from ingest.core.release import ReleaseTrack
from ingest.core.release_reading import release_of
from ingest.core.status import Status
from ingest.flow.delivery_lines import DeliveryLine, delivery_lines
from ingest.flow.lookup import label_named, package_numbered
from ingest.flow.package_facts import Told, review_facts
from ingest.flow.stored_dossier import dossier_of
from ingest.flow.uploads import superseding
from ingest.inbound.storage import Storage
from ingest.store import notices, packages
from ingest.store.database import Store
from ingest.store.decisions import decisions_on_package
from ingest.store.models import Notice, Package
from ingest.store.other_uploads import earlier_uploads, later_uploads


@dataclass(frozen=True, slots=True)
class PackageLine:
    """A package in a list; what is not known before it was read is None.

    `replaces` is the number of the earlier package of the same release. `is_checked`: it was read and judged.
    `superseded_by` is the number of the newer upload that takes its place while it is in Needs QC. `is_on_hold`: it
    waits for a person. `files_read` of `files_in_all` have been read.
    """

    id: int
    status: Status
    kind: Kind | None
    label: str
    folder: str
    artist: str | None
    title: str | None
    barcode: str | None
    release_type: str | None
    release_date: str | None
    replaces: int | None
    superseded_by: int | None
    received_at: datetime
    warnings: int
    is_checked: bool
    is_on_hold: bool
    files_read: int | None
    files_in_all: int | None


@dataclass(frozen=True, slots=True)
class PackageList:
    """Packages of a list, and how many there are in all."""

    lines: tuple[PackageLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class TrackLine:
    """A track as its message names it; `seconds` is measured, else as declared."""

    number: int
    disc: int
    isrc: str | None
    title: str | None
    version: str | None
    artist: str | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change of status; `old` is None for the first."""

    old: Status | None
    new: Status
    who: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """What somebody decided; `details` depend on the kind, as in `store.models.Decision`."""

    kind: DecisionKind
    who: str
    face: Face
    at: datetime
    note: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EmailLine:
    """An email about the package; `sent_at` is None before it left, `refused` are who refused it for good."""

    id: int
    kind: str
    to: tuple[str, ...]
    message_id: str
    sent_at: datetime | None
    given_up_at: datetime | None
    refused: tuple[str, ...]
    fault: str | None


@dataclass(frozen=True, slots=True)
class UploadLine:
    """Another upload of the same release."""

    id: int
    status: Status
    kind: Kind | None
    folder: str


@dataclass(frozen=True, slots=True)
class PackageView:
    """A package with all that happened to it; each list stands in the order in which its rows were written.

    `later` and `earlier` are the other uploads of its release, the newest first.
    """

    package: PackageLine
    later: tuple[UploadLine, ...]
    earlier: tuple[UploadLine, ...]
    findings: tuple[Finding, ...]
    changes: tuple[ChangeLine, ...]
    decisions: tuple[DecisionLine, ...]
    deliveries: tuple[DeliveryLine, ...]
    emails: tuple[EmailLine, ...]


@dataclass(frozen=True, slots=True)
class Views:
    """What faces of the program show about packages."""

    store: Store
    storage: Storage
    told: Told | None = None

    def packages(
        self,
        *,
        status: Status | None = None,
        label: str | None = None,
        search: str = "",
        limit: int = 50,
        oldest_first: bool = False,
    ) -> PackageList:
        """The first `limit` packages, the newest first unless `oldest_first` is set.

        Of one status or label if given, and only those with `search` in artist, title, barcode or folder. Raises
        NotFound for an unknown label.
        """
        with self.store.reading() as tx:
            owner = None if label is None else label_named(tx, label).id
            wanted = packages.Wanted(status, owner, search)
            listed = packages.list_packages(tx, wanted, limit=limit, oldest_first=oldest_first)
            warnings = packages.count_warnings(tx, listed)
            lines = tuple(_line(tx, row, warnings.get(row.id, 0)) for row in listed)
            return PackageList(lines, packages.count_listed(tx, wanted))

    def package(self, package: int) -> PackageView:
        """A package with all that happened to it. Raises NotFound."""
        with self.store.reading() as tx:
            row = package_numbered(tx, package)
            return PackageView(
                package=_line(tx, row, packages.count_warnings(tx, [row]).get(package, 0)),
                later=tuple(map(_upload, later_uploads(tx, row))),
                earlier=tuple(map(_upload, earlier_uploads(tx, row))),
                findings=packages.findings_of(tx, package),
                changes=_changes(tx, package),
                decisions=_decisions(tx, package),
                deliveries=delivery_lines(tx, package),
                emails=_emails(tx, package),
            )

    def tracks(self, package: int) -> tuple[TrackLine, ...]:
        """The tracks of its main release, in running order; none before it was read. Raises NotFound."""
        with self.store.reading() as tx:
            package_numbered(tx, package)
            dossier = dossier_of(tx, package)
        said = None if dossier is None else release_of(dossier)
        return () if said is None else tuple(map(_track, said.tracks))

    def facts(self, package: int) -> tuple[tuple[str, str], ...]:
        """Pairs of name and value that a reviewer needs beside the findings, as `review_facts` says.

        Raises NotFound.
        """
        with self.store.reading() as tx:
            return tuple(review_facts(tx, self.storage, package_numbered(tx, package), self.told))


def _track(track: ReleaseTrack) -> TrackLine:
    return TrackLine(
        track.number, track.disc, track.isrc, track.title, track.version, track.display_artist, track.seconds
    )


def _upload(row: Package) -> UploadLine:
    return UploadLine(row.id, Status(row.status), None if row.kind is None else Kind(row.kind), row.folder)


def _line(tx: Session, row: Package, warnings: int) -> PackageLine:
    later = superseding(tx, row) if row.status == Status.NEEDS_QC.value else None
    return PackageLine(
        id=row.id,
        status=Status(row.status),
        kind=None if row.kind is None else Kind(row.kind),
        label=row.label.name,
        folder=row.folder,
        artist=row.artist,
        title=row.title,
        barcode=row.barcode,
        release_type=row.release_type,
        release_date=row.release_date,
        replaces=row.replaces_id,
        superseded_by=None if later is None else later.id,
        received_at=row.received_at,
        warnings=warnings,
        is_checked=row.checked_at is not None,
        is_on_hold=row.on_hold_at is not None,
        files_read=row.files_read,
        files_in_all=row.files_in_all,
    )


def _changes(tx: Session, package: int) -> tuple[ChangeLine, ...]:
    return tuple(
        ChangeLine(None if one.old is None else Status(one.old), Status(one.new), one.who, one.at, one.note)
        for one in packages.changes_of(tx, package)
    )


def _decisions(tx: Session, package: int) -> tuple[DecisionLine, ...]:
    return tuple(
        DecisionLine(DecisionKind(one.kind), one.who, Face(one.face), one.at, one.note, one.details)
        for one in decisions_on_package(tx, package)
    )


def _emails(tx: Session, package: int) -> tuple[EmailLine, ...]:
    return tuple(map(_email, notices.notices_of(tx, package)))


def _email(row: Notice) -> EmailLine:
    return EmailLine(
        id=row.id,
        kind=row.kind,
        to=tuple(row.recipients),
        message_id=row.message_id,
        sent_at=row.sent_at,
        given_up_at=row.given_up_at,
        refused=tuple(row.refused),
        fault=row.fault,
    )
