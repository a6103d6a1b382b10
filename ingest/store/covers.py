"""Which other releases have the same picture as their cover."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.dossier import Dossier, KnownRelease, cover_hash
from ingest.core.release import Release, release_key
from ingest.core.release_reading import release_of
from ingest.core.text import cut
from ingest.store.models import Package, ReleaseRow
from ingest.store.releases import BRINGS, STATUSES


def known_covers(tx: Session, package: int, label: int, dossier: Dossier) -> tuple[KnownRelease, ...]:
    """The oldest package with this very cover and another barcode: of the same label, and of all others.

    Nothing where an earlier package of the same release has the cover: then this release is not the one that copied it.
    Only packages that we accepted count, without takedowns and purges. `value` is the cover's path in this package.
    """
    digest = cover_hash(dossier)
    if digest is None or dossier.cover is None:
        return ()
    said = release_of(dossier) or Release()
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
        for row in _oldest(tx, package, label, digest, release_key(said.barcode))
    )


def _oldest(tx: Session, package: int, label: int, digest: str, key: str | None) -> Iterator[Package]:
    """The packages of `known_covers`. `key` is that of this release; without one it differs from every other."""
    same = (
        sa.select(Package)
        .outerjoin(ReleaseRow, ReleaseRow.id == Package.release_id)
        .where(Package.cover_sha256 == digest, Package.id != package, Package.status.in_(STATUSES), BRINGS)
        .order_by(Package.id)
        .limit(1)
    )
    if key is not None and tx.scalar(same.where(Package.label_id == label, ReleaseRow.key == key)) is not None:
        return
    another = same if key is None else same.where(ReleaseRow.key.is_(None) | (ReleaseRow.key != key))
    for whose in (Package.label_id == label, Package.label_id != label):
        if (row := tx.scalar(another.where(whose))) is not None:
            yield row
