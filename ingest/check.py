"""A release folder checked where it lies, without the daemon: the same code and the same findings as intake.

Nothing is known here of earlier releases, so rules about those do not run. The JSON is documented in
docs/check-json.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.config import Config
from ingest.core.dates import iso_or_written
from ingest.core.dossier import Dossier, Policy, Track, tracks
from ingest.core.finding import Finding
from ingest.core.kind import kind_of
from ingest.core.message import Message
from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_reading import release_of
from ingest.core.status import AFTER, Status
from ingest.core.verdict import judge
from ingest.readers import folder as folders
from ingest.readers.batches import Progress
from ingest.readers.dossier import ReaderSettings, read_dossier
from ingest.readers.fork_client import Limits
from ingest.readers.pool import Pool
from ingest.rules import check

DURATION_DIGITS: Final = 3

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class CheckedPackage:
    """One release, read and judged. Where `dossier.unread` is not empty we failed, and the status means nothing."""

    dossier: Dossier
    findings: tuple[Finding, ...]
    status: Status


def check_folder(
    folder: Path, reading: ReaderSettings, policy: Policy, progress: Progress, batch: Path | None = None
) -> CheckedPackage:
    """Read and judge the release in `folder`, which may be one of a `batch`.

    Raises ReadingFailed when we could not read the folder itself.
    """
    dossier = read_dossier(folder, folder.name, reading, progress=progress, batch=batch)
    findings = check(dossier, policy)
    return CheckedPackage(dossier, findings, AFTER[judge(findings)])


def releases_in(folder: Path) -> list[Path]:
    """The release folders of `folder`: itself, its children where it is a batch, or those of the batches in it."""
    found = folders.releases_in(folder)
    batches = {child: folders.releases_in(child) for child in _children(folder)} if found == [""] else {}
    if any(paths != [""] for paths in batches.values()):
        return [child / path for child, paths in batches.items() for path in paths]
    return [folder / path for path in found]


def _children(folder: Path) -> list[Path]:
    """The folders in a folder that holds no message itself."""
    return folders.children_of(folder) if folder.is_dir() and not folders.has_xml(folder) else []


def package_json(dossier: Dossier, findings: Sequence[Finding], status: Status) -> dict[str, object]:
    """One entry of `packages`, ready for `json.dumps`; null where unknown."""
    return {
        "folder": _text(dossier.folder.name),
        "kind": kind_of(dossier).value,
        "status": status.value,
        "release": None if dossier.message is None else _release(dossier, dossier.message),
        "findings": [_finding(finding) for finding in findings],
    }


def _release(dossier: Dossier, message: Message) -> dict[str, object]:
    said = release_of(dossier) or Release()
    date, written = iso_or_written(said.release_date)
    return {
        "title": said.title,
        "artists": said.main_artists,
        "upc": said.barcode,
        "type": said.type,
        "release_date": date,
        "release_date_written": written,
        "dialect": message.dialect.value,
        "ern_version": ".".join(message.version) or None,
        "tracks": [_track(one, track) for one, track in zip(said.tracks, tracks(dossier), strict=False)],
    }


def _track(said: ReleaseTrack, track: Track) -> dict[str, object]:
    return {
        "number": said.number,
        "isrc": said.isrc,
        "title": said.title,
        "file": file_of(track),
        "duration_seconds": measured_seconds(track),
    }


def file_of(track: Track) -> str | None:
    """The track's file in the package; where it is missing, the name that the message gives, if it gives one."""
    if track.file is None:
        return None
    return _text(track.file.reference.name.value if track.file.path is None else track.file.path)


def measured_seconds(track: Track) -> float | None:
    """The length of the decoded audio in seconds; None where there is no audio that could be decoded."""
    audio = track.audio
    if audio is None or audio.measurement is None or audio.duration is None:
        return None
    return round(audio.duration, DURATION_DIGITS)


def _finding(finding: Finding) -> dict[str, object]:
    return {name: _text(value) if isinstance(value, str) else value for name, value in finding.values().items()}


def _text(name: str) -> str:
    """A file name that is not UTF-8 with its other bytes replaced: JSON and terminals take Unicode only."""
    return _SURROGATES.sub("\ufffd", name)


def reading_of(config: Config, pool: Pool | None = None) -> ReaderSettings:
    """How labels' files are read under this configuration, by the child processes of `pool` if there is one already."""
    one = config.validation
    children = pool or Pool()
    children.have(one.workers)
    return ReaderSettings(
        limits=Limits(one.memory_bytes, one.cpu_seconds_per_file, one.wall_seconds_per_file),
        pool=children,
        message_max_bytes=one.message_max_bytes,
        max_pixels=config.artwork.max_pixels,
        schema=config.ern.schema,
        silence_level=config.audio.silence_level,
        max_duration=config.audio.max_duration_seconds,
    )
