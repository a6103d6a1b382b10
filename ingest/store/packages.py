"""Packages, their changes and findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from ingest.core.dates import moment
from ingest.core.dossier import Dossier, cover_hash
from ingest.core.finding import Finding, Severity
from ingest.core.fingerprint import Fingerprint
from ingest.core.identifiers import LONGEST_IDENTIFIER
from ingest.core.kind import earlier_of, kind_of
from ingest.core.release import DateSource
from ingest.core.release_reading import release_of
from ingest.core.status import Status
from ingest.core.text import cut
from ingest.store.database import insert
from ingest.store.models import Change, FindingRow, Package, ReleaseFolder
from ingest.store.releases import assign_release, note_status


def add_package(tx: Session, folder: ReleaseFolder, path: str, now: datetime) -> int | None:
    """Insert the package of a release folder as Incoming; None when it is there already."""
    row = {
        "label_id": folder.label_id,
        "folder_id": folder.id,
        "path": path,
        "folder": shown_name(folder.name, path),
        "status": Status.INCOMING.value,
        "received_at": now,
        "starts": 0,
        "runs": 0,
    }
    added = insert(tx, Package).values(**row).on_conflict_do_nothing(index_elements=["folder_id", "path"])
    result: int | None = tx.scalar(added.returning(Package.id))
    return result


def shown_name(folder: str, path: str) -> str:
    """The name that people see: the release folder, and the path in it where it holds several releases."""
    return f"{folder}/{path}" if path else folder


def place_in_batch(row: Package, path: str) -> None:
    """Record that the folder is a batch, and the package the release at `path` in it."""
    row.path = path


def package_of(tx: Session, folder: int, path: str) -> Package | None:
    """The package at `path` in this folder; None where there is none yet."""
    return tx.scalar(sa.select(Package).where(Package.folder_id == folder, Package.path == path))


def packages_of(tx: Session, folder: int) -> Sequence[Package]:
    """The packages of a folder, oldest first; several in a batch."""
    return tx.scalars(sa.select(Package).where(Package.folder_id == folder).order_by(Package.id)).all()


def packages_in_folder(tx: Session, shown: str) -> Sequence[Package]:
    """The packages of release folders with this name, or at this place in a batch (`BATCH/PLACE`), newest first."""
    name, _, path = shown.partition("/")
    own = (
        sa.select(Package).join(ReleaseFolder, ReleaseFolder.id == Package.folder_id).where(ReleaseFolder.name == name)
    )
    own = own.where(Package.path == path) if path else own
    return tx.scalars(own.order_by(Package.id.desc())).all()


def get_package(tx: Session, package: int) -> Package | None:
    """The package of this number; None where there is none."""
    return tx.get(Package, package)


def get_dossier(tx: Session, package: int) -> dict[str, Any] | None:
    """The dossier as it was judged, as plain JSON; None before that."""
    both = [undefer(Package.dossier), undefer(Package.dossier_in_full)]
    row = tx.get(Package, package, options=both, populate_existing=True)
    return None if row is None else row.dossier or row.dossier_in_full


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which packages are listed: those of one status or label, and those in which `search` occurs.

    Sought are artist, title, barcode and folder, whatever the case of letters.
    """

    status: Status | None = None
    label: int | None = None
    search: str = ""

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """The conditions of a query for them."""
        if self.status is not None:
            yield Package.status == self.status.value
        if self.label is not None:
            yield Package.label_id == self.label
        if self.search:
            texts = Package.artist, Package.title, Package.barcode, Package.folder
            yield sa.or_(*(text.icontains(self.search, autoescape=True) for text in texts))


def list_packages(
    tx: Session, wanted: Wanted | None = None, *, limit: int = 100, oldest_first: bool = False
) -> Sequence[Package]:
    """The first `limit` packages in the order in which they arrived, or in the opposite order."""
    order = Package.id if oldest_first else Package.id.desc()
    return tx.scalars(sa.select(Package).where(*(wanted or Wanted()).conditions()).order_by(order).limit(limit)).all()


def count_listed(tx: Session, wanted: Wanted) -> int:
    """How many packages there are of those wanted."""
    return tx.scalar(sa.select(sa.func.count(Package.id)).where(*wanted.conditions())) or 0


def count_warnings(tx: Session, listed: Sequence[Package]) -> Mapping[int, int]:
    """The number of warnings of each package that has some, by the number of the package."""
    counted = (
        sa.select(FindingRow.package_id, sa.func.count())
        .where(FindingRow.package_id.in_([row.id for row in listed]), FindingRow.severity == Severity.WARNING.value)
        .group_by(FindingRow.package_id)
    )
    return {row[0]: row[1] for row in tx.execute(counted)}


def rests_in(statuses: Sequence[str]) -> sa.ColumnElement[bool]:
    """The condition that a package has reached one of these statuses, its last one.

    A test that passed stays Incoming, and counts as Invalid here.
    """
    tested = sa.and_(Package.status == Status.INCOMING.value, Package.checked_at.is_not(None))
    named = Package.status.in_(statuses)
    return sa.or_(named, tested) if Status.INVALID.value in statuses else named


def mark_sealed(tx: Session, package: int, folder: str, now: datetime) -> bool:
    """Set the time of sealing; False when it was set before."""
    unsealed = sa.update(Package).where(Package.id == package, Package.sealed_at.is_(None))
    done = tx.scalar(unsealed.values(sealed_at=now, folder=folder).returning(Package.id))
    return done is not None


