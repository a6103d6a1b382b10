"""Pictures of tracks for people: outline and spectrogram, drawn in a child process from the sealed files."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ingest.core.dossier import Dossier, Track, tracks
from ingest.core.facts import AudioFacts
from ingest.core.log import Log
from ingest.core.relative import relative_parts
from ingest.core.visible import visible
from ingest.flow.errors import Code, Conflict, NotFound, Refused
from ingest.flow.lookup import package_numbered
from ingest.flow.proof import Proof
from ingest.flow.storage import kept_of
from ingest.flow.stored_dossier import dossier_of
from ingest.inbound.storage import Storage
from ingest.readers.answers import WrongAnswer
from ingest.readers.dossier import ReaderSettings
from ingest.readers.fork_client import Failure
from ingest.store.database import Store

LONGEST_TITLE: Final = 180
"""Characters of the line above a picture."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Draws tracks of sealed packages."""

    storage: Storage
    store: Store
    proof: Proof
    reading: ReaderSettings
    log: Log

    def draw(self, package: int, number: int) -> bytes:
        """A PNG of one track of a package that was read.

        Raises NotFound for an unknown package, and for a track without measured audio; Conflict when the package was
        not read yet, its files were removed, or they are not what was checked; Refused when the track cannot be drawn.
        """
        with self.store.reading() as tx:
            row = package_numbered(tx, package)
            dossier = dossier_of(tx, package)
        if dossier is None:
            raise Conflict(Code.PACKAGE_UNREAD, package=package)
        track, audio, frames = _measured(dossier, package, number)
        with self.storage.local(kept_of(row), row.path) as release:
            nested = dossier.folder.nested
            path = _inside(release if nested is None else _inside(release, nested), audio.file)
            if not path.is_file():
                raise Conflict(Code.FILES_REMOVED, package=package)
            if changed := self.proof.differs(package):
                raise Conflict(Code.FILES_NOT_SHOWN, package=package, changed=changed)
            request = {"read": "picture", "path": str(path), "name": path.name, "frames": frames}
            (answer,) = self.reading.pool.read([request | {"title": _title(track, audio)}], self.reading.limits)
        return _png(answer, number)

    def cover(self, package: int) -> bytes:
        """A JPEG of the cover made small, for people in QC; empty where there is none, or it cannot be shown.

        Shown is only the picture that was checked.
        """
        with self.store.reading() as tx:
            row = package_numbered(tx, package)
            dossier = dossier_of(tx, package)
        known = None if dossier is None else _cover_of(dossier)
        if dossier is None or known is None:
            return b""
        with self.storage.local(kept_of(row), row.path) as release:
            nested = dossier.folder.nested
            path = _inside(release if nested is None else _inside(release, nested), known.file)
            request = {"read": "thumbnail", "path": str(path), "name": path.name, "max_pixels": known.pixels}
            (answer,) = self.reading.pool.read([request], self.reading.limits)
        picture, reason = _jpeg(answer, known.sha256)
        if reason:
            self.log("cover not shown", package=package, reason=reason)
        return picture


@dataclass(frozen=True, slots=True)
class _Cover:
    """A cover as it was checked."""

    file: str
    sha256: str
    pixels: int


def _cover_of(dossier: Dossier) -> _Cover | None:
    """The cover, where it was decoded."""
    for image in dossier.artwork:
        if image.file == dossier.cover and image.sha256 and image.width and image.height and image.damage is None:
            return _Cover(image.file, image.sha256, image.width * image.height)
    return None


def _measured(dossier: Dossier, package: int, number: int) -> tuple[Track, AudioFacts, int]:
    """The track of this number, its audio, and the number of frames."""
    for track in tracks(dossier):
        if track.number == number and track.audio is not None and track.audio.measurement is not None:
            return track, track.audio, track.audio.measurement.frames
    raise NotFound("track", number, package=package)


def _inside(place: Path, path: str) -> Path:
    try:
        return place.joinpath(*relative_parts(path))
    except ValueError as error:
        raise Refused(Code.PATH_REFUSED, reason=str(error)) from None


def _png(answer: Any, number: int) -> bytes:
    if isinstance(answer, Failure) or answer is None:
        reason = answer.reason if answer else "it cannot be decoded"
        raise Refused(Code.TRACK_UNDRAWABLE, track=number, reason=reason)
    try:
        return base64.b64decode(answer, validate=True)
    except (TypeError, ValueError):
        raise Refused(Code.TRACK_UNDRAWABLE, track=number, reason=str(WrongAnswer())) from None


def _jpeg(answer: Any, sha256: str) -> tuple[bytes, str]:
    """The picture that a reader made of a file with this digest; else nothing, and why."""
    if isinstance(answer, Failure):
        return b"", answer.reason
    try:
        if answer["sha256"] != sha256:
            return b"", "it is no longer what was checked"
        return base64.b64decode(answer["jpeg"], validate=True), ""
    except (TypeError, KeyError, ValueError):
        return b"", str(WrongAnswer())


def _title(track: Track, audio: AudioFacts) -> str:
    title = track.recording.title
    name = "" if title is None or title.text is None else f" · {title.text.value}"
    how = f"{audio.container.value}, {(audio.sample_rate or 0) / 1000:g} kHz, {audio.bits} bits"
    return visible(f"{track.number}{name} · {audio.file} · {how}", LONGEST_TITLE)
