"""Which other releases have the same picture as their cover."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.dossier import Dossier, KnownRelease
from ingest.core.status import Status
from ingest.store.models import Package

LIVING = (Status.NEEDS_QC.value, Status.QC_APPROVED.value, Status.DELIVERED.value)


def cover_hash(dossier: Dossier) -> str | None:
    """SHA-256 of the cover's file, None without a cover."""
    return next((image.sha256 for image in dossier.artwork if image.file == dossier.cover), None)


def known_covers(tx: Session, package: int, label: int, dossier: Dossier) -> tuple[KnownRelease, ...]:
    """The newest package with this very cover and another barcode, of the same label and of others.

    Packages that failed are no releases and do not count. `value` is the cover's path in this package.
    """
    digest = cover_hash(dossier)
    if digest is None or dossier.cover is None:
        return ()
    message = dossier.message
    barcode = message.main_release.barcode if message is not None and message.main_release is not None else None
    return tuple(
        KnownRelease(
            package=row.id,
            label=row.label.title,
            same_label=row.label_id == label,
            status=row.status,
            title=row.title,
            shared="cover",
            value=dossier.cover,
        )
        for row in _newest(tx, package, label, digest, None if barcode is None else barcode.value)
    )


def _newest(tx: Session, package: int, label: int, digest: str, barcode: str | None) -> Iterator[Package]:
    same = (
        sa.select(Package)
        .where(Package.cover_sha256 == digest, Package.id != package, Package.status.in_(LIVING))
        .where(Package.barcode.is_distinct_from(barcode))
        .order_by(Package.id.desc())
        .limit(1)
    )
    for whose in (Package.label_id == label, Package.label_id != label):
        if (row := tx.scalar(same.where(whose))) is not None:
            yield row
