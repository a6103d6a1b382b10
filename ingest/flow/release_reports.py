"""What was found in a release, and what became of it, for the integrator that sent it or whose label uploaded it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from lxml import etree
from sqlalchemy.orm import Session

from ingest.core.finding import Finding, Severity
from ingest.core.rest_fields import field_at, field_of_file, of_track
from ingest.flow.composed_package import MESSAGE
from ingest.flow.errors import NotFound
from ingest.flow.storage import kept_of
from ingest.inbound.storage import Storage
from ingest.store import catalogue, packages
from ingest.store.assets import FAILED, PROCESSED, assets_of
from ingest.store.catalogue_tracks import tracks_sent
from ingest.store.database import Store
from ingest.store.decisions import decisions_on_package
from ingest.store.models import Asset, CatalogueRelease, Package

MOST: Final = 2_000
"""Findings that are listed."""


@dataclass(frozen=True, slots=True)
class FoundInRelease:
    """A finding, and the field of the REST API that it is about, where an integrator sent the release."""

    finding: Finding
    field: str | None


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """How a release stands: its newest package, if there is one, and what was found.

    `waiting` says what must come before a package is made, in words for the integrator.
    """

    package: int | None
    status: str | None
    checked_at: datetime | None
    found: Sequence[FoundInRelease]
    waiting: Sequence[tuple[str, str]]

    @property
    def is_error_free(self) -> bool:
        """Whether nothing found stands in the way of an approval."""
        return not any(one.finding.severity is Severity.ERROR for one in self.found)


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a release: a status, or a decision with its notes."""

    at: datetime
    package: int
    what: str
    who: str
    note: str


@dataclass(frozen=True, slots=True)
class ReleaseReports:
    """The findings and the history of releases. A release of another label is not found."""

    store: Store
    storage: Storage

    def report(self, label: int, release: UUID) -> ReleaseReport:
        """What was found in the newest package, and what is still missing for the next. Raises NotFound."""
        with self.store.snapshot() as tx:
            if catalogue.find_release(tx, label, release) is None:
                raise NotFound("release", str(release))
            package, kept = catalogue.newest_package(tx, release), catalogue.fields_of(tx, release)
            findings = () if package is None else packages.findings_of(tx, package.id)[:MOST]
            waiting = () if kept is None else tuple(_waiting(tx, kept))
        is_composed = kept is not None and package is not None
        places = self._places(package) if is_composed and package is not None else {}
        found = [FoundInRelease(one, _field(one, places) if is_composed else None) for one in findings]
        if package is None:
            return ReleaseReport(None, None, None, found, waiting)
        return ReleaseReport(package.id, package.status, package.checked_at, found, waiting)

    def history(self, label: int, release: UUID) -> Sequence[Happened]:
        """What happened to the release, oldest first. Raises NotFound."""
        with self.store.snapshot() as tx:
            if catalogue.find_release(tx, label, release) is None:
                raise NotFound("release", str(release))
            happened = [one for row in catalogue.packages_of_release(tx, release) for one in _happened(tx, row.id)]
        return sorted(happened, key=lambda one: (one.at, one.package))

    def _places(self, package: Package) -> Mapping[int, str]:
        """The fields by the lines of the message that we wrote; empty once the files are gone."""
        try:
            with self.storage.open(kept_of(package), MESSAGE) as file:
                root = etree.fromstring(file.read() or b"", etree.XMLParser(resolve_entities=False, no_network=True))
        except (OSError, etree.XMLSyntaxError):
            return {}
        return dict(_fields_by_line(root))


def _fields_by_line(root: etree._Element) -> Iterator[tuple[int, str]]:
    """Each line of a message with the field that it stands for."""
    tracks = {f"A{number}": number for number in range(1, MOST)}
    own = {f"R{number}": number for number in range(1, MOST)}
    for resource in (*root.iterfind("ResourceList/*"), *root.iterfind("ReleaseList/*"), *root.iterfind("DealList/*")):
        reference = resource.findtext("ResourceReference") or ""
        is_recording = resource.tag == "SoundRecording"
        track = tracks.get(reference) if is_recording else own.get(resource.findtext("ReleaseReference") or "")
        for element in resource.iter(etree.Element):
            path = [one.tag for one in (*reversed(list(element.iterancestors())), element)]
            line: Any = element.sourceline
            if line and (field := field_at(path, track)) is not None:
                yield line, field


def _field(finding: Finding, places: Mapping[int, str]) -> str | None:
    if finding.file is not None and (of_file := field_of_file(finding.file)) is not None:
        return of_file
    if finding.line is not None and finding.line in places:
        return places[finding.line]
    return None if finding.track is None else of_track("trackAudio", finding.track)


def _waiting(tx: Session, kept: CatalogueRelease) -> Iterator[tuple[str, str]]:
    """What a package of the release still lacks, as field and sentence."""
    tracks, known = tracks_sent(tx, kept.release_id), assets_of(tx, kept.release_id)
    if not tracks:
        yield "tracks", "The release has no track yet"
    files = [("releasePhoto", kept.photo_asset)]
    files += [(of_track("trackAudio", track.number), track.audio_asset) for track in tracks]
    for field, asset in files:
        if (told := _told(known.get(asset or ""))) is not None:
            yield field, told


def _told(asset: Asset | None) -> str | None:
    if asset is None or asset.state == PROCESSED:
        return None
    if asset.state == FAILED:
        return f"The file could not be used: {asset.fault}"
    return "The file is still being fetched" if asset.sha256 is None else "The file is still being measured"


def _happened(tx: Session, package: int) -> Iterator[Happened]:
    for change in packages.changes_of(tx, package):
        yield Happened(change.at, package, change.new, change.who, change.note)
    for decision in decisions_on_package(tx, package):
        yield Happened(decision.at, package, decision.kind, decision.who, decision.note)
