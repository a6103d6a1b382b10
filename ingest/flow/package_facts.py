"""What people read about a package beside its findings, from its row and its stored dossier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy.orm import Session

from ingest.core.dossier import Dossier
from ingest.core.notice import TrackSummary
from ingest.core.status import Status
from ingest.flow.storage import kept_of
from ingest.flow.stored_dossier import dossier_of
from ingest.flow.summaries import dossier_facts, picture_facts, track_summaries
from ingest.inbound.storage import Storage
from ingest.store.models import Package

Told = Callable[[Session, Package], Iterable[str]]
"""What each agreed DSP would get of a package, a sentence each."""


def review_facts(
    tx: Session, storage: Storage, package: Package, told: Told | None = None, *, tracks: bool = True
) -> Iterator[tuple[str, str]]:
    """What QC needs beside the findings: the folder, `tracks` as measured, the cover, and what it shares.

    `Shared` names other labels' packages with the same barcode, ISRC or audio; a label never gets these lines. In
    Needs QC `DSP` says what `told` says.
    """
    yield "Label", f"{package.label.title} ({package.label.name})"
    yield "Files", storage.place(kept_of(package), package.path)
    dossier = dossier_of(tx, package.id)
    if dossier is None:
        return
    yield from _read(dossier, tracks=tracks)
    for known in dossier.known:
        if not known.same_label:
            yield "Shared", f"{known.shared} {known.value} with package {known.package} of {known.label}"
    if told is not None and package.status == Status.NEEDS_QC.value:
        yield from (("DSP", sentence) for sentence in told(tx, package))


def measured(tx: Session, package: Package, *, tracks: bool = True) -> Iterator[tuple[str, str]]:
    """The `tracks` as measured, and the cover; nothing before the package was read."""
    dossier = dossier_of(tx, package.id)
    if dossier is not None:
        yield from _read(dossier, tracks=tracks)


def tracks_of(tx: Session, package: Package) -> tuple[TrackSummary, ...]:
    """The tracks as measured; nothing before the package was read."""
    dossier = dossier_of(tx, package.id)
    return () if dossier is None else tuple(track_summaries(dossier))


def _read(dossier: Dossier, *, tracks: bool) -> Iterator[tuple[str, str]]:
    return (dossier_facts if tracks else picture_facts)(dossier)
