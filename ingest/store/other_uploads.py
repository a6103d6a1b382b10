"""The other uploads of a package's release: those that came later, and those that came before.

A package that was not read, or whose message cannot be read, has no release yet. It counts as an upload of the same
release where its folder has the name that a correction is uploaded under (core.folder_names).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.folder_names import stem
from ingest.core.kind import Kind
from ingest.store.models import Package

MOST_OTHERS: Final = 20
"""Uploads of one release that are looked at on each side."""

NO_TEST: Final = Package.kind.is_(None) | (Package.kind != Kind.TEST.value)


def later_uploads(tx: Session, package: Package) -> Sequence[Package]:
    """The later uploads, the newest first; no tests.

    Later is the message that was made later; of two made at the same time, or where the time of one is unknown, the
    package that arrived later.
    """
    arrived = Package.id > package.id
    made = package.made_at
    after = arrived
    if made is not None:
        after = (Package.made_at > made) | (arrived & ((Package.made_at == made) | Package.made_at.is_(None)))
    known = _of_release(tx, package, after)
    return sorted({*known, *_of_name(tx, package, arrived)}, key=lambda row: row.id, reverse=True)


def earlier_uploads(tx: Session, package: Package) -> Sequence[Package]:
    """The other uploads that are not later, the newest first; no tests."""
    later = {row.id for row in later_uploads(tx, package)}
    known = _of_release(tx, package, Package.id != package.id)
    rows = {*known, *_of_name(tx, package, Package.id < package.id)}
    return sorted((row for row in rows if row.id not in later), key=lambda row: row.id, reverse=True)


def waiting_beside(tx: Session, package: Package, status: str) -> list[int]:
    """The numbers of the other uploads of the release that have this status, of which there may be few only."""
    columns = Package.id, Package.folder, Package.release_id
    same = Package.label_id == package.label_id, Package.status == status, Package.id != package.id
    name, release = stem(package.folder), package.release_id
    return [
        number
        for number, folder, of in tx.execute(sa.select(*columns).where(*same, NO_TEST))
        if (stem(folder) == name if of is None or release is None else of == release)
    ]


def _of_release(tx: Session, package: Package, when: sa.ColumnElement[bool]) -> Sequence[Package]:
    if package.release_id is None:
        return ()
    same = sa.select(Package).where(Package.release_id == package.release_id, Package.id != package.id, NO_TEST)
    return tx.scalars(same.where(when).order_by(Package.id.desc()).limit(MOST_OTHERS)).all()


def _of_name(tx: Session, package: Package, when: sa.ColumnElement[bool]) -> Sequence[Package]:
    """Packages of the label whose folders' names differ in the version only, where one of the two has no release."""
    name = stem(package.folder)
    query = sa.select(Package).where(
        Package.label_id == package.label_id, Package.folder.contains(name, autoescape=True), NO_TEST, when
    )
    if package.release_id is not None:
        query = query.where(Package.release_id.is_(None))
    rows = tx.scalars(query.order_by(Package.id.desc()).limit(MOST_OTHERS)).all()
    return [row for row in rows if stem(row.folder) == name]
