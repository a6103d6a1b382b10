"""The subjects that rules of several families judge: recordings, releases, master files, the cover, known releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ingest.core.dossier import Dossier, KnownRelease, ResolvedFile
from ingest.core.facts import ArtworkFacts, AudioFacts, Container, Damage, DamageFact, Measurement
from ingest.core.finding import Fault, fault
from ingest.core.kind import Kind, is_track_release
from ingest.core.kind import purpose_of as find_purpose
from ingest.core.kind import takedown_form as find_takedown_form
from ingest.core.message import Message, MessageRelease
from ingest.core.resources import SoundRecording
from ingest.core.text import LONGEST, Text
from ingest.rules.memo import once_per_check, picked_once
from ingest.rules.uploads import NOT_WHOLE, interrupted_uploads

ACCEPTED: Final = frozenset(
    {Container.WAV, Container.RF64, Container.BW64, Container.AIFF, Container.AIFC, Container.FLAC}
)
"""Containers of the guide's "Accepted formats: WAV, FLAC, AIFF"."""

LOSSLESS_CODECS: Final = frozenset({"PCM", "float", "FLAC"})

MOST_DIGITS: Final = 9
_UNKNOWN: Final = frozenset({"", "#unknown#", "9999-01-01", "PT99H01M01S"})


def said(text: Text | None) -> str:
    """The value; empty where there is none, or where it is one of DDEX's placeholders for "unknown".

    At most its first 1000 characters: regular expressions may take time quadratic in the length.
    """
    if text is None:
        return ""
    value = text.value[:LONGEST].strip()
    return "" if value in _UNKNOWN else value


purpose_of = once_per_check(find_purpose)
"""The kind whose rules apply."""

takedown_form = once_per_check(find_takedown_form)
"""How the message takes the release, or some of its tracks, down; None where it does not."""


def is_various(name: str) -> bool:
    """Whether a name stands for many artists, in any of the usual spellings."""
    return " ".join(name.casefold().split()) in ("various artists", "various artist", "various", "v/a", "va")


def number(text: Text | None) -> int | None:
    """A whole number of at most nine digits; None for anything else."""
    value = said(text)
    return int(value) if value.isdecimal() and len(value) <= MOST_DIGITS else None


def placed(
    file: str | None,
    *,
    line: int | None = None,
    track: int | None = None,
    isrc: str | None = None,
    found: object = None,
    expected: object = None,
    values: Mapping[str, object],
    owner: str | None = None,
) -> Fault:
    """A fault as `fault` makes it, with `values` given as a mapping, in the part of the message called `owner`."""
    bare = fault(file, line=line, track=track, isrc=isrc, found=found, expected=expected)
    return replace(bare, values=values, owner=owner)


@dataclass(frozen=True, slots=True)
class Song:
    """A sound recording of the message, the `index`th from 0.

    `number` is its track number; None where it is not in the track list.
    """

    dossier: Dossier
    message: Message
    recording: SoundRecording
    index: int
    number: int | None
    file: ResolvedFile | None
    audio: AudioFacts | None
    title: str

    def fault(
        self, line: int | None = None, *, found: object = None, expected: object = None, **values: object
    ) -> Fault:
        """A fault of this recording, at `line` or where the recording starts."""
        return placed(
            self.message.file,
            line=line or self.recording.line or None,
            track=self.number,
            isrc=said(self.recording.isrc) or None,
            found=found,
            expected=expected,
            values={"title": self.title, **values},
            owner=f"SoundRecording {self.index + 1}",
        )


@picked_once
def songs(dossier: Dossier) -> Iterator[Song]:
    """Every recording of a NewReleaseMessage, in document order."""
    message = dossier.message
    if message is None:
        return
    numbers = _track_numbers(message)
    files = {
        file.recording: file for file in reversed(dossier.files) if file.recording is not None and not _is_clip(file)
    }
    audio = {facts.file: facts for facts in dossier.audio}
    for index, recording in enumerate(message.recordings):
        file = files.get(index)
        heard = audio.get(standing(file) or "") if file is not None else None
        title = said(recording.title.text) if recording.title is not None else ""
        yield Song(dossier, message, recording, index, numbers.get(index), file, heard, title)


@picked_once
def shared_files(dossier: Dossier) -> Iterator[str]:
    """The files that more than one recording names as its own: at most one of them is right."""
    users: dict[str, set[int]] = {}
    for file in dossier.files:
        if file.recording is not None and file.path is not None and not _is_clip(file):
            users.setdefault(file.path, set()).add(file.recording)
    return (path for path, recordings in users.items() if len(recordings) > 1)


def standing(file: ResolvedFile) -> str | None:
    """The file in the folder that a reference means, by its exact name or a similar one; None where there is none."""
    return file.path or file.near


def _track_numbers(message: Message | None) -> dict[int, int]:
    """Track numbers by the index of the recording; the first one where a recording is listed twice."""
    return {} if message is None else {track.recording: track.number for track in reversed(message.tracks)}


def _is_clip(file: ResolvedFile) -> bool:
    return file.reference.is_preview


