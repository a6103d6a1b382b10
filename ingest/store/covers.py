"""Which other releases have the same picture as their cover."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.dossier import Dossier, KnownRelease, cover_hash
from ingest.core.text import cut
from ingest.store.known import BRINGS, STATUSES, spellings
from ingest.store.models import Package


def known_covers(tx: Session, package: int, label: int, dossier: Dossier) -> tuple[KnownRelease, ...]:
    """The oldest package with this very cover and another barcode, of the same label and of others.

    None where an earlier package of the same release has this cover: it is not the one that copied it. Packages that
    failed are no releases and do not count, nor do those that take one down. `value` is the cover's path in this
    package.
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
            title=cut(row.title),
            shared="cover",
            value=dossier.cover,
        )
        for row in _oldest(tx, package, label, digest, "" if barcode is None else barcode.value)
    )


def _oldest(tx: Session, package: int, label: int, digest: str, barcode: str) -> Iterator[Package]:
    """`barcode` is empty where this release has none; it then differs from every other."""
    same = (
        sa.select(Package)
        .where(Package.cover_sha256 == digest, Package.id != package, Package.status.in_(STATUSES), BRINGS)
        .order_by(Package.id)
        .limit(1)
    )
    names = spellings(barcode) if barcode else set()
    if names and tx.scalar(same.where(Package.label_id == label, Package.barcode.in_(names))) is not None:
        return
    another = same.where(Package.barcode.is_(None) | Package.barcode.not_in(names))
    for whose in (Package.label_id == label, Package.label_id != label):
        if (row := tx.scalar(another.where(whose))) is not None:
            yield row
