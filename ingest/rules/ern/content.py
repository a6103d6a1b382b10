"""ERN: what the XML declares against what the files hold: type, tracks, durations, technical details."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Dossier, Policy, ResolvedFile
from ingest.core.facts import Container
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.core.resources import TechnicalDetails
from ingest.core.text import Text
from ingest.rules.anchors import tracks_are_known
from ingest.rules.ern.release import stated
from ingest.rules.rule import Family
from ingest.rules.subjects import Main, Song, is_playable, number, said, shared_files, songs
from ingest.rules.units import clock, iso_duration, kilohertz, spell

WARNING: Final = Severity.WARNING
OWN: Final = "Checked for QC; not in the guide"
CUSTOM: Final = "Guide, Required XML fields; the stores' usual limits"
LONG_TRACK: Final = 600.0
EP_LIMIT: Final = 1800.0


def _sounding(dossier: Dossier) -> Iterator[Song]:
    """The recordings whose audio was read, and is that of no other recording too."""
    shared = shared_files(dossier)
    return (song for song in songs(dossier) if song.audio is not None and song.audio.file not in shared)


sounding = Family[Song](
    "ERN",
    "Release information",
    _sounding,
    source=OWN,
    ddex=FileStatus.MESSAGE_INVALID,
)


@stated.rule(
    "ERN-050",
    Severity.ERROR,
    text="{place}: the release is called a Single, but it has {found}. A Single has at most {limit}.",
    fix="Write Album or EP as the ReleaseType, or check that no tracks of another release are in the message.",
    ddex=FileStatus.MESSAGE_INVALID,
)
def single_with_many_tracks(main: Main, policy: Policy) -> Iterator[Fault]:
    """Stores refuse a single that is an album: the type decides about price and place."""
    tracks = len(main.message.tracks)
    if tracks_are_known(main.message) and _type(main) == "Single" and tracks > policy.single_max_tracks:
        limit = policy.single_max_tracks
        yield _typed(main, found=f"{tracks} tracks", expected=f"at most {limit} tracks", limit=limit)


@stated.rule(
    "ERN-051",
    Severity.ERROR,
    text="{place}: the release is called an Album, but has one track of {found}. An Album has several,"
    " or one of {limit} or more.",
    fix="Write Single as the ReleaseType, or check that all tracks are in the message.",
    ddex=FileStatus.MESSAGE_INVALID,
)
def album_of_one_track(main: Main, policy: Policy) -> Iterator[Fault]:
    """Stores refuse an album of one short track."""
    lengths = _lengths(main.dossier)
    is_alone = tracks_are_known(main.message) and len(main.message.tracks) == 1
    if _type(main) == "Album" and is_alone and lengths and not _is_long(lengths, policy):
        limit = clock(policy.album_one_track_min_seconds)
        yield _typed(main, found=clock(lengths[0]), expected="Single", limit=limit)


def _is_long(lengths: list[float], policy: Policy) -> bool:
    return sum(lengths) >= policy.album_one_track_min_seconds


@stated.rule(
    "ERN-052",
    WARNING,
    text="{place}: the release is called {article} {found}. With {content}, stores show it as {other} {expected}.",
    fix="Write {expected} as the ReleaseType, unless you agreed otherwise with the stores.",
    source=CUSTOM,
    ddex=FileStatus.MESSAGE_INVALID,
)
def unusual_type(main: Main, policy: Policy) -> Iterator[Fault]:
    """Stores go by tracks and length: up to 3 tracks a Single, up to 6 and 30 minutes an EP, else an Album."""
    declared, lengths = _type(main), _lengths(main.dossier)
    usual = _usual_type(len(main.message.tracks), lengths)
    if usual is None or declared not in ("Single", "Album", "EP", usual) or not tracks_are_known(main.message):
        return
    if declared == usual:
        return
    alone = declared == "Album" and len(main.message.tracks) == 1
    crowded = declared == "Single" and len(main.message.tracks) > policy.single_max_tracks
    if not alone and not crowded:
        content = f"{spell(len(lengths), 'track')}, {clock(sum(lengths))} in total"
        yield _typed(
            main,
            found=declared,
            expected=usual,
            content=content,
            article="a" if declared == "Single" else "an",
            other="a" if usual == "Single" else "an",
        )


def _usual_type(tracks: int, lengths: list[float]) -> str | None:
    """The type that stores give to such a release; None where a length is unknown."""
    if not tracks or len(lengths) != tracks:
        return None
    total, longest = sum(lengths), max(lengths)
    if tracks <= 3 and longest < LONG_TRACK:
        return "Single"
    return "EP" if tracks <= 6 and total < EP_LIMIT else "Album"


def _lengths(dossier: Dossier) -> list[float]:
    """The lengths of the tracks in seconds: as measured, or as declared where the file is damaged or was not read."""
    found = []
    for song in songs(dossier):
        measured = song.audio.duration if song.audio is not None and not song.audio.damages else None
        length = measured or song.recording.duration_seconds
        if song.number is not None and length:
            found.append(length)
    return found


def _type(main: Main) -> str:
    return next((said(text) for text in main.release.types if said(text)), "")


def _typed(main: Main, *, found: str, expected: str, **values: object) -> Fault:
    line = main.release.types[0].line if main.release.types else None
    return main.fault(line, found=found, expected=expected, **values)


@sounding.rule(
    "ERN-053",
    WARNING,
    text="{place}: the XML gives the track {found}, but {file_name} lasts {expected}.",
    fix="Check that {file_name} is the right file, and write {iso} into <Duration>.",
)
def other_duration(song: Song, policy: Policy) -> Iterator[Fault]:
    """A difference of more than two seconds often means the wrong file or an old mix."""
    audio, declared = song.audio, song.recording.duration_seconds
    if audio is None or not audio.duration or not declared or not is_playable(audio):
        return
    if not audio.damages and abs(audio.duration - declared) > policy.max_duration_difference:
        yield song.fault(
            _line(song.recording.duration),
            found=clock(declared),
            expected=clock(audio.duration),
            file_name=audio.file,
            iso=iso_duration(audio.duration),
        )


@sounding.rule(
    "ERN-054",
    WARNING,
    text="{place}: the XML says {found}, but {file_name} has {expected}.",
    fix="Check that the right file was uploaded, and correct the technical details in the XML.",
)
def other_details(song: Song, _: Policy) -> Iterator[Fault]:
    """Where rate, depth or channels differ, the file may not be the one that the message means."""
    details = _details(song)
    audio = song.audio
    if details is None or audio is None or not is_playable(audio):
        return
    rate = details.sample_rate_hz
    if rate and audio.sample_rate and abs(rate - audio.sample_rate) > 1:
        yield _differs(song, details.sample_rate, kilohertz(rate), kilohertz(audio.sample_rate))
    for text, real, unit in ((details.bits, audio.bits, "bit"), (details.channels, audio.channels, "channel")):
        declared = number(text)
        if declared is not None and real and declared != real:
            yield _differs(song, text, spell(declared, unit, _many(unit)), spell(real, unit, _many(unit)))


def _many(unit: str) -> str:
    return "bit" if unit == "bit" else "channels"


def _differs(song: Song, text: Text | None, found: str, expected: str) -> Fault:
    name = song.audio.file if song.audio is not None else ""
    return song.fault(_line(text), found=found, expected=expected, file_name=name)


@sounding.rule(
    "ERN-055",
    WARNING,
    text="{place}: the XML declares the audio as {found}, a lossy format, but {file_name} is not lossy.",
    fix="Write {expected} into <AudioCodecType>.",
    source="Guide, Audio File Requirements",
    covers=("AudioCodecType",),
)
def declared_lossy(song: Song, _: Policy) -> Iterator[Fault]:
    """The declaration may stem from another delivery, and with it other values."""
    details, audio = _details(song), song.audio
    if details is not None and audio is not None and is_playable(audio):
        codec = said(details.codec)
        if codec.upper() in ("MP3", "AAC", "VORBIS", "WMA", "OGG", "MPEG1AUDIOLAYER3"):
            needed = "FLAC" if audio.container is Container.FLAC else "PCM"
            yield song.fault(_line(details.codec), found=codec, expected=needed, file_name=audio.file)


@sounding.rule(
    "ERN-056",
    WARNING,
    text="{place}: the XML gives {file_name} the {algorithm} hash {expected}, but the file's is {found}.",
    fix="Check that the file is the one that the message was made for, and export the message again.",
    source="ERN 3.8.2, HashSum",
    ddex=FileStatus.HASH_SUM,
)
def other_hash(song: Song, _: Policy) -> Iterator[Fault]:
    """A hash is a fingerprint of the file: another one means other bytes."""
    file, audio = song.file, song.audio
    hash_sum = file.reference.hash_sum if file is not None else None
    if file is None or audio is None or hash_sum is None:
        return
    declared, real = _digest(said(hash_sum.value)), _real_digest(file, audio.hashes)
    if declared is not None and real is not None and len(declared) == len(real) and declared != real:
        yield song.fault(
            hash_sum.value.line,
            found=real.hex(),
            expected=said(hash_sum.value),
            algorithm=said(hash_sum.algorithm),
            file_name=audio.file,
        )


def _digest(value: str) -> bytes | None:
    """The bytes of a hash written in hex or base64; None for any other text, such as a placeholder."""
    try:
        return bytes.fromhex(value)
    except ValueError:
        pass
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None


def _real_digest(file: ResolvedFile, hashes: dict[str, str]) -> bytes | None:
    hash_sum = file.reference.hash_sum
    name = said(hash_sum.algorithm).lower().replace("-", "") if hash_sum is not None else ""
    digest = hashes.get({"sha": "sha1"}.get(name, name))
    return bytes.fromhex(digest) if digest else None


def _details(song: Song) -> TechnicalDetails | None:
    return next((details for details in song.recording.technical_details if not details.is_preview), None)


def _line(text: Text | None) -> int | None:
    return text.line if text is not None else None
