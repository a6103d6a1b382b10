"""Which upload of a release the label means: the newest that brings its files, or takes the release down."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ingest.core.kind import Kind, brings_files
from ingest.core.status import Status
from ingest.flow.stored_dossier import dossier_of
from ingest.store.models import Package
from ingest.store.other_uploads import later_uploads


def superseding(tx: Session, package: Package) -> Package | None:
    """The newest later upload that takes this package's place; None where it is the one that the label means.

    It may have any status: a correction that is still read, or is Invalid or rejected, shows as well that the label
    wants something else delivered. An update without audio takes no other's place: DSPs need the files before it.
    """
    return next((row for row in later_uploads(tx, package) if not _only_adds(tx, row)), None)


def newer(tx: Session, package: Package) -> dict[str, str]:
    """The details `newer` and `newer_folder` of the report on a package that waits for QC, where one took its place."""
    later = superseding(tx, package) if package.status == Status.NEEDS_QC.value else None
    return {} if later is None else {"newer": str(later.id), "newer_folder": later.folder}


def _only_adds(tx: Session, row: Package) -> bool:
    """Whether it is an update that brings no files."""
    if row.kind != Kind.UPDATE.value:
        return False
    dossier = dossier_of(tx, row.id)
    return dossier is not None and not brings_files(dossier)
