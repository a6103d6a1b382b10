"""The dossier: everything the rules judge about one package, and the policy they judge it by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ingest.core.defaults import ARTWORK_MAX_PIXELS, MAX_DURATION, SILENCE_LEVEL
from ingest.core.facts import ArtworkFacts, AudioFacts, FileEntry, FileKind, Unread, UploadFact
from ingest.core.finding import Severity
from ingest.core.message import Message, UnreadableMessage
from ingest.core.resources import FileReference, SoundRecording


@dataclass(frozen=True, slots=True)
class ResolvedFile:
    """A file named by the message and what it was resolved to inside the package.

    `path` is None where there is no such file; `near` then names a file that differs only in the way `how` says
    (`path`, `case`, `blanks`, `suffix`, `near`). For a found file `how` is `exact`, `unicode` or `percent`. `escapes`
    marks an absolute path, a `..` or a URL scheme. `recording` or `image` index into the message's lists.
    """

    reference: FileReference
    path: str | None
    how: str
    near: str | None = None
    escapes: bool = False
    recording: int | None = None
    image: int | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """The release folder: `name` as the label wrote it, `nested` the folder in it that has the release, if any.

    `is_cut`: it holds more files than are listed.
    """

    name: str
    nested: str | None = None
    entries: tuple[FileEntry, ...] = ()
    is_cut: bool = False

    def of(self, kind: FileKind) -> tuple[FileEntry, ...]:
        return tuple(entry for entry in self.entries if entry.kind is kind)


@dataclass(frozen=True, slots=True)
class AudioFingerprint:
    """What identifies a master: SHA-256 of the file, seconds, integrated loudness (LUFS), true peak (dBTP).

    None: not measured.
    """

    sha256: str | None
    seconds: float | None = None
    loudness: float | None = None
    peak: float | None = None


@dataclass(frozen=True, slots=True)
class KnownTrack:
    """A recording in an earlier package, with its number there.

    `heard` identifies its audio; the name is a stored one.
    """

    number: int | None
    isrc: str
    title: str
    heard: AudioFingerprint


@dataclass(frozen=True, slots=True)
class KnownRelease:
    """An earlier package that shares a value with this one; `shared` is `barcode`, `isrc`, `audio` or `cover`.

    `value` is the barcode or the ISRC, or this package's file whose bytes are the same; `title` the earlier release's.
    `created` is when its message was made (ISO 8601, UTC). `sold` are the ISRCs of its tracks that had deals of their
    own. `track` is the recording that shares an ISRC or the audio.
    """

    package: int
    label: str
    same_label: bool
    status: str
    title: str | None
    shared: str
    value: str
    created: str | None = None
    sold: tuple[str, ...] = ()
    track: KnownTrack | None = None


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """What the manifest of a batch says of this release; `delivery_type` is empty where it says none."""

    file: str
    line: int
    delivery_type: str = ""
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Dossier:
    """One package, read. Exactly one of `message` and `unreadable` is set.

    `asked`: the store was asked for earlier releases, so that an empty `known` means that there are none.
    """

    folder: Folder
    message: Message | None
    unreadable: UnreadableMessage | None
    files: tuple[ResolvedFile, ...] = ()
    audio: tuple[AudioFacts, ...] = ()
    artwork: tuple[ArtworkFacts, ...] = ()
    cover: str | None = None
    uploads: tuple[UploadFact, ...] = ()
    known: tuple[KnownRelease, ...] = ()
    asked: bool = False
    manifest: ManifestEntry | None = None
    unread: tuple[Unread, ...] = ()

    def audio_of(self, path: str) -> AudioFacts | None:
        return next((facts for facts in self.audio if facts.file == path), None)


@dataclass(frozen=True, slots=True)
class Track:
    """One track of a package: its number in the running order, its recording, its file and its audio."""

    number: int
    recording: SoundRecording
    file: ResolvedFile | None
    audio: AudioFacts | None


def tracks(dossier: Dossier) -> tuple[Track, ...]:
    """The tracks of the main release in running order; empty where there is no message."""
    message = dossier.message
    if message is None:
        return ()
    found = {f.recording: f for f in dossier.files if f.recording is not None and not f.reference.is_preview}
    heard = {facts.file: facts for facts in reversed(dossier.audio)}
    joined = []
    for entry in message.tracks:
        file = found.get(entry.recording)
        path = None if file is None else file.path or file.near
        audio = None if path is None else heard.get(path)
        joined.append(Track(entry.number, message.recording_of(entry), file, audio))
    return tuple(joined)


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds, and the codes that the operator gave another severity or silenced.

    Sources: guide, "Audio File Requirements" and "Artwork". Levels are in dBFS or dBTP, times in seconds, sizes in
    pixels or bytes.
    """

    received: date
    sample_rates: tuple[int, ...] = (44100, 48000)
    min_bits: int = 16
    preferred_bits: int = 24
    channels: int = 2
    max_true_peak: float = -0.3
    max_edge_silence: float = 1.0
    silence_level: float = SILENCE_LEVEL
    max_inner_silence: float = 10.0
    min_duration: float = 30.0
    max_duration: float = MAX_DURATION
    max_dc_offset: float = 0.01
    many_flat_tops: int = 100
    max_duration_difference: float = 2.0
    artwork_min_side: int = 3000
    artwork_recommended_side: int = 3000
    artwork_max_bytes: int = 20_000_000
    artwork_max_pixels: int = ARTWORK_MAX_PIXELS
    single_max_tracks: int = 6
    album_one_track_min_seconds: float = 600.0
    lead_time_days: int = 7
    silenced: frozenset[str] = frozenset()
    softened: dict[str, Severity] = field(default_factory=dict)


def cover_hash(dossier: Dossier) -> str | None:
    """SHA-256 of the cover's file, None without a cover."""
    return next((image.sha256 for image in dossier.artwork if image.file == dossier.cover), None)
