"""What people read about a package beside its findings, from its row and its stored dossier."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from ingest.flow.storage import kept_of
from ingest.flow.stored_dossier import dossier_of
from ingest.flow.summaries import dossier_facts
from ingest.inbound.storage import Storage
from ingest.store.models import Package


def review_facts(tx: Session, storage: Storage, package: Package) -> Iterator[tuple[str, str]]:
    """What QC needs beside the findings: the folder, each track as measured, the cover, and what it shares.

    `Shared` names other labels' packages with the same barcode, ISRC or audio; a label never gets these lines.
    """
    yield "Label", f"{package.label.title} ({package.label.name})"
    yield "Files", storage.place(kept_of(package), package.path)
    dossier = dossier_of(tx, package.id)
    if dossier is None:
        return
    yield from dossier_facts(dossier)
    for known in dossier.known:
        if not known.same_label:
            yield "Shared", f"{known.shared} {known.value} with package {known.package} of {known.label}"


def measured(tx: Session, package: Package) -> Iterator[tuple[str, str]]:
    """Each track as measured, and the cover; nothing before the package was read."""
    dossier = dossier_of(tx, package.id)
    if dossier is not None:
        yield from dossier_facts(dossier)
