"""What people read first about a package: its summary, each track as measured, and its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Dossier, Track, tracks
from ingest.core.facts import AudioFacts
from ingest.core.kind import Kind
from ingest.core.notice import PackageSummary, TrackSummary
from ingest.core.text import cut
from ingest.store.models import Package

MOST_TRACKS: Final = 100


def summary_of(package: Package) -> PackageSummary:
    """The package as emails and reports name it; what is not known before it was read is None.

    Texts are cut here: rows of older versions may hold some of any length.
    """
    return PackageSummary(
        id=package.id,
        label=package.label.name,
        folder=package.folder,
        title=cut(package.title),
        artist=cut(package.artist),
        barcode=package.barcode,
        release_type=cut(package.release_type),
        release_date=cut(package.release_date),
        tracks=package.track_count,
        label_title=package.label.title,
        kind=package.kind or Kind.NEW_RELEASE.value,
        replaces=package.replaces_id,
    )


def track_summaries(dossier: Dossier) -> Iterator[TrackSummary]:
    """Each track as measured, up to MOST_TRACKS."""
    for track in tracks(dossier)[:MOST_TRACKS]:
        recording = track.recording
        known = {} if track.audio is None else _measured_words(track.audio)
        isrc = "" if recording.isrc is None else recording.isrc.value
        yield TrackSummary(track.number, _title_of(track), isrc, **known)


def dossier_facts(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Pairs of name and value: each track as measured, up to MOST_TRACKS, and the pictures."""
    listed = tracks(dossier)
    for track in listed[:MOST_TRACKS]:
        yield f"Track {track.number}", track_line(track)
    if len(listed) > MOST_TRACKS:
        yield "Tracks", f"and {len(listed) - MOST_TRACKS} more"
    yield from picture_facts(dossier)


def picture_facts(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Pairs of name and value: each picture."""
    for image in dossier.artwork:
        name = "Cover" if image.file == dossier.cover else "Picture"
        yield name, f"{image.file}: {image.format}, {image.width} × {image.height} pixels, {image.size / 1e6:.1f} MB"


def track_line(track: Track) -> str:
    """`My Title · GBDUM7620001 · 01_My.wav · 3:42 · 24 bit / 44.1 kHz · -1.2 dBTP (-1.3 by BS.1770) · -14.1 LUFS`"""
    told = [_title_of(track)]
    if track.recording.isrc is not None:
        told.append(track.recording.isrc.value)
    if track.file is not None:
        told.append(cut(track.file.path or track.file.reference.name.value))
    if track.audio is not None:
        told += _measured_words(track.audio).values()
    return " · ".join(told)


def _title_of(track: Track) -> str:
    title = track.recording.title
    return cut(title.text.value if title and title.text else "without a title")


def _measured_words(audio: AudioFacts) -> dict[str, str]:
    """What was measured, by the fields of TrackSummary, in their order; only what is known."""
    words: dict[str, str] = {}
    if audio.duration is not None:
        words["length"] = f"{int(audio.duration // 60)}:{int(audio.duration % 60):02d}"
    if audio.bits and audio.sample_rate:
        words["format"] = f"{audio.bits} bit / {audio.sample_rate / 1000:g} kHz"
    measured = audio.measurement
    if measured is not None and measured.true_peak is not None:
        printed = "" if measured.true_peak_itu is None else f" ({measured.true_peak_itu:z.1f} by BS.1770)"
        words["peak"] = f"{measured.true_peak:z.1f} dBTP{printed}"
    if measured is not None and measured.loudness is not None and measured.loudness.integrated is not None:
        words["loudness"] = f"{measured.loudness.integrated:.1f} LUFS"
    return words
