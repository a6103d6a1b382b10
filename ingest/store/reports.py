"""Reports owed: the files about a package that its label reads. The row is written in the transaction of a change.

A report's folder is named after its release folder. Of several folders of one name the newest has the plain name, and
the older ones have the number of their package behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.core.folder_names import folder_name
from ingest.store.models import Change, Label, Package, Report
from ingest.store.packages import rests_in


def owe_report(tx: Session, package: Package, missing: Sequence[str], now: datetime) -> None:
    """Owe the label new files about this package; `missing` is what has not arrived in a folder that is still open."""
    # Two transactions must not claim one name at the same time; SQLite has one writer anyway.
    tx.execute(sa.select(Label.id).where(Label.id == package.label_id).with_for_update(key_share=True))
    row = tx.get(Report, package.id, populate_existing=True, with_for_update=True)
    if row is None:
        row = _fresh(package, now)
        tx.add(row)
    top, path = _claim(tx, package, now), folder_name(package.path) if package.path else ""
    if row.version and (row.top, row.path) != (top, path):
        row.left = [*row.left, row.name]
    row.folder_id, row.top, row.path = package.folder_id, top, path
    row.missing, row.retired_at = list(missing), None
    _owe(row, now)
    tx.flush()


def _fresh(package: Package, now: datetime) -> Report:
    return Report(
        package_id=package.id,
        label_id=package.label_id,
        folder_id=package.folder_id,
        top="",
        path="",
        left=[],
        missing=[],
        version=0,
        written=0,
        due_at=now,
        attempts=0,
        fault=None,
        retired_at=None,
    )


def _owe(row: Report, now: datetime) -> None:
    row.version, row.due_at, row.attempts = row.version + 1, now, 0


def _claim(tx: Session, package: Package, now: datetime) -> str:
    """The name for the package's release folder among the label's reports; older folders of this name get a number."""
    wanted = folder_name(package.origin.name)
    rivals = _others(tx, package.label_id, package.folder_id, wanted)
    if any(rival.folder_id > package.folder_id for rival in rivals):
        return _numbered(tx, package.label_id, package.folder_id, package.origin.name)
    for folder in {rival.folder_id for rival in rivals}:
        name = _numbered(tx, package.label_id, folder, package.origin.name)
        for rival in rivals:
            if rival.folder_id == folder:
                rival.left = [*rival.left, rival.name]
                rival.top = name
                _owe(rival, now)
    tx.flush()
    return wanted


def _others(tx: Session, label: int, folder: int, top: str) -> Sequence[Report]:
    """Reports of other release folders that have this name."""
    named = sa.select(Report).where(Report.label_id == label, Report.top == top, Report.folder_id != folder)
    return tx.scalars(named.where(Report.retired_at.is_(None)).order_by(Report.package_id)).all()


def _numbered(tx: Session, label: int, folder: int, name: str) -> str:
    """The name with the number of the folder's first package, as `Album (package 12)`; never another folder's."""
    number = tx.scalar(sa.select(sa.func.min(Package.id)).where(Package.folder_id == folder))
    ending, more = f" (package {number})", 1
    while _others(tx, label, folder, folder_name(name, ending)):
        more += 1
        ending = f" (package {number}) ({more})"
    return folder_name(name, ending)


def owed_reports(tx: Session, now: datetime, each: int) -> Sequence[Report]:
    """Reports that are owed and due: of every label the `each` ones that have been due longest."""
    longest = (Report.due_at, Report.package_id)
    place = sa.func.row_number().over(partition_by=Report.label_id, order_by=longest).label("place")
    behind = sa.select(Report.package_id, place).where(Report.written < Report.version, Report.due_at <= now).subquery()
    chosen = sa.select(Report).join(behind, behind.c.package_id == Report.package_id).where(behind.c.place <= each)
    return tx.scalars(chosen.order_by(*longest)).all()


def get_report(tx: Session, package: int) -> Report | None:
    """The report of a package; None where none was ever owed."""
    return tx.get(Report, package)


def name_is_taken(tx: Session, report: Report, name: str) -> bool:
    """True when the files of another package belong in the folder `name` now."""
    top, _, path = name.partition("/")
    here = sa.select(Report.package_id).where(Report.label_id == report.label_id, Report.top == top)
    here = here.where(Report.path == path, Report.package_id != report.package_id, Report.retired_at.is_(None))
    return tx.scalar(here.limit(1)) is not None


def note_written(tx: Session, package: int, version: int) -> None:
    """Record that the files of `version` are written; a newer version stays owed."""
    row = _held(tx, package)
    row.written = max(row.written, version)
    if row.version == version:
        row.left, row.attempts, row.fault = [], 0, None


def note_failed(tx: Session, package: int, failure: str, due: datetime) -> int:
    """Record a failed attempt; the next one is due at `due`. Returns how many failed in a row."""
    row = _held(tx, package)
    row.attempts, row.fault, row.due_at = row.attempts + 1, failure, due
    return row.attempts


def _held(tx: Session, package: int) -> Report:
    """The row, locked until the transaction ends."""
    return tx.get_one(Report, package, populate_existing=True, with_for_update=True)


def hurry_reports(tx: Session, now: datetime) -> None:
    """Make every report that is owed due now."""
    tx.execute(sa.update(Report).where(Report.written < Report.version, Report.due_at > now).values(due_at=now))


def owe_again(tx: Session, packages: Sequence[int], now: datetime) -> None:
    """Owe new files about these packages, whose status did not change; where some are owed already nothing changes."""
    written = sa.select(Report).where(Report.package_id.in_(packages), Report.written >= Report.version)
    for row in tx.scalars(written.where(Report.retired_at.is_(None)).with_for_update()):
        _owe(row, now)


def retire_reports(tx: Session, statuses: Sequence[str], before: datetime, now: datetime) -> int:
    """Owe the removal of the files about packages that reached one of these statuses before that time.

    Returns how many.
    """
    last = sa.select(sa.func.max(Change.at)).where(Change.package_id == Package.id).scalar_subquery()
    resting = sa.select(Package.id).where(rests_in(statuses), last < before)
    kept = sa.select(Report).where(Report.package_id.in_(resting), Report.retired_at.is_(None))
    retired = tx.scalars(kept).all()
    for row in retired:
        row.retired_at = now
        _owe(row, now)
    return len(retired)