@dataclass(frozen=True, slots=True)
class Main:
    """The main release with its message."""

    dossier: Dossier
    message: Message
    release: MessageRelease

    @property
    def title(self) -> str:
        return said(self.release.title.text) if self.release.title is not None else ""

    def fault(
        self, line: int | None = None, *, found: object = None, expected: object = None, **values: object
    ) -> Fault:
        return placed(
            self.message.file,
            line=line or self.release.line or None,
            found=found,
            expected=expected,
            values=values,
            owner=f"Release {(self.message.main or 0) + 1}",
        )


@picked_once
def main_release(dossier: Dossier) -> Iterator[Main]:
    """The main release, where there is one and not the releases of its tracks only."""
    message = dossier.message
    if message is not None and message.main_release is not None and not lacks_main(message):
        yield Main(dossier, message, message.main_release)


def has_main(dossier: Dossier) -> bool:
    """Whether there is a main release."""
    return bool(main_release(dossier))


@once_per_check
def lacks_main(message: Message) -> bool:
    """Whether the releases are those of tracks only: none calls itself the main one, none has a barcode."""
    only_tracks = all(is_track_release(one) and not one.is_main for one in message.releases)
    return bool(message.releases) and only_tracks and not any(said(one.barcode) for one in message.releases)


@dataclass(frozen=True, slots=True)
class Master:
    """An audio file of the release, with its track number and ISRC where the XML names it."""

    facts: AudioFacts
    track: int | None
    isrc: str | None

    def fault(self, *, found: object = None, expected: object = None, **values: object) -> Fault:
        return placed(self.facts.file, track=self.track, isrc=self.isrc, found=found, expected=expected, values=values)


@picked_once
def masters(dossier: Dossier) -> Iterator[Master]:
    """Every audio file, except those the message does not name, empty ones, and uploads that broke off."""
    named = {standing(file): file for file in dossier.files}
    numbers = _track_numbers(dossier.message)
    interrupted = interrupted_uploads(dossier)
    for facts in dossier.audio:
        if facts.file in interrupted or facts.size == 0:
            continue
        file = named.get(facts.file)
        if file is None and dossier.message is not None:
            continue
        if dossier.message is None or file is None or file.recording is None:
            yield Master(facts, None, None)
        else:
            isrc = said(dossier.message.recordings[file.recording].isrc) or None
            yield Master(facts, numbers.get(file.recording), isrc)


def is_playable(facts: AudioFacts) -> bool:
    """Whether the file is of an accepted format, and not so damaged that its header cannot be trusted."""
    damages = {damage.kind for damage in facts.damages}
    readable = not damages & {Damage.BAD_HEADER, Damage.UNREADABLE, Damage.NO_AUDIO, Damage.HEADER_ONLY}
    return facts.container in ACCEPTED and facts.codec in LOSSLESS_CODECS and readable


def hides_sound(damage: DamageFact) -> bool:
    """Whether the header gives a smaller size than the audio has, so that players never reach its end."""
    if damage.kind not in (Damage.SIZE_FIELD, Damage.SECOND_DATA_CHUNK) or damage.chunk != "data":
        return False
    return damage.expected is not None and damage.present is not None and damage.expected > damage.present > 0


def playable(dossier: Dossier) -> Iterator[Master]:
    """The masters whose sample rate, bit depth and channels can be judged."""
    return (master for master in masters(dossier) if is_playable(master.facts))


@dataclass(frozen=True, slots=True)
class Measured:
    """A master whose samples were all measured."""

    master: Master
    measurement: Measurement

    @property
    def facts(self) -> AudioFacts:
        return self.master.facts


def measured(dossier: Dossier) -> Iterator[Measured]:
    """The masters that are complete and were measured."""
    for master in playable(dossier):
        whole = not any(damage.kind in NOT_WHOLE or hides_sound(damage) for damage in master.facts.damages)
        if whole and master.facts.measurement is not None:
            yield Measured(master, master.facts.measurement)


def cover(dossier: Dossier) -> Iterator[ArtworkFacts]:
    """The cover, unless it is empty or its upload broke off."""
    interrupted = interrupted_uploads(dossier)
    for facts in dossier.artwork:
        if facts.file == dossier.cover and facts.size and facts.file not in interrupted:
            yield facts


def new_release(dossier: Dossier) -> Iterator[Dossier]:
    """The dossier, where the package must contain audio and artwork; nothing for an update, takedown or purge."""
    if purpose_of(dossier) is Kind.NEW_RELEASE:
        yield dossier


def owed_an_answer(dossier: Dossier) -> Iterator[KnownRelease]:
    """The known releases, without those of other labels that came after this label's own with the same value.

    Whoever used a barcode, ISRC or cover first has nothing to explain.
    """
    first: dict[tuple[str, str], int] = {}
    for known in dossier.known:
        if known.same_label:
            shared = known.shared, known.value
            first[shared] = min(known.package, first.get(shared, known.package))
    for known in dossier.known:
        if known.same_label or known.package < first.get((known.shared, known.value), known.package + 1):
            yield known