def change_status(
    tx: Session, package: int, old: Status, new: Status, who: str, note: str, now: datetime
) -> int | None:
    """Move a package from `old` to `new`; the number of the change, or None when its status is not `old`."""
    guarded = sa.update(Package).where(Package.id == package, Package.status == old.value)
    if tx.scalar(guarded.values(status=new.value).returning(Package.id)) is None:
        return None
    note_status(tx, tx.get_one(Package, package))
    return record_change(tx, package, old, new, who, note, now)


def record_change(
    tx: Session, package: int, old: Status | None, new: Status, who: str, note: str, now: datetime
) -> int:
    """Record a change of status, which the caller makes; returns its number."""
    before = None if old is None else old.value
    row = Change(package_id=package, old=before, new=new.value, who=who, at=now, note=note)
    tx.add(row)
    tx.flush()
    return row.id


def changes_of(tx: Session, package: int) -> Sequence[Change]:
    """The changes of a package's status, oldest first."""
    return tx.scalars(sa.select(Change).where(Change.package_id == package).order_by(Change.id)).all()


def count_start(tx: Session, package: int) -> int:
    """Count one more start of the reading, before it starts; returns the count."""
    counted = sa.update(Package).where(Package.id == package).values(starts=Package.starts + 1)
    return tx.scalar(counted.returning(Package.starts)) or 0


def unread_packages(tx: Session, before: datetime) -> Sequence[Package]:
    """Packages sealed before that time that were neither read nor put on hold."""
    unread = sa.select(Package).where(
        Package.status == Status.INCOMING.value,
        Package.sealed_at < before,
        Package.on_hold_at.is_(None),
        Package.checked_at.is_(None),
    )
    return tx.scalars(unread.order_by(Package.id)).all()


def count_before(tx: Session, package: Package) -> int:
    """How many packages of all labels that wait for their verdict were sealed before this one."""
    unread = sa.select(sa.func.count()).where(
        Package.status == Status.INCOMING.value,
        Package.sealed_at < package.sealed_at,
        Package.on_hold_at.is_(None),
        Package.checked_at.is_(None),
    )
    return tx.scalar(unread) or 0


def put_on_hold(tx: Session, package: int, now: datetime) -> None:
    """Put an Incoming package on hold because its reading failed through an error of ours."""
    waiting = sa.update(Package).where(Package.id == package, Package.status == Status.INCOMING.value)
    tx.execute(waiting.values(on_hold_at=now))


def hold_changed(tx: Session, package: int, now: datetime) -> None:
    """Put a package of any status on hold because its files are not what was checked any more."""
    tx.execute(sa.update(Package).where(Package.id == package).values(on_hold_at=now))


def note_fingerprint(tx: Session, package: int, stands: Fingerprint) -> None:
    """Store the fingerprint of this package's files alone, which counts from then on instead of its folder's."""
    tx.execute(sa.update(Package).where(Package.id == package).values(fingerprint=stands.digest))


def release_hold(tx: Session, package: int) -> bool:
    """Take the package off hold, and count the starts of its reading from zero; False when it was not on hold."""
    held = sa.update(Package).where(Package.id == package, Package.on_hold_at.is_not(None))
    return tx.scalar(held.values(on_hold_at=None, starts=0).returning(Package.id)) is not None


def next_run(tx: Session, package: int) -> int:
    """The number of the next run of the package's workflow, which makes its key unique."""
    counted = sa.update(Package).where(Package.id == package).values(runs=Package.runs + 1)
    return tx.scalar(counted.returning(Package.runs)) or 1


def set_findings(tx: Session, package: int, findings: Iterable[Finding]) -> None:
    """Replace the findings of a package."""
    tx.execute(sa.delete(FindingRow).where(FindingRow.package_id == package))
    rows = [{"package_id": package, **finding.values()} for finding in findings]
    if rows:
        tx.execute(sa.insert(FindingRow), rows)


def findings_of(tx: Session, package: int) -> tuple[Finding, ...]:
    """The findings of a package, in the order in which the rules gave them."""
    rows = tx.scalars(sa.select(FindingRow).where(FindingRow.package_id == package).order_by(FindingRow.id))
    return tuple(
        Finding(
            code=row.code,
            severity=Severity(row.severity),
            file=row.file,
            line=row.line,
            track=row.track,
            isrc=row.isrc,
            found=row.found,
            expected=row.expected,
            text=row.text,
            fix=row.fix,
        )
        for row in rows
    )


def set_summary(
    tx: Session, package: int, dossier: Dossier, plain: dict[str, Any], now: datetime, files: int | None = None
) -> None:
    """Store what was read of a package, of so many files: columns for lists, the whole dossier, and its release."""
    row = tx.get(Package, package)
    assert row is not None
    row.dossier, row.dossier_in_full = plain, None
    row.checked_at, row.kind = now, kind_of(dossier).value
    row.files_read = row.files_in_all = files
    row.cover_sha256 = cover_hash(dossier)
    earlier, message = earlier_of(dossier), dossier.message
    row.replaces_id = None if earlier is None else earlier.package
    header = None if message is None else message.header
    row.made_at = None if header is None or header.created is None else moment(header.created.value)
    said = release_of(dossier)
    if said is None:
        return
    row.title, row.artist, row.release_type = cut(said.title), cut(said.display_artist), cut(said.type)
    row.barcode = None if said.barcode is None else said.barcode[:LONGEST_IDENTIFIER]
    row.release_date = cut(said.release_date) if said.date_source is DateSource.RELEASE_DATE else None
    row.track_count = len(said.tracks)
    assign_release(tx, row, said, now)
